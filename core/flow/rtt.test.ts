import { describe, expect, it } from 'vitest';
import { Rng } from '../base/rng.js';
import { RttEstimator } from './rtt.js';

const CONFIG = { rtoInitialUs: 1_000_000, rtoMinUs: 1_000, rtoMaxUs: 60_000_000, rttSlackUs: 1_000 };

describe('the round-trip estimate', () => {
  it('starts from the configured timeout', () => {
    expect(new RttEstimator(CONFIG).rtoUs).toBe(1_000_000);
  });

  it('takes srtt = R, rttvar = R / 2 from the first sample', () => {
    const rtt = new RttEstimator(CONFIG);
    rtt.onSample(100_000);
    expect(rtt.srttUs).toBe(100_000);
    expect(rtt.rtoUs).toBe(100_000 + 4 * 50_000);
  });

  it('follows RFC 6298 within the rounding of integers', () => {
    const rng = Rng.fromSeed('rtt');
    const rtt = new RttEstimator(CONFIG);
    let srtt = 0;
    let rttvar = 0;
    for (let i = 0; i < 2_000; i++) {
      const sample = rng.between(5_000, 400_000);
      rtt.onSample(sample);
      if (i === 0) {
        srtt = sample;
        rttvar = sample / 2;
      } else {
        rttvar += (Math.abs(srtt - sample) - rttvar) / 4;
        srtt += (sample - srtt) / 8;
      }
      expect(Math.abs(rtt.srttUs - srtt)).toBeLessThan(10);
      expect(Math.abs(rtt.rtoUs - (srtt + Math.max(1_000, 4 * rttvar)))).toBeLessThan(50);
    }
  });

  it('never falls below srtt and the slack, nor leaves its bounds', () => {
    const rtt = new RttEstimator({ ...CONFIG, rtoMinUs: 5_000, rtoMaxUs: 1_000_000 });
    for (let i = 0; i < 200; i++) rtt.onSample(20_000);
    expect(rtt.srttUs).toBe(20_000);
    expect(rtt.rtoUs).toBeGreaterThanOrEqual(21_000);
    for (let i = 0; i < 200; i++) rtt.onSample(0);
    expect(rtt.rtoUs).toBe(5_000);
    for (let i = 0; i < 200; i++) rtt.onSample(30_000_000);
    expect(rtt.rtoUs).toBe(1_000_000);
  });

  it('doubles with each backoff up to the maximum', () => {
    const rtt = new RttEstimator(CONFIG);
    expect([0, 1, 2, 5, 6, 40].map((backoffs) => rtt.backedOffUs(backoffs))).toEqual([
      1_000_000, 2_000_000, 4_000_000, 32_000_000, 60_000_000, 60_000_000,
    ]);
  });

  it('knows nothing of another path', () => {
    const rtt = new RttEstimator(CONFIG);
    rtt.onSample(10);
    rtt.reset();
    expect(rtt.srttUs).toBe(0);
    expect(rtt.rtoUs).toBe(1_000_000);
  });
});
