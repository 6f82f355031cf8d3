import { describe, expect, it } from 'vitest';
import type { GenerationId, NodeId } from '../../../base/ids.js';
import { type ReplicaId, replicaId } from '../../../base/replica.js';
import { configurationOf } from '../../../raft/configuration.js';
import { FIRST_GENERATION, type GenerationRecord, relate } from './lineage.js';
import { type Outcome, type ParentState, type PastFork, outcomeFor, parentOutcome, siblingOutcome } from './outcome.js';
import { lineagesUpTo, recordOf } from './testing/lineages.js';

const voter = (n: number): ReplicaId => replicaId(`0000000000000000000000000${n}` as NodeId, 1);
const voters = (count: number): ReplicaId[] => Array.from({ length: count }, (_, n) => voter(n + 1));
const subsets = (of: readonly ReplicaId[]): ReplicaId[][] =>
  Array.from({ length: 2 ** of.length }, (_, bits) => of.filter((_replica, n) => (bits >>> n) % 2 === 1));
const leaderless = (all: readonly ReplicaId[], founders: readonly ReplicaId[], stopped: ReadonlyMap<ReplicaId, PastFork>): ParentState => ({
  kind: 'leaderless',
  voters: configurationOf(all),
  founders: new Set(founders),
  stopped,
});

describe('a parent and its child', () => {
  it('a parent that is led yields while only no-ops follow the fork, and wins when more does', () => {
    expect(parentOutcome({ kind: 'led', pastFork: 'no-ops' })).toBe('child-wins');
    expect(parentOutcome({ kind: 'led', pastFork: 'more' })).toBe('parent-wins');
  });

  it('a leaderless one yields to a majority that stopped, with whatever founders there are', () => {
    for (let count = 1; count <= 5; count++) {
      const all = voters(count);
      for (const founders of subsets(all)) {
        for (const others of subsets(all.filter((one) => !founders.includes(one)))) {
          const stopped = new Map(others.map((one) => [one, 'no-ops' as const]));
          const isMajority = (founders.length + others.length) * 2 > count;
          expect(parentOutcome(leaderless(all, founders, stopped))).toBe(isMajority ? 'child-wins' : 'undecided');
        }
      }
    }
  });

  it('needs both majorities of a joint configuration, and counts nobody who did not vote', () => {
    const joint = { voters: voters(3), outgoing: [voter(3), voter(4), voter(5)], learners: [voter(6)] };
    const outcome = (...stopped: number[]): string =>
      parentOutcome({ ...leaderless([], [], new Map(stopped.map((n) => [voter(n), 'no-ops' as const]))), voters: joint } as ParentState);
    expect([outcome(1, 2), outcome(4, 5), outcome(1, 3, 6), outcome(1, 3, 4), outcome(6, 7, 8)]).toEqual([
      'undecided', 'undecided', 'undecided', 'child-wins', 'undecided',
    ]);
  });

  it('never yields what a majority of it has committed past the fork', () => {
    for (let count = 1; count <= 5; count++) {
      const all = voters(count);
      for (const founders of subsets(all)) {
        const rest = all.filter((one) => !founders.includes(one));
        // Founders stop before anything is appended past the fork: none of them can be among those that hold it.
        for (const holders of subsets(rest).filter((held) => held.length * 2 > count)) {
          for (const others of subsets(rest)) {
            const stopped = new Map(others.map((one) => [one, holders.includes(one) ? ('more' as const) : ('no-ops' as const)]));
            expect(parentOutcome(leaderless(all, founders, stopped))).not.toBe('child-wins');
          }
        }
      }
    }
  });

  it('is a conflict when one of those that stopped holds more than no-ops, committed or not', () => {
    const stopped = new Map([[voter(3), 'more' as const]]);
    expect(parentOutcome(leaderless(voters(3), [voter(1), voter(2)], stopped))).toBe('conflict');
  });

  it('is not decided by the view of one voter of several', () => {
    for (let count = 3; count <= 5; count++) {
      for (const one of voters(count)) {
        expect(parentOutcome(leaderless(voters(count), [], new Map([[one, 'no-ops']])))).toBe('undecided');
      }
    }
  });
});

describe('siblings', () => {
  const records = (): GenerationRecord[] =>
    ['A', 'B', 'C'].flatMap((id) => [1, 2, 3].map((count) => recordOf(`${id}${count}` as GenerationId, FIRST_GENERATION, count)));

  it('are told apart by the recorded count, then by the lower id, the same from both sides', () => {
    for (const one of records()) {
      for (const two of records()) {
        const outcome = siblingOutcome(one, two);
        if (one.id === two.id) expect(outcome).toBe('conflict');
        else {
          expect(outcome).toBe(one.memberCount > two.memberCount || (one.memberCount === two.memberCount && one.id < two.id) ? 'first' : 'second');
          expect(siblingOutcome(two, one)).toBe(outcome === 'first' ? 'second' : 'first');
        }
      }
    }
  });

  it('have an order: of any number of them one wins against all others', () => {
    const all = records();
    const winners = all.filter((one) => all.every((two) => one === two || siblingOutcome(one, two) === 'first'));
    expect(winners.map(({ id }) => id)).toEqual(['A3']);
  });

  it('of different parents are none', () => {
    expect(siblingOutcome(recordOf('A' as GenerationId, FIRST_GENERATION), recordOf('B' as GenerationId, 'Z' as GenerationId))).toBe('conflict');
  });
});

describe('the outcome between two lineages', () => {
  const states: (ParentState | null)[] = [
    null,
    { kind: 'led', pastFork: 'no-ops' },
    { kind: 'led', pastFork: 'more' },
    leaderless(voters(3), [voter(1)], new Map()),
    leaderless(voters(3), [voter(1)], new Map([[voter(2), 'no-ops']])),
    leaderless(voters(3), [voter(1)], new Map([[voter(2), 'more']])),
  ];

  it('is never a victory of both, and what one wins the other loses', () => {
    const mirror: Record<Outcome, Outcome> = { same: 'same', 'we-win': 'we-lose', 'we-lose': 'we-win', undecided: 'undecided', conflict: 'conflict' };
    for (const one of lineagesUpTo(3)) {
      for (const two of lineagesUpTo(3)) {
        for (const state of states) {
          const here = outcomeFor(relate(one, two), () => state);
          expect(outcomeFor(relate(two, one), () => state)).toBe(mirror[here]);
        }
      }
    }
  });

  it('asks for the parent only when there is one between them', () => {
    const asked: string[] = [];
    const [one] = lineagesUpTo(1).slice(1);
    for (const two of lineagesUpTo(1)) {
      outcomeFor(relate(one ?? [], two), () => {
        asked.push(two.at(-1)?.id ?? 'first');
        return null;
      });
    }
    expect(asked).toEqual(['first']);
  });
});
