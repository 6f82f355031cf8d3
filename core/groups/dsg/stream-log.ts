/**
 * One stream's log as its members read it: every applied entry that is still needed, without payloads, and two copies
 * of the replicated state. `state` is at the last applied entry; `trail` follows behind it up to the last entry whose
 * messages are released, and is what a snapshot holds. So the log that a snapshot leaves in place is exactly
 * the targets' inbox, and a snapshot never carries payloads.
 */
import { type LogIndex, type StreamSeq, logIndex, streamSeq } from '../../base/units.js';
import { assert } from '../../base/assert.js';
import type { StreamEntry } from '../../wire/group-messages.js';
import type { DeadLetter } from '../../wire/target-steps.js';
import { BATCH_COST, messageCost } from './cost.js';
import type { Admission, StreamDelta } from './stream-delta.js';
import { type StreamShape, StreamState } from './stream-state.js';

/** An applied entry. `lastSeq` is the highest message that it holds, or holds a chunk of; 0 when it holds none. */
export interface AppliedEntry {
  readonly index: LogIndex;
  readonly delta: StreamDelta;
  /** First admitted message or chunk: entries that were not admitted have `isAdmitted` false. */
  readonly isAdmitted: boolean;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly chunkSeq: number;
  readonly chunkCount: number;
  /** What its messages cost as long as they are held (core/groups/dsg/cost.ts); 0 when it holds none. */
  readonly cost: number;
}

/** What became of an entry. */
export interface Application {
  readonly applied: AppliedEntry;
  readonly admission: Admission | null;
  /** Those that left the dead-letter list. */
  readonly lettersLeft: readonly DeadLetter[];
}

export class StreamLog {
  readonly state: StreamState;
  readonly #trail: StreamState;
  /** Applied and not compacted, ascending by index; `#head` is the first that is still needed. */
  #entries: AppliedEntry[] = [];
  #head = 0;
  /** Those of them that hold messages, ascending by (seq, chunkSeq). */
  #admitted: AppliedEntry[] = [];
  #admittedHead = 0;
  /** Place in `#admitted` of the first that some target has not settled. */
  #unsettled = 0;
  #unsettledCost = 0;
  /** Place in `#admitted` of the first that is not released, and what those from there to `#unsettled` cost. */
  #kept = 0;
  #keptCost = 0;
  /** When what was completed, at most one for each `pointMs` of log time, ascending. */
  #points: { seq: number; timeMs: number }[] = [];
  /** Of the newest state that was given away. */
  #snapshotBytes = 0;
  readonly #pointMs: number;
  #applied: LogIndex = logIndex(0);
  #compacted: LogIndex = logIndex(0);
  /** The last message that the newest restored snapshot had released. */
  #restoredSeq: StreamSeq = streamSeq(0);

  /** `pointMs`: how exactly it remembers when something was completed. */
  constructor(shape: StreamShape, resultsMax: number, pointMs = 1_000) {
    this.#pointMs = pointMs;
    this.state = new StreamState(shape, resultsMax);
    this.#trail = new StreamState(shape, resultsMax);
  }

  get applied(): LogIndex {
    return this.#applied;
  }

  /** The last message whose payload is no longer in the log. */
  get releasedSeq(): StreamSeq {
    return this.#trail.lastSeq;
  }

  /** What the admitted messages cost that some target has not settled. */
  get unsettledCost(): number {
    return this.#unsettledCost;
  }

  get retainedCount(): number {
    return this.#entries.length - this.#head;
  }

