import { describe, expect, it } from 'vitest';
import { logIndex } from '../base/units.js';
import { configurationOf } from './configuration.js';
import { Lab } from './testing/lab.js';

const DATA = new Uint8Array([1]);

describe('appends that leave before their leader has flushed', () => {
  it('rule 20: an entry on the majority of the others is committed, and applied here once it is durable here', () => {
    const lab = new Lab({ voters: 3, dataLeavesEarly: true });
    const leader = lab.elect(1);
    leader.isDiskPrompt = false;
    lab.propose(1);
    expect([leader.group.durableIndex, leader.group.commitIndex, leader.applied.length]).toEqual([1, 2, 1]);
    expect(lab.at(2).applied.length).toBe(2);
    leader.persist();
    expect(leader.applied.length).toBe(2);
  });

  it('rule 20: the leader does not count itself before that', () => {
    const lab = new Lab({ voters: 3, dataLeavesEarly: true });
    const leader = lab.elect(1);
    lab.stop(3);
    leader.isDiskPrompt = false;
    lab.propose(1);
    expect([leader.group.matchOf(lab.at(2).id), leader.group.commitIndex]).toEqual([2, 1]);
    leader.persist();
    expect(leader.group.commitIndex).toBe(2);
  });

  it('rule 2: a leader that lost what it had sent does not win against those who have it', () => {
    const lab = new Lab({ voters: 3, dataLeavesEarly: true });
    const leader = lab.elect(1);
    leader.isDiskPrompt = false;
    lab.propose(1);
    expect(leader.group.commitIndex).toBe(2);
    lab.stop(1);
    lab.start(1);
    leader.isDiskPrompt = true;
    expect(leader.group.lastIndex).toBe(1);
    leader.group.campaign(leader.now);
    lab.pass(5_000_000);
    expect(lab.leaders().map(({ id }) => id)).not.toContain(leader.id);
    expect(leader.group.termAt(logIndex(2))).toBe(1);
  });

  it('data waits for the disk where it must, and what comes after it waits with it', () => {
    const lab = new Lab({ voters: 3, spares: 1 });
    const leader = lab.elect(1);
    leader.isDiskPrompt = false;
    leader.group.propose(leader.now, DATA);
    leader.group.proposeConfiguration(leader.now, { kind: 'add-learner', replica: lab.at(4).id });
    lab.settle();
    expect(lab.at(2).group.lastIndex).toBe(1);
    leader.persist();
    lab.settle();
    expect(lab.at(2).group.lastIndex).toBe(3);
  });

  it('configurations wait for nothing, in any group', () => {
    const lab = new Lab({ voters: 3, spares: 1 });
    const leader = lab.elect(1);
    leader.isDiskPrompt = false;
    leader.group.proposeConfiguration(leader.now, { kind: 'add-learner', replica: lab.at(4).id });
    lab.settle();
    expect([leader.group.durableIndex, lab.at(2).group.lastIndex, lab.at(2).group.configuration]).toEqual([
      1, 2, configurationOf([1, 2, 3].map((n) => lab.at(n).id), [lab.at(4).id]),
    ]);
  });

  it('rule 38: what left early and found no space is still led, and is written when there is space', () => {
    const lab = new Lab({ voters: 3, dataLeavesEarly: true });
    const leader = lab.elect(1);
    leader.isDiskPrompt = false;
    lab.propose(1);
    const [write] = leader.pendingWrites.splice(0);
    leader.group.onWriteRefused(leader.now, write?.id ?? 0);
    lab.settle();
    leader.isDiskPrompt = true;
    leader.group.onSpaceFreed(leader.now);
    lab.settle();
    expect([leader.group.durableIndex, leader.group.commitIndex, leader.applied.length]).toEqual([2, 2, 2]);
  });
});
