/**
 * The producers of a stream as its log has them: how far each was admitted, the newest results, its epoch, and whether
 * it has expired. Every member computes the same, and it outlives the payload.
 *
 * Invariant: a producer's last seq and epoch never decrease; who has expired never publishes again.
 */
import { assert } from '../../base/assert.js';
import type { ProducerRow } from '../../wire/group-messages.js';
import type { StreamDelta } from './stream-delta.js';

export interface ProducerState {
  /** Highest admitted producerSeq. */
  last: number;
  /** The newest results, oldest first: producerSeq and the seq that it got. */
  readonly recent: { readonly producerSeq: number; readonly seq: number }[];
  /** How often it was opened. */
  epoch: number;
  /** It is refused from here on, and never taken for a new one. */
  isExpired: boolean;
}

export const newProducer = (): ProducerState => ({ last: 0, recent: [], epoch: 0, isExpired: false });

type Messages = Extract<StreamDelta, { kind: 'messages' }>;

export class AdmittedProducers {
  readonly #resultsMax: number;
  readonly #rows = new Map<string, ProducerState>();

  /** `resultsMax` is how many results are kept per producer. */
  constructor(resultsMax: number) {
    this.#resultsMax = resultsMax;
  }

  get rows(): ReadonlyMap<string, ProducerState> {
    return this.#rows;
  }

  epochOf(producer: string): number {
    return this.#rows.get(producer)?.epoch ?? 0;
  }

  lastOf(producer: string): number {
    return this.#rows.get(producer)?.last ?? 0;
  }

  raise(producer: string, epoch: number): void {
    const row = this.#of(producer);
    row.epoch = Math.max(row.epoch, epoch);
  }

  expire(producer: string): void {
    this.#rows.set(producer, { ...this.#of(producer), recent: [], isExpired: true });
  }

  /** Records the messages of a batch from its `from`-th on: only the newest results are kept. */
  record({ producer, producerSeqs, firstSeq }: Messages, from: number): void {
    const row = this.#of(producer);
    assert((producerSeqs[from] as number) > row.last, 'a producer is recorded only upwards');
    for (let i = Math.max(from, producerSeqs.length - this.#resultsMax); i < producerSeqs.length; i++) {
      row.recent.push({ producerSeq: producerSeqs[i] as number, seq: firstSeq + i });
    }
    row.last = producerSeqs[producerSeqs.length - 1] as number;
    if (row.recent.length > this.#resultsMax) row.recent.splice(0, row.recent.length - this.#resultsMax);
  }

  /** Whether the first `count` messages are, as far as is remembered, those that got the same numbers before. */
  agreesWithPast(delta: Messages, count: number): boolean {
    const row = this.#rows.get(delta.producer);
    if (row === undefined) return false;
    for (let i = count - 1; i >= Math.max(0, count - 4); i--) {
      const producerSeq = delta.producerSeqs[i] as number;
      if (producerSeq > row.last) return false;
      const known = resultOf(row, producerSeq);
      if (known !== null && known !== delta.firstSeq + i) return false;
    }
    return true;
  }

  snapshot(): readonly ProducerRow[] {
    return [...this.#rows].map(([name, row]) => ({ name, ...row, usedAtMs: 0 }));
  }

  restore(rows: readonly ProducerRow[]): void {
    this.#rows.clear();
    for (const { name, last, recent, epoch, isExpired } of rows) {
      this.#rows.set(name, { last, recent: recent.map((result) => ({ ...result })), epoch, isExpired });
    }
  }

  #of(name: string): ProducerState {
    let row = this.#rows.get(name);
    if (row === undefined) {
      row = newProducer();
      this.#rows.set(name, row);
    }
    return row;
  }
}

/** The seq that `producerSeq` got, while it is among the newest results. */
export function resultOf(row: ProducerState, producerSeq: number): number | null {
  for (let i = row.recent.length - 1; i >= 0; i--) {
    const result = row.recent[i] as { producerSeq: number; seq: number };
    if (result.producerSeq === producerSeq) return result.seq;
    if (result.producerSeq < producerSeq) return null;
  }
  return null;
}
