/**
 * Rebuilds a journal's contents from the records that its store holds. Tells apart:
 * - a *torn tail*: the last batch lacks records or has torn ones. It was never acknowledged, so it is discarded whole.
 * - *damaged entries*: a block fails its checksum. The journal opens, and says from where the group's log is damaged.
 * - *corrupt*: anything else that fails. Votes, offsets or staged messages may be lost with it: refuse.
 * Source: design rules of Raft's storage (a torn tail is cut; a bad record below the frontier never is).
 */
import { Fifo } from '../base/fifo.js';
import { type JournalSeq, journalSeq } from '../base/units.js';
import { unreachable } from '../base/assert.js';
import type { CorruptReason, JournalConfig, JournalDamage } from './api.js';
import { type BlobCell, Contents } from './contents.js';
import type { Block } from './group-log.js';
import type { LiveRecord } from './liveness.js';
import { type BatchPlace, CRC_BYTES, type DecodedRecord, type RecordItem, blockNumber, decodeRecord, unitHolds, unitSeed } from './record.js';

/** A value of the store. `bytes` stay as they are until the replay has ended. */
export interface RecoveredRecord {
  readonly seq: JournalSeq;
  readonly bytes: Uint8Array;
}

export class Replay {
  readonly contents = new Contents();
  /** Records of a torn tail. */
  readonly discarded: JournalSeq[] = [];
  /** Records that turned out to hold nothing live. */
  readonly dead: JournalSeq[] = [];
  /** The newest record of the store, and the newest that is no torn tail. */
  newestSeq: JournalSeq = journalSeq(0);
  newestWholeSeq: JournalSeq = journalSeq(0);
  readonly #config: JournalConfig;
  /** The records of the newest batch seen, not applied before it is known to be whole. */
  #held: { readonly decoded: DecodedRecord; readonly bytes: Uint8Array }[] = [];
  /** The first torn record, and its batch where it says so. */
  #torn: { readonly seq: JournalSeq; readonly batchFirst: JournalSeq | null } | null = null;
  /** Blobs that share a damaged block: they matter if nothing drops them. */
  readonly #damagedBlobs: BlobCell[] = [];
  readonly #restored = new Fifo<Block>();
  #restoredBytes = 0;

  constructor(config: JournalConfig) {
    this.#config = config;
  }

  /** Applies all records, ascending by seq. Null when the contents are whole. */
  run(recovered: Iterable<RecoveredRecord>): JournalDamage | null {
    for (const { seq, bytes } of recovered) {
      const damage = this.#next(seq, bytes);
      if (damage !== null) return damage;
    }
    const damage = this.#finish();
    if (damage !== null) return damage;
    const lost = this.#damagedBlobs.find(({ isGone, shared }) => !isGone && shared?.block.isDamaged === true);
    if (lost?.record != null) return corrupt(lost.record.seq, 'blob-checksum');
    for (const log of this.contents.groups.values()) {
      log.dropCompacted();
      const gap = log.firstGap();
      if (gap !== null) return { kind: 'gap', group: log.group, index: gap };
    }
    return null;
  }

  #next(seq: JournalSeq, bytes: Uint8Array): JournalDamage | null {
    if (seq <= this.newestSeq) return corrupt(seq, 'order');
    this.newestSeq = seq;
    const decoded = decodeRecord(seq, bytes);
    if (decoded.kind === 'newer-format') return { kind: 'newer-format', seq, format: decoded.format };
    if (decoded.kind === 'corrupt') return corrupt(seq, decoded.reason);
    const batch = decoded.kind === 'torn' ? decoded.batch : decoded;
    if (this.#isGivenUpBy(batch)) {
      // An earlier start found the torn records before this batch and gave their numbers up.
      this.#torn = null;
    }
    const batchFirst = batch?.batchFirst ?? null;
    if (this.#torn !== null && !this.#isOfTornBatch(batchFirst)) return corrupt(this.#torn.seq, 'torn-inside');
    if (decoded.kind === 'torn') {
      this.discarded.push(seq);
      this.#torn ??= { seq, batchFirst };
      return null;
    }
    if (this.#torn !== null) {
      this.discarded.push(seq);
      return null;
    }
    const held = this.#held[0];
    if (held !== undefined && held.decoded.batchFirst !== decoded.batchFirst) {
      const isVoid = held.decoded.seq >= decoded.batchFirst - decoded.skipped;
      const damage = isVoid ? this.#discardHeld() : this.#applyHeld();
      if (damage !== null) return damage;
    }
    this.#held.push({ decoded, bytes });
    return null;
  }

