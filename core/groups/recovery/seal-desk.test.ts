import { describe, expect, it } from 'vitest';
import type { GroupId, NodeId, StreamId } from '../../base/ids.js';
import { type ReplicaId, nodeOfReplica, numberOfReplica, replicaId } from '../../base/replica.js';
import { accept } from '../../base/result.js';
import { logIndex, micros, term } from '../../base/units.js';
import type { Configuration } from '../../raft/api.js';
import { configurationOf, encodeConfiguration } from '../../raft/configuration.js';
import { MeshEntry, type StreamDescriptor } from '../../wire/group-messages.js';
import type { SealedReport } from '../../wire/succession-messages.js';
import { signDescriptor } from '../dsg/descriptor.js';
import { NO_FAILURE_CHOICE } from '../failure-policy.js';
import { GroupHost, MESH, nodeNamed } from '../testing/group-host.js';
import { TENANT } from '../testing/stream-seat.js';
import { SealDesk } from './seal-desk.js';
import { Successions } from './successions.js';

const STREAM = nodeNamed('stream') as string as StreamId;
const GROUP = STREAM as string as GroupId;
const NOW = micros(1);

const first = (name: string): ReplicaId => replicaId(nodeNamed(name), 1);

/** The desk of the leader of a mesh in which some replicas are out; what it proposes is applied at once, unless held. */
class Office {
  readonly successions = new Successions();
  readonly host = new GroupHost('leader');
  readonly out = new Map<NodeId, number>();
  readonly proposed: MeshEntry[] = [];
  readonly desk: SealDesk;
  isHeld = false;
  #applied = 0;

  constructor() {
    this.desk = new SealDesk({
      context: this.host.context,
      successions: this.successions,
      standing: {
        replicaNumberOf: (node) => (this.out.get(node) ?? 0) + 1,
        outThrough: (node) => this.out.get(node) ?? 0,
        isLossAccepted: () => false,
      },
      publicKeyOf: (node) => [...NAMES].map((name) => new GroupHost(name)).find((host) => host.node === node)?.publicKey ?? null,
      propose: (_now, bytes) => {
        const entry = MeshEntry.decode(bytes);
        if (entry === null) throw new Error('the desk proposes entries');
        this.proposed.push(entry);
        if (!this.isHeld) this.#apply(entry);
        return accept(logIndex(this.proposed.length));
      },
      applied: () => logIndex(this.#applied),
    });
  }

  lose(...names: readonly string[]): void {
    for (const name of names) this.out.set(nodeNamed(name), 1);
  }

  wish(from: string, configuration: Configuration, more: { readonly isLossAccepted?: boolean; readonly signedBy?: string; readonly group?: GroupId } = {}): void {
    const { isLossAccepted = false, signedBy = 's', group = GROUP } = more;
    const signed = signDescriptor(this.host.context.crypto, new GroupHost(signedBy).privateSeed, DESCRIPTOR);
    this.desk.onWish(nodeNamed(from), { group, generation: 1, configuration: encodeConfiguration(configuration), ...signed, isLossAccepted });
    this.desk.decide(NOW);
  }

  report(from: ReplicaId, configuration: Configuration, last: readonly [number, number], more: Partial<SealedReport> = {}): void {
    const [lastTerm, lastIndex] = last;
    this.desk.onReport(nodeOfReplica(from), {
      group: GROUP,
      generation: 1,
      configuration: encodeConfiguration(configuration),
      lastIndex: logIndex(lastIndex),
      lastTerm: term(lastTerm),
      commit: logIndex(0),
      damagedThrough: logIndex(0),
      offsets: [],
      replica: numberOfReplica(from),
      ...more,
    });
    this.desk.decide(NOW);
  }

  kinds(): string[] {
    return this.proposed.map(({ kind }) => kind);
  }

  #apply(entry: MeshEntry): void {
    this.#applied++;
    if (entry.kind === 'seal') this.successions.seal(entry);
    if (entry.kind === 'succeed') this.successions.found(entry);
  }
}

const NAMES = ['s', 't', 'u', 'v'];
const [S, T, U, V] = NAMES.map(first) as [ReplicaId, ReplicaId, ReplicaId, ReplicaId];
const PAIR = configurationOf([S, T]);
const FOUR = configurationOf([S, T, U, V]);

const DESCRIPTOR: StreamDescriptor = {
  stream: STREAM,
  mesh: MESH,
  tenant: TENANT,
  name: 's',
  source: nodeNamed('s'),
  sourceReplica: 1,
  counter: 1,
  targets: [{ node: nodeNamed('t'), replica: 1, isOptional: false }],
  qos: 4,
  priority: 0,
  quorumCount: 0,
  bytesMax: 1 << 20,
  failure: NO_FAILURE_CHOICE,
  retainMs: 0,
  retainBytes: 0,
  namedTargets: [],
  freeIdsMax: 0,
  freeIdBytesMax: 0,
};

