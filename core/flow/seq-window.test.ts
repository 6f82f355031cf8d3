import { describe, expect, it } from 'vitest';
import { Rng } from '../base/rng.js';
import { SeqWindow } from './seq-window.js';

describe('a window of consecutive numbers', () => {
  it.each([1, 2 ** 31 - 40, 2 ** 32 - 40, 2 ** 52])('finds every item by its number from %d on', (firstSeq) => {
    const rng = Rng.fromSeed(`window ${firstSeq}`);
    const window = new SeqWindow<number>(firstSeq);
    for (let i = 0; i < 3_000; i++) {
      if (rng.chance(i < 1_500 ? 700 : 300) || window.length === 0) window.push(window.nextSeq * 2);
      else expect(window.shift()).toBe((window.firstSeq - 1) * 2);
      if (window.length === 0) continue;
      const seq = window.firstSeq + rng.below(window.length);
      expect(window.at(seq)).toBe(seq * 2);
    }
    expect(() => window.at(window.nextSeq)).toThrow('in the window');
    expect(() => window.at(window.firstSeq - 1)).toThrow('in the window');
  });

  it('starts anew where it is told to', () => {
    const window = new SeqWindow<string>(1);
    window.push('a');
    window.restart(7);
    expect([window.firstSeq, window.nextSeq, window.length]).toEqual([7, 7, 0]);
    window.push('b');
    expect(window.shift()).toBe('b');
    expect(() => window.shift()).toThrow('an item');
  });
});
