import { describe, expect, it } from 'vitest';
import { crc32c } from '../base/crc32c.js';
import type { ReplicaId } from '../base/replica.js';
import { logIndex, term } from '../base/units.js';
import type { RaftMessage, RaftSnapshotChunk } from '../wire/raft-messages.js';
import { configurationOf, configurationToWire } from './configuration.js';
import { freshDisk, replicaNumber } from './testing/in-memory-cluster.js';
import { Lab } from './testing/lab.js';
import { SingleReplica, entryAt, logOf } from './testing/single-replica.js';

const [a, b, c, d] = [1, 2, 3, 4].map(replicaNumber) as [ReplicaId, ReplicaId, ReplicaId, ReplicaId];
const members = configurationOf([a, b, c]);
const three = (): ReturnType<typeof freshDisk> => freshDisk(members);

interface ChunkOf {
  readonly index: number;
  readonly snapshotTerm?: number;
  readonly leaderTerm?: number;
  readonly state?: Uint8Array;
  readonly from?: number;
  readonly to?: number;
  readonly seq?: number;
}

const STATE = new Uint8Array(100).map((_, n) => n * 7);

function chunk(of: ChunkOf): { readonly kind: 'snapshotChunk' } & RaftSnapshotChunk {
  const state = of.state ?? STATE;
  const offset = of.from ?? 0;
  return {
    kind: 'snapshotChunk',
    generation: 1,
    term: of.leaderTerm ?? 3,
    seq: of.seq ?? 1,
    index: of.index,
    snapshotTerm: of.snapshotTerm ?? 2,
    configuration: configurationToWire(members),
    total: state.length,
    offset,
    checksum: crc32c(state),
    bytes: state.subarray(offset, of.to ?? state.length),
  };
}

const append = (ofTerm: number, prev: readonly [number, number], terms: readonly number[], commit = 0): RaftMessage => ({
  kind: 'append',
  generation: 1,
  term: ofTerm,
  seq: 1,
  prevIndex: prev[0],
  prevTerm: prev[1],
  commit,
  entries: terms.map((entryTerm, n) => ({ term: entryTerm, kind: 1, bytes: entryAt(prev[0] + 1 + n, entryTerm).bytes })),
});

describe('rule 34: installing a snapshot', () => {
  it('rule 34: at or below commit it is ignored, and the ack says commit', () => {
    const follower = new SingleReplica(b, three());
    follower.receive(a, append(3, [0, 0], [2, 2, 2, 2], 4));
    follower.taken('appendAck');
    follower.receive(a, chunk({ index: 3 }));
    expect(follower.installed).toEqual([]);
    expect(follower.group.snapshotIndex).toBe(0);
    expect(follower.taken('appendAck', a)).toMatchObject([{ match: 4, isRejected: false }]);
  });

  it('rule 34: one that fits the log keeps the suffix', () => {
    const follower = new SingleReplica(b, three(), { log: logOf(2, 2, 2, 2, 2) });
    follower.receive(a, chunk({ index: 3 }));
    expect([follower.group.snapshotIndex, follower.group.lastIndex, follower.group.commitIndex]).toEqual([3, 5, 3]);
    expect(follower.disk.entries.map((entry) => entry.index)).toEqual([4, 5]);
  });

  it('rule 34: one that conflicts drops the whole log', () => {
    const follower = new SingleReplica(b, three(), { log: logOf(1, 1, 1, 1, 1) });
    follower.receive(a, chunk({ index: 3 }));
    expect([follower.group.snapshotIndex, follower.group.lastIndex]).toEqual([3, 3]);
    expect(follower.disk.entries).toEqual([]);
    expect(follower.installed).toMatchObject([{ index: 3, term: 2 }]);
    expect(follower.installed[0]?.state).toEqual(STATE);
  });

  it('rule 34: a crash in between leaves all of the old or all of the new, and nothing is acknowledged before', () => {
    for (const survivors of [0, 1]) {
      const follower = new SingleReplica(b, three(), { log: logOf(1, 1, 1, 1, 1) });
      follower.receive(a, { kind: 'heartbeat', generation: 1, term: 3, commit: 0, round: 0, isSilent: false, epoch: 0, offer: 0 });
      follower.isDiskPrompt = false;
      follower.receive(a, chunk({ index: 9 }));
      expect(follower.taken('appendAck')).toEqual([]);
      expect(follower.installed, 'the state machine waits for the disk').toEqual([]);
      follower.restart(survivors);
      const { snapshotIndex, lastIndex } = follower.group;
      expect([snapshotIndex, lastIndex]).toEqual(survivors === 0 ? [0, 5] : [9, 9]);
    }
  });

  it('rule 34: entries go on after a snapshot, in one write or the next', () => {
    const follower = new SingleReplica(b, three(), { log: logOf(1, 1) });
    follower.isDiskPrompt = false;
    follower.receive(a, chunk({ index: 9 }));
    follower.receive(a, append(3, [9, 2], [2, 3], 11));
    while (follower.pendingWrites.length > 0) follower.persist();
    expect(follower.installed).toMatchObject([{ index: 9 }]);
    expect(follower.applied.map((entry) => entry.index)).toEqual([10, 11]);
    expect(follower.disk.lastIndex).toBe(11);
  });
});