describe('a wish to seal a group', () => {
  it('is granted when the group of two has one wiped member and its source asks', () => {
    const office = new Office();
    office.lose('t');
    office.wish('s', PAIR);
    expect(office.proposed).toMatchObject([{ kind: 'seal', group: GROUP, generation: 1, isLossAccepted: false }]);
  });

  it('is refused while a majority is left, however silent it is, and granted once the mesh has let one more go', () => {
    const office = new Office();
    office.lose('t');
    office.wish('s', FOUR);
    expect(office.kinds()).toEqual([]);
    office.lose('u');
    office.wish('s', FOUR);
    expect(office.kinds()).toEqual(['seal']);
  });

  it('without source and majority is granted only with an operator’s consent, that of a sealed one too', () => {
    const office = new Office();
    office.lose('s');
    office.wish('t', PAIR);
    expect(office.kinds()).toEqual([]);
    office.wish('t', PAIR, { isLossAccepted: true });
    expect(office.proposed).toMatchObject([{ kind: 'seal', isLossAccepted: true }]);
  });

  it('is refused to who is no member, without the source’s signature, and for another group than the descriptor’s', () => {
    const office = new Office();
    office.lose('t');
    office.wish('u', PAIR);
    office.wish('s', PAIR, { signedBy: 't' });
    office.wish('s', PAIR, { group: nodeNamed('another') as string as GroupId });
    expect(office.kinds()).toEqual([]);
    expect(office.host.marks('mcg.seal-wishes-refused')).toBe(3);
  });

  it('is refused to a later replica of a member: it holds nothing', () => {
    const office = new Office();
    office.lose('t');
    office.wish('t', PAIR);
    expect(office.kinds()).toEqual([]);
  });

  it('is written once, however often it comes before the log has it', () => {
    const office = new Office();
    office.isHeld = true;
    office.lose('t');
    for (let n = 0; n < 3; n++) office.wish('s', PAIR);
    expect(office.kinds()).toEqual(['seal']);
  });
});

describe('the founding of the next generation', () => {
  function sealedFour(): Office {
    const office = new Office();
    office.lose('t', 'u');
    office.wish('s', FOUR);
    return office;
  }

  it('waits for every member that is left, and for nobody who is out', () => {
    const office = sealedFour();
    office.report(S, FOUR, [3, 9]);
    expect(office.kinds()).toEqual(['seal']);
    office.report(V, FOUR, [3, 8]);
    expect(office.kinds()).toEqual(['seal', 'succeed']);
  });

  it('starts from the most up-to-date log, survivors its only voters, and knows the furthest place of each target', () => {
    const office = sealedFour();
    const [t, v] = [nodeNamed('t'), nodeNamed('v')];
    office.report(S, FOUR, [3, 9], { offsets: [{ node: t, seq: 5 }, { node: v, seq: 2 }] });
    office.report(V, FOUR, [4, 7], { offsets: [{ node: t, seq: 4 }, { node: v, seq: 6 }] });
    const founded = office.successions.get(GROUP)?.founding;
    expect(founded).toMatchObject({ generation: 2, baseIndex: 7, baseTerm: 4, learners: [] });
    expect(founded?.voters.map(({ node }) => node).sort()).toEqual([nodeNamed('s'), v].sort());
    expect(new Map(founded?.offsets.map(({ node, seq }) => [node, seq]))).toEqual(new Map([[t, 5], [v, 6]]));
  });

  it('waits for members too that only a report names, and seals them first', () => {
    const office = new Office();
    office.lose('t');
    office.wish('s', PAIR);
    const wider = configurationOf([S, T], [U]);
    office.report(S, wider, [3, 9]);
    expect(office.proposed.at(-1)).toMatchObject({ kind: 'seal', members: expect.arrayContaining([{ node: nodeNamed('u'), replica: 1 }]) as unknown });
    office.report(U, wider, [3, 4]);
    expect(office.proposed.at(-1)).toMatchObject({ kind: 'succeed', learners: [{ node: nodeNamed('u'), replica: 1 }] });
  });

  it('takes a member that never had the group for somebody who holds nothing', () => {
    const office = sealedFour();
    office.report(V, FOUR, [0, 0], { configuration: new Uint8Array(0) });
    office.report(S, FOUR, [3, 9]);
    expect(office.successions.get(GROUP)?.founding?.voters).toEqual([{ node: nodeNamed('s'), replica: 1 }]);
  });

  it('counts no report of a replica that is out, nor of another generation', () => {
    const office = sealedFour();
    office.report(S, FOUR, [3, 9]);
    office.report(V, FOUR, [3, 9], { generation: 2 });
    office.report(T, FOUR, [9, 99]);
    expect(office.kinds()).toEqual(['seal']);
    expect(office.host.marks('mcg.seal-reports-refused')).toBe(1);
  });

  it('goes on without a member that is let go after it was sealed, but not without the source', () => {
    const office = sealedFour();
    office.report(S, FOUR, [3, 9]);
    office.lose('v');
    office.desk.decide(NOW);
    expect(office.successions.get(GROUP)?.founding?.voters).toEqual([{ node: nodeNamed('s'), replica: 1 }]);
    const other = sealedFour();
    other.report(V, FOUR, [3, 9]);
    other.lose('s');
    other.desk.decide(NOW);
    expect(other.successions.get(GROUP)?.founding).toBeNull();
    other.wish('v', FOUR, { isLossAccepted: true });
    other.desk.decide(NOW);
    expect(other.successions.get(GROUP)?.founding?.voters).toEqual([{ node: nodeNamed('v'), replica: 1 }]);
  });

  it('is impossible while every report is of a damaged log', () => {
    const office = new Office();
    office.lose('t');
    office.wish('s', PAIR);
    office.report(S, PAIR, [3, 9], { damagedThrough: logIndex(5) });
    expect(office.kinds()).toEqual(['seal']);
    expect(office.host.marks('mcg.founding-impossible')).toBeGreaterThan(0);
  });

  it('begins anew with what it is told when the leadership was another’s meanwhile', () => {
    const office = sealedFour();
    office.report(S, FOUR, [3, 9]);
    office.desk.reset();
    office.report(V, FOUR, [3, 8]);
    expect(office.kinds()).toEqual(['seal']);
    office.report(S, FOUR, [3, 9]);
    expect(office.kinds()).toEqual(['seal', 'succeed']);
  });
});
