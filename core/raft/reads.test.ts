import { describe, expect, it } from 'vitest';
import type { ReplicaId } from '../base/replica.js';
import { micros } from '../base/units.js';
import type { RaftMessage } from '../wire/raft-messages.js';
import { configurationOf } from './configuration.js';
import { freshDisk, replicaNumber } from './testing/in-memory-cluster.js';
import { Lab } from './testing/lab.js';
import { SingleReplica, logOf } from './testing/single-replica.js';

const [a, b, c] = [1, 2, 3].map(replicaNumber) as [ReplicaId, ReplicaId, ReplicaId];
const three = (): ReturnType<typeof freshDisk> => freshDisk(configurationOf([a, b, c]));
const heartbeatAck = (term: number, round: number, match = 0): RaftMessage =>
  ({ kind: 'heartbeatAck', generation: 1, term, round, seq: 0, match, isRecovering: false, restsIn: 0 });

describe('rule 40: reads of a new leader', () => {
  it("rule 40: they wait for the term's first commit, and see it", () => {
    const lab = new Lab({ voters: 3, logs: [logOf(1, 1), logOf(1, 1), logOf(1, 1)] });
    const leader = lab.at(1);
    lab.passes = (_from, _to, message) => message.kind !== 'append';
    lab.elect(1);
    expect(leader.group.readIndex(leader.now, 5).ok).toBe(true);
    lab.pass(400_000);
    expect(leader.reads).toEqual([]);
    lab.passes = () => true;
    lab.heal();
    lab.settle();
    expect(leader.reads).toEqual([{ context: 5, index: 3 }]);
  });
});

describe('rule 41: confirmations', () => {
  const readyLeader = (): SingleReplica => {
    const lab = new Lab({ voters: 3 });
    const leader = lab.elect(1);
    leader.outbox = [];
    return leader;
  };

  it('rule 41: an answer to an earlier heartbeat confirms no later read', () => {
    const leader = readyLeader();
    leader.group.readIndex(leader.now, 1);
    leader.act();
    const first = leader.taken('heartbeat', b).pop();
    leader.receive(b, heartbeatAck(1, first?.round ?? 0));
    expect(leader.reads.map((read) => read.context)).toEqual([1]);
    leader.group.readIndex(leader.now, 2);
    leader.act();
    leader.receive(c, heartbeatAck(1, first?.round ?? 0));
    leader.receive(b, heartbeatAck(1, first?.round ?? 0));
    expect(leader.reads.map((read) => read.context)).toEqual([1]);
    leader.receive(c, heartbeatAck(1, leader.taken('heartbeat', c).pop()?.round ?? 0));
    expect(leader.reads.map((read) => read.context)).toEqual([1, 2]);
  });

  it('rule 41: nor does an answer of an older term, nor one to a round that was never sent', () => {
    const leader = readyLeader();
    leader.group.readIndex(leader.now, 1);
    leader.act();
    leader.receive(b, heartbeatAck(0, 1));
    leader.receive(b, heartbeatAck(1, 77));
    expect(leader.reads).toEqual([]);
  });

  it('rule 41: a leader that lost its quorum answers no read and gives it up', () => {
    const lab = new Lab({ voters: 3 });
    const leader = lab.elect(1);
    lab.isolate(1);
    leader.group.readIndex(leader.now, 9);
    lab.settle();
    lab.pass(5_000_000);
    expect([leader.reads, leader.lostReads]).toEqual([[], [9]]);
  });
});

describe('reads of followers', () => {
  it('go to the leader and see what it had committed', () => {
    const lab = new Lab({ voters: 3 });
    lab.elect(1);
    lab.propose(1);
    const follower = lab.at(3);
    expect(follower.group.readIndex(follower.now, 4).ok).toBe(true);
    lab.settle();
    expect(follower.reads).toEqual([{ context: 4, index: 2 }]);
  });

  it('are asked again when a frame was lost, and answered once', () => {
    const lab = new Lab({ voters: 3 });
    lab.elect(1);
    let lost = 0;
    lab.passes = (_from, _to, message) => message.kind !== 'readIndex' || lost++ > 0;
    const follower = lab.at(2);
    follower.group.readIndex(follower.now, 4);
    lab.settle();
    expect(follower.reads).toEqual([]);
    lab.pass(follower.config.heartbeatIntervalUs * 3);
    expect(follower.reads.length).toBe(1);
  });

  it('are given up when the leader is gone, and refused when none is known', () => {
    const lab = new Lab({ voters: 3 });
    lab.elect(1);
    lab.stop(1);
    const follower = lab.at(2);
    follower.group.readIndex(follower.now, 4);
    lab.pass(5_000_000);
    expect([follower.reads, follower.lostReads]).toEqual([[], [4]]);
    const lonely = new SingleReplica(a, three());
    expect(lonely.group.readIndex(lonely.now, 1)).toMatchObject({ reject: { code: 'NOT_LEADER' } });
  });

  it('are bounded', () => {
    const lab = new Lab({ voters: 3, config: { pendingReadsMax: 3 } });
    const leader = lab.elect(1);
    lab.isolate(1);
    const results = [1, 2, 3, 4].map((context) => leader.group.readIndex(leader.now, context).ok);
    expect(results).toEqual([true, true, true, false]);
  });
});

