/**
 * Turns what a turn has changed into records. Small things of all owners share records; a group or an owner of blobs
 * that brings much gets records of its own, because its content dies together. A blob that is also an entry of a log in
 * the same turn (a source that leads stages and appends the same bytes) is written once. Also moves small live things
 * out of old records when too much of the journal is dead.
 */
import type { GroupId } from '../base/ids.js';
import { type JournalSeq, journalSeq } from '../base/units.js';
import { assert } from '../base/assert.js';
import type { JournalConfig, JournalEntry, JournalRecord } from './api.js';
import { type BlobCell, type Contents, KeyCell } from './contents.js';
import { type BlockPlan, planBlocks } from './entry-block.js';
import { Block, GroupLog } from './group-log.js';
import type { LiveRecord, Subject } from './liveness.js';
import { CRC_BYTES } from './record.js';
import { type BatchPlace, RecordBuilder } from './record-builder.js';

/** A record under construction with its bookkeeping, and what learns its offset when the head is complete. */
interface OpenRecord {
  readonly builder: RecordBuilder;
  readonly record: LiveRecord;
  readonly placed: { offset: number }[];
}

export class BatchWriter {
  readonly #config: JournalConfig;
  readonly #contents: Contents;
  readonly #batch: BatchPlace;
  readonly #open: OpenRecord[] = [];
  /** Takes small things. */
  #mixed: OpenRecord;
  /** Large staged blobs by the very array that they are: an entry that is the same array brings them along. */
  readonly #largeBlobs = new Map<Uint8Array, BlobCell>();

  /** `staged`: the blobs of this turn. */
  constructor(config: JournalConfig, contents: Contents, batch: BatchPlace, staged: Iterable<BlobCell>) {
    this.#config = config;
    this.#contents = contents;
    this.#batch = batch;
    this.#mixed = this.#openRecord();
    // What is small is copied for less than its tombstone would cost for as long as the log's record lives.
    for (const cell of staged) {
      if (!cell.isGone && cell.bytes !== null && cell.bytes.length >= config.partBytesMin) this.#largeBlobs.set(cell.bytes, cell);
    }
  }

  /** The newest value of a changed key, or its tombstone if an older record would bring it back. */
  key(cell: KeyCell): void {
    const { builder, record } = this.#roomy();
    if (cell.value !== null) {
      builder.put(cell.key, cell.value);
      this.#contents.settlePut(record, cell.key, cell.value);
    } else if (cell.mentions > 0) {
      builder.remove(cell.key);
      this.#contents.settleRemove(record, cell.key);
    }
  }

  droppedBlob(cell: BlobCell): void {
    if (cell.mentions === 0) return;
    const { builder, record } = this.#roomy();
    builder.dropBlob(cell.owner, cell.no);
    this.#contents.settleDropBlob(record, cell.owner, cell.no);
  }

