/**
 * Digests of what happened, for the trace and for comparing payloads. Not for secrets.
 *
 * A frame ends with its own CRC-32C, so a CRC over a whole frame is nearly constant: that is why payloads are digested
 * by multiplication (MurmurHash3, Appleby) and not by the checksum that the core already has.
 */

/** A 32-bit digest of bytes, continuing from `seed`. About 0.5 GB/s. */
export function digestBytes(bytes: Uint8Array, seed = 0): number {
  let h = seed ^ bytes.length;
  const whole = bytes.length & ~3;
  for (let i = 0; i < whole; i += 4) {
    const word =
      (bytes[i] as number) |
      ((bytes[i + 1] as number) << 8) |
      ((bytes[i + 2] as number) << 16) |
      ((bytes[i + 3] as number) << 24);
    h = step(h, word);
  }
  if (whole < bytes.length) {
    let tail = 0;
    for (let i = whole; i < bytes.length; i++) tail = (tail << 8) | (bytes[i] as number);
    h = step(h, tail);
  }
  return finish(h);
}

/** A 32-bit digest of a text. */
export function digestText(text: string, seed = 0): number {
  let h = seed ^ text.length;
  for (let i = 0; i < text.length; i++) h = step(h, text.charCodeAt(i));
  return finish(h);
}

/** A 32-bit digest of a number below 2^53 in size, continuing from `seed`. */
export function digestNumber(value: number, seed = 0): number {
  return finish(step(step(seed, value | 0), Math.floor(value / 0x1_0000_0000)));
}

/** A 32-bit digest of plain data: objects by their fields in order, lists, texts, numbers, bytes, booleans, null. */
export function digestValue(value: unknown, seed = 0): number {
  if (typeof value === 'number') return digestNumber(value, seed ^ 1);
  if (typeof value === 'string') return digestText(value, seed ^ 2);
  if (typeof value === 'boolean') return digestNumber(value ? 1 : 0, seed ^ 3);
  if (value instanceof Uint8Array) return digestBytes(value, seed ^ 4);
  let h = seed ^ 5;
  if (Array.isArray(value)) {
    for (const item of value as readonly unknown[]) h = digestValue(item, h);
    return digestNumber(value.length, h);
  }
  if (typeof value !== 'object' || value === null) return digestNumber(0, h);
  for (const [key, item] of Object.entries(value)) h = digestValue(item, digestText(key, h));
  return h;
}

/** A rolling digest of 128 bits. */
export class RollingDigest {
  #a = 0x243f6a88 | 0;
  #b = 0x85a308d3 | 0;
  #c = 0x13198a2e | 0;
  #d = 0x03707344 | 0;

  /** Takes three words in; order matters. */
  absorb(first: number, second: number, third: number): void {
    const a = step(this.#a, first);
    const b = step(this.#b, second ^ a);
    const c = step(this.#c, third ^ b);
    this.#a = (a + this.#d) | 0;
    this.#b = (b + a) | 0;
    this.#c = (c + b) | 0;
    this.#d = step(this.#d, c);
  }

  /** 32 lower-case hexadecimal digits. */
  text(): string {
    return [this.#a, this.#b, this.#c, this.#d]
      .map((word) => (finish(word) >>> 0).toString(16).padStart(8, '0'))
      .join('');
  }
}

function step(h: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51);
  k = (k << 15) | (k >>> 17);
  const mixed = h ^ Math.imul(k, 0x1b873593);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}

function finish(value: number): number {
  let h = value;
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
