/**
 * The log of one replica: the terms of all its entries, the bytes of the newest, and how far it is written and durable.
 *
 * An entry may be sent by its leader when it and all before it are durable here or marked to leave early:
 * configurations always, all else where the group allows it. It counts here only once durable (thesis §10.2.1).
 *
 * Three frontiers: base (snapshot) <= durable <= written <= last. `written` is what was handed to a write, `durable`
 * what the disk has confirmed *of this content*: a truncation pulls all three back, so an old write that completes
 * late confirms nothing of what has replaced it (rule 21). While a snapshot that replaced the log is being written,
 * durable stands below the base.
 *
 * Memory: only durable entries are let go, oldest first, down to `tailBytesMax`; older ones are fetched.
 */
import { assert } from '../base/assert.js';
import { type LogIndex, type Term, logIndex } from '../base/units.js';
import type { RaftEntry, RestoredRaft } from './api.js';
import { TermRuns } from './term-runs.js';

/** How much of a range to give. At least one entry is given however large it is. */
export interface RangeLimit {
  readonly bytesMax: number;
  readonly entriesMax: number;
}

export class RaftLog {
  readonly #terms: TermRuns;
  readonly #tailBytesMax: number;
  /** Entries from #tailFirst to the last one, without gaps; the first #head places are let go. */
  #tail: RaftEntry[] = [];
  #head = 0;
  #tailFirst: LogIndex;
  #tailBytes = 0;
  #written: LogIndex;
  #durable: LogIndex;
  /** The end of those that may leave early; at or below the durable end when there are none. */
  #early: LogIndex = logIndex(0);
  /** The answer to the newest fetch: entries older than the tail. */
  #fetched: readonly RaftEntry[] = [];

  constructor(restored: RestoredRaft, tailBytesMax: number) {
    this.#terms = new TermRuns(restored.snapshot, restored.terms);
    this.#tailBytesMax = tailBytesMax;
    this.#written = this.#terms.lastIndex;
    this.#durable = this.#terms.lastIndex;
    this.#tailFirst = logIndex(this.#terms.lastIndex - restored.tail.length + 1);
    let index: number = this.#tailFirst;
    for (const entry of restored.tail) {
      assert(entry.index === index++ && entry.term === this.termAt(entry.index), 'the restored tail fits its terms');
      this.#tail.push(entry);
      this.#tailBytes += entry.bytes.length;
    }
    this.#letGo();
  }

  get snapshotIndex(): LogIndex {
    return this.#terms.baseIndex;
  }

  get snapshotTerm(): Term {
    return this.#terms.baseTerm;
  }

  get lastIndex(): LogIndex {
    return this.#terms.lastIndex;
  }

  get lastTerm(): Term {
    return this.#terms.lastTerm;
  }

  get durableIndex(): LogIndex {
    return this.#durable;
  }

  /** A leader sends no further than this. */
  get sendableIndex(): LogIndex {
    return this.#early > this.#durable ? this.#early : this.#durable;
  }

  get writtenIndex(): LogIndex {
    return this.#written;
  }

  get hasUnwritten(): boolean {
    return this.#written < this.lastIndex;
  }

  /** Null outside [snapshot, last]. */
  termAt(index: LogIndex): Term | null {
    return this.#terms.termAt(index);
  }

  /** See `TermRuns.lastAtMost`. */
  lastAtMost(place: { readonly index: LogIndex; readonly term: Term }): number {
    return this.#terms.lastAtMost(place);
  }

  append(entry: RaftEntry, leavesEarly: boolean): void {
    assert(entry.index === this.lastIndex + 1, 'entries are appended without gaps');
    if (leavesEarly && this.sendableIndex === this.lastIndex) this.#early = entry.index;
    this.#terms.append(entry.term);
    this.#tail.push(entry);
    this.#tailBytes += entry.bytes.length;
  }

