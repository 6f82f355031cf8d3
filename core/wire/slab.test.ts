import { describe, expect, it } from 'vitest';
import { SLAB_BYTES, allocateBytes } from './slab.js';

describe('small arrays', () => {
  it('never overlap, have the wanted size and begin with zeros', () => {
    const pieces: Uint8Array[] = [];
    for (let n = 0; n < 500; n++) {
      const piece = allocateBytes((n * 37) % 2_100);
      expect(piece.length).toBe((n * 37) % 2_100);
      expect(piece.every((byte) => byte === 0)).toBe(true);
      piece.fill(1 + (n % 255));
      pieces.push(piece);
    }
    for (const [n, piece] of pieces.entries()) expect(piece.every((byte) => byte === 1 + (n % 255))).toBe(true);
  });

  it('keep no more than a slab alive', () => {
    for (const size of [65, 300, 2_048]) expect(allocateBytes(size).buffer.byteLength).toBe(SLAB_BYTES);
    for (const size of [0, 64, 2_049, 1 << 20]) expect(allocateBytes(size).buffer.byteLength).toBe(size);
  });
});
