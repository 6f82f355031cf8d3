/**
 * Which records are still needed. A record may be dropped when nothing in it is live, whatever its place: what is
 * newer and live hides what is stale. Two kinds of things are live:
 * - *content* that is the present value of a key, blob, block of entries or compaction mark;
 * - a *tombstone* (removed key or group, dropped blob), for as long as an older record that still mentions its
 *   subject is not dropped: replay would bring the subject back without it.
 * Invariant: the newest record is never dropped, so that a sequence number is never used twice. Drops become durable
 * in the same atomic batch as the record that superseded their content, so they need no batch of their own.
 */
import type { JournalSeq } from '../base/units.js';
import { assert } from '../base/assert.js';
import type { SeqRange } from './api.js';

/** A key, a blob or a group: what records mention and tombstones are about. */
export interface Subject {
  /** How many records that are not dropped hold content of it, stale or live. */
  mentions: number;
  /** The record that holds its tombstone. */
  tombstone: LiveRecord | null;
  /** Removed. Once nothing mentions it, it is forgotten. */
  isGone: boolean;
  /** Nothing mentions it any more and it is gone: leave the maps. */
  onForgotten(): void;
}

/** The bookkeeping of one record that is not dropped. */
export class LiveRecord {
  readonly seq: JournalSeq;
  length = 0;
  /** Live things in it, and those of them that cannot be rewritten because memory does not hold them. */
  liveCount = 0;
  fixedCount = 0;
  /** What has content in it, once for each mention. */
  readonly subjects: Subject[] = [];
  /** What had a tombstone put here; it counts only while `subject.tombstone` is this record. */
  readonly tombstones: Subject[] = [];
  isDropped = false;

  constructor(seq: JournalSeq) {
    this.seq = seq;
  }
}

export class RecordTable {
  readonly #records = new Map<JournalSeq, LiveRecord>();
  #suspects: LiveRecord[] = [];
  #newest: LiveRecord | null = null;
  #scan: IterableIterator<LiveRecord> | null = null;
  totalBytes = 0;
  liveBytes = 0;

  get recordCount(): number {
    return this.#records.size;
  }

  records(): IterableIterator<LiveRecord> {
    return this.#records.values();
  }

  /** A record above all others. */
  add(seq: JournalSeq): LiveRecord {
    assert(this.#newest === null || seq > this.#newest.seq, 'records come in ascending order');
    const record = new LiveRecord(seq);
    if (this.#newest !== null && this.#newest.liveCount === 0) this.#suspects.push(this.#newest);
    this.#records.set(seq, record);
    this.#newest = record;
    return record;
  }

  /** The record's size on disk, once it is known. */
  setLength(record: LiveRecord, length: number): void {
    this.totalBytes += length - record.length;
    record.length = length;
  }

  /** `record` holds content of `subject`. */
  mention(record: LiveRecord, subject: Subject): void {
    record.subjects.push(subject);
    subject.mentions++;
  }

  /** One more live thing of about `bytes`; `fixed` when memory does not hold it. */
  hold(record: LiveRecord, bytes: number, fixed: boolean): void {
    record.liveCount++;
    if (fixed) record.fixedCount++;
    this.liveBytes += bytes;
  }

  release(record: LiveRecord, bytes: number, fixed: boolean): void {
    assert(record.liveCount > 0 && !record.isDropped, 'what is released was held');
    record.liveCount--;
    if (fixed) record.fixedCount--;
    this.liveBytes -= bytes;
    if (record.liveCount === 0) this.#suspects.push(record);
  }

  /** Puts the tombstone of a gone subject into `record`, moving it there if it is elsewhere. */
  holdTombstone(record: LiveRecord, subject: Subject): void {
    this.releaseTombstone(subject);
    subject.tombstone = record;
    record.tombstones.push(subject);
    this.hold(record, TOMBSTONE_BYTES, false);
  }

  releaseTombstone(subject: Subject): void {
    if (subject.tombstone === null) return;
    this.release(subject.tombstone, TOMBSTONE_BYTES, false);
    subject.tombstone = null;
  }

  /** Drops every record that nothing needs, and what follows from that. Returns what was dropped, ascending. */
  sweep(): JournalSeq[] {
    const dropped: JournalSeq[] = [];
    for (let record = this.#suspects.pop(); record !== undefined; record = this.#suspects.pop()) {
      if (record.liveCount > 0 || record.isDropped || record === this.#newest) continue;
      this.#drop(record);
      dropped.push(record.seq);
    }
    return dropped.sort((a, b) => a - b);
  }

  #drop(record: LiveRecord): void {
    record.isDropped = true;
    this.#records.delete(record.seq);
    this.totalBytes -= record.length;
    for (const subject of record.subjects) {
      assert(subject.mentions > 0, 'a mention is counted once');
      subject.mentions--;
      if (subject.mentions > 0 || !subject.isGone) continue;
      this.releaseTombstone(subject);
      subject.onForgotten();
    }
  }

  /**
   * The next record, oldest first and around in turns, whose live things can all be rewritten; looks at no more than
   * `scanMax` records. Null when there is none.
   */
  nextRewritable(scanMax: number): LiveRecord | null {
    for (let looked = 0; looked < scanMax; looked++) {
      this.#scan ??= this.#records.values();
      const next = this.#scan.next();
      if (next.done === true || next.value === this.#newest) {
        this.#scan = null;
        return null;
      }
      const record = next.value;
      if (record.liveCount > 0 && record.fixedCount === 0) return record;
    }
    return null;
  }
}

/** Adjacent sequence numbers as ranges. `seqs` is ascending. */
export function rangesOf(seqs: readonly JournalSeq[]): SeqRange[] {
  const ranges: { from: JournalSeq; to: JournalSeq }[] = [];
  for (const seq of seqs) {
    const last = ranges[ranges.length - 1];
    if (last !== undefined && seq === last.to + 1) last.to = seq;
    else ranges.push({ from: seq, to: seq });
  }
  return ranges;
}

/** What a tombstone counts for: a kind, an id or a short key, a number. */
export const TOMBSTONE_BYTES = 40;
