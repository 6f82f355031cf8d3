import { describe, expect, it } from 'vitest';
import { medianResults, withRatios } from './measurement.js';

describe('results', () => {
  it('are the medians of the runs, with ratios against their limits', () => {
    const runs = [10, 30, 20].map((value) => [
      { name: 'bare', value: value * 1000, unit: 'frames/s' },
      { name: 'relay', value: value * 500, unit: 'frames/s', p50Us: value, p99Us: value * 2, limit: 'bare' },
    ]);
    expect(withRatios(medianResults(runs))).toEqual([
      { name: 'bare', value: 20_000, unit: 'frames/s', least: 10_000, most: 30_000, runs: 3 },
      {
        name: 'relay', value: 10_000, unit: 'frames/s', p50Us: 20, p99Us: 40, limit: 'bare',
        least: 5_000, most: 15_000, runs: 3, ratio: 0.5,
      },
    ]);
  });

  it('have no ratio when the limit was not measured', () => {
    const [result] = withRatios(medianResults([[{ name: 'relay', value: 1.23456, unit: 'x', limit: 'bare' }]]));
    expect(result).toEqual({ name: 'relay', value: 1.235, unit: 'x', limit: 'bare', least: 1.235, most: 1.235, runs: 1 });
  });
});
