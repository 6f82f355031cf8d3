import { describe, expect, it } from 'vitest';
import { EMPTY_BYTES, utf8Encode } from '../../base/bytes.js';
import type { GroupId, NodeId } from '../../base/ids.js';
import { rejectCodeOf } from '../../base/reject.js';
import { Rng } from '../../base/rng.js';
import { logIndex, memberIndex } from '../../base/units.js';
import { FAKE_CRYPTO } from '../../security/fake-crypto.js';
import { chainFault, encodeChain, issueCertificate } from '../../security/certificate.js';
import { meshIdOf } from '../../security/mesh-key.js';
import { joinProof, joinVerifier } from '../../security/join-key.js';
import type { GroupControl } from '../../wire/group-messages.js';
import type { JoinRequest, MembershipCertificate } from '../../wire/link-messages.js';
import type { ReplicatedGroup } from '../replicated-group.js';
import { GroupHost, nodeNamed } from '../testing/group-host.js';
import { GroupWorld, type Inhabitant } from '../testing/group-world.js';
import { POLICY_CLOSED, POLICY_KEY_REQUIRED, POLICY_OPEN } from './admission-desk.js';
import { MeshControl, chainOf } from './mesh-control.js';

const MESH_SEED = Rng.fromSeed('mesh-key').fill(32);
const MESH_KEY = FAKE_CRYPTO.publicKey(MESH_SEED);
const MESH = meshIdOf(FAKE_CRYPTO, MESH_KEY);
const SALT = new Uint8Array(16).fill(1);
const KEY = 'a long enough key';
const TRANSCRIPT = utf8Encode('transcript');
const GENERATION = { generation: 1, generationTag: 77 };

interface Start {
  readonly host: GroupHost;
  readonly chain?: readonly MembershipCertificate[];
  readonly founder?: GroupHost | null;
}

/** A member with its mesh control group alone. */
class Seat implements Inhabitant {
  readonly host: GroupHost;
  readonly control: MeshControl;
  /** Forwarded wishes that arrive are lost while this is set. */
  isDeafToForwards = false;
  readonly forwards: GroupControl[] = [];

  constructor({ host, chain = [], founder = null }: Start) {
    this.host = host;
    const restored = host.journal.restoredGroups().find(({ group }) => (group as string) === MESH) ?? null;
    this.control = new MeshControl(host.now, host.context, {
      mesh: MESH,
      ...GENERATION,
      chain,
      restored,
      founding: null,
      founder: founder === host ? host.context.replicaId : null,
      isAlive: () => true,
      failedSince: () => null,
      onDatabaseGroup: () => undefined,
      onDirty: () => host.dirty.add(this.control.group),
    });
    host.dirty.add(this.control.group);
  }

  groupOf(group: string): ReplicatedGroup | null {
    return group === MESH ? this.control.group : null;
  }

  onControl(from: NodeId, message: GroupControl): void {
    if (message.kind === 'admitForward') {
      this.forwards.push(message);
      if (this.isDeafToForwards) return;
    }
    this.control.onControl(this.host.now, from, message);
    this.host.dirty.add(this.control.group);
  }

  onProposal(): void {
    throw new Error('the mesh control group takes no proposals');
  }

  onUnknownGroup(_from: NodeId, group: string): void {
    throw new Error(`no other group than its own is heard of, not ${group}`);
  }

  onFlowsReset(node: NodeId): void {
    this.control.group.onPeerLost(this.host.now, node);
  }

  onTurn(): void {
    this.control.checkInvariants();
  }

  /** The outcome of an admission: 'ok', a code, or null while it is open. */
  answerTo(nonce: number): string | null {
    const fact = this.host.factsOf('admit-answered').find((answered) => answered.nonce === nonce);
    return fact === undefined ? null : fact.result.ok ? 'ok' : fact.result.reject.code;
  }
}

