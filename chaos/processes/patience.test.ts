import { describe, expect, it } from 'vitest';
import { PatienceEnded, until } from './patience.js';

describe('patience', () => {
  it('waits until it is true', async () => {
    let asked = 0;
    await until('three', () => Promise.resolve(++asked === 3 ? true : 'not yet'), { limitMs: 10_000, everyMs: 1 });
    expect(asked).toBe(3);
  });

  it('ends, and says what was missing', async () => {
    const waiting = until('spring', () => Promise.resolve('it snows'), { limitMs: 5, everyMs: 1 });
    await expect(waiting).rejects.toThrow(PatienceEnded);
    await expect(until('spring', () => Promise.resolve('it snows'), { limitMs: 0, everyMs: 1 })).rejects.toThrow('spring: not within 0 s; it snows');
  });

  it('does not swallow what fails', async () => {
    const waiting = until('spring', () => Promise.reject(new Error('broken')), { limitMs: 1_000, everyMs: 1 });
    await expect(waiting).rejects.toThrow('broken');
  });
});
