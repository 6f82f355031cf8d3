import { describe, expect, it } from 'vitest';
import { type ReplicaId, nodeOfReplica, replicaId } from '../base/replica.js';
import { logIndex } from '../base/units.js';
import type { RaftMessage } from '../wire/raft-messages.js';
import { configurationOf, encodeConfiguration } from './configuration.js';
import { freshDisk, replicaNumber } from './testing/in-memory-cluster.js';
import { Lab } from './testing/lab.js';
import { SingleReplica, entryAt, logOf } from './testing/single-replica.js';

const [a, b, c, d] = [1, 2, 3, 4].map(replicaNumber) as [ReplicaId, ReplicaId, ReplicaId, ReplicaId];

describe('rule 26: a new leader and the configuration', () => {
  it("rule 26: it is not changed before the term's no-op is committed", () => {
    const lab = new Lab({ voters: 3 });
    const leader = lab.at(1);
    lab.passes = (_from, _to, message) => message.kind !== 'append';
    lab.elect(1);
    const change = { kind: 'remove', replica: b } as const;
    expect(leader.group.proposeConfiguration(leader.now, change)).toMatchObject({ reject: { code: 'CONFIG_PENDING' } });
    lab.passes = () => true;
    lab.heal();
    expect(leader.group.isLeaderReady).toBe(true);
    expect(leader.group.proposeConfiguration(leader.now, change).ok).toBe(true);
  });
});

describe('rule 27: one change at a time', () => {
  it('rule 27: a second change waits for the first one to commit', () => {
    const lab = new Lab({ voters: 3, spares: 2 });
    const leader = lab.elect(1);
    lab.cut(1, 2);
    lab.cut(1, 3);
    expect(leader.group.proposeConfiguration(leader.now, { kind: 'add-learner', replica: d }).ok).toBe(true);
    lab.settle();
    const second = { kind: 'add-learner', replica: replicaNumber(5) } as const;
    expect(leader.group.proposeConfiguration(leader.now, second)).toMatchObject({ reject: { code: 'CONFIG_PENDING' } });
    lab.heal();
    expect(leader.group.proposeConfiguration(leader.now, second).ok).toBe(true);
  });

  it('rule 27: members and the size of the quorum change together, at append', () => {
    const lab = new Lab({ voters: 3 });
    const leader = lab.elect(1);
    lab.stop(3);
    expect(leader.group.proposeConfiguration(leader.now, { kind: 'remove', replica: c }).ok).toBe(true);
    expect(leader.group.configuration.voters).toEqual([a, b]);
    lab.settle();
    expect(leader.group.matchOf(c)).toBeNull();
    lab.stop(2);
    lab.propose(1);
    expect(leader.group.commitIndex, 'two of two are needed now').toBe(2);
  });

  it('rule 27: a truncation brings back the configuration before', () => {
    const lab = new Lab({ voters: 3 });
    const leader = lab.elect(1);
    lab.isolate(1);
    leader.group.proposeConfiguration(leader.now, { kind: 'remove', replica: c });
    leader.act();
    expect(leader.group.configuration.voters.length).toBe(2);
    lab.pass(5_000_000);
    expect(lab.leaders().length).toBe(1);
    lab.heal();
    lab.pass(400_000);
    expect(leader.group.configuration.voters).toEqual([a, b, c]);
  });

  it('rule 27: a snapshot holds the configuration committed at its index, not a newer one', () => {
    const lab = new Lab({ voters: 3 });
    const leader = lab.elect(1);
    lab.propose(1);
    lab.cut(1, 2);
    lab.cut(1, 3);
    leader.group.proposeConfiguration(leader.now, { kind: 'remove', replica: c });
    leader.act();
    leader.group.compact(leader.now, leader.group.appliedIndex, new Uint8Array(1));
    leader.act();
    expect(leader.disk.snapshot.configuration.voters).toEqual([a, b, c]);
    leader.restart();
    expect(leader.group.configuration.voters).toEqual([a, b]);
  });
});