function founderChain(host: GroupHost): readonly MembershipCertificate[] {
  const claims = { meshId: MESH, nodeId: host.node, publicKey: host.publicKey, replica: 1, index: memberIndex(1), ...GENERATION, logIndex: logIndex(1) };
  return [issueCertificate(FAKE_CRYPTO, { kind: 'mesh-key', meshPrivateSeed: MESH_SEED }, claims)];
}

function foundedMesh(joinPolicy = POLICY_KEY_REQUIRED, config = {}): { world: GroupWorld; founder: Seat } {
  const world = new GroupWorld();
  const host = new GroupHost('founder', { config, mesh: MESH });
  const chain = founderChain(host);
  const founder = new Seat({ host, chain, founder: host });
  world.settle(founder);
  founder.control.group.raft.campaign(host.now);
  expect(world.runUntil(() => founder.control.leader.kind === 'local')).toBe(true);
  const verifier = joinVerifier(FAKE_CRYPTO, { joinKey: KEY, salt: SALT });
  founder.control.found(host.now, {
    mesh: MESH,
    meshPublicKey: MESH_KEY,
    name: 'm',
    description: '',
    joinPolicy,
    joinSalt: SALT,
    joinVerifier: verifier,
    generation: 1,
    meshPrivateSeed: MESH_SEED,
    founder: { node: host.node, name: 'founder', publicKey: host.publicKey, replica: 1, index: 1, journalId: new Uint8Array(16), urls: [], site: '', chain: encodeChain(chain) },
  });
  expect(world.runUntil(() => founder.control.state.founded !== null)).toBe(true);
  return { world, founder };
}

/** The wish of a newcomer that knows the key. */
function requestOf(name: string, more: Partial<JoinRequest> = {}, key = KEY): JoinRequest {
  const publicKey = FAKE_CRYPTO.publicKey(Rng.fromSeed(`key/${name}`).fill(32));
  const journalId = Rng.fromSeed(`journal/${name}`).fill(16);
  const request: JoinRequest = { nodeId: nodeNamed(name), publicKey, name, replica: 1, journalId, urls: [], site: '', proof: EMPTY_BYTES, ...more };
  const verifier = joinVerifier(FAKE_CRYPTO, { joinKey: key, salt: SALT });
  return { ...request, proof: joinProof(FAKE_CRYPTO, verifier, { request, transcript: TRANSCRIPT }) };
}

/** Admits `name` and seats it. */
function join(world: GroupWorld, via: Seat, name: string): Seat {
  const nonce = via.control.admit(via.host.now, requestOf(name), TRANSCRIPT);
  expect(world.runUntil(() => via.answerTo(nonce) !== null)).toBe(true);
  expect(via.answerTo(nonce)).toBe('ok');
  const row = via.control.state.members.get(nodeNamed(name));
  if (row === undefined) throw new Error('not admitted');
  const seat = new Seat({ host: new GroupHost(name, { mesh: MESH }), chain: chainOf(row) ?? [] });
  world.settle(seat);
  expect(world.runUntil(() => seat.control.state.members.has(nodeNamed(name)))).toBe(true);
  return seat;
}

