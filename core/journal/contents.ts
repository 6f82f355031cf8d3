/**
 * What a journal holds: keys with their values, staged blobs, logs of groups, and for each the record that it lives
 * in. The `settle…` methods put one item into one record; writing and replay share them, so that a recovered journal
 * has the same books as the one that wrote it.
 */
import type { GroupId } from '../base/ids.js';
import type { LogIndex } from '../base/units.js';
import { assert } from '../base/assert.js';
import type { BlockPlace, UnitPlace } from './record.js';
import { Directories } from './directories.js';
import { Block, GroupLog, MARK_BYTES } from './group-log.js';
import { type LiveRecord, RecordTable, type Subject, TOMBSTONE_BYTES } from './liveness.js';
import { putBytes } from './record-builder.js';

/** A key. `record` is null until the take that writes its newest value. */
export class KeyCell implements Subject {
  readonly key: string;
  readonly #contents: Contents;
  value: Uint8Array | null = null;
  record: LiveRecord | null = null;
  mentions = 0;
  tombstone: LiveRecord | null = null;
  isGone = false;

  constructor(key: string, contents: Contents) {
    this.key = key;
    this.#contents = contents;
  }

  onForgotten(): void {
    this.#contents.forgetKey(this);
  }
}

/** The entry whose bytes a blob shares. The block stays readable while the blob lives, whatever becomes of the log. */
export interface SharedEntry {
  readonly group: GroupId;
  readonly block: Block;
  readonly index: LogIndex;
}

/** A staged blob. `bytes` are there until the take that writes them, its place from then on. */
export class BlobCell implements Subject {
  readonly owner: string;
  readonly no: number;
  readonly #contents: Contents;
  bytes: Uint8Array | null = null;
  record: LiveRecord | null = null;
  /** Of the unit, in the record; of a shared entry, what the reference counts for. */
  offset = 0;
  length = 0;
  shared: SharedEntry | null = null;
  mentions = 0;
  tombstone: LiveRecord | null = null;
  isGone = false;

  constructor(owner: string, no: number, contents: Contents) {
    this.owner = owner;
    this.no = no;
    this.#contents = contents;
  }

  onForgotten(): void {
    this.#contents.forgetBlob(this);
  }
}

export class Contents {
  readonly table = new RecordTable();
  readonly keys = new Map<string, KeyCell>();
  readonly blobs = new Map<string, Map<number, BlobCell>>();
  readonly groups = new Map<GroupId, GroupLog>();
  readonly #keyDirectories = new Directories<KeyCell>();
  readonly #ownerDirectories = new Directories<string>();

  /** The key's cell, made when there is none. */
  keyCell(key: string): KeyCell {
    let cell = this.keys.get(key);
    if (cell !== undefined) return cell;
    cell = new KeyCell(key, this);
    this.keys.set(key, cell);
    this.#keyDirectories.add(key, cell);
    return cell;
  }

  /** The cells of all keys that begin with `prefix`, and perhaps more. */
  keyCandidates(prefix: string): Iterable<KeyCell> {
    return this.#keyDirectories.candidates(prefix) ?? this.keys.values();
  }

  /** All owners of blobs that begin with `prefix`, and perhaps more. */
  ownerCandidates(prefix: string): Iterable<string> {
    return this.#ownerDirectories.candidates(prefix) ?? this.blobs.keys();
  }

  forgetKey(cell: KeyCell): void {
    this.keys.delete(cell.key);
    this.#keyDirectories.remove(cell.key, cell);
  }

  blobCell(owner: string, no: number): BlobCell {
    let cells = this.blobs.get(owner);
    if (cells === undefined) {
      cells = new Map();
      this.blobs.set(owner, cells);
      this.#ownerDirectories.add(owner, owner);
    }
    let cell = cells.get(no);
    if (cell === undefined) cells.set(no, (cell = new BlobCell(owner, no, this)));
    return cell;
  }

  group(group: GroupId): GroupLog {
    let log = this.groups.get(group);
    if (log === undefined) {
      log = new GroupLog(group, this.table, (gone) => this.groups.delete(gone.group));
      this.groups.set(group, log);
    }
    return log;
  }

  forgetBlob(cell: BlobCell): void {
    const cells = this.blobs.get(cell.owner);
    cells?.delete(cell.no);
    if (cells?.size !== 0) return;
    this.blobs.delete(cell.owner);
    this.#ownerDirectories.remove(cell.owner, cell.owner);
  }

  /** The key's present value is no longer in the record that holds it. */
  releaseKey(cell: KeyCell): void {
    if (cell.record === null) return;
    this.table.release(cell.record, putBytes(cell.key, cell.value as Uint8Array), false);
    cell.record = null;
  }

  releaseBlob(cell: BlobCell): void {
    if (cell.record === null) return;
    this.table.release(cell.record, cell.length, true);
    cell.record = null;
  }

  settlePut(record: LiveRecord, key: string, value: Uint8Array): void {
    const cell = this.keyCell(key);
    this.releaseKey(cell);
    this.table.releaseTombstone(cell);
    cell.isGone = false;
    cell.value = value;
    cell.record = record;
    this.table.hold(record, putBytes(key, value), false);
    this.table.mention(record, cell);
  }

