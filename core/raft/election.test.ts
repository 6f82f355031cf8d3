import { describe, expect, it } from 'vitest';
import type { ReplicaId } from '../base/replica.js';
import { micros, term } from '../base/units.js';
import type { RaftMessage } from '../wire/raft-messages.js';
import { configurationOf } from './configuration.js';
import { freshDisk, replicaNumber } from './testing/in-memory-cluster.js';
import { Lab } from './testing/lab.js';
import { SingleReplica, entryAt, logOf } from './testing/single-replica.js';

const [a, b, c, d, e] = [1, 2, 3, 4, 5].map(replicaNumber) as [ReplicaId, ReplicaId, ReplicaId, ReplicaId, ReplicaId];
const stranger = replicaNumber(6);

const three = (): ReturnType<typeof freshDisk> => freshDisk(configurationOf([a, b, c]));
const five = (): ReturnType<typeof freshDisk> => freshDisk(configurationOf([a, b, c, d, e]));

const vote = (ofTerm: number, lastIndex = 0, lastTerm = 0, isTransfer = false): RaftMessage =>
  ({ kind: 'vote', generation: 1, term: ofTerm, lastIndex, lastTerm, isTransfer });
const voteAnswer = (ofTerm: number, isGranted = true): RaftMessage => ({ kind: 'voteAnswer', generation: 1, term: ofTerm, isGranted });
const preVoteAnswer = (ofTerm: number, isGranted = true): RaftMessage => ({ kind: 'preVoteAnswer', generation: 1, term: ofTerm, isGranted });
const heartbeat = (ofTerm: number, commit = 0): RaftMessage => ({ kind: 'heartbeat', generation: 1, term: ofTerm, commit, round: 0, isSilent: false, epoch: 0, offer: 0 });

/** Brings a replica of a fresh disk to candidate of its next term. */
function candidacy(replica: SingleReplica, granters: readonly ReplicaId[]): number {
  replica.group.campaign(replica.now);
  replica.act();
  for (const from of granters) replica.receive(from, preVoteAnswer(replica.group.term + 1));
  return replica.group.term;
}

describe('rule 1: a replica votes once per term', () => {
  it('rule 1: a vote leaves only when it is durable, whatever moment the crash comes at', () => {
    const voter = new SingleReplica(a, three());
    voter.isDiskPrompt = false;
    voter.receive(b, vote(5));
    expect(voter.taken('voteAnswer')).toEqual([]);
    voter.persist();
    expect(voter.taken('voteAnswer', b)).toMatchObject([{ term: 5, isGranted: true }]);
    voter.restart();
    voter.isDiskPrompt = true;
    voter.receive(c, vote(5));
    expect(voter.taken('voteAnswer', c)).toMatchObject([{ term: 5, isGranted: false }]);
  });

  it('rule 1: a vote whose write was lost was never told, and may go to another', () => {
    const voter = new SingleReplica(a, three());
    voter.isDiskPrompt = false;
    voter.receive(b, vote(5));
    expect(voter.outbox).toEqual([]);
    voter.restart();
    voter.isDiskPrompt = true;
    voter.receive(c, vote(5));
    expect(voter.taken('voteAnswer', c)).toMatchObject([{ term: 5, isGranted: true }]);
  });

  it('rule 1: term and vote are one write', () => {
    const voter = new SingleReplica(a, three());
    voter.isDiskPrompt = false;
    voter.receive(b, vote(5));
    expect(voter.pendingWrites.map((write) => write.hardState)).toEqual([{ term: 5, vote: b }]);
  });
});

