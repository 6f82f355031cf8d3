/**
 * A block: entries of one group and one term, contiguous, as one unit of a record's payload. Each entry is
 * kind u8 | length varint | bytes. A block is what is read back and verified at once.
 */
import { logIndex } from '../base/units.js';
import { ByteReader, varintBytes } from '../wire/varint.js';
import type { BlobLocation, EntryLocation, JournalEntry } from './api.js';
import { CRC_BYTES, blockNumber, unitHolds, unitSeed } from './record.js';

/** Entries [start, end) of a list that go into one block. */
export interface BlockPlan {
  readonly start: number;
  readonly end: number;
  /** Bytes of the unit, checksum included. */
  readonly length: number;
  /** Those of them that are copied (the rest are parts by reference). */
  readonly copiedBytes: number;
}

/** Cuts contiguous entries into blocks: one term each, at most `blockBytesMax` unless a single entry is larger. */
export function planBlocks(
  entries: readonly JournalEntry[],
  bounds: { readonly blockBytesMax: number; readonly partBytesMin: number },
): BlockPlan[] {
  const plans: BlockPlan[] = [];
  let start = 0;
  let length = CRC_BYTES;
  let copiedBytes = CRC_BYTES;
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i] as JournalEntry;
    const header = 1 + varintBytes(entry.bytes.length);
    const size = header + entry.bytes.length;
    if (i > start && (length + size > bounds.blockBytesMax || entry.term !== (entries[start] as JournalEntry).term)) {
      plans.push({ start, end: i, length, copiedBytes });
      start = i;
      length = copiedBytes = CRC_BYTES;
    }
    length += size;
    copiedBytes += entry.bytes.length < bounds.partBytesMin ? size : header;
  }
  plans.push({ start, end: entries.length, length, copiedBytes });
  return plans;
}

/**
 * The entries asked for, out of what `fetch` brought. Null when it is missing, cut short or fails its checksum. The
 * bytes are views of `chunk`.
 */
export function decodeEntries(location: EntryLocation, chunk: Uint8Array | null): JournalEntry[] | null {
  if (chunk === null || chunk.length !== location.read.length) return null;
  const seed = unitSeed(location.read.seq, blockNumber(location.blockFirst, location.term));
  if (!unitHolds(chunk, 0, chunk.length, seed)) return null;
  const reader = new ByteReader(chunk, CRC_BYTES);
  const entries: JournalEntry[] = [];
  for (let index = location.blockFirst as number; index <= location.to; index++) {
    const kind = ENTRY_KINDS[reader.u8()];
    const bytes = reader.bytesView();
    if (reader.isFailed || kind === undefined) return null;
    if (index >= location.from) entries.push({ index: logIndex(index), term: location.term, kind, bytes });
  }
  return entries;
}

/** A staged blob out of what `fetch` brought; null when it is missing, cut short or fails its checksum. */
export function decodeBlob(location: BlobLocation, chunk: Uint8Array | null): Uint8Array | null {
  if (location.entry !== null) return decodeEntries(location.entry, chunk)?.[0]?.bytes ?? null;
  if (chunk === null || chunk.length !== location.read.length) return null;
  if (!unitHolds(chunk, 0, chunk.length, unitSeed(location.read.seq, location.no))) return null;
  return chunk.subarray(CRC_BYTES);
}

/** The kind byte of an entry. */
export function entryKindByte(kind: JournalEntry['kind']): number {
  return kind === 'data' ? 1 : kind === 'noop' ? 0 : 2;
}

const ENTRY_KINDS: readonly JournalEntry['kind'][] = ['noop', 'data', 'configuration'];
