/**
 * The bytes of one journal record, written and read.
 *
 *   prefix   magic u32 | format u16 | flags u16 | seq u64 | batch place u32 | skipped u32 | head bytes u32 |
 *            record bytes u32 | crc u32
 *   head     items (below), then crc u32, seeded with the prefix's
 *   payload  units in the order of their items: crc u32 | bytes
 *
 * A batch's place counts its records before this one; `skipped` counts the numbers before the batch that were given to
 * records of a torn tail, so that those stay void should this batch tear as well.
 *
 * The prefix keeps its layout in all formats to come, so that a newer record is known for what it is. The head holds
 * what is small; blocks of entries, large values and blobs are units of the payload with a checksum each, seeded with
 * the record's seq and the unit's own number, so that a unit can be read and verified alone and never passes for
 * another. No byte is summed twice. All integers are little endian.
 *
 * Items: kind u8, then
 *   1 put        key text, value bytes                       5 compacted  group id, through, last
 *   2 put-large  key text, unit length                       6 blob       owner text, no, unit length
 *   3 remove     key text                                    7 drop-blob  owner text, no
 *   4 append     group id, first index, block count,         8 forget     group id
 *                per block: count, term, unit length
 *   9 entry-blob owner text, no, group id, index
 * with numbers as varints. Replay applies items in order:
 * `entry-blob` is a blob whose bytes are those of entry `index`, which an `append` before it in the same record brought;
 * `append` voids entries >= its first index, `compacted` those <= through and > last, `forget` the whole group.
 *
 * The decoder is total: any bytes give a record or a fault.
 */
import type { GroupId } from '../base/ids.js';
import { type JournalSeq, type LogIndex, type Term, journalSeq, logIndex, term } from '../base/units.js';
import { crc32c } from '../base/crc32c.js';
import { ByteReader, readU32, writeU32 } from '../wire/varint.js';
import type { CorruptReason } from './api.js';

/** A unit of the payload: its place in the record, its checksum included in `length`. */
export interface UnitPlace {
  readonly offset: number;
  readonly length: number;
}

/** A block of entries of one term, as `append` lists it. */
export interface BlockPlace extends UnitPlace {
  readonly firstIndex: LogIndex;
  readonly count: number;
  readonly term: Term;
}

export type RecordItem =
  | { readonly kind: 'put'; readonly key: string; readonly value: Uint8Array }
  | { readonly kind: 'put-large'; readonly key: string; readonly place: UnitPlace }
  | { readonly kind: 'remove'; readonly key: string }
  | { readonly kind: 'append'; readonly group: GroupId; readonly blocks: readonly BlockPlace[] }
  | { readonly kind: 'compacted'; readonly group: GroupId; readonly through: LogIndex; readonly last: LogIndex }
  | { readonly kind: 'blob'; readonly owner: string; readonly no: number; readonly place: UnitPlace }
  | { readonly kind: 'entry-blob'; readonly owner: string; readonly no: number; readonly group: GroupId; readonly index: LogIndex }
  | { readonly kind: 'drop-blob'; readonly owner: string; readonly no: number }
  | { readonly kind: 'forget'; readonly group: GroupId };

export interface DecodedRecord {
  readonly kind: 'record';
  readonly seq: JournalSeq;
  /** The first record of the batch that this one was written in, and whether it is the batch's last. */
  readonly batchFirst: JournalSeq;
  readonly endsBatch: boolean;
  /** How many numbers right before `batchFirst` are void. */
  readonly skipped: number;
  readonly items: readonly RecordItem[];
}

/** What a prefix says of the batch of its record. */
export type BatchPlace = Pick<DecodedRecord, 'batchFirst' | 'skipped'>;

/** `torn`: shorter than it says, or never written. `batch` is null when not even the prefix is there. */
export type RecordFault =
  | { readonly kind: 'torn'; readonly batch: BatchPlace | null }
  | { readonly kind: 'corrupt'; readonly reason: CorruptReason }
  | { readonly kind: 'newer-format'; readonly format: number };

