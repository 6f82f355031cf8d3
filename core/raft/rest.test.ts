import { describe, expect, it } from 'vitest';
import type { ReplicaId } from '../base/replica.js';
import { type RaftMessage, REST_OFFERS } from '../wire/raft-messages.js';
import { DEFAULT_RAFT_CONFIG } from './api.js';
import { configurationOf } from './configuration.js';
import { freshDisk, replicaNumber, replicasOf } from './testing/in-memory-cluster.js';
import { Lab } from './testing/lab.js';
import { SingleReplica, entryAt } from './testing/single-replica.js';

const TIMEOUT_US = DEFAULT_RAFT_CONFIG.electionTimeoutMaxUs;
const [a, b, c] = [1, 2, 3].map(replicaNumber) as [ReplicaId, ReplicaId, ReplicaId];

const areAllAtRest = (lab: Lab, which: readonly number[] = lab.replicas.map((_, n) => n + 1)): boolean =>
  which.every((n) => lab.at(n).group.isResting && lab.at(n).heap.armedCount === 0);

/** Three voters, led by the first, with an entry, at rest. */
function resting(voters = 3, options: { readonly learners?: number; readonly isAlwaysLed?: boolean } = {}): Lab {
  const lab = new Lab({ voters, ...options });
  lab.elect(1);
  lab.propose(1);
  lab.pass(2_000_000);
  return lab;
}

describe('rule 45: an idle group', () => {
  it('rule 45: sends nothing, arms no deadline, and knows its leader', () => {
    const lab = resting();
    expect(areAllAtRest(lab)).toBe(true);
    const sent = lab.delivered.length;
    lab.pass(3_600_000_000);
    expect(lab.delivered.length).toBe(sent);
    expect(lab.replicas.map(({ group }) => group.leader)).toEqual([a, a, a]);
    expect(lab.leaders().map(({ id }) => id)).toEqual([a]);
  });

  it('rule 45: rests soon after the last entry, and not before everybody has applied it', () => {
    const lab = new Lab({ voters: 3 });
    lab.elect(1);
    lab.at(3).isApplyPrompt = false;
    lab.propose(1);
    lab.pass(2_000_000);
    expect([lab.at(1).group.isResting, lab.at(3).group.isResting]).toEqual([false, false]);
    expect(lab.at(2).group.isResting, 'one that has all need not wait for the others').toBe(true);
    lab.at(3).group.onApplied(lab.at(3).now, lab.at(3).group.commitIndex);
    lab.pass(DEFAULT_RAFT_CONFIG.restAfterUs);
    expect(areAllAtRest(lab)).toBe(true);
  });

  it('rule 45: wakes as a whole when its leader proposes, and rests again', () => {
    const lab = resting();
    const index = lab.propose(1);
    expect(lab.replicas.map(({ group }) => group.commitIndex)).toEqual([index, index, index]);
    expect(areAllAtRest(lab)).toBe(false);
    lab.pass(2_000_000);
    expect(areAllAtRest(lab)).toBe(true);
  });

  it('rule 45: wakes when its leader reads, and when a follower does', () => {
    for (const asker of [1, 2]) {
      const lab = resting();
      const { group, now } = lab.at(asker);
      expect(group.readIndex(now, 7).ok).toBe(true);
      lab.settle();
      lab.pass(1_000_000);
      expect(lab.at(asker).reads).toEqual([{ context: 7, index: group.commitIndex }]);
      lab.pass(2_000_000);
      expect(areAllAtRest(lab)).toBe(true);
    }
  });

  it('rule 45: does not rest while its leader or a follower has something to do', () => {
    for (const busy of [1, 2]) {
      const lab = resting();
      lab.at(busy).group.setWork(lab.at(busy).now, true);
      lab.settle();
      lab.pass(5_000_000);
      expect(lab.at(busy).group.isResting).toBe(false);
      lab.at(busy).group.setWork(lab.at(busy).now, false);
      lab.pass(2_000_000);
      expect(areAllAtRest(lab)).toBe(true);
      expect(lab.leaders().map(({ id }) => id)).toEqual([a]);
    }
  });
});