describe('rule 2: vote requests wait for every earlier write', () => {
  it('rule 2: no request boasts of an entry that a crash can still take', () => {
    const log = logOf(4, 4, 4, 4, 4, 4, 4, 4, 4);
    const candidate = new SingleReplica(a, { ...three(), hardState: { term: term(4), vote: b } }, { log });
    candidate.isDiskPrompt = false;
    const wireEntry = { term: 4, kind: 1, bytes: new Uint8Array(1) };
    candidate.receive(b, { kind: 'append', generation: 1, term: 4, seq: 1, prevIndex: 9, prevTerm: 4, commit: 9, entries: [wireEntry] });
    candidacy(candidate, [c]);
    expect([candidate.group.role, candidate.group.term, candidate.group.lastIndex]).toEqual(['candidate', 5, 10]);
    expect(candidate.taken('vote')).toEqual([]);
    candidate.persist();
    expect(candidate.taken('vote'), 'the entry is durable, the own vote is not').toEqual([]);
    candidate.restart();
    expect([candidate.group.term, candidate.group.lastIndex]).toEqual([4, 10]);
  });

  it('rule 2: the grant of an earlier candidacy does not elect a candidate with a shorter log', () => {
    const log = logOf(4, 4, 4, 4, 4, 4, 4, 4, 4);
    const candidate = new SingleReplica(a, { ...three(), hardState: { term: term(4), vote: b } }, { log });
    candidate.isDiskPrompt = false;
    candidacy(candidate, [c]);
    candidate.restart();
    candidate.receive(c, voteAnswer(5));
    expect(candidate.group.role).not.toBe('leader');
    expect(candidate.taken('append')).toEqual([]);
  });

  it('rule 2: the own vote counts when it is durable, not before', () => {
    const candidate = new SingleReplica(a, freshDisk(configurationOf([a])));
    candidate.isDiskPrompt = false;
    candidate.receive(b, { kind: 'timeoutNow', generation: 1, term: 4 });
    candidacy(candidate, []);
    expect(candidate.group.role).toBe('candidate');
    candidate.persist();
    expect([candidate.group.role, candidate.group.term], 'only term 4 is durable').toEqual(['candidate', 5]);
    candidate.persist();
    expect(candidate.group.role).toBe('leader');
  });
});

describe('rule 3: a vote outlives the role', () => {
  it('rule 3: a candidate that stepped down for the leader of its term votes for nobody else in it', () => {
    const replica = new SingleReplica(a, three());
    const ofTerm = candidacy(replica, [b]);
    replica.receive(b, heartbeat(ofTerm));
    expect(replica.group.role).toBe('follower');
    replica.receive(c, vote(ofTerm, 100, ofTerm - 1));
    expect(replica.taken('voteAnswer', c)).toMatchObject([{ isGranted: false }]);
    expect(replica.group.hardState.vote).toBe(a);
  });

  it('rule 3: nor does a transfer of leadership loosen the vote of the term', () => {
    const replica = new SingleReplica(a, three());
    replica.receive(b, vote(3));
    replica.receive(c, vote(3, 9, 2, true));
    expect(replica.taken('voteAnswer', c)).toMatchObject([{ isGranted: false }]);
  });
});

it('rule 4: answers of an older term, of the same sender again, of a pre-vote and of strangers do not count', () => {
  const candidate = new SingleReplica(a, five());
  const ofTerm = candidacy(candidate, [b, c]);
  expect(candidate.group.role).toBe('candidate');
  candidate.receive(b, voteAnswer(ofTerm - 1));
  candidate.receive(c, voteAnswer(ofTerm));
  candidate.receive(c, voteAnswer(ofTerm));
  candidate.receive(d, preVoteAnswer(ofTerm + 1));
  candidate.receive(d, preVoteAnswer(ofTerm));
  candidate.receive(stranger, voteAnswer(ofTerm));
  expect(candidate.group.role).toBe('candidate');
  candidate.receive(d, voteAnswer(ofTerm));
  expect(candidate.group.role).toBe('leader');
});

describe('rule 5: pre-votes work between different terms', () => {
  it('rule 5: a leader is elected when the peers are at lower terms', () => {
    const lab = new Lab({ voters: 3, logs: [logOf(7)] });
    const leader = lab.elect(1);
    expect(leader.group.term).toBe(8);
    expect(lab.at(2).group.leader).toBe(a);
  });

  it('rule 5: a grant carries the term that was asked about', () => {
    const voter = new SingleReplica(a, three());
    voter.receive(b, { kind: 'preVote', generation: 1, term: 9, lastIndex: 0, lastTerm: 0 });
    expect(voter.taken('preVoteAnswer', b)).toMatchObject([{ term: 9, isGranted: true }]);
    expect(voter.group.term).toBe(0);
  });
});

