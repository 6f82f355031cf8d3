import { describe, expect, it } from 'vitest';
import type { ReplicaId } from '../base/replica.js';
import { logIndex, term } from '../base/units.js';
import type { Founding, RaftEvent, SealReport } from './api.js';
import { configurationOf, encodeConfiguration } from './configuration.js';
import { freshDisk, replicaNumber } from './testing/in-memory-cluster.js';
import { Lab } from './testing/lab.js';
import { SingleReplica, entryAt, logOf } from './testing/single-replica.js';

const [a, b, c, d] = [1, 2, 3, 4].map(replicaNumber) as [ReplicaId, ReplicaId, ReplicaId, ReplicaId];

const founding = (voters: readonly ReplicaId[], index: number, ofTerm: number, learners: readonly ReplicaId[] = []): Founding => ({
  configuration: configurationOf(voters, learners),
  base: { index: logIndex(index), term: term(ofTerm) },
});

const codeOf = (result: ReturnType<SingleReplica['group']['seal']>): string => (result.ok ? 'ok' : result.reject.code);

function seal(replica: SingleReplica, generation = 1): SealReport {
  expect(codeOf(replica.group.seal(replica.now, generation))).toBe('ok');
  replica.act();
  const report = replica.group.sealReport;
  if (report === null) throw new Error('no report');
  return report;
}

function force(replica: SingleReplica, generation: number, order: Founding): string {
  const code = codeOf(replica.group.force(replica.now, generation, order));
  replica.act();
  return code;
}

const kinds = (events: readonly RaftEvent[]): string[] => events.map((event) => event.kind);

describe('a sealed replica', () => {
  it('rule 32: answers nothing of its generation any more, across restarts', () => {
    const replica = new SingleReplica(a, freshDisk(configurationOf([a, b, c])), { log: logOf(1, 1) });
    seal(replica);
    for (const restarts of [0, 1]) {
      if (restarts === 1) replica.restart();
      replica.receive(b, { kind: 'vote', generation: 1, term: 9, lastIndex: 9, lastTerm: 8, isTransfer: true });
      replica.receive(b, { kind: 'preVote', generation: 1, term: 9, lastIndex: 9, lastTerm: 8 });
      replica.receive(b, { kind: 'heartbeat', generation: 1, term: 9, commit: 2, round: 0, isSilent: false, epoch: 0, offer: 0 });
      replica.receive(b, { kind: 'append', generation: 1, term: 9, seq: 1, prevIndex: 2, prevTerm: 1, commit: 0, entries: [] });
      replica.receive(b, { kind: 'timeoutNow', generation: 1, term: 1 });
      replica.pass(60_000_000);
      expect([replica.outbox, replica.group.term, replica.group.commitIndex]).toEqual([[], 1, 0]);
      expect(replica.group.sealReport).toMatchObject({ generation: 1, last: { index: 2, term: 1 }, commit: 0, damagedThrough: 0 });
    }
  });

  it('rule 32: reports once the seal and its whole log are durable, and says so once', () => {
    const lab = new Lab({ voters: 3 });
    const leader = lab.elect(1);
    lab.propose(1);
    leader.isDiskPrompt = false;
    leader.group.propose(leader.now, new Uint8Array([7]));
    leader.group.seal(leader.now, 1);
    leader.act();
    expect(leader.group.sealReport).toBeNull();
    expect(leader.outbox, 'not even what was about to leave').toEqual([]);
    while (leader.pendingWrites.length > 0) leader.persist();
    const report = leader.group.sealReport;
    expect(report).toMatchObject({ last: { index: 3, term: 1 }, commit: 2 });
    expect(report?.configuration).toEqual(configurationOf([a, b, c]));
    seal(leader);
    expect(kinds(leader.events).filter((kind) => kind === 'sealed')).toEqual(['sealed']);
  });

  it('rule 32: keeps what was held back for a write to itself', () => {
    const replica = new SingleReplica(a, freshDisk(configurationOf([a, b, c])));
    replica.isDiskPrompt = false;
    replica.receive(b, { kind: 'vote', generation: 1, term: 3, lastIndex: 0, lastTerm: 0, isTransfer: false });
    replica.group.seal(replica.now, 1);
    replica.act();
    while (replica.pendingWrites.length > 0) replica.persist();
    expect(replica.outbox).toEqual([]);
    expect(replica.group.sealReport).not.toBeNull();
  });

  it('that led gives its reads up and takes no proposal', () => {
    const lab = new Lab({ voters: 3 });
    const leader = lab.elect(1);
    leader.group.readIndex(leader.now, 5);
    seal(leader);
    expect([leader.group.role, leader.group.leader, leader.lostReads]).toEqual(['follower', null, [5]]);
    expect(leader.group.propose(leader.now, new Uint8Array(1))).toMatchObject({ reject: { code: 'NOT_LEADER' } });
    expect(leader.group.proposeConfiguration(leader.now, { kind: 'remove', replica: b })).toMatchObject({ reject: { code: 'NOT_LEADER' } });
    expect(leader.group.readIndex(leader.now, 6)).toMatchObject({ reject: { code: 'NOT_LEADER' } });
  });

  it('refuses to seal what is over or has not begun', () => {
    const replica = new SingleReplica(a, freshDisk(configurationOf([a])), { log: logOf(1) });
    expect(codeOf(replica.group.seal(replica.now, 2))).toBe('INVALID_ARGUMENT');
    seal(replica);
    force(replica, 2, founding([a], 1, 1));
    expect(codeOf(replica.group.seal(replica.now, 1))).toBe('FENCED');
  });
});