  group(log: GroupLog): void {
    if (log.isGone) {
      if (log.mentions === 0) return;
      const { builder, record } = this.#roomy();
      builder.forget(log.group);
      this.#contents.settleForget(record, log.group);
      return;
    }
    if (log.isMarkPending) this.#mark(this.#roomy(), log);
    if (log.pending.length === 0) return;
    const entries = log.pending;
    log.pending = [];
    const plans = planBlocks(entries, this.#config);
    let bytes = 0;
    for (const plan of plans) bytes += plan.length;
    if (bytes < this.#config.ownRecordBytesMin) this.#append(this.#roomy(), log, entries, plans);
    else {
      for (const share of this.#shares(plans)) this.#append(this.#openRecord(), log, entries, share);
    }
  }

  /** The blobs staged in this turn that no log has brought along, each owner's together. */
  stagedBlobs(cells: Iterable<BlobCell>): void {
    const byOwner = new Map<string, { cells: BlobCell[]; bytes: number }>();
    for (const cell of cells) {
      if (cell.isGone || cell.bytes === null) continue;
      let staged = byOwner.get(cell.owner);
      if (staged === undefined) byOwner.set(cell.owner, (staged = { cells: [], bytes: 0 }));
      staged.cells.push(cell);
      staged.bytes += cell.bytes.length;
    }
    for (const staged of byOwner.values()) {
      const isAlone = staged.bytes >= this.#config.ownRecordBytesMin;
      let own: OpenRecord | null = null;
      for (const cell of staged.cells) {
        if (isAlone && (own === null || own.builder.length >= this.#config.recordBytesMax)) own = this.#openRecord();
        this.#blob(own ?? this.#roomy(), cell);
      }
    }
  }

  /** Rewrites small live things of old records, within this turn's budget, when too much of the journal is dead. */
  rewrite(): void {
    const { table } = this.#contents;
    let written = 0;
    const isWasteful = (): boolean => table.totalBytes > 2 * table.liveBytes + this.#config.rewriteSlackBytes;
    while (isWasteful() && written < this.#config.rewriteBytesMax) {
      const old = table.nextRewritable(this.#config.rewriteScanMax);
      if (old === null || old.seq >= this.#batch.firstSeq) return;
      const lengthBefore = this.#mixed.builder.length;
      for (const subject of old.subjects) this.#rewriteContent(old, subject);
      for (const subject of old.tombstones) if (subject.tombstone === old) this.#rewriteTombstone(subject);
      assert(old.liveCount === 0, 'a rewritten record has nothing live left');
      // What is rewritten is dead weight until the sweep at the end of the turn: count it as gone already.
      written += Math.max(1, this.#mixed.builder.length - lengthBefore);
      table.setLength(old, 0);
    }
  }

  /** The records of this turn that the sweep has left: those that came to hold nothing are not written at all. */
  finish(): JournalRecord[] {
    const records: JournalRecord[] = [];
    const newest = this.#open.at(-1);
    for (const open of this.#open) {
      const { builder, record, placed } = open;
      if (record.isDropped) continue;
      for (const unit of placed) unit.offset += builder.payloadBase;
      this.#contents.table.setLength(record, builder.length);
      records.push(builder.finish(open === newest));
    }
    return records;
  }

  /** The number after the last one that this batch has used. */
  get nextSeq(): JournalSeq {
    return journalSeq(this.#batch.firstSeq + this.#open.length);
  }

  #rewriteContent(old: LiveRecord, subject: Subject): void {
    if (subject instanceof KeyCell) {
      if (subject.record === old) this.key(subject);
    } else if (subject instanceof GroupLog && subject.markRecord === old) this.#mark(this.#roomy(), subject);
  }

  #rewriteTombstone(subject: Subject): void {
    if (subject instanceof KeyCell) this.key(subject);
    else if (subject instanceof GroupLog) this.group(subject);
    else this.droppedBlob(subject as BlobCell);
  }

  #mark(into: OpenRecord, log: GroupLog): void {
    const last = log.markLast;
    into.builder.compacted(log.group, log.through, last);
    log.isMarkPending = false;
    // The pending entries follow the mark: settling must not void them.
    const pending = log.pending;
    log.pending = [];
    this.#contents.settleMark(into.record, log.group, log.through, last);
    log.pending = pending;
  }

  #append(into: OpenRecord, log: GroupLog, entries: readonly JournalEntry[], plans: readonly BlockPlan[]): void {
    let offset = into.builder.addBlocks(log.group, entries, plans);
    const places = plans.map((plan) => {
      const first = entries[plan.start] as JournalEntry;
      const place = { firstIndex: first.index, count: plan.end - plan.start, term: first.term, offset, length: plan.length };
      offset += plan.length;
      return place;
    });
    const blocks: Block[] = this.#contents.settleAppend(into.record, log.group, places);
    for (const block of blocks) into.placed.push(block);
    if (this.#largeBlobs.size > 0) this.#shareEntries(into, log.group, entries, blocks);
  }

  #shareEntries(into: OpenRecord, group: GroupId, entries: readonly JournalEntry[], blocks: readonly Block[]): void {
    const first = (entries[0] as JournalEntry).index;
    for (const block of blocks) {
      for (let index = block.firstIndex as number; index <= block.lastIndex; index++) {
        const entry = entries[index - first] as JournalEntry;
        const cell = this.#largeBlobs.get(entry.bytes);
        if (cell === undefined) continue;
        this.#largeBlobs.delete(entry.bytes);
        into.builder.addEntryBlob(cell.owner, cell.no, group, entry.index);
        this.#contents.settleEntryBlob(into.record, cell.owner, cell.no, { group, block, index: entry.index });
      }
    }
  }

  #blob(into: OpenRecord, cell: BlobCell): void {
    const bytes = cell.bytes as Uint8Array;
    const offset = into.builder.addBlob(cell.owner, cell.no, bytes);
    this.#contents.settleBlob(into.record, cell.owner, cell.no, { offset, length: CRC_BYTES + bytes.length });
    into.placed.push(cell);
  }

  /** Cuts a group's blocks into shares of at most `recordBytesMax`, one record each. */
  #shares(plans: readonly BlockPlan[]): BlockPlan[][] {
    const shares: BlockPlan[][] = [];
    let bytes = Number.MAX_SAFE_INTEGER;
    for (const plan of plans) {
      bytes += plan.length;
      if (bytes > this.#config.recordBytesMax) {
        shares.push([]);
        bytes = plan.length;
      }
      (shares.at(-1) as BlockPlan[]).push(plan);
    }
    return shares;
  }

  /** The record for small things, or a further one when that is large enough. */
  #roomy(): OpenRecord {
    if (this.#mixed.builder.length >= this.#config.recordBytesMax) this.#mixed = this.#openRecord();
    return this.#mixed;
  }

  #openRecord(): OpenRecord {
    const seq = journalSeq(this.#batch.firstSeq + this.#open.length);
    const open = {
      builder: new RecordBuilder(seq, this.#batch, this.#config.partBytesMin),
      record: this.#contents.table.add(seq),
      placed: [],
    };
    this.#open.push(open);
    return open;
  }
}