  /** Removes the entry at `index` and all after it; something else is appended there at once. */
  truncateFrom(index: LogIndex): void {
    this.#terms.truncateFrom(index);
    if (index <= this.#tailFirst) this.#clearTail(index);
    else {
      while (this.#tail.length > 0 && (this.#tail[this.#tail.length - 1] as RaftEntry).index >= index) {
        this.#tailBytes -= (this.#tail.pop() as RaftEntry).bytes.length;
      }
    }
    if (this.#fetched.some((entry) => entry.index >= index)) this.#fetched = [];
    const kept = logIndex(index - 1);
    if (this.#written > kept) this.#written = kept;
    if (this.#durable > kept) this.#durable = kept;
    if (this.#early > kept) this.#early = kept;
  }

  /** Lets the log up to `index`, which is durable, go. */
  compactThrough(index: LogIndex): void {
    assert(index <= this.lastIndex, 'compaction stays within the log');
    this.#terms.compactThrough(index);
    while (this.#tailFirst <= index && this.#head < this.#tail.length) this.#dropOldest();
    if (this.#tailFirst <= index) this.#clearTail(logIndex(index + 1));
    // A snapshot from a leader may cover entries whose own write is still under way; it is written in their place.
    if (this.#written < index) this.#written = index;
  }

  /** Replaces the whole log by a snapshot that is still to be written. `agreed`: what of the old log equals the new. */
  resetTo(snapshot: { readonly index: LogIndex; readonly term: Term }, agreed: LogIndex): void {
    this.#terms.reset(snapshot);
    this.#clearTail(logIndex(snapshot.index + 1));
    this.#fetched = [];
    this.#written = snapshot.index;
    if (this.#durable > agreed) this.#durable = agreed;
    this.#early = this.#durable;
  }

  /** The entries no write has taken yet; from now on they are written. */
  takeUnwritten(): RaftEntry[] {
    const entries = this.#tail.slice(this.#head + (this.#written + 1 - this.#tailFirst));
    this.#written = this.lastIndex;
    return entries;
  }

  /** A write that held everything up to `index`, as it is now, is durable. */
  markDurable(index: LogIndex): void {
    assert(index <= this.#written, 'only what was written becomes durable');
    if (index > this.#durable) this.#durable = index;
    this.#letGo();
  }

  /** What was written after `index` was not written after all. */
  rewindWritten(index: LogIndex): void {
    this.#written = logIndex(Math.max(Math.min(this.#written, index), this.snapshotIndex));
  }

  /**
   * The entries from `from` up to `through`, within `limit`; null when they have to be fetched. `from` is held, that
   * is, after the snapshot.
   */
  range(from: LogIndex, through: LogIndex, limit: RangeLimit): RaftEntry[] | null {
    assert(from > this.snapshotIndex && through <= this.lastIndex, 'a range lies within the log');
    if (from >= this.#tailFirst) return this.#slice(this.#tail, this.#head + (from - this.#tailFirst), through, limit);
    const first = this.#fetched[0];
    if (first === undefined || from < first.index || from >= first.index + this.#fetched.length) return null;
    return this.#slice(this.#fetched, from - first.index, through, limit);
  }

  /** The last index before the tail in memory. */
  get lastFetchable(): LogIndex {
    return logIndex(this.#tailFirst - 1);
  }

  /** Keeps fetched entries for the next `range`; false when they are not (or no longer) of this log. */
  keepFetched(entries: readonly RaftEntry[]): boolean {
    let index = entries[0]?.index ?? 0;
    if (index <= this.snapshotIndex) return false;
    for (const entry of entries) {
      if (entry.index !== index++ || this.termAt(entry.index) !== entry.term) return false;
    }
    this.#fetched = entries;
    return true;
  }

  checkInvariants(): void {
    assert(this.#written <= this.lastIndex, 'written at most last');
    assert(this.#durable <= this.#written, 'durable at most written');
    assert(this.snapshotIndex <= this.lastIndex, 'the snapshot is at most the last');
    assert(this.#written >= this.snapshotIndex, 'the snapshot is in a write');
    assert(this.#tailFirst + (this.#tail.length - this.#head) === this.lastIndex + 1, 'the tail reaches the end');
    assert(this.#tailFirst <= this.#durable + 1 || this.#durable < this.snapshotIndex, 'only durable entries are let go');
  }

  #slice(source: readonly RaftEntry[], start: number, through: LogIndex, limit: RangeLimit): RaftEntry[] {
    let bytes = 0;
    let end = start;
    const count = Math.min(limit.entriesMax, source.length - start);
    for (; end < start + count; end++) {
      const entry = source[end] as RaftEntry;
      bytes += entry.bytes.length;
      if (entry.index > through || (bytes > limit.bytesMax && end > start)) break;
    }
    return source.slice(start, end);
  }

  #letGo(): void {
    while (this.#tailBytes > this.#tailBytesMax && this.#tailFirst <= this.#durable) {
      this.#dropOldest();
    }
  }

  #dropOldest(): void {
    this.#tailBytes -= (this.#tail[this.#head] as RaftEntry).bytes.length;
    this.#tail[this.#head] = GONE;
    this.#head++;
    this.#tailFirst = logIndex(this.#tailFirst + 1);
    if (this.#head > 1024 && this.#head * 2 > this.#tail.length) {
      this.#tail = this.#tail.slice(this.#head);
      this.#head = 0;
    }
  }

  #clearTail(nextIndex: LogIndex): void {
    this.#tail = [];
    this.#head = 0;
    this.#tailBytes = 0;
    this.#tailFirst = nextIndex;
  }
}

/** Fills the places of entries that were let go, so that their bytes can be collected. */
const GONE: RaftEntry = { index: logIndex(0), term: 0 as Term, kind: 'noop', bytes: new Uint8Array(0) };
