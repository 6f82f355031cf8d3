/**
 * Rows of the embedded tables: what appliers of updates have made of them, kept in the journal's LMDB environment and
 * written in the same transaction as the applier's place, so that neither is ever ahead of the other.
 *
 * Row: key table in UTF-8 | 0 | key, value value | CRC-32C u32 over key and value before it, little endian.
 */
import { utf8Decode, utf8Encode } from '../../core/base/bytes.js';
import { crc32c } from '../../core/base/crc32c.js';
import type { TableWrite } from '../../core/groups/context.js';
import type { LedgerRow } from './embedded-ledger.js';

/** A row that is there. */
export interface TableRow {
  readonly table: string;
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

export function encodeTableWrite({ table, key, value }: TableWrite): LedgerRow {
  const name = utf8Encode(table);
  const keyBytes = name.length + 1 + key.length;
  const bytes = new Uint8Array(keyBytes + (value === null ? 0 : value.length + CHECKSUM_BYTES));
  bytes.set(name);
  bytes.set(key, name.length + 1);
  if (value !== null) {
    bytes.set(value, keyBytes);
    const end = bytes.length - CHECKSUM_BYTES;
    new DataView(bytes.buffer).setUint32(end, crc32c(bytes, 0, end), true);
  }
  return { bytes, keyBytes, isTable: true, isRemoval: value === null };
}

/** Null when the row is not one, or fails its checksum. */
export function decodeTableRow(key: Uint8Array, value: Uint8Array): TableRow | null {
  const split = key.indexOf(0);
  const table = split < 1 ? null : utf8Decode(key.subarray(0, split));
  const end = value.length - CHECKSUM_BYTES;
  if (table === null || end < 0) return null;
  const checksum = new DataView(value.buffer, value.byteOffset, value.byteLength).getUint32(end, true);
  if (crc32c(value, 0, end, crc32c(key)) !== checksum) return null;
  return { table, key: new Uint8Array(key.subarray(split + 1)), value: new Uint8Array(value.subarray(0, end)) };
}

const CHECKSUM_BYTES = 4;
