import { describe, expect, it } from 'vitest';
import { UNKNOWN_BOOT, bootId, compareBoot } from './boot.js';

describe('a boot id', () => {
  it('is ordered by replica, then boot counter, then session', () => {
    const boots = [UNKNOWN_BOOT, bootId(1, 1, 0), bootId(1, 1, 9), bootId(1, 2, 0), bootId(2, 1, 0), bootId(2, 7_000_000_000, 1)];
    for (const [i, a] of boots.entries()) {
      for (const [j, b] of boots.entries()) {
        expect(Math.sign(compareBoot(a.replica, a.counter, b))).toBe(Math.sign(i - j));
      }
    }
  });

  it('stays below 2^53 and refuses what would not', () => {
    expect(Number.isSafeInteger(bootId(1, 2 ** 33 - 1, 2 ** 20 - 1).counter)).toBe(true);
    expect(() => bootId(1, 2 ** 33, 0)).toThrow('boot counter');
    expect(() => bootId(1, 1, 2 ** 20)).toThrow('forgets');
    expect(() => bootId(0, 1, 0)).toThrow('replicas');
    expect(() => bootId(1, 0, 0)).toThrow('boot counter');
  });
});