/** Decodes the record that the store holds under `seq`. Units are not verified here (`unitHolds`). */
export function decodeRecord(seq: JournalSeq, bytes: Uint8Array): DecodedRecord | RecordFault {
  if (bytes.length < PREFIX_BYTES || isZero(bytes, PREFIX_BYTES)) return { kind: 'torn', batch: null };
  const prefixCrc = readU32(bytes, AT_CRC);
  if (readU32(bytes, 0) !== MAGIC) return { kind: 'corrupt', reason: 'magic' };
  if (crc32c(bytes, 0, AT_CRC) !== prefixCrc) return { kind: 'corrupt', reason: 'prefix-checksum' };
  const formatAndFlags = readU32(bytes, AT_FORMAT);
  const format = formatAndFlags & 0xffff;
  if (format > FORMAT) return { kind: 'newer-format', format };
  const writtenSeq = readU32(bytes, AT_SEQ) + readU32(bytes, AT_SEQ + 4) * 0x1_0000_0000;
  const batchPlace = readU32(bytes, AT_BATCH);
  if (writtenSeq !== seq || batchPlace >= seq) return { kind: 'corrupt', reason: 'seq' };
  const batchFirst = journalSeq(seq - batchPlace);
  const skipped = readU32(bytes, AT_SKIPPED);
  const headBytes = readU32(bytes, AT_HEAD_BYTES);
  const recordBytes = readU32(bytes, AT_RECORD_BYTES);
  if (bytes.length < recordBytes) return { kind: 'torn', batch: { batchFirst, skipped } };
  const base = PREFIX_BYTES + headBytes + CRC_BYTES;
  if (bytes.length > recordBytes || base > recordBytes) return { kind: 'corrupt', reason: 'length' };
  const headEnd = PREFIX_BYTES + headBytes;
  if (crc32c(bytes, PREFIX_BYTES, headEnd, prefixCrc) !== readU32(bytes, headEnd))
    return { kind: 'corrupt', reason: 'head-checksum' };
  const items = readItems(new ByteReader(bytes, PREFIX_BYTES, headEnd), base, recordBytes);
  if (items === null) return { kind: 'corrupt', reason: 'head' };
  const endsBatch = (formatAndFlags & (ENDS_BATCH << 16)) !== 0;
  return { kind: 'record', seq, batchFirst, endsBatch, skipped, items };
}

/** Whether the unit at `offset` of `bytes` has its checksum. The caller has checked that it lies within. */
export function unitHolds(bytes: Uint8Array, offset: number, length: number, seed: number): boolean {
  return crc32c(bytes, offset + CRC_BYTES, offset + length, seed) === readU32(bytes, offset);
}

/** Seed of a unit's checksum. `no`: first index xor term of a block, number of a blob, 0 of a value. */
export function unitSeed(seq: JournalSeq, no: number): number {
  return (seq ^ Math.imul(no % 0x1_0000_0000 | 0, 0x9e3779b1)) >>> 0;
}

/** The number by which a block's checksum is seeded. */
export const blockNumber = (firstIndex: number, blockTerm: number): number => firstIndex + blockTerm * 0x1_0000;

function readItems(reader: ByteReader, base: number, recordBytes: number): RecordItem[] | null {
  const items: RecordItem[] = [];
  let offset = base;
  const unit = (): UnitPlace => {
    const length = reader.varint();
    const place = { offset, length };
    if (length < CRC_BYTES) reader.fail();
    offset += length;
    if (offset > recordBytes) reader.fail();
    return place;
  };
  while (!reader.isComplete) {
    const item = readItem(reader, unit);
    if (item === null || reader.isFailed) return null;
    items.push(item);
  }
  return offset === recordBytes ? items : null;
}

