import { describe, expect, it } from 'vitest';
import { type ReplicaId, nodeOfReplica, replicaId } from '../../base/replica.js';
import { micros } from '../../base/units.js';
import type { GroupSeal, SealedReport } from '../../wire/succession-messages.js';
import { nodeNamed } from '../testing/group-host.js';
import { type StreamSeat, type StreamWorld, streamWorld } from '../testing/stream-seat.js';
import { Reseals, type ToAuthority } from './reseals.js';
import { Successions, seatOf, seatsOf } from './successions.js';

const [S, T] = ['s', 't'].map((name) => replicaId(nodeNamed(name), 1)) as [ReplicaId, ReplicaId];

/** One seat of a stream of two, whose other member the mesh has let go, with what it tells the authority. */
class Survivor {
  readonly successions = new Successions();
  readonly told: ToAuthority[] = [];
  readonly out = new Set<ReplicaId>();
  readonly reseals: Reseals;
  readonly #seat: StreamSeat;
  readonly #of: StreamWorld;

  constructor(of: StreamWorld, at: number) {
    this.#of = of;
    this.#seat = of.seats[at] as StreamSeat;
    this.reseals = new Reseals({
      context: this.#seat.host.context,
      successions: this.successions,
      standing: {
        replicaNumberOf: () => 1,
        outThrough: (node) => ([...this.out].some((replica) => nodeOfReplica(replica) === node) ? 1 : 0),
        isLossAccepted: () => false,
      },
      shelf: this.#seat.streams,
      leader: () => ({ kind: 'local' }),
      tellHere: (message) => void this.told.push(message),
      onDirty: (stream) => void this.#seat.host.dirty.add(stream.group),
    });
  }

  get raft() {
    const stream = this.#seat.streams.get(this.#of.stream);
    if (stream === null) throw new Error('the stream is here');
    return stream.group.raft;
  }

