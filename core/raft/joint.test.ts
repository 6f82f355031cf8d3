import { describe, expect, it } from 'vitest';
import type { ReplicaId } from '../base/replica.js';
import { logIndex } from '../base/units.js';
import type { Configuration, ConfigurationChange } from './api.js';
import { changedTogether, configurationOf, encodeConfiguration, isQuorum, quorumValue, settled, tally } from './configuration.js';
import { replicaNumber, replicasOf } from './testing/in-memory-cluster.js';
import { Lab } from './testing/lab.js';
import { type SingleReplica, entryAt } from './testing/single-replica.js';

const [a, b, c, d, e] = [1, 2, 3, 4, 5].map(replicaNumber) as [ReplicaId, ReplicaId, ReplicaId, ReplicaId, ReplicaId];

/** The members of `all` whose bits are set. */
const chosen = (all: readonly ReplicaId[], bits: number): ReplicaId[] => all.filter((_id, n) => (bits >> n) & 1);

/** By bits over `all`, which sets are quorums. */
function quorumsOf(configuration: Configuration, all: readonly ReplicaId[]): number[] {
  const sets = Array.from({ length: 1 << all.length }, (_, bits) => bits);
  return sets.filter((bits) => isQuorum(configuration, (id) => ((bits >> all.indexOf(id)) & 1) === 1));
}

const doIntersect = (one: readonly number[], two: readonly number[]): boolean => one.every((x) => two.every((y) => (x & y) !== 0));

/** From those voters to these, everybody else learning. */
function changesTo(from: Configuration, voters: readonly ReplicaId[]): ConfigurationChange[] {
  const joining = voters.filter((id) => !from.voters.includes(id)).map((replica) => ({ kind: 'promote', replica }) as const);
  const leaving = from.voters.filter((id) => !voters.includes(id)).map((replica) => ({ kind: 'demote', replica }) as const);
  return [...joining, ...leaving];
}

describe('every change between any two sets of voters out of five', () => {
  const all = replicasOf(5);

  it('rule 27: has a quorum in common with what was before and with what comes after, and is joint only when it must be', () => {
    let joints = 0;
    for (let before = 1; before < 32; before++) {
      const from = configurationOf(chosen(all, before), chosen(all, ~before & 31));
      const old = quorumsOf(from, all);
      for (let after = 1; after < 32; after++) {
        if (after === before) continue;
        const step = changedTogether(from, changesTo(from, chosen(all, after)), 10);
        if (!step.ok) throw new Error(step.reject.detail);
        const quorums = quorumsOf(step.value, all);
        expect(doIntersect(old, quorums)).toBe(true);
        const end = settled(step.value);
        expect(end).toEqual(configurationOf(chosen(all, after), chosen(all, ~after & 31)));
        expect(doIntersect(quorums, quorumsOf(end, all))).toBe(true);
        if (step.value.outgoing === null) continue;
        joints++;
        expect(step.value.outgoing).toEqual(from.voters);
      }
    }
    expect(joints, '31 * 30 less the 5 neighbours of each, but for the empty set').toBe(31 * 30 - (31 * 5 - 5));
  });
});

describe('every pair of sets of up to four voters', () => {
  const all = replicasOf(4);
  const counts = (set: readonly ReplicaId[], bits: number): boolean => set.filter((id) => (bits >> all.indexOf(id)) & 1).length * 2 > set.length;

  it('rule 31: votes, commits, reads and check-quorum need a majority of either', () => {
    for (let incoming = 1; incoming < 16; incoming++) {
      for (let outgoing = 1; outgoing < 16; outgoing++) {
        const joint = { voters: chosen(all, incoming), outgoing: chosen(all, outgoing), learners: [] };
        for (let bits = 0; bits < 16; bits++) {
          const expected = counts(joint.voters, bits) && counts(joint.outgoing, bits);
          const holds = (id: ReplicaId): boolean => ((bits >> all.indexOf(id)) & 1) === 1;
          expect(isQuorum(joint, holds)).toBe(expected);
          expect(quorumValue(joint, (id) => (holds(id) ? 7 : 3))).toBe(expected ? 7 : 3);
          const granted = new Map(all.filter(holds).map((id) => [id, true]));
          expect(tally(joint, granted) === 'won').toBe(expected);
          const refused = new Map(all.filter(holds).map((id) => [id, false]));
          const canWin = counts(joint.voters, ~bits) && counts(joint.outgoing, ~bits);
          expect(tally(joint, refused)).toBe(canWin ? 'open' : 'lost');
        }
      }
    }
  });
});

/** Voters a, b, c and learners d, e; a leads and everybody is up to date. */
function fiveWithThreeVoters(): { readonly lab: Lab; readonly leader: SingleReplica } {
  const lab = new Lab({ voters: 3, learners: 2 });
  const leader = lab.elect(1);
  lab.pass(400_000);
  return { lab, leader };
}