describe('rule 35: chunks', () => {
  const inThree = (of: ChunkOf): RaftSnapshotChunk[] => [
    chunk({ ...of, from: 0, to: 40, seq: 1 }),
    chunk({ ...of, from: 40, to: 80, seq: 2 }),
    chunk({ ...of, from: 80, to: 100, seq: 3 }),
  ];
  const give = (follower: SingleReplica, from: ReplicaId, part: RaftSnapshotChunk | undefined): void => {
    if (part !== undefined) follower.receive(from, { kind: 'snapshotChunk', ...part });
  };

  it('rule 35: duplicated, reordered and missing ones never make a whole', () => {
    for (const order of [[0, 0, 2, 1], [2, 1, 0], [0, 2, 2], [1, 2]]) {
      const follower = new SingleReplica(b, three());
      for (const n of order) give(follower, a, inThree({ index: 9 })[n]);
      expect(follower.installed, order.join()).toEqual([]);
    }
    const follower = new SingleReplica(b, three());
    for (const n of [0, 0, 1, 0, 1, 2]) give(follower, a, inThree({ index: 9 })[n]);
    expect(follower.installed.map((snapshot) => snapshot.state)).toEqual([STATE]);
  });

  it('rule 35: every chunk is answered with what is held so far', () => {
    const follower = new SingleReplica(b, three());
    for (const n of [0, 2, 1]) give(follower, a, inThree({ index: 9 })[n]);
    expect(follower.taken('snapshotAck', a).map((ack) => [ack.seq, ack.received])).toEqual([[1, 40], [3, 40], [2, 80]]);
  });

  it('rule 35: parts of two leaders are not mixed', () => {
    const follower = new SingleReplica(b, three());
    give(follower, a, inThree({ index: 9 })[0]);
    const other = STATE.map((byte) => byte ^ 1);
    const ofC = inThree({ index: 9, leaderTerm: 4, state: other });
    give(follower, c, ofC[1]);
    expect(follower.installed).toEqual([]);
    for (const part of ofC) give(follower, c, part);
    expect(follower.installed.map((snapshot) => snapshot.state)).toEqual([other]);
  });

  it('rule 35: a newer one supersedes, an older one does not', () => {
    const follower = new SingleReplica(b, three());
    give(follower, a, inThree({ index: 9 })[0]);
    const newer = inThree({ index: 12 });
    give(follower, a, newer[0]);
    give(follower, a, inThree({ index: 9 })[1]);
    give(follower, a, newer[1]);
    give(follower, a, newer[2]);
    expect(follower.installed.map((snapshot) => snapshot.index)).toEqual([12]);
  });

  it('rule 35: a damaged whole is not installed', () => {
    const follower = new SingleReplica(b, three());
    const parts = inThree({ index: 9 }).map((part) => ({ ...part, checksum: part.checksum ^ 1 }));
    for (const part of parts) give(follower, a, part);
    expect(follower.installed).toEqual([]);
    expect(follower.taken('snapshotAck', a).pop()).toMatchObject({ received: 0 });
  });

  it('rule 35: a transfer that takes long, loses its flow and changes its leader causes no election by itself', () => {
    const lab = new Lab({ voters: 3, config: { snapshotChunkBytesMax: 10, snapshotChunksInflightMax: 2 } });
    lab.elect(1);
    lab.isolate(3);
    for (let n = 0; n < 10; n++) lab.propose(1);
    for (const n of [1, 2]) {
      const { group, now } = lab.at(n);
      lab.pass(200_000);
      group.compact(now, group.appliedIndex, STATE);
    }
    const before = lab.at(1).group.term;
    let chunks = 0;
    lab.passes = (_from, _to, message) => message.kind !== 'snapshotChunk' || ++chunks % 3 !== 0;
    lab.heal();
    expect(lab.at(3).installed, 'a part was lost').toEqual([]);
    lab.pass(30_000_000);
    expect(lab.at(3).installed.length).toBe(1);
    expect(lab.at(3).group.commitIndex).toBe(11);
    expect([lab.at(1).group.role, lab.at(1).group.term]).toEqual(['leader', before]);
  });
});

