/**
 * The log of one replicated group as the journal sees it: where its blocks of entries lie, how far it is compacted, and
 * the entries of this turn that no record holds yet. Bytes of written entries are not kept.
 *
 * Why replay of any surviving records gives exactly this log, for an entry (index i, record s) that is stale but still
 * on disk (the model test of journal.test.ts tries it):
 * - i <= through: it was written before the compaction mark that passed i; the live mark is that one or a later one.
 * - through < i <= last: the live entry i is in a later record, whose append begins at or below i and voids it.
 * - i > last: the log once reached i and was cut below it by an append or a mark. Since then last < i, so each later
 *   append begins at or below i, and each later mark says a last below i. The latest of these is live: the append that
 *   wrote the entry `last`, or the mark.
 */
import type { GroupId } from '../base/ids.js';
import { type LogIndex, type Term, logIndex } from '../base/units.js';
import { assert } from '../base/assert.js';
import type { JournalEntry, TermRun } from './api.js';
import type { LiveRecord, RecordTable, Subject } from './liveness.js';

/** Entries [firstIndex, lastIndex] of one term in one unit of a record. A truncation lowers `lastIndex`. */
export class Block {
  readonly firstIndex: LogIndex;
  lastIndex: LogIndex;
  readonly term: Term;
  readonly record: LiveRecord;
  /** Of the unit, in the record. */
  offset: number;
  readonly length: number;
  /** Its bytes failed their checksum when they were recovered. */
  isDamaged = false;
  /** The unit's bytes, for the newest blocks after a recovery, until they are let go of. */
  restored: Uint8Array | null = null;

  constructor(of: { firstIndex: LogIndex; count: number; term: Term; record: LiveRecord; offset: number; length: number }) {
    this.firstIndex = of.firstIndex;
    this.lastIndex = logIndex(of.firstIndex + of.count - 1);
    this.term = of.term;
    this.record = of.record;
    this.offset = of.offset;
    this.length = of.length;
  }
}

export class GroupLog implements Subject {
  readonly group: GroupId;
  readonly #table: RecordTable;
  readonly #onForgotten: (log: GroupLog) => void;
  mentions = 0;
  tombstone: LiveRecord | null = null;
  isGone = false;
  /** The record that was last told to mention it. */
  mentionedIn: LiveRecord | null = null;
  /** Entries up to here are compacted away. */
  through: LogIndex = logIndex(0);
  /** Ascending, without overlap; contiguous but during replay. */
  readonly blocks: Block[] = [];
  /** Contiguous, following the blocks; to be written by the next take. */
  pending: JournalEntry[] = [];
  /** The record of the live compaction mark. */
  markRecord: LiveRecord | null = null;
  /** A mark has to be written by the next take. */
  isMarkPending = false;

  constructor(group: GroupId, table: RecordTable, onForgotten: (log: GroupLog) => void) {
    this.group = group;
    this.#table = table;
    this.#onForgotten = onForgotten;
  }

  onForgotten(): void {
    this.#onForgotten(this);
  }

  /** The last index; `through` when the log is empty. */
  get last(): LogIndex {
    const pending = this.pending[this.pending.length - 1];
    return pending === undefined ? this.writtenLast : pending.index;
  }

  /** The last index that a block holds; `through` when none does. */
  get writtenLast(): LogIndex {
    return this.blocks[this.blocks.length - 1]?.lastIndex ?? this.through;
  }

  /** The last index that the mark of this turn has to name. */
  get markLast(): LogIndex {
    const first = this.pending[0];
    return first === undefined ? this.last : logIndex(first.index - 1);
  }

  /** Entries of this turn. */
  appendPending(entries: readonly JournalEntry[]): void {
    const first = entries[0];
    assert(first !== undefined, 'an append has at least one entry');
    assert(first.index > this.through && first.index <= this.last + 1, 'an append continues or overwrites the log');
    this.#revive();
    this.truncate(logIndex(first.index - 1));
    this.dropCompacted();
    let index = first.index as number;
    for (const entry of entries) {
      assert(entry.index === index++, 'appended entries are contiguous');
      this.pending.push(entry);
    }
  }