const REPLACE_TWO: readonly ConfigurationChange[] = [
  { kind: 'promote', replica: d },
  { kind: 'promote', replica: e },
  { kind: 'remove', replica: b },
  { kind: 'demote', replica: c },
];

function propose(replica: SingleReplica, changes: readonly ConfigurationChange[]): string {
  const result = replica.group.proposeConfiguration(replica.now, changes);
  return result.ok ? 'ok' : result.reject.code;
}

describe('rule 31: a joint phase', () => {
  it('rule 31: is entered, committed and left without another word', () => {
    const { lab, leader } = fiveWithThreeVoters();
    expect(propose(leader, REPLACE_TWO)).toBe('ok');
    expect(leader.group.configuration).toEqual({ voters: [a, d, e], outgoing: [a, b, c], learners: [c] });
    lab.settle();
    lab.pass(400_000);
    expect(leader.group.configuration).toEqual(configurationOf([a, d, e], [c]));
    expect(leader.group.commitIndex).toBe(3);
    expect([3, 4, 5].map((n) => lab.at(n).group.role)).toEqual(['learner', 'follower', 'follower']);
  });

  it('rule 31: commits with both majorities only, whichever of them is missing', () => {
    for (const [missing, isOld] of [[[2, 3], true], [[4, 5], false]] as const) {
      const { lab, leader } = fiveWithThreeVoters();
      for (const n of missing) lab.cut(1, n);
      propose(leader, REPLACE_TWO);
      lab.propose(1);
      expect(leader.group.commitIndex, isOld ? 'without the old' : 'without the new').toBe(1);
      expect(leader.group.configuration.outgoing).not.toBeNull();
      lab.heal();
      lab.pass(400_000);
      expect(leader.group.configuration.outgoing).toBeNull();
      expect(leader.group.commitIndex).toBe(4);
    }
  });

  it('rule 31: answers reads with both majorities only', () => {
    for (const missing of [[2, 3], [4, 5]]) {
      const { lab, leader } = fiveWithThreeVoters();
      lab.passes = (_from, _to, message) => message.kind !== 'appendAck';
      propose(leader, REPLACE_TWO);
      lab.settle();
      for (const n of missing) lab.cut(1, n);
      leader.group.readIndex(leader.now, 77);
      lab.settle();
      expect(leader.reads).toEqual([]);
      lab.heal();
      lab.pass(400_000);
      expect(leader.reads.map((read) => read.context)).toEqual([77]);
    }
  });

  it('rule 31: ends the leadership when either majority is not heard any more', () => {
    for (const missing of [[2, 3], [4, 5]]) {
      const { lab, leader } = fiveWithThreeVoters();
      for (const n of missing) lab.cut(1, n);
      propose(leader, REPLACE_TWO);
      lab.settle();
      lab.pass(3_000_000);
      expect(leader.group.role).not.toBe('leader');
      expect(lab.leaders().filter((other) => other.group.configuration.outgoing !== null)).toEqual([]);
    }
  });

  it('rule 31: elects with both majorities only', () => {
    const joint: Configuration = { voters: [a, d, e], outgoing: [a, b, c], learners: [] };
    const log = [entryAt(1, 1, 'configuration', encodeConfiguration(joint))];
    for (const [reached, isEnough] of [[[2, 3], false], [[4, 5], false], [[2, 4], true]] as const) {
      const lab = new Lab({ voters: 3, spares: 2, logs: [log, log, log, log, log] });
      for (const n of [2, 3, 4, 5]) lab.stop(n);
      for (const n of reached) lab.start(n);
      const candidate = lab.at(1);
      candidate.group.campaign(candidate.now);
      lab.settle();
      expect(candidate.group.role === 'leader').toBe(isEnough);
    }
  });

  it('rule 31: whose leader crashes is finished by the next one, once its own no-op is committed', () => {
    const { lab, leader } = fiveWithThreeVoters();
    lab.passes = (_from, _to, message) => message.kind !== 'appendAck';
    propose(leader, REPLACE_TWO);
    lab.settle();
    lab.stop(1);
    lab.passes = () => true;
    lab.pass(6_000_000);
    const [next] = lab.leaders();
    expect([b, c, d, e]).toContain(next?.id);
    expect(next?.group.configuration).toEqual(configurationOf([a, d, e], [c]));
    expect(next?.group.isLeaderReady).toBe(true);
    lab.start(1);
    lab.pass(400_000);
    expect(leader.group.configuration).toEqual(configurationOf([a, d, e], [c]));
  });

  it('rule 31: that only the crashed leader has seen is gone with it', () => {
    const { lab, leader } = fiveWithThreeVoters();
    // One that has something to do does not rest and misses its leader.
    lab.at(2).group.setWork(lab.at(2).now, true);
    lab.isolate(1);
    propose(leader, REPLACE_TWO);
    leader.act();
    expect(leader.group.configuration.outgoing).toEqual([a, b, c]);
    lab.pass(5_000_000);
    lab.heal();
    lab.pass(400_000);
    expect(leader.group.configuration).toEqual(configurationOf([a, b, c], [d, e]));
  });

  it('rule 27: takes no other change until it is over', () => {
    const { lab, leader } = fiveWithThreeVoters();
    lab.cut(1, 4);
    lab.cut(1, 5);
    propose(leader, REPLACE_TWO);
    lab.settle();
    expect(propose(leader, [{ kind: 'remove', replica: c }])).toBe('CONFIG_PENDING');
    lab.heal();
    lab.pass(400_000);
    expect(propose(leader, [{ kind: 'remove', replica: c }])).toBe('ok');
  });

  it('rule 24: is left while everything else is refused', () => {
    const lab = new Lab({ voters: 3, learners: 2, config: { uncommittedBytesMax: 10, inflightBytesMax: 4 * 1024 * 1024 } });
    const leader = lab.elect(1);
    lab.pass(400_000);
    lab.cut(1, 4);
    lab.cut(1, 5);
    propose(leader, REPLACE_TWO);
    leader.group.propose(leader.now, new Uint8Array(10));
    lab.settle();
    expect(leader.group.propose(leader.now, new Uint8Array(1))).toMatchObject({ reject: { code: 'OVERLOADED' } });
    leader.group.transferLeadership(leader.now, d);
    lab.heal();
    lab.pass(400_000);
    expect(leader.group.configuration.outgoing).toBeNull();
  });

  it('rule 27: a snapshot taken in it holds the joint configuration only when that is committed', () => {
    const { lab, leader } = fiveWithThreeVoters();
    lab.cut(1, 4);
    lab.cut(1, 5);
    lab.propose(1);
    propose(leader, REPLACE_TWO);
    lab.settle();
    leader.group.compact(leader.now, leader.group.appliedIndex, new Uint8Array(1));
    leader.act();
    expect(leader.disk.snapshot.configuration).toEqual(configurationOf([a, b, c], [d, e]));
    leader.restart();
    expect(leader.group.configuration.outgoing).toEqual([a, b, c]);
    expect(leader.group.termAt(logIndex(3))).toBe(1);
  });

  it('rule 30: that removes its leader is led to its end, then the leader goes', () => {
    const { lab, leader } = fiveWithThreeVoters();
    expect(propose(leader, [{ kind: 'promote', replica: d }, { kind: 'promote', replica: e }, { kind: 'remove', replica: a }, { kind: 'remove', replica: b }])).toBe('ok');
    lab.settle();
    expect(leader.group.role).toBe('learner');
    expect(leader.group.configuration).toEqual(configurationOf([c, d, e]));
    const marks = leader.events.flatMap((event) => (event.kind === 'notice' && event.notice.kind === 'mark' ? [event.notice.name] : []));
    for (const name of ['raft.joint-entered', 'raft.joint-left', 'raft.leader-removed-itself']) expect(marks).toContain(name);
    lab.pass(400_000);
    const [next] = lab.leaders();
    expect([c, d, e]).toContain(next?.id);
    expect(next?.group.isLeaderReady).toBe(true);
  });
});