  look(): void {
    this.reseals.onMeshChanged(this.#seat.host.now);
  }

  /** One turn of the stream's group: what it wants written is on its way to the disk. */
  turn(): void {
    this.#seat.streams.get(this.#of.stream)?.group.turn(this.#seat.host.now, true);
    this.#seat.host.write();
  }

  persist(): void {
    while (this.#seat.host.persist());
  }

  seal(more: Partial<GroupSeal> = {}): void {
    const { groupId } = this.#of.at(0);
    this.successions.seal({ group: groupId, generation: 1, source: seatOf(S), members: seatsOf([S, T]), isLossAccepted: false, ...more });
  }

  found(voters: readonly ReplicaId[]): void {
    const { groupId } = this.#of.at(0);
    const { lastIndex: baseIndex, term: baseTerm } = this.raft;
    this.successions.found({ group: groupId, generation: 2, voters: seatsOf(voters), learners: [], baseIndex, baseTerm, offsets: [] });
  }

  kinds(): string[] {
    return this.told.map(({ kind }) => kind);
  }
}

/** A stream of two that has carried a message, and its source after the target went. */
function withoutTarget(): { readonly of: StreamWorld; readonly survivor: Survivor } {
  const of = streamWorld(['s', 't']);
  of.seats[0]?.publish(of.stream, 1);
  of.world.runFor(1_000_000);
  for (const { host } of of.seats) of.world.remove(host);
  return { of, survivor: new Survivor(of, 0) };
}

describe('what a member does about a group whose majority is gone for good', () => {
  it('asks for nothing while the mesh has let nobody go, however silent the other is', () => {
    const { survivor } = withoutTarget();
    survivor.look();
    expect(survivor.told).toEqual([]);
  });

  it('asks the authority for a seal once the mesh has let the other go, and does not seal by itself', () => {
    const { survivor } = withoutTarget();
    survivor.out.add(T);
    survivor.look();
    expect(survivor.kinds()).toEqual(['sealWish']);
    expect(survivor.raft.generation.isSealed).toBe(false);
  });

  it('does not ask where its source went, but tells its operator, until that accepts the loss', () => {
    const { of } = withoutTarget();
    const survivor = new Survivor(of, 1);
    survivor.out.add(S);
    survivor.look();
    survivor.look();
    expect(survivor.told).toEqual([]);
    const { host } = of.seats[1] as StreamSeat;
    expect(host.factsOf('stream-recovery').map(({ step }) => step)).toEqual(['consent-needed']);
    survivor.reseals.acceptLoss(host.now, of.at(1));
    expect(survivor.told).toMatchObject([{ kind: 'sealWish', isLossAccepted: true }]);
  });

  it('reports only once its seal is durable, and again until the log has the founding', () => {
    const { survivor } = withoutTarget();
    survivor.out.add(T);
    survivor.seal();
    survivor.look();
    expect(survivor.raft.generation.isSealed).toBe(true);
    survivor.turn();
    survivor.look();
    expect(survivor.kinds()).toEqual([]);
    survivor.persist();
    survivor.look();
    survivor.look();
    expect(survivor.kinds()).toEqual(['sealedReport', 'sealedReport']);
  });

  it('reports what it holds: the end of its log, the configuration, and how far each target is', () => {
    const { of, survivor } = withoutTarget();
    survivor.out.add(T);
    survivor.seal();
    survivor.look();
    survivor.turn();
    survivor.persist();
    survivor.look();
    const { group } = of.at(0);
    const report = survivor.told.find((message): message is Extract<ToAuthority, { kind: 'sealedReport' }> => message.kind === 'sealedReport') as SealedReport;
    expect(report).toMatchObject({ generation: 1, replica: 1, lastIndex: group.raft.lastIndex, offsets: [{ node: nodeNamed('t'), seq: 0 }] });
  });

  it('answers nothing of the sealed generation any more: it takes no proposal and stands for no election', () => {
    const { of, survivor } = withoutTarget();
    survivor.out.add(T);
    survivor.seal();
    survivor.look();
    survivor.turn();
    survivor.persist();
    const { host } = of.seats[0] as StreamSeat;
    const before = survivor.raft.lastIndex;
    expect(survivor.raft.propose(host.now, new Uint8Array(3)).ok).toBe(false);
    survivor.raft.campaign(host.now);
    survivor.turn();
    expect([survivor.raft.role, survivor.raft.lastIndex]).toEqual(['follower', before]);
    expect(host.frames.filter(({ group }) => group === of.at(0).groupId)).toEqual([]);
  });

  it('keeps the seal over a restart that comes right after its report', () => {
    const { of, survivor } = withoutTarget();
    survivor.out.add(T);
    survivor.seal();
    survivor.look();
    survivor.turn();
    survivor.persist();
    survivor.look();
    expect(survivor.kinds()).toEqual(['sealedReport']);
    of.restart(0);
    expect(of.at(0).group.raft.generation).toMatchObject({ number: 1, isSealed: true });
  });

  it('enters the founded generation, leads it alone, and goes on with what is in its log', () => {
    const { of, survivor } = withoutTarget();
    survivor.out.add(T);
    survivor.seal();
    survivor.look();
    survivor.turn();
    survivor.persist();
    survivor.look();
    survivor.found([S]);
    survivor.look();
    for (let n = 0; n < 4; n++) {
      survivor.turn();
      survivor.persist();
    }
    expect(survivor.raft.generation).toMatchObject({ number: 2, isSealed: false });
    expect([survivor.raft.role, survivor.raft.configuration.voters]).toEqual(['leader', [S]]);
    expect(of.at(0).log.state.lastSeq).toBe(1);
    const { host } = of.seats[0] as StreamSeat;
    expect(host.factsOf('stream-recovery').map(({ step }) => step)).toEqual(['sealed', 'founded']);
  });

  it('does not enter a founding before its own seal is durable', () => {
    const { survivor } = withoutTarget();
    survivor.out.add(T);
    survivor.seal();
    survivor.found([S]);
    survivor.look();
    expect(survivor.raft.generation.number).toBe(1);
    survivor.turn();
    survivor.persist();
    survivor.look();
    expect(survivor.raft.generation.number).toBe(2);
  });

  it('says of a group that it never had that it holds nothing of it', () => {
    const { of } = withoutTarget();
    const survivor = new Survivor(of, 0);
    const stranger = nodeNamed('never had') as string as GroupSeal['group'];
    survivor.successions.seal({ group: stranger, generation: 1, source: seatOf(T), members: seatsOf([S, T]), isLossAccepted: false });
    survivor.look();
    expect(survivor.told).toMatchObject([{ kind: 'sealedReport', group: stranger, lastIndex: 0 }]);
  });

  it('ends with the node’s membership: nothing is told any more', () => {
    const { of, survivor } = withoutTarget();
    survivor.out.add(T);
    survivor.look();
    survivor.reseals.close();
    const { host } = of.seats[0] as StreamSeat;
    host.now = micros(host.now + 10_000_000);
    host.runDeadlines();
    expect(survivor.kinds()).toEqual(['sealWish']);
  });
});
