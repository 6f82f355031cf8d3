/**
 * The simulator's cryptography: a cheap stand-in for the `Crypto` port, deterministic and about a hundred times faster
 * than the real one. It keeps the failure behaviour that the protocol relies on: a wrong key, a changed byte or a
 * changed length never verifies. It keeps no secret from anyone who knows a public key, so no production host may
 * use it.
 *
 * The hash absorbs 32-bit words into four lanes by steps that are bijective in the state, so that two messages of one
 * length that differ in one word can not meet again; the lengths go in last. Mixing: fmix32 of MurmurHash3 (Appleby).
 */
import type { Crypto, Entropy } from '../base/crypto.js';
import { EMPTY_BYTES, concatBytes } from '../base/bytes.js';
import { equalBytes } from '../base/crypto.js';
import type { Rng } from '../base/rng.js';

/** Deterministic, stateless, about 1 ns a byte. */
export const FAKE_CRYPTO: Crypto = {
  publicKey: (privateSeed) => digest(PUBLIC_KEY, privateSeed, EMPTY_BYTES, 32),
  sign: (privateSeed, message) => signatureUnder(FAKE_CRYPTO.publicKey(privateSeed), message),
  verify: (publicKey, message, signature) =>
    publicKey.length === 32 && equalBytes(signatureUnder(publicKey, message), signature),
  sha256: (message) => digest(HASH, EMPTY_BYTES, message, 32),
  hmac: (key, message) => digest(MAC, key, message, 32),
  stretch: (secret, salt) => digest(STRETCH, salt, secret, 32),
};

/** Entropy of a simulated node: predictable, from its own fork of the seed. */
export function seededEntropy(rng: Rng): Entropy {
  return { bytes: (count) => rng.fill(count) };
}

function signatureUnder(publicKey: Uint8Array, message: Uint8Array): Uint8Array {
  return concatBytes([digest(SIGN_LOW, publicKey, message, 32), digest(SIGN_HIGH, publicKey, message, 32)]);
}

function digest(domain: number, key: Uint8Array, message: Uint8Array, length: number): Uint8Array {
  const lanes = new Uint32Array([domain, 0x243f6a88, 0xb7e15162, 0x6a09e667]);
  absorb(lanes, key);
  absorb(lanes, message);
  const out = new Uint8Array(length);
  for (let i = 0; i < length; i += 4) {
    const word = step(lanes, i);
    out[i] = word & 255;
    out[i + 1] = (word >>> 8) & 255;
    out[i + 2] = (word >>> 16) & 255;
    out[i + 3] = word >>> 24;
  }
  return out;
}

function absorb(lanes: Uint32Array, bytes: Uint8Array): void {
  const whole = bytes.length & ~3;
  for (let i = 0; i < whole; i += 4) {
    const word =
      (bytes[i] as number) |
      ((bytes[i + 1] as number) << 8) |
      ((bytes[i + 2] as number) << 16) |
      ((bytes[i + 3] as number) << 24);
    step(lanes, word);
  }
  let rest = 0;
  for (let i = whole; i < bytes.length; i++) rest = (rest << 8) | (bytes[i] as number);
  step(lanes, rest);
  step(lanes, bytes.length);
}

/** Folds one word in and rotates the lanes: given the word, a bijection of the 128-bit state. */
function step(lanes: Uint32Array, word: number): number {
  const a = lanes[0] as number;
  const b = lanes[1] as number;
  const c = lanes[2] as number;
  const d = lanes[3] as number;
  const folded = (mix(a ^ word) + b) >>> 0;
  lanes[0] = b ^ (folded >>> 7);
  lanes[1] = (c + Math.imul(folded, 0x9e3779b1)) >>> 0;
  lanes[2] = d ^ folded;
  lanes[3] = folded;
  return mix(folded ^ c);
}

function mix(value: number): number {
  let h = value | 0;
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  h ^= h >>> 16;
  return h >>> 0;
}

const PUBLIC_KEY = 0x70756231;
const SIGN_LOW = 0x73696731;
const SIGN_HIGH = 0x73696732;
const HASH = 0x68617368;
const MAC = 0x6d616331;
const STRETCH = 0x73747231;
