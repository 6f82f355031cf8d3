/**
 * The journal of one replica: keys, staged blobs and the logs of replicated groups, kept by the host as an append-only
 * sequence of records. Decides what each turn writes, which records nothing needs any more, and where entries lie.
 *
 * Promise: after a crash, replaying the records that are durable and not dropped gives exactly the journal as it was
 * at the last durable `take`. The proof is in group-log.ts and liveness.ts, the test a model.
 * Memory: values of keys, about 100 bytes per block (up to 64 KiB of entries) and per staged blob; never entries.
 * Leaves out: durability, atomicity and order of batches, which the host gives; reading back, which is its `fetch`.
 */
import type { GroupId } from '../base/ids.js';
import { type JournalSeq, type LogIndex, journalSeq, logIndex } from '../base/units.js';
import { assert } from '../base/assert.js';
import { BatchWriter } from './batch-writer.js';
import { type BlobCell, Contents, type KeyCell } from './contents.js';
import { decodeEntries } from './entry-block.js';
import type { Block, GroupLog } from './group-log.js';
import { rangesOf } from './liveness.js';
import { type RecoveredRecord, Replay } from './replay.js';
import type {
  BlobLocation,
  EntryLocation,
  JournalApi,
  JournalConfig,
  JournalDamage,
  JournalEntry,
  JournalTake,
  RestoredGroup,
} from './api.js';

/** `discarded` counts the records of a last batch that was cut off: never acknowledged, gone with the next take. */
export type JournalRecovery =
  | { readonly ok: true; readonly journal: Journal; readonly discardedCount: number }
  | { readonly ok: false; readonly damage: JournalDamage };

export class Journal implements JournalApi {
  readonly #config: JournalConfig;
  readonly #contents: Contents;
  #nextSeq: JournalSeq;
  /** Records that the next take drops besides what it finds: those of a torn tail and what a replay found dead. */
  #leftovers: JournalSeq[];
  /** How many numbers right before `#nextSeq` belong to a torn tail. */
  #skipped: number;
  #isDirty = false;
  readonly #dirtyKeys = new Set<KeyCell>();
  readonly #dirtyBlobs = new Set<BlobCell>();
  readonly #dirtyGroups = new Set<GroupLog>();

  private constructor(config: JournalConfig, replay: Replay) {
    this.#config = config;
    this.#contents = replay.contents;
    this.#nextSeq = journalSeq(replay.newestSeq + 1);
    this.#leftovers = [...replay.discarded, ...replay.dead];
    this.#skipped = replay.newestSeq - replay.newestWholeSeq;
  }

  /** Replays what the store holds, ascending by seq. A record's `bytes` are not kept. */
  static recover(options: { config: JournalConfig; recovered: Iterable<RecoveredRecord> }): JournalRecovery {
    const { config } = options;
    assert(config.partBytesMin <= config.blockBytesMax, 'a part fits a block');
    assert(config.blockBytesMax <= config.recordBytesMax, 'a block fits a record');
    assert(config.ownRecordBytesMin <= config.recordBytesMax, 'a record of one owner is within the bound');
    const replay = new Replay(config);
    const damage = replay.run(options.recovered);
    if (damage !== null) return { ok: false, damage };
    const journal = new Journal(config, replay);
    return { ok: true, journal, discardedCount: replay.discarded.length };
  }

  get isDirty(): boolean {
    return this.#isDirty;
  }

  get totalBytes(): number {
    return this.#contents.table.totalBytes;
  }

  get liveBytes(): number {
    return this.#contents.table.liveBytes;
  }

  get recordCount(): number {
    return this.#contents.table.recordCount;
  }

  put(key: string, value: Uint8Array): void {
    const cell = this.#contents.keyCell(key);
    this.#contents.releaseKey(cell);
    this.#contents.table.releaseTombstone(cell);
    cell.isGone = false;
    cell.value = value;
    this.#dirtyKeys.add(cell);
    this.#isDirty = true;
  }

  remove(key: string): void {
    const cell = this.#contents.keys.get(key);
    if (cell === undefined || cell.isGone) return;
    this.#contents.releaseKey(cell);
    cell.value = null;
    cell.isGone = true;
    this.#dirtyKeys.add(cell);
    this.#isDirty = true;
    if (cell.mentions === 0) cell.onForgotten();
  }

  get(key: string): Uint8Array | null {
    return this.#contents.keys.get(key)?.value ?? null;
  }

  keys(prefix: string): string[] {
    const keys: string[] = [];
    for (const cell of this.#contents.keyCandidates(prefix)) {
      if (!cell.isGone && cell.key.startsWith(prefix)) keys.push(cell.key);
    }
    return keys.sort(compareText);
  }

  append(group: GroupId, entries: readonly JournalEntry[]): void {
    const log = this.#contents.group(group);
    log.appendPending(entries);
    this.#dirtyGroups.add(log);
    this.#isDirty = true;
  }

  compact(group: GroupId, through: LogIndex, last: LogIndex): void {
    const log = this.#contents.group(group);
    log.compactPending(through, last);
    this.#dirtyGroups.add(log);
    this.#isDirty = true;
  }

  removeGroup(group: GroupId): void {
    const log = this.#contents.groups.get(group);
    if (log === undefined || log.isGone) return;
    log.clear();
    this.#dirtyGroups.add(log);
    this.#isDirty = true;
    if (log.mentions === 0) log.onForgotten();
  }

  stageBlob(owner: string, no: number, bytes: Uint8Array): void {
    const cell = this.#contents.blobCell(owner, no);
    assert(cell.isGone || (cell.record === null && cell.bytes === null), 'a live blob is not staged again');
    this.#contents.table.releaseTombstone(cell);
    cell.isGone = false;
    cell.bytes = bytes;
    this.#dirtyBlobs.add(cell);
    this.#isDirty = true;
  }

