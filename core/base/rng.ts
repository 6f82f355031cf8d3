/**
 * Seeded, stateless-in-spirit randomness: a fork is hash(key, name) and a draw is hash(key, counter++), so one more
 * draw in one machine changes nothing in another. Not for secrets (see `Entropy`).
 * Mixing: the finaliser of MurmurHash3 (fmix32, Appleby) over four 32-bit lanes.
 */

/** One named source of draws. */
export class Rng {
  readonly #key: Uint32Array;
  #counter = 0;

  private constructor(key: Uint32Array) {
    this.#key = key;
  }

  /** The root of all randomness of one node (or one simulation). */
  static fromSeed(seed: string): Rng {
    return new Rng(absorb(new Uint32Array([0x9e3779b9, 0x243f6a88, 0xb7e15162, 0x6a09e667]), seed));
  }

  /** An independent source. The same name always gives the same source, whatever was drawn here before. */
  fork(name: string): Rng {
    return new Rng(absorb(this.#key, name));
  }

  /** A uniform unsigned 32-bit integer. */
  next32(): number {
    const n = this.#counter++;
    const k = this.#key;
    let h = mix(((k[0] as number) ^ n) >>> 0);
    h = mix((h + (k[1] as number)) >>> 0);
    h = mix((h ^ (k[2] as number) ^ Math.floor(n / 0x1_0000_0000)) >>> 0);
    return mix((h + (k[3] as number)) >>> 0);
  }

  /** A uniform integer in [0, bound). `bound` is from 1 to 2^53 - 1. */
  below(bound: number): number {
    if (bound <= 0x1_0000_0000) return Math.floor((this.next32() / 0x1_0000_0000) * bound);
    const wide = (this.next32() >>> 11) * 0x1_0000_0000 + this.next32();
    return wide % bound;
  }

  /** A uniform integer in [low, high]. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** True with probability `perMille` / 1000. */
  chance(perMille: number): boolean {
    return this.below(1000) < perMille;
  }

  /** A uniform element of a non-empty list. */
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  /** Shuffles in place (Fisher-Yates). */
  shuffle<T>(list: T[]): void {
    for (let i = list.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const held = list[i] as T;
      list[i] = list[j] as T;
      list[j] = held;
    }
  }

  /** `count` predictable bytes. */
  fill(count: number): Uint8Array {
    const bytes = new Uint8Array(count);
    for (let i = 0; i < count; i += 4) {
      const word = this.next32();
      for (let j = i; j < Math.min(i + 4, count); j++) bytes[j] = (word >>> ((j - i) * 8)) & 255;
    }
    return bytes;
  }
}

function absorb(key: Uint32Array, text: string): Uint32Array {
  const out = new Uint32Array(key);
  for (let i = 0; i < text.length; i++) {
    const lane = i & 3;
    out[lane] = mix(((out[lane] as number) ^ text.charCodeAt(i)) + Math.imul(i + 1, 0x9e3779b1));
  }
  for (let round = 0; round < 2; round++) {
    for (let lane = 0; lane < 4; lane++) {
      out[lane] = mix((out[lane] as number) + (out[(lane + 3) & 3] as number) + text.length);
    }
  }
  return out;
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
