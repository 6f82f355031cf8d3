import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareBytes, concatBytes, toHex, utf8Decode, utf8Encode } from './bytes.js';
import { equalBytes } from './crypto.js';

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function platformDecode(bytes: Uint8Array): string | null {
  try {
    return strict.decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

describe('UTF-8', () => {
  it('is encoded as the platform encodes it, lone surrogates included', () => {
    const unit = fc.oneof(fc.nat({ max: 0xffff }), fc.integer({ min: 0xd7f0, max: 0xe010 }));
    const units = fc.array(unit, { maxLength: 20 });
    fc.assert(
      fc.property(units, (codes) => {
        const text = String.fromCharCode(...codes);
        expect(utf8Encode(text)).toEqual(new Uint8Array(new TextEncoder().encode(text)));
      }),
      { numRuns: 3_000, seed: 1 },
    );
  });

  it('is decoded as the platform decodes it, or refused as it refuses', () => {
    const asciiOrLead = [0x00, 0x41, 0x7f, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe2, 0xed, 0xef, 0xf0, 0xf1, 0xf4, 0xf5, 0xff];
    const lead = fc.constantFrom(...asciiOrLead);
    const tail = fc.integer({ min: 0x80, max: 0xbf });
    const bytes = fc.array(fc.oneof(lead, tail, fc.nat({ max: 255 })), { maxLength: 12 });
    fc.assert(
      fc.property(bytes, (list) => {
        const input = Uint8Array.from(list);
        expect(utf8Decode(input)).toBe(platformDecode(input));
      }),
      { numRuns: 20_000, seed: 1 },
    );
  });

  it('is decoded at both sides of every boundary', () => {
    for (const code of [0, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xfeff, 0xffff, 0x10000, 0x10ffff]) {
      const text = `a${String.fromCodePoint(code)}z`;
      expect(utf8Decode(utf8Encode(text))).toBe(text);
    }
  });

  it('of every two and three bytes is decoded as the platform does', () => {
    for (let first = 0xc0; first < 0x100; first++) {
      for (const second of [0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff]) {
        for (const rest of [[], [0x80], [0xbf], [0xc0], [0x80, 0x80], [0xbf, 0xbf]]) {
          const input = Uint8Array.of(first, second, ...rest);
          expect(utf8Decode(input), toHex(input)).toBe(platformDecode(input));
        }
      }
    }
  });
});

describe('byte arrays', () => {
  it('are joined end to end, a single one as it is', () => {
    const one = Uint8Array.of(1);
    expect(concatBytes([one])).toBe(one);
    expect(concatBytes([])).toEqual(new Uint8Array(0));
    expect(concatBytes([one, new Uint8Array(0), Uint8Array.of(2, 3)])).toEqual(Uint8Array.of(1, 2, 3));
  });

  it('are shown, ordered and compared like the platform does it', () => {
    const pairs = fc.tuple(fc.uint8Array({ maxLength: 4, max: 2 }), fc.uint8Array({ maxLength: 4, max: 2 }));
    fc.assert(
      fc.property(pairs, ([a, b]) => {
        expect(toHex(a)).toBe(Buffer.from(a).toString('hex'));
        expect(Math.sign(compareBytes(a, b))).toBe(Buffer.compare(a, b));
        expect(equalBytes(a, b)).toBe(Buffer.compare(a, b) === 0);
      }),
      { seed: 1 },
    );
  });
});