  dropBlob(owner: string, no: number): void {
    const cell = this.#contents.blobs.get(owner)?.get(no);
    if (cell === undefined || cell.isGone) return;
    this.#contents.releaseBlob(cell);
    cell.bytes = null;
    cell.isGone = true;
    this.#dirtyBlobs.add(cell);
    this.#isDirty = true;
    if (cell.mentions === 0) cell.onForgotten();
  }

  blobs(owner: string): number[] {
    const numbers: number[] = [];
    for (const cell of this.#contents.blobs.get(owner)?.values() ?? []) if (!cell.isGone) numbers.push(cell.no);
    return numbers.sort((a, b) => a - b);
  }

  blobOwners(prefix = ''): string[] {
    const owners: string[] = [];
    for (const owner of this.#contents.ownerCandidates(prefix)) {
      if (!owner.startsWith(prefix)) continue;
      for (const cell of this.#contents.blobs.get(owner)?.values() ?? []) {
        if (cell.isGone) continue;
        owners.push(owner);
        break;
      }
    }
    return owners.sort(compareText);
  }

  take(): JournalTake | null {
    if (!this.#isDirty) return null;
    const firstSeq = this.#nextSeq;
    const writer = new BatchWriter(this.#config, this.#contents, { firstSeq, skipped: this.#skipped }, this.#dirtyBlobs);
    // The newest record so far may go now that there is a newer one; what goes decides which tombstones are needed.
    const dropped = [...this.#leftovers, ...this.#contents.table.sweep()];
    for (const cell of this.#dirtyKeys) writer.key(cell);
    for (const cell of this.#dirtyBlobs) if (cell.isGone) writer.droppedBlob(cell);
    for (const log of this.#dirtyGroups) writer.group(log);
    writer.stagedBlobs(this.#dirtyBlobs);
    writer.rewrite();
    for (const seq of this.#contents.table.sweep()) if (seq < firstSeq) dropped.push(seq);
    const records = writer.finish();
    this.#nextSeq = writer.nextSeq;
    this.#skipped = 0;
    this.#leftovers = [];
    this.#dirtyKeys.clear();
    this.#dirtyBlobs.clear();
    this.#dirtyGroups.clear();
    this.#isDirty = false;
    return { records, drops: rangesOf(dropped.sort((a, b) => a - b)) };
  }

  locate(group: GroupId, from: LogIndex, to: LogIndex, bytesMax: number): EntryLocation[] {
    const log = this.#contents.groups.get(group);
    const locations: EntryLocation[] = [];
    if (log === undefined) return locations;
    let bytes = 0;
    for (let at = log.blockAt(from); at >= 0 && at < log.blocks.length; at++) {
      const block = log.blocks[at] as Block;
      bytes += block.length;
      if (block.firstIndex > to || block.isDamaged || (bytes > bytesMax && locations.length > 0)) break;
      locations.push({
        read: { seq: block.record.seq, offset: block.offset, length: block.length },
        group,
        term: block.term,
        from: logIndex(Math.max(from, block.firstIndex)),
        to: logIndex(Math.min(to, block.lastIndex)),
        blockFirst: block.firstIndex,
      });
    }
    return locations;
  }

  locateBlob(owner: string, no: number): BlobLocation | null {
    const cell = this.#contents.blobs.get(owner)?.get(no);
    if (cell === undefined || cell.record === null) return null;
    if (cell.shared === null) {
      return { read: { seq: cell.record.seq, offset: cell.offset, length: cell.length }, owner, no, entry: null };
    }
    const { group, block, index } = cell.shared;
    const read = { seq: block.record.seq, offset: block.offset, length: block.length };
    return { read, owner, no, entry: { read, group, term: block.term, from: index, to: index, blockFirst: block.firstIndex } };
  }

  restoredGroups(): RestoredGroup[] {
    const restored: RestoredGroup[] = [];
    for (const log of this.#contents.groups.values()) {
      if (log.isGone) continue;
      restored.push({
        group: log.group,
        compactedThrough: log.through,
        lastIndex: log.last,
        termRuns: log.termRuns(),
        tail: restoredTail(log, this.#config.restoredTailBytesMax),
        damagedFrom: damagedFrom(log),
      });
    }
    return restored.sort((a, b) => compareText(a.group, b.group));
  }

  releaseRestored(): void {
    for (const log of this.#contents.groups.values()) for (const block of log.blocks) block.restored = null;
  }

  checkInvariants(): void {
    this.#contents.checkInvariants();
  }
}

/** The newest entries whose bytes the replay has kept. */
function restoredTail(log: GroupLog, bytesMax: number): JournalEntry[] {
  const runs: JournalEntry[][] = [];
  let bytes = 0;
  for (let at = log.blocks.length - 1; at >= 0; at--) {
    const block = log.blocks[at] as Block;
    if (block.restored === null || (bytes > 0 && bytes + block.length > bytesMax)) break;
    bytes += block.length;
    const read = { seq: block.record.seq, offset: block.offset, length: block.length };
    const from = logIndex(Math.max(block.firstIndex, log.through + 1));
    const location = { read, group: log.group, term: block.term, from, to: block.lastIndex, blockFirst: block.firstIndex };
    const entries = decodeEntries(location, block.restored);
    if (entries === null) break;
    runs.push(entries);
  }
  return runs.reverse().flat();
}

function damagedFrom(log: GroupLog): LogIndex | null {
  for (const block of log.blocks) {
    if (block.isDamaged) return logIndex(Math.max(block.firstIndex, log.through + 1));
  }
  return null;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
