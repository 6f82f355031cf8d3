import { describe, expect, it } from 'vitest';
import { Rng } from '../../base/rng.js';
import { RecentResults } from './recent-results.js';

describe('recent results', () => {
  it('are those of a plain list of the newest, whatever was left out, also after a row', () => {
    for (let seed = 0; seed < 50; seed++) {
      const rng = Rng.fromSeed(`results ${seed}`);
      const countMax = rng.between(1, 40);
      let results = new RecentResults(countMax);
      let plain: { producerSeq: number; seq: number }[] = [];
      let [producerSeq, seq] = [0, 0];
      for (let i = 0; i < 300; i++) {
        producerSeq += rng.chance(200) ? rng.between(1, 5) : 1;
        seq += rng.chance(100) ? rng.between(1, 5) : 1;
        results.add(producerSeq, seq);
        plain = [...plain, { producerSeq, seq }].slice(-countMax);
        if (rng.chance(100)) results = new RecentResults(countMax, results.runs());
        expect(results.oldest).toBe(plain[0]?.producerSeq);
        expect(results.isFull).toBe(plain.length === countMax);
      }
      for (let asked = 0; asked <= producerSeq + 2; asked++) {
        expect(results.seqOf(asked)).toBe(plain.find((result) => result.producerSeq === asked)?.seq ?? null);
      }
    }
  });

  it('take one run while both count on', () => {
    const results = new RecentResults(32);
    for (let i = 1; i <= 1_000; i++) results.add(i, i + 7);
    expect(results.runs()).toEqual([{ producerSeq: 969, seq: 976, more: 31 }]);
  });
});
