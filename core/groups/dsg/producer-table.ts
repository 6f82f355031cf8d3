/**
 * The source's own table of the producers of a stream: where each stands in what was numbered here, its epoch, and how
 * much of that is durable. It is ahead of the replicated table by what is staged, and decides who is fenced.
 *
 * Invariant: a producer's last seq and epoch never decrease; a row is durable before its producer is told of it.
 */
import { assert, present } from '../../base/assert.js';
import type { StreamId } from '../../base/ids.js';
import type { JournalApi } from '../../journal/api.js';
import { ProducerRow } from '../../wire/group-messages.js';
import { producerKey, producerPrefix } from './staging-keys.js';
import { type ProducerState, newProducer, restoredProducer, rowOf } from './admitted-producers.js';
import { RecentResults } from './recent-results.js';

export class ProducerTable {
  readonly #journal: JournalApi;
  readonly #stream: StreamId;
  readonly #resultsMax: number;
  readonly #rows = new Map<string, ProducerState>();
  readonly #durableLasts = new Map<string, number>();
  readonly #onMoved: (producer: string) => void;
  #expiredCount = 0;
  /** When each was used last in this or an earlier boot, as of its newest row. */
  readonly #usedAtMs = new Map<string, number>();
  /** By the wall clock, at the present turn. */
  nowMs = 0;

  /** `onMoved`: more of what the producer published is durable. */
  constructor(journal: JournalApi, stream: StreamId, resultsMax: number, onMoved: (producer: string) => void) {
    this.#journal = journal;
    this.#stream = stream;
    this.#resultsMax = resultsMax;
    this.#onMoved = onMoved;
  }

  /** Those that may publish. */
  get count(): number {
    return this.#rows.size - this.#expiredCount;
  }

  get expiredCount(): number {
    return this.#expiredCount;
  }

  has(producer: string): boolean {
    return this.#rows.has(producer);
  }

  lastOf(producer: string): number {
    return this.#rows.get(producer)?.last ?? 0;
  }

  epochOf(producer: string): number {
    return this.#rows.get(producer)?.epoch ?? 0;
  }

  isExpired(producer: string): boolean {
    return this.#rows.get(producer)?.isExpired ?? false;
  }

  /** At most `countMax` of those that may publish and have not for `idleMs`. Looks at all. */
  idle(idleMs: number, countMax: number): string[] {
    const found: string[] = [];
    for (const [name, { isExpired }] of this.#rows) {
      if (found.length >= countMax) break;
      if (!isExpired && (this.#usedAtMs.get(name) ?? 0) + idleMs <= this.nowMs) found.push(name);
    }
    return found;
  }

  /** The last producerSeq whose message is durable here. */
  durableLastOf(producer: string): number {
    return this.#durableLasts.get(producer) ?? 0;
  }

  /** The seq that a repeated producerSeq got; null when that is too long ago. */
  resultOf(producer: string, producerSeq: number): number | null {
    return this.#rows.get(producer)?.recent.seqOf(producerSeq) ?? null;
  }

  /** Whether the newest results prove that `producerSeq` was passed over: later ones were numbered, it never was. */
  wasPassedOver(producer: string, producerSeq: number): boolean {
    const recent = this.#rows.get(producer)?.recent;
    const oldest = recent?.oldest ?? null;
    if (recent === undefined || oldest === null) return false;
    return (oldest < producerSeq || !recent.isFull) && recent.seqOf(producerSeq) === null;
  }

  /** Its message got `seq`. */
  record(producer: string, producerSeq: number, seq: number): void {
    const row = this.#of(producer);
    assert(producerSeq > row.last, 'a producerSeq is numbered once');
    row.last = producerSeq;
    row.recent.add(producerSeq, seq);
  }

  /** Opens the producer once more; gives its new epoch. */
  raise(producer: string): number {
    return ++this.#of(producer).epoch;
  }

  /** What it got is forgotten, that it was there is not. */
  expire(producer: string): void {
    const row = this.#of(producer);
    if (!row.isExpired) this.#expiredCount++;
    this.#rows.set(producer, { ...row, recent: new RecentResults(this.#resultsMax), isExpired: true });
  }

  write(producer: string): void {
    const row = present(this.#rows.get(producer), 'a touched producer has a row');
    this.#usedAtMs.set(producer, this.nowMs);
    this.#journal.put(producerKey(this.#stream, producer), ProducerRow.encode(rowOf(producer, row, this.nowMs)));
  }

  onDurable(producer: string, last: number): void {
    this.#durableLasts.set(producer, last);
    this.#onMoved(producer);
  }

  /** Boot. False: a row does not decode. */
  restore(): boolean {
    for (const key of this.#journal.keys(producerPrefix(this.#stream))) {
      const row = ProducerRow.decode(present(this.#journal.get(key), 'a listed key has a value'));
      if (row === null) return false;
      const { name, last, isExpired } = row;
      this.#rows.set(name, restoredProducer(row, this.#resultsMax));
      this.#durableLasts.set(name, last);
      this.#usedAtMs.set(name, row.usedAtMs);
      if (isExpired) this.#expiredCount++;
    }
    return true;
  }

  #of(producer: string): ProducerState {
    let row = this.#rows.get(producer);
    if (row === undefined) {
      row = newProducer(this.#resultsMax);
      this.#rows.set(producer, row);
    }
    return row;
  }
}
