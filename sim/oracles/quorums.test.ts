import { describe, expect, it } from 'vitest';
import { type VoterSets, doQuorumsMeet, isQuorum } from './quorums.js';

const sets = (voters: string, outgoing: string | null = null): VoterSets => ({
  voters: [...voters],
  outgoing: outgoing === null ? null : [...outgoing],
});

/** All subsets of five nodes. */
const SUBSETS = Array.from({ length: 32 }, (_, mask) => [...'abcde'].filter((__, at) => (mask & (1 << at)) !== 0));

describe('quorums', () => {
  it('are majorities, and of both sets in a joint configuration', () => {
    const holds = (those: string) => (voter: string) => those.includes(voter);
    expect(isQuorum(sets('abc'), holds('ab'))).toBe(true);
    expect(isQuorum(sets('abc'), holds('ad'))).toBe(false);
    expect(isQuorum(sets('ab'), holds('a'))).toBe(false);
    expect(isQuorum(sets('abc', 'cde'), holds('abc'))).toBe(false);
    expect(isQuorum(sets('abc', 'cde'), holds('acd'))).toBe(true);
  });

  it('of two plain configurations meet exactly when no two disjoint sets are quorums of them', () => {
    const isDisjoint = (one: readonly string[], other: readonly string[]): boolean => one.every((each) => !other.includes(each));
    const configurations = SUBSETS.filter((subset) => subset.length > 0).map((subset) => sets(subset.join('')));
    for (const one of configurations) {
      for (const other of configurations) {
        const mayPart = SUBSETS.some(
          (left) =>
            isQuorum(one, (voter) => left.includes(voter)) &&
            SUBSETS.some((right) => isDisjoint(left, right) && isQuorum(other, (voter) => right.includes(voter))),
        );
        expect(doQuorumsMeet(one, other), `${one.voters.join('')} ${other.voters.join('')}`).toBe(!mayPart);
      }
    }
  });

  it('of a joint configuration meet those of what it comes from and goes to', () => {
    const joint = sets('cde', 'abc');
    expect(doQuorumsMeet(sets('abc'), sets('cde'))).toBe(false);
    expect(doQuorumsMeet(sets('abc'), joint)).toBe(true);
    expect(doQuorumsMeet(joint, sets('cde'))).toBe(true);
  });
});