it('rule 36: a learner that was cut off while the log was compacted to its tip is sent the snapshot', () => {
  const lab = new Lab({ voters: 3, spares: 1 });
  const leader = lab.elect(1);
  lab.isolate(4);
  leader.group.proposeConfiguration(leader.now, { kind: 'add-learner', replica: d });
  lab.settle();
  leader.group.compact(leader.now, leader.group.appliedIndex, STATE);
  lab.settle();
  expect(leader.group.firstIndex).toBe(leader.group.lastIndex + 1);
  lab.heal();
  lab.pass(3_000_000);
  expect(lab.at(4).installed).toMatchObject([{ index: leader.group.lastIndex }]);
  expect(lab.at(4).group.configuration.learners).toEqual([d]);
});

describe('rule 37: a log whose end cannot be read', () => {
  const damaged = (): SingleReplica => {
    const disk = { ...three(), hardState: { term: term(2), vote: null }, damagedThrough: logIndex(6) };
    const replica = new SingleReplica(b, disk, { log: logOf(1, 1, 2) });
    replica.disk.damagedThrough = logIndex(6);
    replica.restart();
    return replica;
  };

  it('rule 37: a tail that was never acknowledged is simply not there', () => {
    const replica = new SingleReplica(b, three(), { log: logOf(1, 1, 2) });
    replica.receive(a, { kind: 'vote', generation: 1, term: 3, lastIndex: 3, lastTerm: 2, isTransfer: false });
    expect(replica.taken('voteAnswer', a)).toMatchObject([{ isGranted: true }]);
  });

  it('rule 37: below the durable frontier it means no vote and no candidacy', () => {
    const replica = damaged();
    replica.receive(a, { kind: 'preVote', generation: 1, term: 3, lastIndex: 9, lastTerm: 2 });
    replica.receive(a, { kind: 'vote', generation: 1, term: 3, lastIndex: 9, lastTerm: 2, isTransfer: false });
    expect(replica.taken('preVoteAnswer', a)).toMatchObject([{ isGranted: false }]);
    expect(replica.taken('voteAnswer', a)).toMatchObject([{ isGranted: false }]);
    replica.pass(60_000_000);
    expect([replica.taken('vote'), replica.taken('preVote')]).toEqual([[], []]);
  });

  it('rule 37: and no ack that counts, until it is caught up past it', () => {
    const replica = damaged();
    replica.receive(a, append(3, [3, 2], [2]));
    expect(replica.taken('appendAck', a)).toMatchObject([{ match: 4, isRecovering: true }]);
    replica.receive(a, append(3, [4, 2], [2, 2]));
    expect(replica.taken('appendAck', a)).toMatchObject([{ match: 6, isRecovering: false }]);
    expect(replica.events).toContainEqual({ kind: 'recovered', index: 6 });
    replica.receive(c, { kind: 'vote', generation: 1, term: 9, lastIndex: 9, lastTerm: 8, isTransfer: true });
    expect(replica.taken('voteAnswer', c)).toMatchObject([{ isGranted: true }]);
  });

  it('rule 37: the acks of a damaged replica pace the leader and commit nothing', () => {
    const lab = new Lab({ voters: 3 });
    const leader = lab.elect(1);
    const before = leader.group.commitIndex;
    lab.isolate(1);
    lab.propose(1);
    const answer = { kind: 'heartbeatAck', generation: 1, term: leader.group.term, round: 0, seq: 0, match: before + 1, restsIn: 0 } as const;
    leader.receive(b, { ...answer, isRecovering: true });
    expect([leader.group.matchOf(b), leader.group.commitIndex]).toEqual([before + 1, before]);
    leader.receive(b, { ...answer, isRecovering: false });
    expect(leader.group.commitIndex).toBe(before + 1);
  });

  it('rule 37: a leader does not count what the damaged replica had vouched for, and repairs it', () => {
    const lab = new Lab({ voters: 3 });
    const leader = lab.elect(1);
    for (let n = 0; n < 5; n++) lab.propose(1);
    lab.stop(3);
    lab.stop(2);
    lab.at(2).disk.damageAfter(2);
    lab.start(2);
    lab.pass(1_000_000);
    const acks = lab.delivered.flatMap(({ envelope }) => (envelope.message.kind === 'appendAck' ? [envelope.message] : []));
    expect(acks.some((ack) => ack.isRecovering && ack.match === 0)).toBe(true);
    expect([lab.at(2).group.lastIndex, leader.group.matchOf(b)]).toEqual([leader.group.lastIndex, leader.group.lastIndex]);
    const before = leader.group.commitIndex;
    lab.propose(1);
    expect(leader.group.commitIndex).toBe(before + 1);
  });

  it('rule 37: a disk that is damaged again while it is repaired is repaired nevertheless', () => {
    const lab = new Lab({ voters: 3, config: { appendEntriesMax: 2, inflightAppendsMax: 1 } });
    const leader = lab.elect(1);
    for (let n = 0; n < 12; n++) lab.propose(1);
    lab.stop(2);
    lab.at(2).disk.damageAfter(4);
    let appends = 0;
    lab.passes = (_from, to, message) => !(to === b && message.kind === 'append' && ++appends > 5);
    lab.start(2);
    const reached = leader.group.matchOf(b) ?? 0;
    expect(reached).toBeGreaterThan(4);
    lab.stop(2);
    lab.at(2).disk.damageAfter(1);
    lab.passes = () => true;
    lab.start(2);
    lab.pass(5_000_000);
    expect([lab.at(2).group.lastIndex, leader.group.matchOf(b)]).toEqual([13, 13]);
  });

  it('rule 37: entries that cannot be read back stop the replica', () => {
    const lab = new Lab({ voters: 3, config: { tailBytesMax: 10 } });
    const leader = lab.elect(1);
    lab.isolate(3);
    for (let n = 0; n < 10; n++) lab.propose(1, new Uint8Array(20));
    lab.passes = (_from, to) => to !== b;
    leader.disk.read = () => null as never;
    lab.heal();
    expect(leader.events).toContainEqual(expect.objectContaining({ kind: 'halted', code: 'log-unreadable' }));
  });
});