it('rule 6: a replica cut off for a hundred timeouts disturbs nobody when it comes back', () => {
  const lab = new Lab({ voters: 3 });
  const leader = lab.elect(1);
  const before = leader.group.term;
  lab.isolate(3);
  lab.pass(100 * leader.config.electionTimeoutMaxUs);
  expect(lab.at(3).group.term).toBe(before);
  lab.heal();
  lab.pass(2 * leader.config.electionTimeoutMaxUs);
  expect([leader.group.role, leader.group.term, lab.at(3).group.leader]).toEqual(['leader', before, a]);
});

it('rule 7: a follower stuck at a higher term costs one election, then it follows', () => {
  const lab = new Lab({ voters: 3 });
  lab.stop(3);
  const before = lab.elect(1).group.term;
  lab.at(3).disk.hardState = { term: term(before + 6), vote: null };
  lab.start(3);
  lab.pass(4_000_000);
  const leaders = lab.leaders();
  expect(leaders.length).toBe(1);
  expect(leaders[0]?.group.term).toBe(before + 7);
  for (const replica of lab.replicas) expect(replica.group.leader).toBe(leaders[0]?.id);
});

it('rule 8: a removed replica that was never told campaigns for ever and moves no term', () => {
  const lab = new Lab({ voters: 4 });
  const leader = lab.elect(1);
  lab.isolate(4);
  expect(leader.group.proposeConfiguration(leader.now, { kind: 'remove', replica: lab.at(4).id }).ok).toBe(true);
  lab.settle();
  const before = leader.group.term;
  lab.heal();
  lab.pass(60_000_000);
  expect(lab.at(4).group.configuration.voters.length).toBe(4);
  expect([leader.group.role, leader.group.term]).toEqual(['leader', before]);
});

it('rule 8: who hears its leader takes no part in the elections of others, however long the log that asks', () => {
  const lab = new Lab({ voters: 3 });
  const follower = lab.at(2);
  const [leader, other] = [lab.elect(1).id, lab.at(3).id];
  const ask = (): number => {
    follower.receive(other, { kind: 'preVote', generation: 1, term: 9, lastIndex: 99, lastTerm: 8 });
    follower.receive(other, { kind: 'vote', generation: 1, term: 9, lastIndex: 99, lastTerm: 8, isTransfer: false });
    return follower.taken('preVoteAnswer').length + follower.taken('voteAnswer').length;
  };
  expect([ask(), follower.group.term, follower.group.leader]).toEqual([0, 1, leader]);
  follower.now = micros(follower.now + follower.config.electionTimeoutMinUs);
  expect([ask(), follower.group.term]).toEqual([2, 9]);
});