describe('rule 43: a process that stood still', () => {
  it('rule 43: after five seconds with heartbeats queued it takes the messages and holds no election', () => {
    const follower = new SingleReplica(a, three());
    const beat: RaftMessage = { kind: 'heartbeat', generation: 1, term: 1, commit: 0, round: 0, isSilent: false, epoch: 0, offer: 0 };
    follower.receive(b, beat);
    const due = follower.heap.next();
    follower.now = micros(due + 5_000_000);
    for (let deadline = follower.heap.popDue(follower.now); deadline !== null; deadline = follower.heap.popDue(follower.now)) {
      deadline.owner.onDeadline(follower.now, deadline);
    }
    follower.act();
    expect([follower.group.role, follower.taken('preVote')]).toEqual(['follower', []]);
    for (let n = 0; n < 25; n++) follower.receive(b, beat);
    follower.pass(follower.config.electionTimeoutMinUs - 1);
    expect([follower.group.role, follower.group.term]).toEqual(['follower', 1]);
  });

  it('rule 43: the grace is one: when nothing was queued the election comes', () => {
    const follower = new SingleReplica(a, three());
    const due = follower.heap.next();
    follower.now = micros(due + 5_000_000);
    follower.pass(1_000_000);
    expect(follower.taken('preVote').length).toBe(2);
  });

  it('rule 43: a leader that stood still sends one heartbeat, not all it missed, and asks for its quorum later', () => {
    const lab = new Lab({ voters: 3 });
    const leader = lab.elect(1);
    leader.outbox = [];
    leader.now = micros(leader.now + 5_000_000);
    for (let deadline = leader.heap.popDue(leader.now); deadline !== null; deadline = leader.heap.popDue(leader.now)) {
      deadline.owner.onDeadline(leader.now, deadline);
    }
    leader.act();
    expect(leader.group.role).toBe('leader');
    expect(leader.taken('heartbeat', b).length).toBe(1);
  });
});

describe('rule 44: numbers that cannot be', () => {
  const base = { generation: 1, term: 3 } as const;
  const bad = [2 ** 53 - 1, Number.NaN, -1, 1.5, Number.POSITIVE_INFINITY];
  const entry = (term: number, kind = 1) => ({ term, kind, bytes: new Uint8Array(1) });
  const messages: RaftMessage[] = [
    ...bad.flatMap((n): RaftMessage[] => [
      { kind: 'heartbeat', ...base, term: n, commit: 0, round: 0, isSilent: false, epoch: 0, offer: 0 },
      { kind: 'heartbeat', ...base, commit: n, round: 0, isSilent: false, epoch: 0, offer: 0 },
      { kind: 'vote', ...base, term: n, lastIndex: 0, lastTerm: 0, isTransfer: true },
      { kind: 'vote', ...base, lastIndex: n, lastTerm: 0, isTransfer: true },
      { kind: 'preVote', ...base, lastIndex: 0, lastTerm: n },
      { kind: 'append', ...base, seq: 1, prevIndex: n, prevTerm: 1, commit: 0, entries: [] },
      { kind: 'append', ...base, seq: 1, prevIndex: 0, prevTerm: 0, commit: n, entries: [entry(1)] },
      { kind: 'append', ...base, seq: 1, prevIndex: 0, prevTerm: 0, commit: 0, entries: [entry(n)] },
      { kind: 'appendAck', ...base, seq: n, match: 0, isRejected: false, hintIndex: 0, hintTerm: 0, isRecovering: false },
    ]),
    { kind: 'append', ...base, seq: 1, prevIndex: 0, prevTerm: 0, commit: 0, entries: [entry(2), entry(1)] },
    { kind: 'append', ...base, seq: 1, prevIndex: 0, prevTerm: 0, commit: 0, entries: [entry(4)] },
    { kind: 'append', ...base, seq: 1, prevIndex: 0, prevTerm: 0, commit: 0, entries: [entry(1, 3)] },
    { kind: 'append', ...base, seq: 1, prevIndex: 0, prevTerm: 0, commit: 0, entries: [entry(1, 2)] },
    { kind: 'append', ...base, seq: 1, prevIndex: 0, prevTerm: 2, commit: 0, entries: [entry(3)] },
    { kind: 'append', ...base, seq: 1, prevIndex: 4, prevTerm: 0, commit: 0, entries: [entry(3)] },
    { kind: 'vote', ...base, lastIndex: 4, lastTerm: 3, isTransfer: true },
  ];

  it('rule 44: are refused before anything changes', () => {
    for (const message of messages) {
      const replica = new SingleReplica(a, three());
      replica.receive(b, message);
      const seen = [replica.group.lastIndex, replica.group.hardState.vote, replica.group.commitIndex, replica.pendingWrites.length];
      expect(seen, JSON.stringify(message)).toEqual([0, null, 0, 0]);
      expect(replica.events.some((event) => event.kind === 'notice' && event.notice.kind === 'count')).toBe(true);
    }
  });

  it('rule 44: an append that leaves a gap is rejected with the end of the log', () => {
    const replica = new SingleReplica(a, three(), { log: logOf(1, 1) });
    replica.receive(b, { kind: 'append', ...base, seq: 8, prevIndex: 9, prevTerm: 2, commit: 9, entries: [entry(3)] });
    expect(replica.taken('appendAck', b)).toMatchObject([{ isRejected: true, hintIndex: 2, hintTerm: 1, seq: 8 }]);
    expect([replica.group.lastIndex, replica.group.commitIndex]).toEqual([2, 0]);
  });
});
