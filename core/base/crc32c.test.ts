import { describe, expect, it } from 'vitest';
import { crc32c } from './crc32c.js';
import { Rng } from './rng.js';
import { utf8Encode } from './bytes.js';

/** Bit by bit, as RFC 3720 defines it. */
function reference(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}

describe('CRC-32C', () => {
  it('has the values of RFC 3720 B.4', () => {
    const ascending = Uint8Array.from({ length: 32 }, (_, i) => i);
    const readCommand = new Uint8Array(48);
    readCommand.set([0x01, 0xc0], 0);
    readCommand.set([0x14, 0, 0, 0, 0, 0, 0x04, 0, 0, 0, 0, 0x14, 0, 0, 0, 0x18, 0x28], 16);
    readCommand.set([0x02], 40);
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(255))).toBe(0x62a8ab43);
    expect(crc32c(ascending)).toBe(0x46dd794e);
    expect(crc32c(ascending.slice().reverse())).toBe(0x113fdb5c);
    expect(crc32c(readCommand)).toBe(0xd9963a56);
    expect(crc32c(utf8Encode('123456789'))).toBe(0xe3069283);
    expect(crc32c(new Uint8Array(0))).toBe(0);
  });

  it('is that of the bit-wise definition for any length and alignment', () => {
    const bytes = Rng.fromSeed('crc').fill(100);
    for (let start = 0; start < 20; start++) {
      for (let end = start; end < 60; end++) {
        expect(crc32c(bytes, start, end)).toBe(reference(bytes.subarray(start, end)));
      }
    }
  });

  it('goes on from a seed as if the parts were one', () => {
    const bytes = Rng.fromSeed('crc').fill(50);
    for (let cut = 0; cut <= 50; cut++) {
      expect(crc32c(bytes, cut, 50, crc32c(bytes, 0, cut))).toBe(crc32c(bytes));
    }
  });
});