describe('rule 38: writes that fail', () => {
  it('rule 38: nothing that waits for a write leaves when it never becomes durable', () => {
    const voter = new SingleReplica(b, three());
    voter.isDiskPrompt = false;
    voter.receive(a, append(1, [0, 0], [1]));
    voter.receive(c, { kind: 'vote', generation: 1, term: 2, lastIndex: 9, lastTerm: 1, isTransfer: true });
    voter.pass(60_000_000);
    const held = [voter.taken('voteAnswer'), voter.taken('appendAck'), voter.taken('vote')];
    expect(held).toEqual([[], [], []]);
  });

  it('rule 38: a write refused for want of space refuses new work; votes go on; all is written when there is space', () => {
    const leader = new SingleReplica(a, freshDisk(configurationOf([a])));
    leader.group.campaign(leader.now);
    leader.act();
    leader.isDiskPrompt = false;
    leader.group.propose(leader.now, new Uint8Array([5]));
    leader.act();
    leader.group.propose(leader.now, new Uint8Array([6]));
    leader.act();
    expect(leader.pendingWrites.length).toBe(2);
    leader.group.onWriteRefused(leader.now, leader.pendingWrites[0]?.id ?? 0);
    leader.pendingWrites = [];
    leader.act();
    expect(leader.pendingWrites).toEqual([]);
    expect(leader.group.propose(leader.now, new Uint8Array(1))).toMatchObject({ reject: { code: 'OVERLOADED' } });
    leader.receive(b, { kind: 'vote', generation: 1, term: 9, lastIndex: 99, lastTerm: 8, isTransfer: true });
    expect(leader.pendingWrites).toMatchObject([{ hardState: { term: 9, vote: b }, entries: [] }]);
    leader.persist();
    expect(leader.taken('voteAnswer', b)).toMatchObject([{ isGranted: true }]);
    leader.group.onSpaceFreed(leader.now);
    leader.act();
    expect(leader.pendingWrites.map((write) => write.entries.map((entry) => entry.index))).toEqual([[2, 3]]);
    leader.persist();
    expect(leader.group.durableIndex).toBe(3);
  });
});

