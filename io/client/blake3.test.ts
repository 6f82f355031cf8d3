import { describe, expect, it } from 'vitest';
import { Blake3 } from './blake3.js';

const input = (bytes: number): Uint8Array => Uint8Array.from({ length: bytes }, (_, i) => i % 251);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** From the authors' test vectors, and from their implementation for the lengths beyond those. */
const DIGESTS: readonly (readonly [bytes: number, digest: string])[] = [
  [0, 'af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262'],
  [1, '2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213'],
  [3, 'e1be4d7a8ab5560aa4199eea339849ba8e293d55ca0a81006726d184519e647f'],
  [63, 'e9bc37a594daad83be9470df7f7b3798297c3d834ce80ba85d6e207627b7db7b'],
  [64, '4eed7141ea4a5cd4b788606bd23f46e212af9cacebacdc7d1f4c6dc7f2511b98'],
  [65, 'de1e5fa0be70df6d2be8fffd0e99ceaa8eb6e8c93a63f2d8d1c30ecb6b263dee'],
  [1023, '10108970eeda3eb932baac1428c7a2163b0e924c9a9e25b35bba72b28f70bd11'],
  [1024, '42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7'],
  [1025, 'd00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444'],
  [70_000, '5a8ef06db0fc4e6c27f6e4a44e333916934b860d747d8d65f56df4597f0421bf'],
];

describe('BLAKE3', () => {
  it.each(DIGESTS)('of %i bytes is what its authors say, however they come', (bytes, digest) => {
    const whole = input(bytes);
    expect(hex(new Blake3().update(whole).digest())).toBe(digest);
    for (const step of [1, 64, 777, 1024, 65_536]) {
      const hash = new Blake3();
      for (let at = 0; at < bytes; at += step) hash.update(whole.subarray(at, at + step));
      expect(hex(hash.digest())).toBe(digest);
    }
  });

  it('may be asked on the way', () => {
    const hash = new Blake3().update(input(1024));
    expect(hex(hash.digest())).toBe('42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7');
    expect(hex(hash.update(Uint8Array.of(1024 % 251)).digest())).toBe('d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444');
  });
});
