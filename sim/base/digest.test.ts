import { describe, expect, it } from 'vitest';
import { crc32c } from '../../core/base/crc32c.js';
import { RollingDigest, digestBytes, digestNumber, digestText, digestValue } from './digest.js';

describe('digests', () => {
  it('tell apart bytes that end in their own checksum', () => {
    const frames = [1, 2].map((byte) => {
      const frame = new Uint8Array(36).fill(byte, 0, 32);
      new DataView(frame.buffer).setUint32(32, crc32c(frame, 0, 32), true);
      return frame;
    });
    const [one, two] = frames as [Uint8Array, Uint8Array];
    expect(crc32c(one)).toBe(crc32c(two));
    expect(digestBytes(one)).not.toBe(digestBytes(two));
  });

  it('see every byte, whatever the length', () => {
    for (let length = 1; length < 40; length++) {
      const bytes = new Uint8Array(length).fill(7);
      const whole = digestBytes(bytes);
      for (let i = 0; i < length; i++) {
        const changed = Uint8Array.from(bytes);
        changed[i] = 8;
        expect(digestBytes(changed)).not.toBe(whole);
      }
      expect(digestBytes(new Uint8Array(length + 1).fill(7))).not.toBe(whole);
    }
  });

  it('see the high half of a number, and the order of fields and items', () => {
    expect(digestNumber(2 ** 40)).not.toBe(digestNumber(2 ** 41));
    expect(digestText('ab')).not.toBe(digestText('ba'));
    expect(digestValue({ a: 1, b: [1, 2] })).not.toBe(digestValue({ a: 1, b: [2, 1] }));
    expect(digestValue({ a: null })).not.toBe(digestValue({ a: 0 }));
    expect(digestValue({ a: 'x', b: new Uint8Array([1]) })).toBe(digestValue({ a: 'x', b: new Uint8Array([1]) }));
  });
});

describe('RollingDigest', () => {
  it('depends on every word and on the order', () => {
    const texts = new Set<string>();
    for (const words of [[1, 2, 3], [1, 2, 4], [1, 3, 2], [2, 1, 3]] as [number, number, number][]) {
      const digest = new RollingDigest();
      digest.absorb(...words);
      digest.absorb(9, 9, 9);
      texts.add(digest.text());
    }
    expect(texts.size).toBe(4);
    for (const text of texts) expect(text).toMatch(/^[0-9a-f]{32}$/);
  });
});