it('rule 28: a learner that is asked to vote, votes', () => {
  const learner = new SingleReplica(c, freshDisk(configurationOf([a, b], [c])));
  expect(learner.group.role).toBe('learner');
  learner.receive(a, { kind: 'preVote', generation: 1, term: 3, lastIndex: 0, lastTerm: 0 });
  learner.receive(a, { kind: 'vote', generation: 1, term: 3, lastIndex: 0, lastTerm: 0, isTransfer: false });
  expect(learner.taken('preVoteAnswer', a)).toMatchObject([{ isGranted: true }]);
  expect(learner.taken('voteAnswer', a)).toMatchObject([{ isGranted: true }]);
  learner.pass(60_000_000);
  expect(learner.outbox, 'and never campaigns').toEqual([]);
});

describe('rule 29: learners', () => {
  it('rule 29: promotion is refused until the learner has caught up', () => {
    const lab = new Lab({ voters: 3, learners: 1, config: { promotionLagMax: 2 } });
    const leader = lab.elect(1);
    lab.isolate(4);
    for (let n = 0; n < 5; n++) lab.propose(1);
    const change = { kind: 'promote', replica: d } as const;
    expect(leader.group.proposeConfiguration(leader.now, change)).toMatchObject({ reject: { code: 'CONFIG_PENDING' } });
    lab.heal();
    lab.pass(400_000);
    expect(leader.group.proposeConfiguration(leader.now, change).ok).toBe(true);
    lab.settle();
    expect(lab.at(4).group.role).toBe('follower');
    expect(lab.at(4).group.configuration.voters).toEqual([a, b, c, d]);
  });

  it('rule 29: a dead learner blocks no commit', () => {
    const lab = new Lab({ voters: 3, learners: 2 });
    const leader = lab.elect(1);
    lab.stop(4);
    lab.stop(5);
    const before = leader.group.commitIndex;
    lab.propose(1);
    lab.pass(10_000_000);
    expect([leader.group.role, leader.group.commitIndex]).toEqual(['leader', before + 1]);
  });

  it('rule 29: a learner gets the whole log and its commits', () => {
    const lab = new Lab({ voters: 1, spares: 1 });
    const leader = lab.elect(1);
    for (let n = 0; n < 4; n++) lab.propose(1);
    leader.group.proposeConfiguration(leader.now, { kind: 'add-learner', replica: b });
    lab.settle();
    lab.pass(400_000);
    expect(lab.at(2).applied.map((entry) => entry.index)).toEqual([1, 2, 3, 4, 5, 6]);
  });
});

describe('rule 30: a leader that removes itself', () => {
  it('rule 30: replicates the removal until it is committed, then steps down; later entries survive', () => {
    const lab = new Lab({ voters: 3 });
    const leader = lab.elect(1);
    lab.cut(1, 3);
    leader.group.proposeConfiguration(leader.now, { kind: 'remove', replica: a });
    leader.group.propose(leader.now, new Uint8Array([42]));
    lab.settle();
    expect(leader.group.role, 'b alone is no majority of b and c').toBe('leader');
    lab.heal();
    expect(leader.group.role).toBe('learner');
    lab.pass(3_000_000);
    const next = lab.leaders()[0];
    expect([b, c]).toContain(next?.id);
    expect(next?.applied.some((entry) => entry.bytes[0] === 42)).toBe(true);
    expect(next?.group.configuration.voters).toEqual([b, c]);
  });

  it('rule 30: before the removal is committed the leaving replica may be needed, and leads without counting itself', () => {
    const removal = entryAt(2, 1, 'configuration', encodeConfiguration(configurationOf([b])));
    const lab = new Lab({ voters: 2, logs: [[entryAt(1, 1), removal, entryAt(3, 1)], logOf(1)] });
    expect(lab.at(1).group.role).toBe('learner');
    lab.pass(5_000_000);
    expect(lab.at(2).group.role, 'b has the longer log from a, then leads alone').toBe('leader');
    expect(lab.at(2).group.configuration.voters).toEqual([b]);
    expect(lab.at(2).group.termAt(logIndex(3))).toBe(1);
  });
});

