import { describe, expect, it } from 'vitest';
import { Latencies, median } from './latencies.js';

describe('quantiles', () => {
  it('are values that were measured', () => {
    const latencies = new Latencies();
    for (let value = 100; value >= 1; value--) latencies.add(value);
    expect([0, 0.5, 0.99, 1].map((q) => latencies.quantile(q))).toEqual([1, 50, 99, 100]);
    latencies.add(0);
    expect(latencies.quantile(0)).toBe(0);
  });

  it('are 0 of nothing', () => {
    expect(new Latencies().quantile(0.5)).toBe(0);
    expect(median([])).toBe(0);
  });

  it('have a middle', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
  });
});