function readItem(reader: ByteReader, unit: () => UnitPlace): RecordItem | null {
  switch (reader.u8()) {
    case ITEM.put:
      return { kind: 'put', key: reader.text(), value: reader.bytesView() };
    case ITEM.putLarge:
      return { kind: 'put-large', key: reader.text(), place: unit() };
    case ITEM.remove:
      return { kind: 'remove', key: reader.text() };
    case ITEM.append:
      return readAppend(reader, unit);
    case ITEM.compacted: {
      const group = reader.id<GroupId>();
      const through = logIndex(reader.varint());
      const last = logIndex(reader.varint());
      return last < through ? null : { kind: 'compacted', group, through, last };
    }
    case ITEM.blob:
      return { kind: 'blob', owner: reader.text(), no: reader.varint(), place: unit() };
    case ITEM.entryBlob:
      return { kind: 'entry-blob', owner: reader.text(), no: reader.varint(), group: reader.id<GroupId>(), index: logIndex(reader.varint()) };
    case ITEM.dropBlob:
      return { kind: 'drop-blob', owner: reader.text(), no: reader.varint() };
    case ITEM.forget:
      return { kind: 'forget', group: reader.id<GroupId>() };
    default:
      return null;
  }
}

function readAppend(reader: ByteReader, unit: () => UnitPlace): RecordItem | null {
  const group = reader.id<GroupId>();
  let firstIndex = reader.varint();
  const blockCount = reader.varint();
  if (firstIndex === 0 || blockCount === 0 || blockCount > reader.remaining) return null;
  const blocks: BlockPlace[] = [];
  for (let i = 0; i < blockCount; i++) {
    const count = reader.varint();
    const blockTerm = reader.varint();
    const place = unit();
    if (reader.isFailed || count === 0 || count > place.length) return null;
    blocks.push({ firstIndex: logIndex(firstIndex), count, term: term(blockTerm), ...place });
    firstIndex += count;
  }
  return firstIndex > Number.MAX_SAFE_INTEGER ? null : { kind: 'append', group, blocks };
}

/** Writes a prefix into the first bytes of `buffer`. */
export function writePrefix(
  buffer: Uint8Array,
  of: {
    readonly seq: JournalSeq;
    readonly batchFirst: JournalSeq;
    readonly skipped: number;
    readonly endsBatch: boolean;
    readonly headBytes: number;
    readonly recordBytes: number;
  },
): void {
  writeU32(buffer, 0, MAGIC);
  writeU32(buffer, AT_FORMAT, FORMAT | ((of.endsBatch ? ENDS_BATCH : 0) << 16));
  writeU32(buffer, AT_SEQ, of.seq >>> 0);
  writeU32(buffer, AT_SEQ + 4, Math.floor(of.seq / 0x1_0000_0000));
  writeU32(buffer, AT_BATCH, of.seq - of.batchFirst);
  writeU32(buffer, AT_SKIPPED, of.skipped);
  writeU32(buffer, AT_HEAD_BYTES, of.headBytes);
  writeU32(buffer, AT_RECORD_BYTES, of.recordBytes);
  const prefixCrc = crc32c(buffer, 0, AT_CRC);
  writeU32(buffer, AT_CRC, prefixCrc);
  const headEnd = PREFIX_BYTES + of.headBytes;
  writeU32(buffer, headEnd, crc32c(buffer, PREFIX_BYTES, headEnd, prefixCrc));
}

function isZero(bytes: Uint8Array, end: number): boolean {
  for (let i = 0; i < end; i++) if (bytes[i] !== 0) return false;
  return true;
}

/** Kind bytes of items. */
export const ITEM = {
  put: 1,
  putLarge: 2,
  remove: 3,
  append: 4,
  compacted: 5,
  blob: 6,
  dropBlob: 7,
  forget: 8,
  entryBlob: 9,
} as const;

/** `MESJ` read as little endian. */
export const MAGIC = 0x4a53454d;
/** 2: entry-blob. What is older is read as well. */
export const FORMAT = 2;
const ENDS_BATCH = 1;
const AT_FORMAT = 4;
const AT_SEQ = 8;
const AT_BATCH = 16;
const AT_SKIPPED = 20;
const AT_HEAD_BYTES = 24;
const AT_RECORD_BYTES = 28;
const AT_CRC = 32;
export const PREFIX_BYTES = 36;
export const CRC_BYTES = 4;