describe('rule 45: messages of rest that are lost or late', () => {
  const isOffer = (message: RaftMessage): boolean => message.kind === 'heartbeat' && message.offer !== REST_OFFERS.none;
  const isTaken = (message: RaftMessage): boolean => message.kind === 'heartbeatAck' && message.restsIn > 0;

  it('rule 45: an offer or its answer that is lost is repeated', () => {
    for (const isLost of [isOffer, isTaken]) {
      const lab = new Lab({ voters: 3 });
      lab.elect(1);
      lab.propose(1);
      let left = 7;
      lab.passes = (_from, _to, message) => !isLost(message) || left-- <= 0;
      lab.pass(4_000_000);
      expect(areAllAtRest(lab)).toBe(true);
    }
  });

  it('rule 45: a heartbeat from before the rest wakes nobody', () => {
    const lab = resting();
    const late = lab.delivered.map(({ envelope }) => envelope.message).find((message) => message.kind === 'heartbeat');
    lab.at(2).receive(a, late as RaftMessage);
    expect(areAllAtRest(lab)).toBe(true);
  });

  it('rule 45: an offer from before the waking sends nobody to rest', () => {
    const lab = resting();
    const offer = lab.delivered.map(({ envelope }) => envelope.message).find(isOffer);
    lab.propose(1);
    lab.pass(DEFAULT_RAFT_CONFIG.heartbeatIntervalUs);
    lab.at(2).receive(a, { ...(offer as RaftMessage & { kind: 'heartbeat' }), commit: lab.at(2).group.lastIndex });
    expect(lab.at(2).group.isResting).toBe(false);
  });

  it('rule 45: a replica that lacks an entry takes no offer', () => {
    const follower = new SingleReplica(b, freshDisk(configurationOf([a, b, c])), { log: [entryAt(1, 1)] });
    const beat = { kind: 'heartbeat', generation: 1, term: 1, round: 0, isSilent: false, epoch: 1, offer: REST_OFFERS.whole } as const;
    follower.receive(a, { kind: 'append', generation: 1, term: 1, seq: 1, prevIndex: 1, prevTerm: 1, commit: 1, entries: [] });
    follower.receive(a, { ...beat, commit: 2 });
    expect(follower.taken('heartbeatAck')).toMatchObject([{ restsIn: 0 }]);
    expect(follower.heap.armedCount).toBe(1);
    follower.receive(a, { ...beat, commit: 1 });
    expect(follower.taken('heartbeatAck')).toMatchObject([{ restsIn: 1 }]);
    expect(follower.heap.armedCount).toBe(0);
  });

  it('rule 45: a wake that is lost costs an election timeout, and the leader leads on', () => {
    const lab = resting();
    lab.passes = (_from, _to, message) => message.kind !== 'wake';
    lab.at(2).group.setWork(lab.at(2).now, true);
    lab.settle();
    lab.pass(TIMEOUT_US + 10_000);
    expect([lab.at(1).group.isResting, lab.at(2).group.leader, lab.at(2).group.term]).toEqual([false, a, lab.at(1).group.term]);
  });

  it('rule 45: a leader that rests alone is woken by the timeout of whoever does not', () => {
    const lab = resting();
    // A silent heartbeat of a newer epoch that nobody sent: the follower alone wakes.
    const { term, commitIndex } = lab.at(1).group;
    lab.at(2).receive(a, { kind: 'heartbeat', generation: 1, term, commit: commitIndex, round: 0, isSilent: true, epoch: 99, offer: 0 });
    expect(lab.at(2).group.isResting).toBe(false);
    lab.pass(TIMEOUT_US + 10_000);
    expect([lab.at(1).group.role, lab.at(2).group.leader]).toEqual(['leader', a]);
    lab.pass(3_000_000);
    expect(lab.leaders().map(({ id }) => id)).toEqual([a]);
  });
});

describe('rule 45: a member whose flow begins anew', () => {
  it('rule 45: is not taken for resting once it was sent something', () => {
    const lab = resting();
    lab.at(3).isApplyPrompt = false;
    lab.propose(1);
    lab.pass(1_000_000);
    expect(lab.replicas.map(({ group }) => group.isResting)).toEqual([false, true, false]);
    lab.at(1).group.onPeerLost(lab.at(1).now, lab.at(2).id);
    lab.settle();
    expect(lab.at(2).group.isResting).toBe(false);
    lab.pass(2 * DEFAULT_RAFT_CONFIG.heartbeatIntervalUs);
    expect([lab.at(2).group.isResting, lab.at(1).group.term]).toEqual([true, 1]);
  });
});

