/**
 * Stateless randomness of the world: a draw is a hash of (seed, purpose, entity, n). Whoever draws counts its own n, so
 * one more draw in one place shifts nothing anywhere else.
 *
 * Mixing: the finaliser of MurmurHash3 (fmix32, Appleby), in 32-bit integers only.
 */

/** 128 bits that a whole simulation hangs on. */
export type Seed = Readonly<Int32Array>;

/** What a draw is for. New purposes are appended: the number is part of every draw. */
export const PURPOSES = [
  'latency',
  'loss',
  'flush',
  'survival',
  'application',
  'timer',
  'close',
  'identity',
  'options',
  'topology',
  'workload',
  'faults',
  'clock',
  'resume',
  'moment',
] as const;
export type Purpose = (typeof PURPOSES)[number];

/** A uniform unsigned 32-bit integer. */
export function draw32(seed: Seed, purpose: number, entity: number, n: number): number {
  let h = mix((seed[0] as number) ^ Math.imul(purpose + 1, 0x9e3779b1));
  h = mix((h + (seed[1] as number)) ^ entity);
  h = mix((h ^ (seed[2] as number)) + n);
  return mix(h + (seed[3] as number)) >>> 0;
}

/** The draws of one entity for one purpose, counted. */
export class Draws {
  readonly #seed: Seed;
  readonly #purpose: number;
  readonly #entity: number;
  #count = 0;

  constructor(seed: Seed, purpose: Purpose, entity: number) {
    this.#seed = seed;
    this.#purpose = PURPOSES.indexOf(purpose);
    this.#entity = entity;
  }

  next32(): number {
    return draw32(this.#seed, this.#purpose, this.#entity, this.#count++);
  }

  /** A uniform integer in [0, bound); `bound` is from 1 to 2^32. */
  below(bound: number): number {
    return Math.floor((this.next32() / 0x1_0000_0000) * bound);
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

  /** A shuffled copy (Fisher-Yates). */
  shuffled<T>(list: readonly T[]): T[] {
    const out = [...list];
    for (let i = out.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const held = out[i] as T;
      out[i] = out[j] as T;
      out[j] = held;
    }
    return out;
  }
}

function mix(value: number): number {
  let h = value | 0;
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}
