import { describe, expect, it } from 'vitest';
import type { GenerationId } from '../../../base/ids.js';
import { logIndex, term } from '../../../base/units.js';
import { FIRST_GENERATION, type GenerationRecord, type Lineage, extended, isSoundLineage, newestOf, relate } from './lineage.js';
import { lineagesUpTo, recordOf } from './testing/lineages.js';

describe('a lineage', () => {
  it('is sound when each founding follows the one before it', () => {
    for (const lineage of lineagesUpTo(3)) expect(isSoundLineage(lineage)).toBe(true);
    const [a, b] = ['A', 'B'] as unknown as [GenerationId, GenerationId];
    expect(isSoundLineage([recordOf(a, b)])).toBe(false);
    expect(isSoundLineage([recordOf(a, FIRST_GENERATION), recordOf(b, FIRST_GENERATION)])).toBe(false);
    expect(isSoundLineage([recordOf(a, FIRST_GENERATION), recordOf(a, a)])).toBe(false);
    expect(isSoundLineage([recordOf(FIRST_GENERATION, FIRST_GENERATION)])).toBe(false);
    expect(isSoundLineage([{ ...recordOf(a, FIRST_GENERATION), memberCount: 0 }])).toBe(false);
  });

  it('grows by foundings in its newest generation only', () => {
    const first = extended([], recordOf('A' as GenerationId, FIRST_GENERATION));
    expect(newestOf([])).toBe(FIRST_GENERATION);
    expect(newestOf(extended(first, recordOf('B' as GenerationId, 'A' as GenerationId)))).toBe('B');
    expect(() => extended(first, recordOf('B' as GenerationId, FIRST_GENERATION))).toThrow('a generation is founded in the newest one');
  });

  it('stands to every other one as that one stands to it, and parts from it where it does', () => {
    for (const one of lineagesUpTo(3)) {
      for (const two of lineagesUpTo(3)) {
        const here = relate(one, two);
        const there = relate(two, one);
        expect(MIRROR[here.kind]).toBe(there.kind);
        expect(here.kind).toBe(expected(one, two));
        if (here.kind === 'ancestor') expect(here.child).toEqual(two[one.length]);
        if (here.kind === 'siblings' && there.kind === 'siblings') {
          expect([here.ours, here.theirs]).toEqual([there.theirs, there.ours]);
          expect(here.ours.parent).toBe(here.theirs.parent);
        }
      }
    }
  });

  it('contradicts another one in which the same id names another founding', () => {
    const one = recordOf('A' as GenerationId, FIRST_GENERATION);
    for (const other of [{ ...one, memberCount: 9 }, { ...one, fork: { index: logIndex(1), term: term(9) } }]) {
      expect(relate([one], [other])).toEqual({ kind: 'contradiction', id: 'A' });
    }
  });
});

const MIRROR = { same: 'same', ancestor: 'descendant', descendant: 'ancestor', siblings: 'siblings', contradiction: 'contradiction' };

function expected(one: Lineage, two: Lineage): string {
  const isPrefix = (short: Lineage, long: Lineage): boolean => short.every((record: GenerationRecord, n) => record.id === long[n]?.id);
  if (one.length === two.length && isPrefix(one, two)) return 'same';
  if (isPrefix(one, two)) return 'ancestor';
  return isPrefix(two, one) ? 'descendant' : 'siblings';
}