  settleRemove(record: LiveRecord, key: string): void {
    const cell = this.keys.get(key);
    if (cell === undefined) return;
    this.releaseKey(cell);
    cell.value = null;
    cell.isGone = true;
    this.table.holdTombstone(record, cell);
  }

  settleBlob(record: LiveRecord, owner: string, no: number, place: UnitPlace): void {
    const cell = this.blobCell(owner, no);
    this.releaseBlob(cell);
    this.table.releaseTombstone(cell);
    cell.isGone = false;
    cell.bytes = null;
    cell.record = record;
    cell.shared = null;
    cell.offset = place.offset;
    cell.length = place.length;
    this.table.hold(record, place.length, true);
    this.table.mention(record, cell);
  }

  /** Returns the cell, so that a replay can look at the block. */
  settleEntryBlob(record: LiveRecord, owner: string, no: number, shared: SharedEntry): BlobCell {
    const cell = this.blobCell(owner, no);
    this.releaseBlob(cell);
    this.table.releaseTombstone(cell);
    cell.isGone = false;
    cell.bytes = null;
    cell.record = record;
    cell.shared = shared;
    cell.length = REFERENCE_BYTES;
    this.table.hold(record, REFERENCE_BYTES, true);
    this.table.mention(record, cell);
    return cell;
  }

  settleDropBlob(record: LiveRecord, owner: string, no: number): void {
    const cell = this.blobs.get(owner)?.get(no);
    if (cell === undefined) return;
    this.releaseBlob(cell);
    cell.isGone = true;
    this.table.holdTombstone(record, cell);
  }

  /** Returns the blocks, so that a replay can look at their bytes. */
  settleAppend(record: LiveRecord, group: GroupId, places: readonly BlockPlace[]): Block[] {
    const log = this.group(group);
    this.table.releaseTombstone(log);
    log.isGone = false;
    log.truncate(((places[0] as BlockPlace).firstIndex - 1) as BlockPlace['firstIndex']);
    const blocks = places.map((place) => new Block({ ...place, record }));
    for (const block of blocks) {
      this.table.hold(record, block.length, true);
      log.blocks.push(block);
    }
    this.#mentionGroup(record, log);
    return blocks;
  }

  settleMark(record: LiveRecord, group: GroupId, through: GroupLog['through'], last: GroupLog['through']): void {
    const log = this.group(group);
    this.table.releaseTombstone(log);
    log.isGone = false;
    log.setMark(through, last);
    log.holdMark(record);
    this.#mentionGroup(record, log);
  }

  settleForget(record: LiveRecord, group: GroupId): void {
    const log = this.groups.get(group);
    if (log === undefined) return;
    log.clear();
    this.table.holdTombstone(record, log);
  }

  /** Holds the books against a count from scratch. Costs a walk over everything. */
  checkInvariants(): void {
    const counts = new Map<LiveRecord, { live: number; fixed: number }>();
    let bytes = 0;
    const count = (record: LiveRecord, size: number, fixed: boolean): void => {
      assert(!record.isDropped, 'what is live is in a record that is not dropped');
      const entry = counts.get(record) ?? { live: 0, fixed: 0 };
      entry.live++;
      if (fixed) entry.fixed++;
      counts.set(record, entry);
      bytes += size;
    };
    const countTombstone = (subject: Subject): void => {
      if (subject.tombstone === null) return;
      assert(subject.isGone && subject.mentions > 0, 'a tombstone hides something');
      count(subject.tombstone, TOMBSTONE_BYTES, false);
    };
    for (const cell of this.keys.values()) {
      countTombstone(cell);
      if (cell.record !== null) count(cell.record, putBytes(cell.key, cell.value as Uint8Array), false);
    }
    for (const cells of this.blobs.values()) {
      for (const cell of cells.values()) {
        countTombstone(cell);
        if (cell.record !== null) count(cell.record, cell.length, true);
      }
    }
    for (const log of this.groups.values()) {
      countTombstone(log);
      assert(log.firstGap() === null, 'a log has no gap');
      if (log.markRecord !== null) count(log.markRecord, MARK_BYTES, false);
      for (const block of log.blocks) {
        assert(block.lastIndex > log.through, 'a compacted block is let go of');
        count(block.record, block.length, true);
      }
    }
    for (const record of this.table.records()) {
      const entry = counts.get(record);
      assert(record.liveCount === (entry?.live ?? 0), 'a record counts its live things');
      assert(record.fixedCount === (entry?.fixed ?? 0), 'a record counts what cannot be rewritten');
    }
    assert(this.table.liveBytes === bytes, 'live bytes are counted');
  }

  #mentionGroup(record: LiveRecord, log: GroupLog): void {
    // Spares the second of a mark and an append that follow one another; a pair that is counted twice does no harm,
    // because the drop of the record takes both back.
    if (log.mentionedIn !== record) this.table.mention(record, log);
    log.mentionedIn = record;
  }
}

/** What a blob counts for that shares its bytes with an entry. */
const REFERENCE_BYTES = 48;
