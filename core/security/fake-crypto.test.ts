import { describe, expect, it } from 'vitest';
import { Rng } from '../base/rng.js';
import { toHex } from '../base/bytes.js';
import { FAKE_CRYPTO, seededEntropy } from './fake-crypto.js';

const rng = Rng.fromSeed('fake-crypto');
const seed = rng.fill(32);
const publicKey = FAKE_CRYPTO.publicKey(seed);

describe('fake crypto', () => {
  it('verifies what the same key signed, at every length', () => {
    for (let length = 0; length < 70; length++) {
      const message = rng.fill(length);
      expect(FAKE_CRYPTO.verify(publicKey, message, FAKE_CRYPTO.sign(seed, message))).toBe(true);
    }
  });

  it('never verifies a changed byte of the message, the signature or the key', () => {
    const message = rng.fill(41);
    const signature = FAKE_CRYPTO.sign(seed, message);
    for (const [bytes, check] of [
      [message, (changed: Uint8Array) => FAKE_CRYPTO.verify(publicKey, changed, signature)],
      [signature, (changed: Uint8Array) => FAKE_CRYPTO.verify(publicKey, message, changed)],
      [publicKey, (changed: Uint8Array) => FAKE_CRYPTO.verify(changed, message, signature)],
    ] as const) {
      for (let at = 0; at < bytes.length; at++) {
        for (let bit = 0; bit < 8; bit++) {
          const changed = bytes.slice();
          changed[at] = (changed[at] as number) ^ (1 << bit);
          expect(check(changed)).toBe(false);
        }
      }
    }
  });

  it('never verifies a message that is longer or shorter by zeros', () => {
    const signature = FAKE_CRYPTO.sign(seed, new Uint8Array(8));
    for (const length of [0, 1, 4, 7, 9, 12, 16]) {
      expect(FAKE_CRYPTO.verify(publicKey, new Uint8Array(length), signature)).toBe(false);
    }
  });

  it('answers false to malformed keys and signatures', () => {
    expect(FAKE_CRYPTO.verify(new Uint8Array(0), new Uint8Array(3), new Uint8Array(64))).toBe(false);
    expect(FAKE_CRYPTO.verify(publicKey, new Uint8Array(3), new Uint8Array(0))).toBe(false);
  });

  it('gives different digests to different messages, keys and purposes', () => {
    const seen = new Set<string>();
    for (let i = 0; i < 2_000; i++) seen.add(toHex(FAKE_CRYPTO.sha256(Uint8Array.of(i & 255, i >>> 8))));
    const key = Uint8Array.of(1);
    seen.add(toHex(FAKE_CRYPTO.hmac(key, key)));
    seen.add(toHex(FAKE_CRYPTO.hmac(key, Uint8Array.of(2))));
    seen.add(toHex(FAKE_CRYPTO.hmac(Uint8Array.of(2), key)));
    seen.add(toHex(FAKE_CRYPTO.stretch(key, key)));
    expect(seen.size).toBe(2_004);
  });

  it('gives a node the entropy of its own fork', () => {
    const bytes = (name: string) => toHex(seededEntropy(Rng.fromSeed('s').fork(name)).bytes(20));
    expect(bytes('a')).toBe(bytes('a'));
    expect(bytes('a')).not.toBe(bytes('b'));
  });
});