it('rule 39: what is visible here is not yet durable, and is told apart', () => {
  const follower = new SingleReplica(b, three());
  follower.isDiskPrompt = false;
  follower.receive(a, append(1, [0, 0], [1, 1], 2));
  expect([follower.group.lastIndex, follower.group.durableIndex, follower.group.appliedIndex]).toEqual([2, 0, 0]);
  follower.receive(a, { kind: 'heartbeat', generation: 1, term: 1, commit: 0, round: 4, isSilent: false, epoch: 0, offer: 0 });
  expect(follower.taken('heartbeatAck', a)).toMatchObject([{ match: 0, round: 4 }]);
  follower.persist();
  expect([follower.group.durableIndex, follower.group.appliedIndex]).toEqual([2, 2]);
});

it('rule 39: an entry that is on the disk is not vouched for in a term that is not', () => {
  const follower = new SingleReplica(b, three(), { log: logOf(1, 1) });
  follower.isDiskPrompt = false;
  follower.receive(a, append(5, [2, 1], []));
  follower.receive(a, { kind: 'heartbeat', generation: 1, term: 5, commit: 0, round: 0, isSilent: false, epoch: 0, offer: 0 });
  expect(follower.taken('appendAck')).toEqual([]);
  expect(follower.taken('heartbeatAck', a)).toMatchObject([{ match: 0, seq: 0 }]);
  follower.persist();
  expect(follower.taken('appendAck', a)).toMatchObject([{ term: 5, match: 2 }]);
});

describe('writes in flight', () => {
  it('are at most two, and their ids become durable in order', () => {
    const follower = new SingleReplica(b, three());
    follower.isDiskPrompt = false;
    for (let n = 0; n < 4; n++) follower.receive(a, append(1, [n, n === 0 ? 0 : 1], [1]));
    expect(follower.pendingWrites.map((write) => write.entries.map((entry) => entry.index))).toEqual([[1], [2]]);
    follower.persist();
    expect(follower.pendingWrites.map((write) => write.entries.map((entry) => entry.index))).toEqual([[2], [3, 4]]);
    follower.persist();
    follower.persist();
    expect(follower.taken('appendAck', a).map((ack) => ack.match)).toEqual([1, 2, 4]);
  });
});
