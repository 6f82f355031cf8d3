import { describe, expect, it } from 'vitest';
import { idFromBytes } from '../base/ids.js';
import { Rng } from '../base/rng.js';
import { cachedId } from './id-cache.js';

describe('cached identifiers', () => {
  it('are those of the bytes, at first sight, again, and after others took their place', () => {
    const rng = Rng.fromSeed('ids');
    const known = [new Uint8Array(16), new Uint8Array(16).fill(255)];
    for (let n = 0; n < 10_000; n++) {
      const bytes = rng.chance(500) ? rng.pick(known) : rng.fill(16);
      // Neighbours in one word often share a place.
      if (rng.chance(200)) bytes.set(rng.fill(1), 15);
      known.push(bytes.slice());
      expect(cachedId(bytes, 0)).toBe(idFromBytes(bytes));
    }
  });

  it('are read at an offset', () => {
    const bytes = Rng.fromSeed('offset').fill(40);
    for (let at = 0; at <= 24; at++) expect(cachedId(bytes, at)).toBe(idFromBytes(bytes, at));
  });
});