describe('an admission', () => {
  it('gives an index, a certificate that leads to the mesh key, and the log to the newcomer', () => {
    const { world, founder } = foundedMesh();
    const b = join(world, founder, 'b');
    const c = join(world, b, 'c');
    const rows = [...founder.control.state.members.values()];
    expect(rows.map(({ name, index }) => [name, index])).toEqual([['founder', 1], ['b', 2], ['c', 3]]);
    for (const row of rows) {
      expect(chainFault(FAKE_CRYPTO, { meshId: MESH, meshPublicKey: MESH_KEY }, chainOf(row) ?? [])).toBe(null);
    }
    expect(c.control.state.snapshot()).toEqual(founder.control.state.snapshot());
  });

  it('gives a certificate by the key of the mesh, so that chains do not grow as members come and go for years', () => {
    const { world, founder } = foundedMesh();
    const b = join(world, founder, 'b');
    for (let replica = 1; replica <= 40; replica++) {
      if (replica > 1) founder.control.ask(founder.host.now, replica, { kind: 'depart', node: nodeNamed('c'), replica: replica - 1, isEvicted: true });
      expect(world.runUntil(() => !founder.control.state.members.has(nodeNamed('c')))).toBe(true);
      const nonce = b.control.admit(b.host.now, requestOf('c', { replica }), TRANSCRIPT);
      expect(world.runUntil(() => b.answerTo(nonce) === 'ok')).toBe(true);
      const row = b.control.state.members.get(nodeNamed('c'));
      expect([row?.replica, chainOf(row!)?.length]).toEqual([replica, 1]);
    }
  });

  it('is answered at once when the log has it, at the leader and at the member that forwarded it', () => {
    const { world, founder } = foundedMesh();
    const b = join(world, founder, 'b');
    world.runFor(3_000_000);
    for (const [via, name] of [[founder, 'x'], [b, 'y']] as const) {
      const before = world.now;
      const nonce = via.control.admit(via.host.now, requestOf(name), TRANSCRIPT);
      world.runUntil(() => via.answerTo(nonce) !== null);
      expect([via.answerTo(nonce), world.now - before]).toEqual(['ok', 0]);
    }
  });

  it('is idempotent: whoever is asked, however often, gives the same membership', () => {
    const { world, founder } = foundedMesh();
    const b = join(world, founder, 'b');
    const chain = founder.control.state.members.get(nodeNamed('b'))?.chain;
    const nonces = [founder, b, founder].map((via) => [via, via.control.admit(via.host.now, requestOf('b'), TRANSCRIPT)] as const);
    expect(world.runUntil(() => nonces.every(([via, nonce]) => via.answerTo(nonce) === 'ok'))).toBe(true);
    expect(founder.control.state.members.size).toBe(2);
    expect(founder.control.state.members.get(nodeNamed('b'))?.chain).toEqual(chain);
  });

  it('gives many that come at once an index each', () => {
    const { world, founder } = foundedMesh();
    const names = Array.from({ length: 20 }, (_, i) => `n${i}`);
    const nonces = names.map((name) => founder.control.admit(founder.host.now, requestOf(name), TRANSCRIPT));
    expect(world.runUntil(() => nonces.every((nonce) => founder.answerTo(nonce) === 'ok'))).toBe(true);
    const indexes = [...founder.control.state.members.values()].map(({ index }) => index);
    expect(indexes).toEqual(Array.from({ length: 21 }, (_, i) => i + 1));
  });

  it('is refused for a wrong key, another transcript, or in a closed mesh; an open one asks for none', () => {
    const wrongKey = requestOf('b', {}, 'another key of some length');
    const cases: [number, JoinRequest, Uint8Array, string][] = [
      [POLICY_KEY_REQUIRED, wrongKey, TRANSCRIPT, 'JOIN_KEY_WRONG'],
      [POLICY_KEY_REQUIRED, requestOf('b'), utf8Encode('of another lane'), 'JOIN_KEY_WRONG'],
      [POLICY_KEY_REQUIRED, { ...requestOf('b'), name: 'other' }, TRANSCRIPT, 'JOIN_KEY_WRONG'],
      [POLICY_CLOSED, requestOf('b'), TRANSCRIPT, 'JOIN_CLOSED'],
      [POLICY_OPEN, wrongKey, TRANSCRIPT, 'ok'],
    ];
    for (const [policy, request, transcript, expected] of cases) {
      const { world, founder } = foundedMesh(policy);
      const nonce = founder.control.admit(founder.host.now, request, transcript);
      world.runUntil(() => founder.answerTo(nonce) !== null);
      expect(founder.answerTo(nonce)).toBe(expected);
    }
  });

  it('is refused for an identity that another holds, and lets the same key come back as a later replica', () => {
    const { world, founder } = foundedMesh();
    join(world, founder, 'b');
    const thief = FAKE_CRYPTO.publicKey(Rng.fromSeed('thief').fill(32));
    const cases: [Partial<JoinRequest>, string][] = [
      [{ publicKey: thief }, 'IDENTITY_IN_USE'],
      [{ publicKey: thief, replica: 2 }, 'IDENTITY_IN_USE'],
      [{ journalId: new Uint8Array(16).fill(9) }, 'IDENTITY_IN_USE'],
      [{ journalId: new Uint8Array(16).fill(9), replica: 2 }, 'ok'],
      [{}, 'IDENTITY_IN_USE'],
    ];
    for (const [more, expected] of cases) {
      const nonce = founder.control.admit(founder.host.now, requestOf('b', more), TRANSCRIPT);
      world.runUntil(() => founder.answerTo(nonce) !== null);
      expect(founder.answerTo(nonce)).toBe(expected);
    }
    const row = founder.control.state.members.get(nodeNamed('b'));
    expect([row?.replica, row?.index]).toEqual([2, 3]);
  });

  it('is asked again until a leader answers, and given up when none does', () => {
    const { world, founder } = foundedMesh();
    const b = join(world, founder, 'b');
    founder.isDeafToForwards = true;
    const nonce = b.control.admit(b.host.now, requestOf('c'), TRANSCRIPT);
    world.runFor(3_000_000);
    expect(founder.forwards.length).toBeGreaterThan(3);
    founder.isDeafToForwards = false;
    expect(world.runUntil(() => b.answerTo(nonce) === 'ok', 1_000_000)).toBe(true);
    world.remove(founder.host);
    const lost = b.control.admit(b.host.now, requestOf('d'), TRANSCRIPT);
    expect(world.runUntil(() => b.answerTo(lost) !== null, 30_000_000)).toBe(true);
    expect(b.answerTo(lost)).toBe('NO_QUORUM');
  });

  it('outlives the leader that was asked first', () => {
    const { world, founder } = foundedMesh();
    const seats = ['b', 'c', 'd'].map((name) => join(world, founder, name));
    world.runFor(6_000_000);
    expect(seats.map(({ control }) => control.group.raft.configuration.voters.length)).toEqual([3, 3, 3]);
    world.remove(founder.host);
    const asked = seats[2] as Seat;
    const nonce = asked.control.admit(asked.host.now, requestOf('e'), TRANSCRIPT);
    expect(world.runUntil(() => asked.answerTo(nonce) !== null, 15_000_000)).toBe(true);
    expect(asked.answerTo(nonce)).toBe('ok');
  });

  it('gets only the answer that is meant for it', () => {
    const { world, founder } = foundedMesh();
    const b = join(world, founder, 'b');
    founder.isDeafToForwards = true;
    const nonce = b.control.admit(b.host.now, requestOf('c'), TRANSCRIPT);
    world.runFor(100_000);
    const refusal = { kind: 'admitAnswer', nonce, rejectCode: 4, rejectSubject: '', rejectDetail: '' } as const;
    expect(rejectCodeOf(4)).toBe('JOIN_KEY_WRONG');
    b.onControl(founder.host.node, { ...refusal, node: nodeNamed('another') });
    world.runFor(100_000);
    expect(b.answerTo(nonce)).toBe(null);
    b.onControl(founder.host.node, { ...refusal, node: nodeNamed('c') });
    world.runFor(1);
    expect(b.answerTo(nonce)).toBe('JOIN_KEY_WRONG');
  });

  it('is refused when too many wait', () => {
    const { world, founder } = foundedMesh();
    const b = join(world, founder, 'b');
    world.remove(founder.host);
    world.runFor(2_000_000);
    let last = 0;
    for (let n = 0; n < 1100; n++) last = b.control.admit(b.host.now, requestOf('c', { name: `${n}` }), TRANSCRIPT);
    world.runFor(1);
    expect(b.answerTo(last)).toBe('OVERLOADED');
  });
});

