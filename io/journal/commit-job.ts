/** Packs a journal batch for the store's thread. */
import { type JournalBatch, type LedgerWrite, recordBytes } from '../../core/node/effects.js';
import { type LedgerRow, encodeOffset, encodeOffsetRemoval } from '../ledger/embedded-ledger.js';
import { encodeTableWrite } from '../ledger/table-rows.js';

/** One transaction, its bytes at the front of one buffer that is handed over and comes back. */
export interface CommitJob {
  readonly buffer: ArrayBuffer;
  readonly size: number;
  /** Triples: seq, offset, length. */
  readonly records: readonly number[];
  /** Pairs of inclusive seqs. */
  readonly drops: readonly number[];
  /** Triples: offset, key length, value length. The value follows its key. */
  readonly ledger: readonly number[];
  /** Triples as above, of rows of tables; a value of length -1 removes the row. */
  readonly tables: readonly number[];
}

function encodeWrite(write: LedgerWrite): LedgerRow {
  if (write.kind === 'table-row') return encodeTableWrite(write);
  return write.kind === 'stream-offset' ? encodeOffset(write) : encodeOffsetRemoval(write);
}

/** All of a batch's bytes in one buffer of `bufferOf(size)`: one copy, and none to hand it to the thread. */
export function packJob(batch: JournalBatch, bufferOf: (size: number) => ArrayBuffer): CommitJob {
  const rows = batch.ledger.map(encodeWrite);
  let size = recordBytes(batch);
  for (const { bytes } of rows) size += bytes.length;
  const buffer = bufferOf(size);
  const packed = new Uint8Array(buffer);
  const records: number[] = [];
  const ledger: number[] = [];
  const tables: number[] = [];
  let at = 0;
  for (const { seq, parts } of batch.records) {
    const start = at;
    for (const part of parts) {
      packed.set(part, at);
      at += part.length;
    }
    records.push(seq, start, at - start);
  }
  for (const { bytes, keyBytes, isTable, isRemoval } of rows) {
    packed.set(bytes, at);
    (isTable ? tables : ledger).push(at, keyBytes, isRemoval ? -1 : bytes.length - keyBytes);
    at += bytes.length;
  }
  const drops = batch.drops.flatMap(({ from, to }) => [from, to]);
  return { buffer, size, records, drops, ledger, tables };
}
