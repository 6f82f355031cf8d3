/**
 * Makes ULIDs from a given wall time and entropy: 48 bits of milliseconds, 80 random bits. A test holds it equal to
 * the `ulid` package, which the core cannot use because it reaches for globals.
 */
import { type Ulid, idFromBytes } from './ids.js';
import type { Entropy } from './crypto.js';

/** A fresh identifier. `wallMs` is only a label in it: nothing orders by it. */
export function makeUlid<T extends Ulid>(wallMs: number, entropy: Entropy): T {
  const bytes = new Uint8Array(16);
  const whole = Math.max(0, Math.floor(wallMs));
  const high = Math.floor(whole / 0x1_0000_0000);
  const low = whole >>> 0;
  bytes[0] = (high >>> 8) & 255;
  bytes[1] = high & 255;
  bytes[2] = low >>> 24;
  bytes[3] = (low >>> 16) & 255;
  bytes[4] = (low >>> 8) & 255;
  bytes[5] = low & 255;
  bytes.set(entropy.bytes(10), 6);
  return idFromBytes<T>(bytes);
}