describe('rule 45: a laggard', () => {
  it('rule 45: keeps the group awake as long as it is believed present', () => {
    const lab = resting();
    lab.isolate(3);
    lab.propose(1);
    lab.pass(10_000_000);
    expect(lab.at(1).group.isResting).toBe(false);
    lab.heal();
    lab.pass(3_000_000);
    expect(lab.at(3).group.commitIndex).toBe(lab.at(1).group.commitIndex);
    expect(areAllAtRest(lab)).toBe(true);
  });

  it('rule 45: that is dead keeps nobody awake, and is brought up to date when it is back', () => {
    const lab = resting();
    lab.isolate(3);
    lab.propose(1);
    lab.believe(3, false);
    lab.pass(3_000_000);
    expect(areAllAtRest(lab, [1, 2])).toBe(true);
    lab.heal();
    lab.believe(3, true);
    lab.pass(3_000_000);
    expect(lab.at(3).group.commitIndex).toBe(lab.at(1).group.commitIndex);
    expect(areAllAtRest(lab)).toBe(true);
  });

  it('rule 45: is brought up to date by the others when the leader has died since', () => {
    for (const isLeaderLostFirst of [true, false]) {
      const lab = resting();
      lab.isolate(3);
      const index = lab.propose(1);
      lab.believe(3, false);
      lab.pass(3_000_000);
      lab.stop(1);
      if (isLeaderLostFirst) lab.believe(1, false);
      lab.heal();
      lab.believe(3, true);
      if (!isLeaderLostFirst) lab.believe(1, false);
      lab.pass(3 * TIMEOUT_US);
      expect(lab.at(3).group.commitIndex).toBeGreaterThanOrEqual(index);
    }
  });
});

describe('rule 46: when a node dies under a group at rest', () => {
  it('rule 46: the others rest on until somebody has something to propose, and then elect within two timeouts', () => {
    const lab = resting();
    lab.stop(1);
    lab.believe(1, false);
    const sent = lab.delivered.length;
    lab.pass(60_000_000);
    expect(lab.delivered.length).toBe(sent);
    expect(areAllAtRest(lab, [2, 3])).toBe(true);
    lab.at(3).group.setWork(lab.at(3).now, true);
    lab.settle();
    expect(lab.at(3).group.role, 'nobody is waited for who is known to be gone').toBe('leader');
    lab.propose(3);
  });

  it('rule 46: a leader that dies unnoticed is replaced within two timeouts of the first wish', () => {
    const lab = resting();
    lab.stop(1);
    lab.at(2).group.setWork(lab.at(2).now, true);
    lab.settle();
    lab.pass(2 * TIMEOUT_US);
    expect(lab.leaders().length).toBe(1);
  });

  it('rule 46: a leader that restarts unnoticed wakes the others no more than it takes to lead again', () => {
    const lab = resting();
    lab.stop(1);
    lab.start(1);
    lab.pass(2 * TIMEOUT_US);
    expect(lab.leaders().length).toBe(1);
    lab.pass(2_000_000);
    expect(areAllAtRest(lab)).toBe(true);
  });

  it('rule 46: a follower that restarts takes the leadership from nobody', () => {
    const lab = resting();
    const { term } = lab.at(1).group;
    lab.stop(3);
    lab.start(3);
    lab.pass(2 * TIMEOUT_US);
    expect(lab.replicas.map(({ group }) => [group.leader, group.term])).toEqual([a, a, a].map((leader) => [leader, term]));
  });

  it('rule 46: elections of many groups are spread over the shortest timeout', () => {
    const wakes = Array.from({ length: 100 }, (_, n) => {
      const replica = new SingleReplica(replicasOf(3 + (n % 20))[2 + (n % 20)] as ReplicaId, freshDisk(configurationOf(replicasOf(3 + (n % 20)))));
      const follow = { generation: 1, term: 1 } as const;
      replica.receive(a, { kind: 'append', ...follow, seq: 1, prevIndex: 0, prevTerm: 0, commit: 0, entries: [] });
      replica.receive(a, { kind: 'heartbeat', ...follow, commit: 0, round: 0, isSilent: false, epoch: 1, offer: REST_OFFERS.partial });
      expect(replica.group.isResting).toBe(true);
      replica.absent.add(a);
      replica.group.onPresence(replica.now, a);
      return replica.heap.next() - replica.now;
    });
    expect(Math.max(...wakes)).toBeLessThanOrEqual(DEFAULT_RAFT_CONFIG.electionTimeoutMinUs);
    expect(new Set(wakes).size).toBeGreaterThan(15);
  });

  it('rule 46: voters whose majority is gone rest, and go on when it is back', () => {
    const lab = resting(2);
    lab.stop(2);
    lab.propose(1);
    lab.pass(3_000_000);
    expect(lab.at(1).group.isResting).toBe(false);
    lab.believe(2, false);
    lab.pass(3 * TIMEOUT_US);
    expect(areAllAtRest(lab, [1])).toBe(true);
    lab.start(2);
    lab.believe(2, true);
    lab.pass(3 * TIMEOUT_US);
    expect(lab.at(2).group.commitIndex).toBe(lab.at(1).group.lastIndex);
  });

  it('rule 46: with something to do they go on trying', () => {
    const lab = resting(2);
    lab.stop(2);
    lab.at(1).group.setWork(lab.at(1).now, true);
    lab.propose(1);
    lab.believe(2, false);
    lab.pass(10_000_000);
    expect(lab.at(1).group.isResting).toBe(false);
  });
});