describe('the next generation', () => {
  it('rule 33: two of a group that lost its majority go on, with a new replica, from the longest log', () => {
    const lab = new Lab({ voters: 5, spares: 1, logs: [logOf(1, 1, 1), logOf(1, 1)] });
    for (const n of [3, 4, 5]) lab.stop(n);
    const [one, two] = [lab.at(1), lab.at(2)];
    const reports = [seal(one), seal(two)];
    expect(reports.map(({ last }) => last.index)).toEqual([3, 2]);
    const newcomer = lab.at(6);
    const order = founding([a, b], 3, 1, [newcomer.id]);
    for (const replica of [one, two, newcomer]) expect(force(replica, 2, order)).toBe('ok');
    lab.pass(4_000_000);
    expect(lab.leaders().map(({ id }) => id), 'the longest log leads').toEqual([a]);
    expect(one.group.commitIndex).toBe(4);
    const promotion = one.group.proposeConfiguration(one.now, { kind: 'promote', replica: newcomer.id });
    expect(promotion.ok).toBe(true);
    lab.settle();
    expect(newcomer.group.lastIndex).toBe(5);
    for (const replica of [one, two, newcomer]) {
      replica.restart();
      expect(replica.group.generation).toEqual({ number: 2, isSealed: false, founding: order });
      expect(replica.group.configuration).toEqual(configurationOf([a, b, newcomer.id]));
    }
  });

  it('rule 33: a shorter log never leads, not even with the votes of a majority', () => {
    const lab = new Lab({ voters: 3, logs: [logOf(1, 1, 1), logOf(1, 1), logOf(1, 1)] });
    const order = founding([a, b, c], 3, 1);
    for (const replica of lab.replicas) {
      seal(replica);
      expect(force(replica, 2, order)).toBe('ok');
    }
    lab.stop(1);
    lab.pass(10_000_000);
    expect(lab.leaders()).toEqual([]);
    expect(lab.at(2).taken('vote')).toEqual([]);
    lab.at(2).receive(c, { kind: 'preVote', generation: 2, term: 2, lastIndex: 2, lastTerm: 1 });
    expect(lab.at(2).taken('preVoteAnswer', c)).toMatchObject([{ isGranted: false }]);
    lab.start(1);
    lab.pass(4_000_000);
    expect(lab.leaders().map(({ id }) => id)).toEqual([a]);
  });

  it('rule 32: nothing crosses from the generation before, whatever its term', () => {
    const lab = new Lab({ voters: 3 });
    lab.elect(1);
    const [one, two, other] = [lab.at(1), lab.at(2), lab.at(3)];
    const reports = [seal(one), seal(two)];
    const order = founding([a, b], 1, reports[0]?.last.term ?? 0);
    for (const replica of [one, two]) expect(force(replica, 2, order)).toBe('ok');
    lab.pass(5_000_000);
    other.group.campaign(other.now);
    lab.pass(5_000_000);
    expect(other.group.role, 'alone in its generation').not.toBe('leader');
    expect(lab.leaders().every(({ id }) => id !== c)).toBe(true);
    const leader = lab.leaders()[0] as SingleReplica;
    const before = [leader.group.term, leader.group.commitIndex, leader.group.configuration.voters];
    leader.receive(c, { kind: 'append', generation: 1, term: 99, seq: 1, prevIndex: 0, prevTerm: 0, commit: 9, entries: [] });
    leader.receive(c, { kind: 'vote', generation: 1, term: 99, lastIndex: 99, lastTerm: 98, isTransfer: true });
    leader.receive(c, { kind: 'heartbeatAck', generation: 1, term: 99, round: 0, seq: 0, match: 0, isRecovering: false, restsIn: 0 });
    expect([leader.group.term, leader.group.commitIndex, leader.group.configuration.voters]).toEqual(before);
  });

  it('tells once that a generation has begun of which it was not told', () => {
    const replica = new SingleReplica(a, freshDisk(configurationOf([a, b, c])));
    for (const generation of [3, 3, 2, 5]) {
      replica.receive(b, { kind: 'heartbeat', generation, term: 1, commit: 0, round: 0, isSilent: false, epoch: 0, offer: 0 });
    }
    const told = replica.events.flatMap((event) => (event.kind === 'newer-generation' ? [event.generation] : []));
    expect(told).toEqual([3, 5]);
  });

  it('rule 27: configurations up to the base are void, those after it count', () => {
    const log = [entryAt(1, 1), entryAt(2, 1, 'configuration', encodeConfiguration(configurationOf([a, b, c, d])))];
    const lab = new Lab({ voters: 3, spares: 1, logs: [log, logOf(1)] });
    const [one, two] = [lab.at(1), lab.at(2)];
    const reports = [seal(one), seal(two)];
    expect(reports[0]?.configuration.voters).toEqual([a, b, c, d]);
    const order = founding([a, b], 2, 1);
    for (const replica of [one, two]) expect(force(replica, 2, order)).toBe('ok');
    lab.pass(4_000_000);
    expect(two.group.lastIndex, 'the void entry is replicated').toBe(3);
    for (const replica of [one, two]) {
      expect(replica.group.configuration).toEqual(order.configuration);
      replica.restart();
      expect(replica.group.configuration).toEqual(order.configuration);
    }
  });

  it('rule 27: a snapshot from before the base brings no configuration of its own', () => {
    const lab = new Lab({ voters: 3, spares: 1 });
    const leader = lab.elect(1);
    for (let n = 0; n < 3; n++) lab.propose(1);
    leader.group.compact(leader.now, leader.group.appliedIndex, new Uint8Array([1, 2, 3]));
    leader.act();
    const { last } = seal(leader);
    const newcomer = lab.at(4);
    const order = founding([a], last.index, last.term, [d]);
    for (const replica of [leader, newcomer]) expect(force(replica, 2, order)).toBe('ok');
    lab.pass(4_000_000);
    expect(newcomer.installed.map(({ index }) => index)).toEqual([4]);
    expect(newcomer.group.configuration).toEqual(order.configuration);
    newcomer.restart();
    expect(newcomer.group.configuration).toEqual(order.configuration);
  });

  it('is entered only from a durable seal, by who ends at or before the base, once', () => {
    const replica = new SingleReplica(a, freshDisk(configurationOf([a, b, c])), { log: logOf(1, 1, 2) });
    const order = founding([a, b], 3, 2);
    expect(force(replica, 2, order), 'not sealed').toBe('CONFIG_PENDING');
    replica.isDiskPrompt = false;
    replica.group.seal(replica.now, 1);
    replica.act();
    expect(force(replica, 2, order), 'not durably').toBe('CONFIG_PENDING');
    replica.persist();
    expect(force(replica, 2, founding([a, b], 9, 1)), 'the base is older').toBe('INVALID_ARGUMENT');
    expect(force(replica, 2, { ...order, configuration: configurationOf([]) })).toBe('INVALID_ARGUMENT');
    expect(force(replica, 2, { ...order, configuration: { voters: [a], outgoing: [b], learners: [] } })).toBe('INVALID_ARGUMENT');
    expect(force(replica, 1, order), 'the same generation').toBe('INVALID_ARGUMENT');
    expect([force(replica, 3, order), force(replica, 3, order)]).toEqual(['ok', 'ok']);
    expect(force(replica, 3, founding([a, c], 3, 2)), 'another one').toBe('INVALID_ARGUMENT');
    expect(force(replica, 2, order)).toBe('FENCED');
  });

  it('rule 33: an empty replica enters as a learner, never as a voter', () => {
    const empty = new SingleReplica(b, freshDisk(configurationOf([a, b])));
    expect(force(empty, 2, founding([a, b], 3, 1))).toBe('INVALID_ARGUMENT');
    expect(force(empty, 2, founding([a], 3, 1, [b]))).toBe('ok');
    expect(empty.group.role).toBe('learner');
    empty.pass(60_000_000);
    expect(empty.outbox).toEqual([]);
  });

  it('rule 39: nothing is vouched for in a generation that is not durable', () => {
    const replica = new SingleReplica(b, freshDisk(configurationOf([a, b])), { log: logOf(1, 1) });
    seal(replica);
    replica.isDiskPrompt = false;
    expect(force(replica, 2, founding([a, b], 2, 1))).toBe('ok');
    replica.receive(a, { kind: 'append', generation: 2, term: 1, seq: 1, prevIndex: 2, prevTerm: 1, commit: 0, entries: [] });
    expect(replica.taken('appendAck')).toEqual([]);
    replica.persist();
    expect(replica.taken('appendAck')).toMatchObject([{ generation: 2, match: 2 }]);
  });
});