  /** A compaction or an installed snapshot of this turn. */
  compactPending(through: LogIndex, last: LogIndex): void {
    assert(through >= this.through && last >= through, 'compaction only goes forward');
    assert(last <= this.last || last === through, 'a compaction names no entry that is not there');
    if (through === this.through && last === this.last && !this.isGone) return;
    this.#revive();
    this.setMark(through, last);
    this.isMarkPending = true;
  }

  /** Voids entries <= through and > last, pending ones included; the mark's old place is released. */
  setMark(through: LogIndex, last: LogIndex): void {
    this.releaseMark();
    this.truncate(last);
    this.through = through;
    this.dropCompacted();
    let kept = 0;
    while (kept < this.pending.length && (this.pending[kept] as JournalEntry).index <= through) kept++;
    if (kept > 0) this.pending.splice(0, kept);
  }

  /**
   * Lets go of blocks that lie wholly at or below `through`. A replay may not do so before it has seen every mark: a
   * stale one of the group's former life may stand before entries of its present life.
   */
  dropCompacted(): void {
    let dead = 0;
    for (const block of this.blocks) {
      if (block.lastIndex > this.through) break;
      this.#table.release(block.record, block.length, true);
      dead++;
    }
    if (dead > 0) this.blocks.splice(0, dead);
  }

  /** Voids entries above `last`. */
  truncate(last: LogIndex): void {
    while (this.pending.length > 0 && (this.pending[this.pending.length - 1] as JournalEntry).index > last)
      this.pending.pop();
    for (let block = this.blocks.at(-1); block !== undefined && block.lastIndex > last; block = this.blocks.at(-1)) {
      if (block.firstIndex <= last) {
        block.lastIndex = last;
        return;
      }
      this.blocks.pop();
      this.#table.release(block.record, block.length, true);
    }
  }

  /** Everything is gone; its tombstone is its caller's business. */
  clear(): void {
    this.truncate(logIndex(0));
    this.releaseMark();
    this.through = logIndex(0);
    this.isMarkPending = false;
    this.isGone = true;
  }

  releaseMark(): void {
    if (this.markRecord === null) return;
    this.#table.release(this.markRecord, MARK_BYTES, false);
    this.markRecord = null;
  }

  holdMark(record: LiveRecord): void {
    this.releaseMark();
    this.markRecord = record;
    this.#table.hold(record, MARK_BYTES, false);
  }

  /** The place in `blocks` of the block that holds `index`, or -1. */
  blockAt(index: LogIndex): number {
    let low = 0;
    let high = this.blocks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.blocks[middle] as Block).lastIndex < index) low = middle + 1;
      else high = middle;
    }
    const block = this.blocks[low];
    return block !== undefined && block.firstIndex <= index && index > this.through ? low : -1;
  }

  termRuns(): TermRun[] {
    const runs: TermRun[] = [];
    let next = this.through + 1;
    for (const block of this.blocks) {
      if (runs.at(-1)?.term !== block.term) runs.push({ from: logIndex(next), term: block.term });
      next = block.lastIndex + 1;
    }
    return runs;
  }

  /** The first index that no block holds though a later one does; null when the log is whole. */
  firstGap(): LogIndex | null {
    let next = this.through + 1;
    for (const block of this.blocks) {
      if (block.firstIndex > next) return logIndex(next);
      next = block.lastIndex + 1;
    }
    return null;
  }

  /** A group that was removed begins again: a mark at 0 voids what older records hold of its former life. */
  #revive(): void {
    if (!this.isGone) return;
    this.isGone = false;
    this.#table.releaseTombstone(this);
    this.isMarkPending = true;
  }
}

/** What a compaction mark counts for. */
export const MARK_BYTES = 32;