describe('rule 9: transfer of leadership', () => {
  it('rule 9: a voter that has everything takes over at once, loyal peers notwithstanding', () => {
    const lab = new Lab({ voters: 3 });
    const leader = lab.elect(1);
    lab.propose(1);
    expect(leader.group.transferLeadership(leader.now, lab.at(2).id).ok).toBe(true);
    lab.settle();
    expect(lab.leaders()).toEqual([lab.at(2)]);
    expect(lab.at(2).group.term).toBe(2);
  });

  it('rule 9: a lagging target is brought up to date first', () => {
    const lab = new Lab({ voters: 3 });
    const leader = lab.elect(1);
    lab.cut(1, 3);
    for (let n = 0; n < 5; n++) lab.propose(1);
    leader.group.transferLeadership(leader.now, lab.at(3).id);
    lab.settle();
    expect(lab.at(3).group.role).toBe('follower');
    lab.heal();
    expect(lab.leaders()).toEqual([lab.at(3)]);
  });

  it('rule 9: a learner and a removed replica are refused', () => {
    const lab = new Lab({ voters: 2, learners: 1, spares: 1 });
    const leader = lab.elect(1);
    for (const n of [3, 4]) {
      expect(leader.group.transferLeadership(leader.now, lab.at(n).id)).toMatchObject({ reject: { code: 'NODE_UNKNOWN' } });
    }
  });

  it('rule 9: proposals are refused meanwhile, and a dead target gives leadership back after one timeout', () => {
    const lab = new Lab({ voters: 3 });
    const leader = lab.elect(1);
    lab.stop(3);
    leader.group.transferLeadership(leader.now, lab.at(3).id);
    lab.settle();
    expect(leader.group.propose(leader.now, new Uint8Array(1))).toMatchObject({ reject: { code: 'NOT_LEADER' } });
    lab.pass(leader.config.electionTimeoutMinUs);
    expect(leader.group.role).toBe('leader');
    const before = leader.group.commitIndex;
    lab.propose(1);
    expect(leader.group.commitIndex).toBe(before + 1);
  });

  it('rule 9: a TimeoutNow of an older term, and a second one, do nothing', () => {
    const lab = new Lab({ voters: 3 });
    const leader = lab.elect(1);
    leader.group.transferLeadership(leader.now, lab.at(2).id);
    lab.settle();
    const { now } = lab.at(2);
    for (let n = 0; n < 2; n++) lab.at(3).group.onMessage(now, a, { kind: 'timeoutNow', generation: 1, term: 1 });
    lab.settle();
    expect(lab.leaders()).toEqual([lab.at(2)]);
    expect(lab.at(3).group.term).toBe(2);
  });

  it('rule 9: a transfer sets aside loyalty, not the check of the log', () => {
    const voter = new SingleReplica(a, three(), { log: logOf(1, 1, 2) });
    voter.receive(b, heartbeat(2));
    voter.receive(c, vote(3, 2, 1, true));
    expect(voter.taken('voteAnswer', c)).toMatchObject([{ term: 3, isGranted: false }]);
  });
});

describe('rule 10: partial links', () => {
  it('rule 10: a chain of partial links has one stable leader', () => {
    const lab = new Lab({ voters: 5 });
    lab.cut(4, 1);
    lab.cut(4, 3);
    lab.cut(4, 5);
    lab.cut(5, 1);
    lab.cut(5, 2);
    lab.pass(20_000_000);
    const leaders = lab.leaders();
    expect(leaders.length).toBe(1);
    const stable = leaders[0]?.group.term;
    lab.pass(60_000_000);
    expect(lab.leaders()).toEqual(leaders);
    expect(leaders[0]?.group.term).toBe(stable);
  });

  it('rule 10: a leader that sends and cannot hear steps down', () => {
    const lab = new Lab({ voters: 3 });
    const leader = lab.elect(1);
    lab.cutOneWay(2, 1);
    lab.cutOneWay(3, 1);
    lab.pass(3 * leader.config.electionTimeoutMinUs);
    expect(leader.group.role).not.toBe('leader');
    lab.pass(5_000_000);
    expect(lab.leaders().length).toBe(1);
    expect(lab.leaders()[0]).not.toBe(leader);
  });
});

it('rule 11: a restarted leader never leads on in its old term', () => {
  const lab = new Lab({ voters: 3 });
  const leader = lab.elect(1);
  const before = leader.group.term;
  leader.restart();
  leader.act();
  expect(leader.group.role).toBe('follower');
  leader.receive(b, { kind: 'appendAck', generation: 1, term: before, seq: 1, match: 1, isRejected: false, hintIndex: 0, hintTerm: 0, isRecovering: false });
  expect(leader.outbox).toEqual([]);
  lab.pass(5_000_000);
  expect(lab.leaders()[0]?.group.term).toBeGreaterThan(before);
});

it('a candidate gives way to a log that is more up to date, by term first and by length then', () => {
  for (const [lastIndex, lastTerm, isGranted] of [[3, 2, true], [4, 2, true], [9, 1, false], [2, 2, false], [1, 3, true]] as const) {
    const voter = new SingleReplica(a, three(), { log: [entryAt(1, 1), entryAt(2, 2), entryAt(3, 2)] });
    voter.receive(b, vote(7, lastIndex, lastTerm));
    expect(voter.taken('voteAnswer', b)).toMatchObject([{ isGranted }]);
  }
});