describe('rest and others', () => {
  it('rule 8: a removed member that was never told wakes nobody', () => {
    const lab = resting();
    lab.isolate(3);
    expect(lab.at(1).group.proposeConfiguration(lab.at(1).now, { kind: 'remove', replica: c }).ok).toBe(true);
    lab.settle();
    lab.pass(2_000_000);
    expect(areAllAtRest(lab, [1, 2])).toBe(true);
    lab.heal();
    const { term } = lab.at(1).group;
    lab.at(3).group.setWork(lab.at(3).now, true);
    lab.settle();
    lab.pass(20_000_000);
    expect([areAllAtRest(lab, [1, 2]), lab.at(1).group.term]).toEqual([true, term]);
  });

  it('rule 47: a heartbeat of a stale term leaves the timer untouched', () => {
    const follower = new SingleReplica(b, freshDisk(configurationOf([a, b, c])));
    const beat = { kind: 'heartbeat', generation: 1, commit: 0, round: 0, isSilent: false, epoch: 0, offer: 0 } as const;
    follower.receive(a, { ...beat, term: 5 });
    const due = follower.heap.next();
    follower.pass(100_000);
    follower.receive(c, { ...beat, term: 4 });
    expect(follower.heap.next()).toBe(due);
    follower.pass(due - follower.now);
    expect(follower.group.role, 'nobody was heard').toBe('pre-candidate');
  });

  it('learners of a group that is always led rest, its voters beat on and notice the end of their leader', () => {
    const lab = resting(3, { learners: 2, isAlwaysLed: true });
    expect(areAllAtRest(lab, [4, 5])).toBe(true);
    expect(areAllAtRest(lab, [1])).toBe(false);
    const from = lab.delivered.length;
    lab.pass(1_000_000);
    const learners = new Set([lab.at(4).id, lab.at(5).id]);
    expect(lab.delivered.slice(from).filter(({ envelope }) => learners.has(envelope.to))).toEqual([]);
    lab.stop(1);
    lab.pass(3 * TIMEOUT_US);
    expect(lab.leaders().length).toBe(1);
    expect(lab.at(5).group.leader).toBe(lab.leaders()[0]?.id);
  });

  it('a learner at rest that has something to do asks until it is heard', () => {
    const lab = resting(3, { learners: 1 });
    let lost = 0;
    lab.passes = (_from, _to, message) => message.kind !== 'wake' || lost++ >= 3;
    lab.at(4).group.setWork(lab.at(4).now, true);
    lab.settle();
    expect(lab.at(1).group.isResting).toBe(true);
    lab.pass(TIMEOUT_US + 10_000);
    expect(lab.at(1).group.isResting).toBe(false);
  });
});
