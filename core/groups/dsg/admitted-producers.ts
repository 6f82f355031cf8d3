/**
 * The producers of a stream as its log has them: how far each was admitted, the newest results, its epoch, and whether
 * it has expired. Every member computes the same, and it outlives the payload.
 *
 * Invariant: a producer's last seq and epoch never decrease; who has expired never publishes again.
 */
import { assert } from '../../base/assert.js';
import type { ProducerRow } from '../../wire/group-messages.js';
import { RecentResults } from './recent-results.js';
import type { StreamDelta } from './stream-delta.js';

export interface ProducerState {
  /** Highest admitted producerSeq. */
  last: number;
  readonly recent: RecentResults;
  /** How often it was opened. */
  epoch: number;
  /** It is refused from here on, and never taken for a new one. */
  isExpired: boolean;
}

/** `resultsMax` is how many results are kept. */
export const newProducer = (resultsMax: number): ProducerState => ({
  last: 0,
  recent: new RecentResults(resultsMax),
  epoch: 0,
  isExpired: false,
});

export function restoredProducer({ last, recent, epoch, isExpired }: ProducerRow, resultsMax: number): ProducerState {
  return { last, recent: new RecentResults(resultsMax, recent), epoch, isExpired };
}

/** `usedAtMs`: when it last published, as only its source knows; else 0. */
export function rowOf(name: string, { last, recent, epoch, isExpired }: ProducerState, usedAtMs: number): ProducerRow {
  return { name, last, recent: recent.runs(), epoch, isExpired, usedAtMs };
}

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
    this.#rows.set(producer, { ...this.#of(producer), recent: new RecentResults(this.#resultsMax), isExpired: true });
  }

  /** Records the messages of a batch from its `from`-th on: only the newest results are kept. */
  record({ producer, producerSeqs, firstSeq }: Messages, from: number): void {
    const row = this.#of(producer);
    assert((producerSeqs[from] as number) > row.last, 'a producer is recorded only upwards');
    for (let i = Math.max(from, producerSeqs.length - this.#resultsMax); i < producerSeqs.length; i++) {
      row.recent.add(producerSeqs[i] as number, firstSeq + i);
    }
    row.last = producerSeqs[producerSeqs.length - 1] as number;
  }

  /** Whether the first `count` messages are, as far as is remembered, those that got the same numbers before. */
  agreesWithPast(delta: Messages, count: number): boolean {
    const row = this.#rows.get(delta.producer);
    if (row === undefined) return false;
    for (let i = count - 1; i >= Math.max(0, count - 4); i--) {
      const producerSeq = delta.producerSeqs[i] as number;
      if (producerSeq > row.last) return false;
      const known = row.recent.seqOf(producerSeq);
      if (known !== null && known !== delta.firstSeq + i) return false;
    }
    return true;
  }

  snapshot(): readonly ProducerRow[] {
    return [...this.#rows].map(([name, row]) => rowOf(name, row, 0));
  }

  restore(rows: readonly ProducerRow[]): void {
    this.#rows.clear();
    for (const row of rows) this.#rows.set(row.name, restoredProducer(row, this.#resultsMax));
  }

  #of(name: string): ProducerState {
    let row = this.#rows.get(name);
    if (row === undefined) {
      row = newProducer(this.#resultsMax);
      this.#rows.set(name, row);
    }
    return row;
  }
}