describe('several changes at once', () => {
  it('are refused together when one of them does not apply, or nobody would vote', () => {
    const { leader } = fiveWithThreeVoters();
    expect(propose(leader, [])).toBe('INVALID_ARGUMENT');
    expect(propose(leader, [{ kind: 'remove', replica: c }, { kind: 'promote', replica: b }])).toBe('INVALID_ARGUMENT');
    expect(propose(leader, [a, b, c].map((replica) => ({ kind: 'remove', replica }) as const))).toBe('INVALID_ARGUMENT');
    expect(leader.group.configuration).toEqual(configurationOf([a, b, c], [d, e]));
  });

  it('rule 29: are refused when one who is promoted has not caught up, or is not a learner yet', () => {
    const lab = new Lab({ voters: 1, learners: 1, spares: 1, config: { promotionLagMax: 2 } });
    const leader = lab.elect(1);
    lab.isolate(2);
    for (let n = 0; n < 5; n++) lab.propose(1);
    expect(propose(leader, [{ kind: 'promote', replica: b }, { kind: 'add-learner', replica: c }])).toBe('CONFIG_PENDING');
    expect(propose(leader, [{ kind: 'add-learner', replica: c }, { kind: 'promote', replica: c }])).toBe('CONFIG_PENDING');
  });

  it('that replace the only voter work in either order', () => {
    for (const order of [0, 1]) {
      const lab = new Lab({ voters: 1, learners: 1 });
      const leader = lab.elect(1);
      lab.pass(400_000);
      const changes = [{ kind: 'promote', replica: b }, { kind: 'remove', replica: a }] as const;
      expect(propose(leader, order === 0 ? changes : [changes[1], changes[0]])).toBe('ok');
      lab.settle();
      lab.pass(3_000_000);
      expect(lab.at(2).group.role).toBe('leader');
      expect(lab.at(2).group.configuration).toEqual(configurationOf([b]));
    }
  });
});
