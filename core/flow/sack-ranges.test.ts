import { describe, expect, it } from 'vitest';
import { Rng } from '../base/rng.js';
import { type SackRange, SackRanges } from './sack-ranges.js';

/** What the ranges of a set are, the slow way. */
function rangesOf(seqs: ReadonlySet<number>): SackRange[] {
  const out: { from: number; to: number }[] = [];
  for (const seq of [...seqs].sort((a, b) => a - b)) {
    const last = out[out.length - 1];
    if (last !== undefined && last.to === seq - 1) last.to = seq;
    else out.push({ from: seq, to: seq });
  }
  return out;
}

describe('ranges of early arrivals', () => {
  it('are those of the set, for every order of six numbers', () => {
    const orders = (rest: number[]): number[][] =>
      rest.length === 0
        ? [[]]
        : rest.flatMap((seq) => orders(rest.filter((other) => other !== seq)).map((tail) => [seq, ...tail]));
    for (const order of orders([2, 3, 4, 6, 7, 9])) {
      const ranges = new SackRanges();
      const seqs = new Set<number>();
      for (const seq of order) {
        expect(ranges.add(seq)).toBe(true);
        expect(ranges.add(seq)).toBe(false);
        seqs.add(seq);
        ranges.checkInvariants();
        expect(ranges.lowest(9)).toEqual(rangesOf(seqs));
      }
      expect(ranges.count()).toBe(6);
    }
  });

  it('are those of the set, on random numbers', () => {
    const rng = Rng.fromSeed('ranges');
    for (let round = 0; round < 30; round++) {
      const ranges = new SackRanges();
      const seqs = new Set<number>();
      for (let i = 0; i < 150; i++) {
        const seq = rng.below(200);
        expect(ranges.add(seq)).toBe(!seqs.has(seq));
        seqs.add(seq);
      }
      ranges.checkInvariants();
      expect(ranges.lowest(1_000)).toEqual(rangesOf(seqs));
      expect(ranges.lowest(3)).toEqual(rangesOf(seqs).slice(0, 3));
      ranges.shift();
      expect(ranges.lowest(1_000)).toEqual(rangesOf(seqs).slice(1));
      ranges.clear();
      expect(ranges.isEmpty).toBe(true);
    }
  });
});
