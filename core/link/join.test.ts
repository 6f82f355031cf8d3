import { describe, expect, it } from 'vitest';
import { utf8Encode } from '../base/bytes.js';
import { Rng } from '../base/rng.js';
import { reject } from '../base/reject.js';
import { type Result, accept, refuse } from '../base/result.js';
import { SECOND_US } from '../base/units.js';
import { generationTagOf } from '../security/mesh-key.js';
import { FAKE_CRYPTO as crypto } from '../security/fake-crypto.js';
import { joinProofHolds, joinVerifier } from '../security/join-key.js';
import type { JoinGrant } from '../wire/link-messages.js';
import type { LinkConfig } from './config.js';
import type { JoinPolicy } from './join-server.js';
import { LinkWorld, TestMesh, type TestNode, enroll } from './testing/link-world.js';

const KEY = 'a-key-that-was-generated';
const salt = Rng.fromSeed('salt').fill(16);
const journalId = Rng.fromSeed('journal').fill(16);

function door(policy: JoinPolicy | null, config: Partial<LinkConfig> = {}) {
  const world = new LinkWorld();
  const mesh = new TestMesh('m');
  const member = world.start('member', { config });
  enroll(world, mesh, member);
  const verifier = policy === 'key-required' ? joinVerifier(crypto, { joinKey: KEY, salt }) : new Uint8Array(0);
  const offer = policy === null ? null : { meshName: 'plant', policy, salt: policy === 'key-required' ? salt : new Uint8Array(0), verifier };
  member.links.setJoinOffer(offer);
  return { world, mesh, member, newcomer: world.start('newcomer'), verifier };
}

function ask(world: LinkWorld, newcomer: TestNode, how: { joinKey?: string; url?: string; meshId?: never; journalId?: Uint8Array } = {}): void {
  const attempt = {
    joinKey: how.joinKey ?? '',
    meshId: how.meshId ?? null,
    request: { name: newcomer.name, journalId: how.journalId ?? journalId, urls: ['ws://newcomer:1'], site: '' },
  };
  world.step(newcomer, () => newcomer.links.dialForJoin(world.now, how.url ?? 'member', attempt));
}

function grantFor(mesh: TestMesh, newcomer: TestNode): Result<JoinGrant> {
  return accept({
    meshId: mesh.meshId, meshName: 'plant', description: 'd', policy: 1, generation: 1,
    lineage: [], generationTag: generationTagOf(crypto, mesh.meshId, 1), meshPublicKey: mesh.meshPublicKey,
    chain: mesh.chainFor(newcomer.identity, 7),
  });
}

/** The node's part: answers every request that waits. */
function answerAll(world: LinkWorld, member: TestNode, result: Result<JoinGrant>): void {
  for (const { lane } of member.of('join-requested')) world.step(member, () => member.links.answerJoin(world.now, lane, result));
}

const answers = (node: TestNode) => node.of('join-answered').map(({ result }) => (result.ok ? 'granted' : result.reject.code));