  #isGivenUpBy(batch: BatchPlace | null): boolean {
    if (this.#torn === null || batch === null) return false;
    return this.#torn.seq < batch.batchFirst && this.#torn.seq >= batch.batchFirst - batch.skipped;
  }

  /** A record after a torn one belongs to the same batch, or cannot say. */
  #isOfTornBatch(batchFirst: JournalSeq | null): boolean {
    const torn = this.#torn?.batchFirst ?? this.#torn?.seq ?? null;
    return batchFirst === null || torn === null || batchFirst <= torn;
  }

  #finish(): JournalDamage | null {
    const last = this.#held.at(-1)?.decoded;
    if (last === undefined) return null;
    const tornFirst = this.#torn?.batchFirst ?? null;
    const isWhole = last.endsBatch && (tornFirst === null || tornFirst !== last.batchFirst);
    if (isWhole) return this.#applyHeld();
    return this.#discardHeld();
  }

  #discardHeld(): null {
    for (const { decoded } of this.#held) this.discarded.push(decoded.seq);
    this.#held = [];
    return null;
  }

  #applyHeld(): JournalDamage | null {
    const held = this.#held;
    this.#held = [];
    for (const { decoded, bytes } of held) {
      const record = this.contents.table.add(decoded.seq);
      this.contents.table.setLength(record, bytes.length);
      for (const item of decoded.items) {
        const reason = this.#apply(record, item, bytes);
        if (reason !== null) return corrupt(decoded.seq, reason);
      }
      this.newestWholeSeq = decoded.seq;
      // Swept as it goes, so that the books of what is dead stay small; the store drops it with the first take.
      this.dead.push(...this.contents.table.sweep());
    }
    return null;
  }

  #apply(record: LiveRecord, item: RecordItem, bytes: Uint8Array): CorruptReason | null {
    const { contents } = this;
    switch (item.kind) {
      case 'put':
        contents.settlePut(record, item.key, copyOf(item.value));
        return null;
      case 'put-large': {
        const { offset, length } = item.place;
        if (!unitHolds(bytes, offset, length, unitSeed(record.seq, 0))) return 'value-checksum';
        contents.settlePut(record, item.key, copyOf(bytes.subarray(offset + CRC_BYTES, offset + length)));
        return null;
      }
      case 'remove':
        contents.settleRemove(record, item.key);
        return null;
      case 'append':
        for (const block of contents.settleAppend(record, item.group, item.blocks)) this.#look(block, bytes);
        return null;
      case 'compacted':
        contents.settleMark(record, item.group, item.through, item.last);
        return null;
      case 'blob': {
        const { offset, length } = item.place;
        if (!unitHolds(bytes, offset, length, unitSeed(record.seq, item.no))) return 'blob-checksum';
        contents.settleBlob(record, item.owner, item.no, item.place);
        return null;
      }
      case 'entry-blob': {
        const { owner, no, group, index } = item;
        const brought = contents.groups.get(group)?.blocks.findLast((block) => block.record === record && block.firstIndex <= index);
        if (brought === undefined || index > brought.lastIndex) return 'head';
        const cell = contents.settleEntryBlob(record, owner, no, { group, block: brought, index });
        if (brought.isDamaged) this.#damagedBlobs.push(cell);
        return null;
      }
      case 'drop-blob':
        contents.settleDropBlob(record, item.owner, item.no);
        return null;
      case 'forget':
        contents.settleForget(record, item.group);
        return null;
      default:
        return unreachable(item);
    }
  }

  /** Verifies a block and keeps its bytes for the restored tail, within the bound over all groups. */
  #look(block: Block, bytes: Uint8Array): void {
    const seed = unitSeed(block.record.seq, blockNumber(block.firstIndex, block.term));
    if (!unitHolds(bytes, block.offset, block.length, seed)) {
      block.isDamaged = true;
      return;
    }
    block.restored = copyOf(bytes.subarray(block.offset, block.offset + block.length));
    this.#restored.push(block);
    this.#restoredBytes += block.length;
    while (this.#restoredBytes > this.#config.restoredTailsBytesMax) {
      const oldest = this.#restored.shift() as Block;
      oldest.restored = null;
      this.#restoredBytes -= oldest.length;
    }
  }
}

/** A copy in memory of its own. `slice` will not do: hosts hand in subclasses whose `slice` is a view. */
const copyOf = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes);

const corrupt = (seq: JournalSeq, reason: CorruptReason): JournalDamage => ({ kind: 'corrupt', seq, reason });
