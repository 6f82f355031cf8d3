/**
 * What the node and the hosts see of the journal: the shapes that go in and out of `Journal` (journal.ts). The shapes
 * of records, reads and entries are structurally those of core/node/effects.ts and core/raft, which rank higher.
 */
import type { GroupId } from '../base/ids.js';
import type { JournalSeq, LogIndex, Term } from '../base/units.js';

/** A log entry of a replicated group, as Raft hands it over and gets it back. `bytes` must not change afterwards. */
export interface JournalEntry {
  readonly index: LogIndex;
  readonly term: Term;
  readonly kind: 'noop' | 'data' | 'configuration';
  readonly bytes: Uint8Array;
}

/** One value of the store. End to end the parts are the record, checksums included. */
export interface JournalRecord {
  readonly seq: JournalSeq;
  readonly parts: readonly Uint8Array[];
}

/** An inclusive range of records. */
export interface SeqRange {
  readonly from: JournalSeq;
  readonly to: JournalSeq;
}

/** What one turn writes: goes into one `persist`, whole or not at all. Never empty of records. */
export interface JournalTake {
  readonly records: readonly JournalRecord[];
  /** Ascending, disjoint. Records that nothing needs once this very batch is durable. */
  readonly drops: readonly SeqRange[];
}

/** A part of a record, as the host's `fetch` takes it. */
export interface JournalRead {
  readonly seq: JournalSeq;
  readonly offset: number;
  readonly length: number;
}

/** Where entries [from, to] of a group lie: one block, at most about `blockBytesMax` unless one entry is larger. */
export interface EntryLocation {
  readonly read: JournalRead;
  readonly group: GroupId;
  readonly term: Term;
  /** The entries asked for; the block may hold more on either side. */
  readonly from: LogIndex;
  readonly to: LogIndex;
  /** The first entry that the block holds. */
  readonly blockFirst: LogIndex;
}

export interface BlobLocation {
  readonly read: JournalRead;
  readonly owner: string;
  readonly no: number;
  /** The entry whose bytes it shares; null when it has its own. */
  readonly entry: EntryLocation | null;
}

/** A run of entries of one term: from `from` up to the next run's `from` or the log's end. */
export interface TermRun {
  readonly from: LogIndex;
  readonly term: Term;
}

/** A group's log as the journal holds it. The log is empty when `lastIndex` = `compactedThrough`. */
export interface RestoredGroup {
  readonly group: GroupId;
  /** Entries up to and including this one are gone (into a snapshot, which its owner keeps under a key). */
  readonly compactedThrough: LogIndex;
  readonly lastIndex: LogIndex;
  /** The terms of (compactedThrough, lastIndex], ascending. */
  readonly termRuns: readonly TermRun[];
  /** The newest entries, up to `restoredTailBytesMax` of them, ending at `lastIndex`. */
  readonly tail: readonly JournalEntry[];
  /**
   * The first entry whose bytes no longer have their checksum, or null. The replica must neither vote nor acknowledge
   * in this group until its log is past `lastIndex` again from its peers (raft.md 37); appending over the damaged
   * entries heals them.
   */
  readonly damagedFrom: LogIndex | null;
}

/** Why a journal cannot be opened. Nothing was changed. */
export type JournalDamage =
  /** Record `seq`, which is not an unacknowledged tail, fails its checksums or makes no sense. */
  | { readonly kind: 'corrupt'; readonly seq: JournalSeq; readonly reason: CorruptReason }
  /** Written by a later version of this program. */
  | { readonly kind: 'newer-format'; readonly seq: JournalSeq; readonly format: number }
  /** Entry `index` of `group` is in no record, though entries after it are: records are missing. */
  | { readonly kind: 'gap'; readonly group: GroupId; readonly index: LogIndex };

export type CorruptReason =
  | 'magic'
  | 'prefix-checksum'
  | 'seq'
  | 'length'
  | 'head-checksum'
  | 'head'
  | 'value-checksum'
  | 'blob-checksum'
  | 'torn-inside'
  | 'order';

