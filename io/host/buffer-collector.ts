/**
 * Collects garbage by the bytes that payloads leave behind. A payload of 64 KiB is some 400 KiB of buffers on its way
 * through a node and hardly any objects, so V8 sees no reason to collect: it lets 32 MiB of young buffers gather and
 * 64 MiB of old ones, and what has gathered once stays with the process. A source that is offered 1 GB while its target
 * is frozen grew by 74 MiB so, and grows by 32 with this (`npm run nightly:memory`).
 *
 * Costs 0.4 µs a look, 1 to 2 ms for each `youngBytesMax` of buffers, and 15 ms for each `oldBytesMax` of those that
 * have outlived that. V8's count lags behind a collection; it is read again at each look and only ever corrected down.
 * Where V8 does not let its collector be called, nothing is collected and memory is as V8 sees fit.
 */
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

export interface BufferLimits {
  /** Bytes of buffers that may come before the young ones are collected. */
  readonly youngBytesMax: number;
  /** Bytes of buffers that may have come since a full collection before there is another one. */
  readonly oldBytesMax: number;
  /** Bytes of buffers in all below which collecting is left to V8: its pauses are shorter. */
  readonly quietBytesMax: number;
}

export const DEFAULT_BUFFER_LIMITS: BufferLimits = {
  youngBytesMax: 6 * 1024 * 1024,
  oldBytesMax: 12 * 1024 * 1024,
  quietBytesMax: 36 * 1024 * 1024,
};

/** V8's own: any object but none is a minor collection, in the versions that we run on. */
type Collect = (options?: { readonly type: 'minor' }) => void;

export class BufferCollector {
  readonly #limits: BufferLimits;
  readonly #collect: Collect;
  readonly #read: () => number;
  /** The least since the last collection. */
  #youngFrom: number;
  /** The least since the last full collection. */
  #oldFrom: number;

  constructor(limits: BufferLimits, collect: Collect, read: () => number) {
    this.#limits = limits;
    this.#collect = collect;
    this.#read = read;
    this.#youngFrom = read();
    this.#oldFrom = this.#youngFrom;
  }

  /** Between two rounds of work, when as little as possible is in use. */
  look(): void {
    const bytes = this.#read();
    this.#youngFrom = Math.min(this.#youngFrom, bytes);
    this.#oldFrom = Math.min(this.#oldFrom, bytes);
    if (bytes < this.#limits.quietBytesMax || bytes - this.#youngFrom < this.#limits.youngBytesMax) return;
    const isOldDue = bytes - this.#oldFrom >= this.#limits.oldBytesMax;
    if (isOldDue) this.#collect();
    else this.#collect({ type: 'minor' });
    this.#youngFrom = this.#read();
    if (isOldDue) this.#oldFrom = this.#youngFrom;
  }
}

/** Over this thread's buffers. Null where V8 does not let its collector be called. */
export function bufferCollector(limits: BufferLimits = DEFAULT_BUFFER_LIMITS): BufferCollector | null {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('globalThis.gc');
  setFlagsFromString('--no-expose-gc');
  if (typeof collect !== 'function') return null;
  return new BufferCollector(limits, collect as Collect, () => getHeapStatistics().external_memory);
}
