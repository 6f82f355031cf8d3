import { describe, expect, it } from 'vitest';
import type { ReplicaId } from '../base/replica.js';
import { RaftMessage } from '../wire/raft-messages.js';
import { Lab, type LabOptions } from './testing/lab.js';

/** Five voters and some learners; replica 1 leads, and everybody replicates. */
function mesh(learners: number, more: Partial<LabOptions> = {}): Lab {
  const lab = new Lab({ voters: 5, learners, isAlwaysLed: true, dataLeavesEarly: true, ...more });
  lab.elect(1);
  lab.propose(1);
  lab.pass(1_000_000);
  lab.delivered.length = 0;
  return lab;
}

const kinds = (lab: Lab, from: number): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const each of lab.delivered) {
    if (each.from !== lab.at(from).id) continue;
    const { kind } = each.envelope.message;
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
};
const bytesFrom = (lab: Lab, from: number): number => {
  let bytes = 0;
  for (const each of lab.delivered) if (each.from === lab.at(from).id) bytes += RaftMessage.encode(each.envelope.message).length;
  return bytes;
};
const appliedBy = (lab: Lab): number[] => lab.replicas.map(({ group }) => group.appliedIndex);
const learnersOf = (lab: Lab): ReplicaId[] => lab.replicas.slice(5).map(({ id }) => id);

describe('learners', () => {
  it('get what is committed over the voters, evenly, and answer the leader', () => {
    const lab = mesh(8);
    const index = lab.propose(1);
    expect(appliedBy(lab)).toEqual(lab.replicas.map(() => index));
    const learners = new Set(learnersOf(lab));
    const direct = lab.delivered.filter(({ from, envelope }) => from === lab.at(1).id && envelope.message.kind === 'append' && learners.has(envelope.to));
    expect(direct).toEqual([]);
    expect([2, 3, 4, 5].map((n) => kinds(lab, n)['relayed'])).toEqual([2, 2, 2, 2]);
    const acks = lab.delivered.filter(({ from, envelope }) => learners.has(from) && envelope.message.kind === 'appendAck');
    expect(new Set(acks.map(({ envelope }) => envelope.to))).toEqual(new Set([lab.at(1).id]));
    expect(acks).toHaveLength(8);
  });

  it('never get from a voter what is not committed', () => {
    const lab = mesh(4);
    // A quorum is away: nothing commits.
    for (const n of [3, 4, 5]) lab.stop(n);
    lab.propose(1);
    expect(kinds(lab, 2)['relayed']).toBe(undefined);
    expect(new Set(learnersOf(lab).map((_, n) => lab.at(6 + n).group.lastIndex)).size).toBe(1);
    expect(lab.at(6).group.lastIndex).toBeLessThan(lab.at(1).group.lastIndex);
  });

  it('refuse from a voter what it does not call committed', () => {
    const lab = mesh(4);
    const [voter, learner] = [lab.at(2), lab.at(6)];
    const { term, lastIndex } = learner.group;
    const [node, replica] = [lab.at(1).id.split('.')[0], 1];
    const entry = { term, kind: 1, bytes: new Uint8Array(1) };
    const message = { kind: 'relayed', generation: 1, term, seq: 99, prevIndex: lastIndex, prevTerm: term, commit: lastIndex, entries: [entry], leader: { node, replica } };
    learner.group.onMessage(learner.now, voter.id, message as RaftMessage);
    expect(learner.group.lastIndex).toBe(lastIndex);
  });

  it('are served by the leader when they are few', () => {
    const lab = mesh(2);
    lab.propose(1);
    expect([2, 3, 4, 5].map((n) => kinds(lab, n)['relayed'])).toEqual([undefined, undefined, undefined, undefined]);
    expect(new Set(appliedBy(lab)).size).toBe(1);
  });

  it('are served all the same when a relay dies, or loses what it was to send', () => {
    const lab = mesh(8);
    lab.stop(2);
    lab.propose(1);
    lab.pass(4_000_000);
    const alive = lab.replicas.filter((_, n) => n !== 1);
    expect(new Set(alive.map(({ group }) => group.appliedIndex)).size).toBe(1);
    // From now on one voter's relays are lost, without a word.
    lab.passes = (from, _to, message) => from !== lab.at(3).id || message.kind !== 'relayed';
    for (let n = 0; n < 5; n++) lab.propose(1);
    lab.pass(6_000_000);
    expect(new Set(alive.map(({ group }) => group.appliedIndex)).size).toBe(1);
  });

  it('go on under the next leader', () => {
    const lab = mesh(8);
    for (let n = 0; n < 20; n++) lab.propose(1);
    expect(lab.at(1).group.transferLeadership(lab.at(1).now, lab.at(4).id).ok).toBe(true);
    lab.settle();
    lab.pass(2_000_000);
    expect(lab.leaders().map(({ id }) => id)).toEqual([lab.at(4).id]);
    lab.delivered.length = 0;
    const index = lab.propose(4);
    lab.pass(1_000_000);
    expect(appliedBy(lab)).toEqual(lab.replicas.map(() => index));
    expect(kinds(lab, 1)['relayed']).toBeGreaterThan(0);
  });

  it('stop being relayed to as soon as they vote', () => {
    const lab = mesh(4);
    const leader = lab.at(1);
    leader.group.proposeConfiguration(leader.now, { kind: 'promote', replica: lab.at(6).id });
    lab.settle();
    lab.pass(1_000_000);
    lab.delivered.length = 0;
    const index = lab.propose(1);
    const toNew = lab.delivered.filter(({ envelope }) => envelope.to === lab.at(6).id).map(({ envelope }) => envelope.message.kind);
    expect([toNew.includes('append'), toNew.includes('relayed')]).toEqual([true, false]);
    expect(appliedBy(lab)).toEqual(lab.replicas.map(() => index));
  });
});

describe("a leader's uplink", () => {
  it('carries an update of 1 MB to 4 voters and 20 learners as often as there are voters', () => {
    const send = (relayLearnersMin: number): number => {
      const lab = mesh(20, { config: { relayLearnersMin } });
      for (let n = 0; n < 10; n++) lab.propose(1, new Uint8Array(100_000));
      lab.pass(1_000_000);
      expect(new Set(appliedBy(lab)).size).toBe(1);
      return bytesFrom(lab, 1);
    };
    const [direct, relayed] = [send(1_000), send(3)];
    expect(direct).toBeGreaterThan(24_000_000);
    expect(relayed).toBeLessThan(4_200_000);
  });
});