  /** Applies the entry at `index`; null stands for an entry that carries nothing for the stream. */
  apply(index: LogIndex, entry: StreamEntry | null): Application {
    assert(index > this.#applied, 'entries are applied in log order');
    this.#applied = index;
    const delta = entry === null ? { kind: 'settled' as const, marks: [], timeMs: 0 } : deltaOf(entry);
    const before = this.state.next;
    const lettersLeft = delta.kind === 'targetStep' ? this.state.applyTarget(delta.change) : [];
    const admission = delta.kind === 'targetStep' ? null : this.state.apply(delta);
    const isAdmitted = delta.kind === 'messages' && admission?.kind === 'admitted';
    const applied: AppliedEntry = {
      index,
      delta,
      isAdmitted,
      firstSeq: isAdmitted ? before.seq : 0,
      lastSeq: isAdmitted && delta.kind === 'messages' ? delta.firstSeq + delta.producerSeqs.length - 1 : 0,
      chunkSeq: delta.kind === 'messages' ? delta.chunkSeq : 0,
      chunkCount: delta.kind === 'messages' ? delta.chunkCount : 1,
      cost: isAdmitted && entry?.kind === 'messages' ? costOf(entry) : 0,
    };
    this.#entries.push(applied);
    if (isAdmitted) {
      this.#admitted.push(applied);
      this.#unsettledCost += applied.cost;
    }
    if (delta.kind !== 'messages') this.#followSettled();
    if (delta.kind !== 'messages') this.#followReleased();
    return { applied, admission, lettersLeft };
  }

  /** The state at `index` replaces everything. False when `bytes` is malformed. */
  restore(index: LogIndex, bytes: Uint8Array): boolean {
    if (!this.state.restore(bytes) || !this.#trail.restore(bytes)) return false;
    this.#entries = [];
    this.#head = 0;
    this.#admitted = [];
    this.#admittedHead = 0;
    this.#unsettled = 0;
    this.#unsettledCost = 0;
    this.#kept = 0;
    this.#keptCost = 0;
    this.#points = [];
    this.#applied = index;
    this.#compacted = index;
    this.#restoredSeq = this.state.lastSeq;
    return true;
  }

  /**
   * How far the log may be cut, with the state there: at least `entriesMin` entries or `bytesMin` bytes further than
   * last time, else null. Messages from `heldSeq` on stay. Advances the trailing state, so the caller must carry it out.
   */
  compact(entriesMin: number, bytesMin: number, heldSeq = Number.MAX_SAFE_INTEGER): { readonly through: LogIndex; readonly state: Uint8Array } | null {
    const released = Math.min(this.state.released, heldSeq - 1);
    let end = this.#head;
    let cost = 0;
    while (end < this.#entries.length && (this.#entries[end] as AppliedEntry).lastSeq <= released) {
      cost += (this.#entries[end] as AppliedEntry).cost;
      end++;
    }
    const count = end - this.#head;
    // A snapshot holds the whole producer table: a large one is written the more seldom.
    const isWorthIt = count >= Math.max(entriesMin, this.#snapshotBytes / 64) || cost >= Math.max(bytesMin, 4 * this.#snapshotBytes);
    if (count === 0 || !isWorthIt) return null;
    for (let i = this.#head; i < end; i++) {
      const entry = this.#entries[i] as AppliedEntry;
      this.#trail.apply(entry.delta);
      if (entry.isAdmitted) this.#admittedHead++;
    }
    this.#compacted = (this.#entries[end - 1] as AppliedEntry).index;
    this.#head = end;
    this.#letGo();
    const state = this.#trail.snapshot();
    this.#snapshotBytes = state.length;
    return { through: this.#compacted, state };
  }

  /** The last message that has to go so that what is completed and kept costs at most `bytes`. */
  completedBeyond(bytes: number): number {
    let seq = 0;
    let cost = this.#keptCost;
    for (let at = this.#kept; cost > bytes && at < this.#unsettled; at++) {
      const entry = this.#admitted[at] as AppliedEntry;
      cost -= entry.cost;
      seq = entry.lastSeq;
    }
    return seq;
  }

  /** The last message that was completed at `timeMs` of the log's time or before; 0 when none that is kept was. */
  completedBefore(timeMs: number): number {
    let seq = 0;
    for (const point of this.#points) if (point.timeMs <= timeMs) seq = point.seq;
    return seq;
  }

  /** When the oldest was completed of what is completed and kept; null when nothing is. */
  get oldestCompletedMs(): number | null {
    return this.#points[0]?.timeMs ?? null;
  }

  /** The admitted entry that holds chunk `chunkSeq` of message `seq`, while it is retained; null otherwise. O(log n). */
  find(seq: number, chunkSeq: number): AppliedEntry | null {
    let low = this.#admittedHead;
    let high = this.#admitted.length - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const entry = this.#admitted[middle] as AppliedEntry;
      const order = compareToEntry(seq, chunkSeq, entry);
      if (order === 0) return entry;
      if (order < 0) high = middle - 1;
      else low = middle + 1;
    }
    return null;
  }

  checkInvariants(): void {
    this.state.checkInvariants();
    this.#trail.checkInvariants();
    // The entries that settled what a snapshot has released may come after it: the state learns of them again.
    const releasable = Math.max(this.state.released, this.#restoredSeq);
    assert(this.#trail.lastSeq <= releasable, 'nothing unsettled leaves the log');
    assert(this.#compacted <= this.#applied, 'only applied entries are compacted');
    assert(this.#admittedHead <= this.#unsettled, 'only settled messages leave the log');
    assert(this.#unsettledCost > 0 === this.#unsettled < this.#admitted.length, 'every unsettled message costs something');
  }

  /** Moves the settled place on: each admitted entry is passed once. */
  #followSettled(): void {
    const { releasable } = this.state;
    for (let entry = this.#admitted[this.#unsettled]; entry !== undefined; entry = this.#admitted[this.#unsettled]) {
      if (entry.lastSeq > releasable) return;
      this.#unsettledCost -= entry.cost;
      this.#keptCost += entry.cost;
      this.#unsettled++;
    }
  }

  /** Moves the released place on, and notes when something was completed. */
  #followReleased(): void {
    const { released, releasable, timeMs } = this.state;
    while (this.#kept < this.#unsettled && (this.#admitted[this.#kept] as AppliedEntry).lastSeq <= released) {
      this.#keptCost -= (this.#admitted[this.#kept] as AppliedEntry).cost;
      this.#kept++;
    }
    const last = this.#points.at(-1);
    if (releasable > Math.max(released, last?.seq ?? 0)) {
      const isSame = last !== undefined && Math.floor(last.timeMs / this.#pointMs) === Math.floor(timeMs / this.#pointMs);
      if (isSame) this.#points.pop();
      this.#points.push({ seq: releasable, timeMs });
    }
    let gone = 0;
    while (gone < this.#points.length && (this.#points[gone] as { seq: number }).seq <= released) gone++;
    if (gone > 0) this.#points.splice(0, gone);
  }

  /** Frees what is before the heads, seldom enough that it costs nothing per entry. */
  #letGo(): void {
    if (this.#head > 512 && this.#head * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#head);
      this.#head = 0;
    }
    if (this.#admittedHead > 512 && this.#admittedHead * 2 > this.#admitted.length) {
      this.#admitted = this.#admitted.slice(this.#admittedHead);
      this.#unsettled -= this.#admittedHead;
      this.#kept -= this.#admittedHead;
      this.#admittedHead = 0;
    }
  }
}

/** What an entry does to the state. */
export function deltaOf(entry: StreamEntry): StreamDelta {
  switch (entry.kind) {
    case 'messages':
      return {
        kind: 'messages',
        firstSeq: entry.firstSeq,
        chunkSeq: entry.chunkSeq,
        chunkCount: entry.chunkCount,
        producer: entry.producer,
        producerSeqs: entry.records.map((record) => record.producerSeq),
        epoch: entry.epoch,
        controlNo: entry.controlNo,
        ...(entry.records.some(({ freeId }) => freeId !== '') && { freeIds: entry.records.map(({ freeId }) => freeId) }),
      };
    case 'settled':
    case 'control':
    case 'departure':
    case 'replacement':
    case 'release':
    case 'deletion':
      return entry;
    case 'close':
      return { kind: 'close', isSourceLost: entry.isSourceLost };
    case 'targetStep':
      return entry;
  }
}

function costOf(entry: Extract<StreamEntry, { kind: 'messages' }>): number {
  let cost = BATCH_COST;
  for (const record of entry.records) cost += messageCost(record);
  return cost;
}

function compareToEntry(seq: number, chunkSeq: number, entry: AppliedEntry): number {
  if (seq < entry.firstSeq) return -1;
  if (seq > entry.lastSeq) return 1;
  return entry.chunkCount === 1 ? 0 : chunkSeq - entry.chunkSeq;
}
