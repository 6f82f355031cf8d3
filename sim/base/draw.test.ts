import { describe, expect, it } from 'vitest';
import { Draws, draw32 } from './draw.js';

const seed = Int32Array.from([1, -2, 3, -4]);

describe('draw32', () => {
  it('depends on every part of its key', () => {
    const base = draw32(seed, 1, 2, 3);
    expect(draw32(seed, 1, 2, 3)).toBe(base);
    expect(draw32(seed, 2, 2, 3)).not.toBe(base);
    expect(draw32(seed, 1, 3, 3)).not.toBe(base);
    expect(draw32(seed, 1, 2, 4)).not.toBe(base);
    expect(draw32(Int32Array.from([1, -2, 3, -5]), 1, 2, 3)).not.toBe(base);
  });
});

describe('Draws', () => {
  it('a thousand more draws for one purpose shift no other', () => {
    const before = new Draws(seed, 'latency', 7);
    const first = Array.from({ length: 20 }, () => before.next32());
    const busy = new Draws(seed, 'loss', 7);
    for (let i = 0; i < 1000; i++) busy.next32();
    const after = new Draws(seed, 'latency', 7);
    expect(Array.from({ length: 20 }, () => after.next32())).toEqual(first);
  });

  it('spreads evenly over a range', () => {
    const draws = new Draws(seed, 'workload', 0);
    const hits = new Array<number>(10).fill(0);
    for (let i = 0; i < 100_000; i++) {
      const at = draws.between(5, 14) - 5;
      hits[at] = (hits[at] as number) + 1;
    }
    for (const count of hits) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });

  it('shuffles without losing or doubling', () => {
    const draws = new Draws(seed, 'topology', 0);
    expect(draws.shuffled([1, 2, 3, 4, 5]).sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5]);
  });
});