describe('the mesh control group', () => {
  it('keeps the odd number of voters, the first that joined', () => {
    const { world, founder } = foundedMesh();
    const seats = [founder];
    const expected = [1, 1, 3, 3, 5, 5, 5];
    for (let members = 1; members <= 7; members++) {
      if (members > 1) seats.push(join(world, founder, `n${members}`));
      world.runFor(6_000_000);
      const { voters, learners } = founder.control.group.raft.configuration;
      expect([voters.length, learners.length]).toEqual([expected[members - 1], members - (expected[members - 1] ?? 0)]);
    }
    for (const seat of seats) expect(seat.control.state.snapshot()).toEqual(founder.control.state.snapshot());
  });

  it('knows the members again right after a restart, before any leader has spoken', () => {
    const { world, founder } = foundedMesh();
    const b = join(world, founder, 'b');
    world.runFor(3_000_000);
    const again = new Seat({ host: b.host.restart() });
    expect([...again.control.state.members.keys()]).toEqual([founder.host.node, b.host.node]);
    const founderAgain = new Seat({ host: founder.host.restart(), chain: founderChain(founder.host), founder: founder.host });
    expect(founderAgain.control.state.members.size).toBe(2);
    expect(founderAgain.control.group.raft.configuration).toEqual(founder.control.group.raft.configuration);
  });

  it('writes no snapshot for each of many members that come together', () => {
    const { world, founder } = foundedMesh();
    const before = founder.control.group.raft.firstIndex;
    for (let n = 0; n < 20; n++) founder.control.admit(founder.host.now, requestOf(`n${n}`), TRANSCRIPT);
    world.runUntil(() => founder.control.state.members.size === 21);
    expect(founder.control.group.raft.firstIndex).toBe(before);
  });

  it('brings a member that was away for long up to date by a snapshot', () => {
    const { world, founder } = foundedMesh(POLICY_KEY_REQUIRED, { controlCompactEntriesMin: 4 });
    const b = join(world, founder, 'b');
    world.cut(founder.host, b.host);
    for (let n = 0; n < 12; n++) {
      const nonce = founder.control.admit(founder.host.now, requestOf(`n${n}`), TRANSCRIPT);
      world.runUntil(() => founder.answerTo(nonce) !== null);
    }
    world.runFor(5_000_000);
    world.cut(founder.host, b.host, false);
    expect(world.runUntil(() => b.control.state.members.size === 14, 20_000_000)).toBe(true);
    expect(b.host.marks('raft.snapshot-installed')).toBeGreaterThan(0);
    expect(b.control.state.snapshot()).toEqual(founder.control.state.snapshot());
  });

  it('tells who has gone meanwhile, of those that were known, by that snapshot too', () => {
    const { world, founder } = foundedMesh(POLICY_KEY_REQUIRED, { controlCompactEntriesMin: 4 });
    const b = join(world, founder, 'b');
    const c = join(world, founder, 'c');
    expect(world.runUntil(() => b.control.state.members.has(c.host.node))).toBe(true);
    world.cut(founder.host, b.host);
    world.cut(c.host, b.host);
    founder.control.ask(founder.host.now, 1, { kind: 'depart', node: c.host.node, replica: 1, isEvicted: true });
    expect(world.runUntil(() => !founder.control.state.members.has(c.host.node))).toBe(true);
    for (let n = 0; n < 12; n++) {
      const nonce = founder.control.admit(founder.host.now, requestOf(`n${n}`), TRANSCRIPT);
      world.runUntil(() => founder.answerTo(nonce) !== null);
    }
    world.runFor(5_000_000);
    world.cut(founder.host, b.host, false);
    expect(world.runUntil(() => b.control.state.members.size === 14, 20_000_000)).toBe(true);
    expect(b.host.marks('raft.snapshot-installed')).toBeGreaterThan(0);
    expect(b.host.factsOf('member-departed')).toMatchObject([{ node: c.host.node, replica: 1, isEvicted: true }]);
  });

  it('closes without leaving a deadline behind', () => {
    const { founder, world } = foundedMesh();
    founder.control.admit(founder.host.now, requestOf('b'), TRANSCRIPT);
    world.runFor(1_000);
    founder.control.close(logIndex(0));
    expect(founder.host.deadlines.armedCount).toBe(0);
    expect((founder.control.group.group as GroupId) === (MESH as string)).toBe(true);
  });
});