describe('rule 33: a wiped disk is a new replica', () => {
  it('rule 33: it has no vote where its node had one, and its answers count for nothing', () => {
    const wiped = replicaId(nodeOfReplica(c), 2);
    const replica = new SingleReplica(wiped, freshDisk(configurationOf([a, b, c])));
    replica.pass(60_000_000);
    expect(replica.outbox).toEqual([]);
    const candidate = new SingleReplica(a, freshDisk(configurationOf([a, b, c])));
    candidate.group.campaign(candidate.now);
    candidate.act();
    candidate.receive(wiped, { kind: 'preVoteAnswer', generation: 1, term: 1, isGranted: true });
    expect(candidate.group.role).toBe('pre-candidate');
  });

  it('rule 33: messages of another generation of the group change nothing', () => {
    const replica = new SingleReplica(a, freshDisk(configurationOf([a, b, c])));
    const others: RaftMessage[] = [
      { kind: 'vote', generation: 2, term: 9, lastIndex: 9, lastTerm: 8, isTransfer: true },
      { kind: 'heartbeat', generation: 2, term: 9, commit: 0, round: 0, isSilent: false, epoch: 0, offer: 0 },
      { kind: 'append', generation: 2, term: 9, seq: 1, prevIndex: 0, prevTerm: 0, commit: 0, entries: [{ term: 9, kind: 1, bytes: new Uint8Array(1) }] },
    ];
    for (const message of others) replica.receive(b, message);
    expect([replica.group.term, replica.group.lastIndex, replica.outbox]).toEqual([0, 0, []]);
    const counted = replica.events.filter((event) => event.kind === 'notice' && event.notice.kind === 'count' && event.notice.name === 'raft.other-generation');
    expect(counted.length).toBe(3);
  });
});

describe('changes that do not apply', () => {
  it('are refused with what is wrong', () => {
    const lab = new Lab({ voters: 1, learners: 1, config: { membersMax: 2 } });
    const leader = lab.elect(1);
    const code = (kind: 'add-learner' | 'promote' | 'demote' | 'remove', replica: ReplicaId): string => {
      const result = leader.group.proposeConfiguration(leader.now, { kind, replica });
      return result.ok ? 'ok' : result.reject.code;
    };
    expect(code('add-learner', b)).toBe('INVALID_ARGUMENT');
    expect(code('add-learner', c)).toBe('TOO_MANY');
    expect(code('promote', a)).toBe('INVALID_ARGUMENT');
    expect(code('demote', b)).toBe('INVALID_ARGUMENT');
    expect(code('remove', a), 'the last voter').toBe('INVALID_ARGUMENT');
    expect(code('remove', d)).toBe('INVALID_ARGUMENT');
    expect(code('remove', b)).toBe('ok');
  });
});

it('rule 52: with one of two down writes wait, nothing is committed falsely, and it goes on when both are back', () => {
  const lab = new Lab({ voters: 2 });
  const leader = lab.elect(1);
  const before = leader.group.commitIndex;
  lab.stop(2);
  leader.group.propose(leader.now, new Uint8Array([1]));
  lab.pass(10_000_000);
  expect([leader.group.commitIndex, leader.applied.length]).toEqual([before, before]);
  expect(leader.group.role).not.toBe('leader');
  expect(leader.group.propose(leader.now, new Uint8Array([2]))).toMatchObject({ reject: { code: 'NOT_LEADER' } });
  lab.start(2);
  lab.pass(5_000_000);
  expect(lab.leaders().length).toBe(1);
  expect(leader.group.commitIndex).toBeGreaterThan(before);
});