describe('join', () => {
  it('of an open mesh brings a grant, with which the newcomer links as a member', () => {
    const { world, mesh, member, newcomer } = door('open');
    ask(world, newcomer);
    world.run(SECOND_US / 10);
    const [requested] = member.of('join-requested');
    expect(requested?.request).toMatchObject({ nodeId: newcomer.id, name: 'newcomer', replica: 1, urls: ['ws://newcomer:1'] });
    expect([...(requested?.request.journalId ?? [])]).toEqual([...journalId]);
    answerAll(world, member, grantFor(mesh, newcomer));
    world.run(SECOND_US / 10);
    expect(answers(newcomer)).toEqual(['granted']);
    const [answered] = newcomer.of('join-answered');
    if (answered?.result.ok !== true) throw new Error('no grant');
    const { meshId, meshPublicKey, generationTag, chain } = answered.result.value;
    world.step(newcomer, () => {
      newcomer.links.setMembership(world.now, { meshId, meshPublicKey, generationTag, lineage: [], chain, mcgApplied: 0 as never });
      newcomer.links.setDialTargets(world.now, ['member']);
    });
    world.run(SECOND_US / 10);
    expect(newcomer.of('link-up')).toMatchObject([{ peer: member.id, isProvisional: true }]);
    expect(world.openSockets(newcomer, member)).toHaveLength(1);
  });

  it('with the right key is asked of the node, whose leader can check the proof again', () => {
    const { world, member, newcomer, verifier } = door('key-required');
    ask(world, newcomer, { joinKey: KEY });
    world.run(SECOND_US / 10);
    const [requested] = member.of('join-requested');
    if (requested === undefined) throw new Error('nothing was requested');
    expect(joinProofHolds(crypto, verifier, requested)).toBe(true);
  });

  it('never puts the key, its hash or its verifier on the wire', () => {
    const { world, mesh, member, newcomer, verifier } = door('key-required');
    ask(world, newcomer, { joinKey: KEY });
    world.run(SECOND_US / 10);
    answerAll(world, member, grantFor(mesh, newcomer));
    world.run(SECOND_US / 10);
    expect(answers(newcomer)).toEqual(['granted']);
    const wire = world.sockets.flatMap(({ sent }) => sent.flatMap(({ bytes }) => [...bytes])).join(',');
    expect(wire).toContain([...utf8Encode('plant')].join(','));
    for (const secret of [utf8Encode(KEY), verifier, crypto.sha256(utf8Encode(KEY))]) {
      expect(wire).not.toContain([...secret].join(','));
    }
  });

  it('with a wrong key, or none, is refused without asking the node', () => {
    for (const joinKey of ['another-key', '']) {
      const { world, member, newcomer } = door('key-required');
      ask(world, newcomer, { joinKey });
      world.run(SECOND_US / 10);
      expect(answers(newcomer)).toEqual(['JOIN_KEY_WRONG']);
      expect(member.of('join-requested')).toHaveLength(0);
      expect(world.openSockets(newcomer, member)).toHaveLength(0);
    }
  });

  it('is refused by a closed mesh and by a member that does not know its policy yet', () => {
    for (const [policy, code] of [['closed', 'JOIN_CLOSED'], [null, 'NO_QUORUM']] as const) {
      const { world, member, newcomer } = door(policy);
      ask(world, newcomer, { joinKey: KEY });
      world.run(SECOND_US / 10);
      expect(answers(newcomer)).toEqual([code]);
      expect(member.of('join-requested')).toHaveLength(0);
    }
  });

  it('is refused where there is no mesh, another mesh, or nobody', () => {
    const { world, newcomer } = door('open');
    world.start('lonely');
    for (const [how, code] of [
      [{ url: 'lonely' }, 'NOT_IN_MESH'],
      [{ meshId: '7ZZZZZZZZZZZZZZZZZZZZZZZZZ' as never }, 'WRONG_MESH'],
      [{ url: 'nowhere' }, 'UNREACHABLE'],
      [{ url: 'newcomer' }, 'INVALID_ARGUMENT'],
    ] as const) {
      newcomer.facts.length = 0;
      ask(world, newcomer, how);
      world.run(SECOND_US / 10);
      expect(answers(newcomer)).toEqual([code]);
    }
  });

  it('passes the refusal of the mesh on, with its reason and retry hint', () => {
    const { world, member, newcomer } = door('open');
    ask(world, newcomer);
    world.run(SECOND_US / 10);
    answerAll(world, member, refuse(reject('NO_QUORUM', 'mcg', 'no leader', 250_000)));
    world.run(SECOND_US / 10);
    expect(newcomer.of('join-answered')).toEqual([
      { kind: 'join-answered', result: { ok: false, reject: { code: 'NO_QUORUM', subject: 'mcg', detail: 'no leader', retryAfterUs: 250_000 } } },
    ]);
  });

  it('can be repeated: the newer lane replaces the one that waits, with the same journal id', () => {
    const { world, mesh, member, newcomer } = door('open');
    ask(world, newcomer);
    world.run(SECOND_US / 10);
    ask(world, newcomer);
    world.run(SECOND_US / 10);
    const ids = member.of('join-requested').map(({ request }) => [...request.journalId].join());
    expect(ids).toEqual([[...journalId].join(), [...journalId].join()]);
    answerAll(world, member, grantFor(mesh, newcomer));
    world.run(SECOND_US / 10);
    expect(answers(newcomer)).toEqual(['granted']);
    expect(member.counted('link.join-answer-too-late')).toBe(1);
    ask(world, newcomer);
    world.run(SECOND_US / 10);
    answerAll(world, member, grantFor(mesh, newcomer));
    world.run(SECOND_US / 10);
    expect(answers(newcomer)).toEqual(['granted', 'granted']);
  });

  it('does not take a grant that is for another node or not rooted in the mesh that was dialled', () => {
    const { world, mesh, member, newcomer } = door('open');
    const other = new TestMesh('other');
    const stranger = world.start('stranger');
    for (const grant of [grantFor(mesh, stranger), grantFor(other, newcomer)]) {
      newcomer.facts.length = 0;
      ask(world, newcomer);
      world.run(SECOND_US / 10);
      answerAll(world, member, grant);
      world.run(SECOND_US / 10);
      expect(answers(newcomer)).toEqual(['WRONG_MESH']);
    }
  });

  it('ends in one answer when the lane dies, and in time when nobody answers', () => {
    const { world, newcomer } = door('open');
    ask(world, newcomer);
    world.run(SECOND_US / 10);
    const [socket] = world.sockets;
    if (socket === undefined) throw new Error('no socket');
    world.cut(socket);
    world.run(SECOND_US);
    expect(answers(newcomer)).toEqual(['UNREACHABLE']);
    ask(world, newcomer);
    world.run(40 * SECOND_US);
    expect(answers(newcomer)).toEqual(['UNREACHABLE', 'TIMED_OUT']);
    expect(world.sockets.every(({ isOpen }) => !isOpen)).toBe(true);
  });

  it('that is cancelled ends without an answer', () => {
    const { world, member, newcomer } = door('open');
    ask(world, newcomer);
    world.run(SECOND_US / 10);
    world.step(newcomer, () => newcomer.links.cancelJoin(world.now));
    world.run(SECOND_US);
    expect(answers(newcomer)).toEqual([]);
    expect(world.openSockets(newcomer, member)).toHaveLength(0);
  });

  it('is one of a bounded number at a member', () => {
    const { world, member, newcomer } = door('open', { joinsWaitingMax: 3 });
    for (let i = 0; i < 3; i++) ask(world, world.start(`early ${i}`));
    world.run(SECOND_US / 10);
    ask(world, newcomer);
    world.run(SECOND_US / 10);
    expect(answers(newcomer)).toEqual(['OVERLOADED']);
    expect(member.of('join-requested')).toHaveLength(3);
  });

  it('with a malformed request is refused by name of what is wrong', () => {
    const { world, newcomer } = door('open');
    ask(world, newcomer, { journalId: new Uint8Array(3) });
    world.run(SECOND_US / 10);
    expect(newcomer.of('join-answered')).toMatchObject([{ result: { ok: false, reject: { code: 'INVALID_ARGUMENT', subject: 'journalId' } } }]);
  });
});
