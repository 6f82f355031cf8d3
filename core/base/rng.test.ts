import { describe, expect, it } from 'vitest';
import { Rng } from './rng.js';

const draws = (rng: Rng, count: number): number[] => Array.from({ length: count }, () => rng.next32());

describe('randomness', () => {
  it('is the same for the same seed, everywhere and for ever', () => {
    expect(draws(Rng.fromSeed('seed'), 4)).toEqual(draws(Rng.fromSeed('seed'), 4));
    expect(draws(Rng.fromSeed('seed'), 4)).toMatchInlineSnapshot(`
      [
        924994712,
        4107124120,
        3538768361,
        2691623391,
      ]
    `);
    expect(draws(Rng.fromSeed('seed').fork('swim').fork('probe'), 2)).toMatchInlineSnapshot(`
      [
        1989351529,
        4210552148,
      ]
    `);
  });

  it('of a fork depends on its name alone, not on what was drawn', () => {
    const one = Rng.fromSeed('seed');
    const two = Rng.fromSeed('seed');
    draws(two, 100);
    two.fork('raft').next32();
    expect(draws(one.fork('swim'), 20)).toEqual(draws(two.fork('swim'), 20));
  });

  it('of differently named forks and seeds has nothing in common', () => {
    const root = Rng.fromSeed('seed');
    const names = ['', 'a', 'b', 'ab', 'ba', 'aa', 'aaaa', 'swim', 'raft', 'swim ', 'Swim', '0', '00', '\u0000'];
    const sources = [...names.map((name) => root.fork(name)), Rng.fromSeed('seee'), Rng.fromSeed('sede'), root];
    const seen = new Set(sources.flatMap((source) => draws(source, 500)));
    // 8,500 draws out of 2^32 collide about 0.008 times; two equal sources would give 500 collisions.
    expect(seen.size).toBeGreaterThan(sources.length * 500 - 5);
  });

  it('is spread evenly in every bit and every bucket', () => {
    const rng = Rng.fromSeed('even');
    const bits = Array.from({ length: 32 }, () => 0);
    const buckets = Array.from({ length: 10 }, () => 0);
    const count = 20_000;
    for (let i = 0; i < count; i++) {
      const word = rng.next32();
      for (let bit = 0; bit < 32; bit++) bits[bit] = (bits[bit] as number) + ((word >>> bit) & 1);
      const bucket = rng.below(10);
      buckets[bucket] = (buckets[bucket] as number) + 1;
    }
    // Five standard deviations: sqrt(20000 / 4) = 71 for a bit, sqrt(20000 * 0.09) = 42 for a bucket.
    for (const ones of bits) expect(Math.abs(ones - count / 2)).toBeLessThan(355);
    for (const hits of buckets) expect(Math.abs(hits - count / 10)).toBeLessThan(212);
  });

  it('stays within its bounds, wide ones included', () => {
    const rng = Rng.fromSeed('bounds');
    let widest = 0;
    for (let i = 0; i < 2_000; i++) {
      expect(rng.below(1)).toBe(0);
      expect([5, 6, 7]).toContain(rng.between(5, 7));
      expect(['a', 'b']).toContain(rng.pick(['a', 'b']));
      const wide = rng.below(Number.MAX_SAFE_INTEGER);
      expect(Number.isSafeInteger(wide) && wide >= 0).toBe(true);
      widest = Math.max(widest, wide);
    }
    expect(widest).toBeGreaterThan(2 ** 52);
    expect([rng.chance(0), rng.chance(1000)]).toEqual([false, true]);
  });

  it('shuffles every order of a short list, and keeps its items', () => {
    const rng = Rng.fromSeed('shuffle');
    const orders = new Set<string>();
    for (let i = 0; i < 500; i++) {
      const list = ['a', 'b', 'c', 'd'];
      rng.shuffle(list);
      orders.add(list.join(''));
      expect([...list].sort((a, b) => (a < b ? -1 : 1)).join('')).toBe('abcd');
    }
    expect(orders.size).toBe(24);
  });

  it('fills any number of bytes', () => {
    const rng = Rng.fromSeed('fill');
    for (const count of [0, 1, 3, 4, 5, 17]) expect(rng.fill(count).length).toBe(count);
    expect(new Set(rng.fill(4_096)).size).toBe(256);
  });
});
