/**
 * Remembers the text of identifiers seen on the wire. The same few thousand come again and again: a hit costs 15 ns
 * instead of 145 ns, and gives the same string object each time, whose hash for a Map is already known. A
 * direct-mapped table: the newest identifier takes its place, so it is bounded and holds no order that could matter.
 */
import { type Ulid, idFromBytes } from '../base/ids.js';

/** The identifier of sixteen bytes at `offset`. */
export function cachedId<T extends Ulid>(bytes: Uint8Array, offset: number): T {
  const a = wordAt(bytes, offset);
  const b = wordAt(bytes, offset + 4);
  const c = wordAt(bytes, offset + 8);
  const d = wordAt(bytes, offset + 12);
  const mixed = Math.imul(a ^ Math.imul(b, 0x85ebca6b) ^ Math.imul(c, 0xc2b2ae35) ^ d, 0x9e3779b1);
  const slot = mixed >>> (32 - SLOT_BITS);
  const at = slot * 4;
  if (WORDS[at] === a && WORDS[at + 1] === b && WORDS[at + 2] === c && WORDS[at + 3] === d) return TEXTS[slot] as T;
  const text = idFromBytes<T>(bytes, offset);
  WORDS[at] = a;
  WORDS[at + 1] = b;
  WORDS[at + 2] = c;
  WORDS[at + 3] = d;
  TEXTS[slot] = text;
  return text;
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}

const SLOT_BITS = 12;
const WORDS = new Int32Array(4 << SLOT_BITS);
/** Every slot begins with the zero identifier, because that is what its zero words say. */
const TEXTS: string[] = Array.from({ length: 1 << SLOT_BITS }, () => '00000000000000000000000000');