/** Bounds and thresholds of a journal. */
export interface JournalConfig {
  /** Entries from this size on are parts by reference, smaller ones are copied together. */
  readonly partBytesMin: number;
  /** A block of entries is closed at this size: the unit of reading back. */
  readonly blockBytesMax: number;
  /**
   * A group that appends at least this much in one turn gets records of its own: its content dies together. What is
   * smaller shares a record and may keep its neighbours' dead bytes on disk with it, so this is a page of the store.
   */
  readonly ownRecordBytesMin: number;
  /** Such records, and those of blobs, are closed at this size. */
  readonly recordBytesMax: number;
  /** Small live items are rewritten when the total exceeds twice the live bytes by this much. */
  readonly rewriteSlackBytes: number;
  /** At most this much is rewritten in one turn. */
  readonly rewriteBytesMax: number;
  /** How many records one turn looks at for rewriting. */
  readonly rewriteScanMax: number;
  /** Bytes of newest entries handed to each group at restore, and over all groups together. */
  readonly restoredTailBytesMax: number;
  readonly restoredTailsBytesMax: number;
}

export const DEFAULT_JOURNAL_CONFIG: JournalConfig = {
  partBytesMin: 4_096,
  blockBytesMax: 65_536,
  ownRecordBytesMin: 4_096,
  recordBytesMax: 1_048_576,
  rewriteSlackBytes: 4_194_304,
  rewriteBytesMax: 262_144,
  rewriteScanMax: 256,
  restoredTailBytesMax: 262_144,
  restoredTailsBytesMax: 33_554_432,
};

/** The methods of `Journal`, for readers and for tests that stand in for it. */
export interface JournalApi {
  /** Whether anything was asked for since the last `take`. */
  readonly isDirty: boolean;
  /** Bytes in records that are not dropped, and what of them is needed. */
  readonly totalBytes: number;
  readonly liveBytes: number;

  /** Sets a key. Kept in memory as long as it lives: for what is small. `value` must not change afterwards. */
  put(key: string, value: Uint8Array): void;
  remove(key: string): void;
  get(key: string): Uint8Array | null;
  /** The live keys with that prefix, in code unit order. A prefix without two slashes costs a walk over all keys. */
  keys(prefix: string): string[];

  /** Appends entries (contiguous, at least one); those at or after the first one's index are gone. */
  append(group: GroupId, entries: readonly JournalEntry[]): void;
  /**
   * Entries <= `through` and entries > `last` are gone. `last` is the end of the log afterwards: the present one for
   * a compaction; for an installed snapshot `through` itself (log dropped) or the present one (suffix kept).
   */
  compact(group: GroupId, through: LogIndex, last: LogIndex): void;
  /** Everything of the group is gone. */
  removeGroup(group: GroupId): void;

  /** Stages bytes that are not kept in memory. (owner, no) must not be live. */
  stageBlob(owner: string, no: number, bytes: Uint8Array): void;
  /** Does nothing when it is not live. */
  dropBlob(owner: string, no: number): void;
  /** The live blobs of an owner, ascending. */
  blobs(owner: string): number[];
  /** The owners with that prefix that have live blobs, in code unit order. Costs as `keys` does. */
  blobOwners(prefix?: string): string[];

  /** What this turn writes, or null when nothing was asked for. */
  take(): JournalTake | null;

  /**
   * Where entries [from, to] lie, in order, stopping before `bytesMax` is exceeded (but at least one block). Empty when
   * `from` is not in the log, not taken yet, or damaged.
   */
  locate(group: GroupId, from: LogIndex, to: LogIndex, bytesMax: number): EntryLocation[];
  /** Where a blob lies; null when it is not live or not taken yet. */
  locateBlob(owner: string, no: number): BlobLocation | null;

  /** The groups as they were recovered, tails included. The tails are let go of by `releaseRestored`. */
  restoredGroups(): RestoredGroup[];
  releaseRestored(): void;

  checkInvariants(): void;
}
