/**
 * The embedded ledger: rows of authority kept in the journal's LMDB environment and written in the same transaction as
 * the journal's records, so that neither is ever ahead of the other. Today it holds stream offsets: how far this
 * node's application has come with a stream.
 *
 * Row: key stream (16 bytes) | node (16), value seq u64 | message id (16) | CRC-32C u32 over key and value before it;
 * little endian.
 */
import { type MessageId, type NodeId, type StreamId, idFromBytes, idToBytes } from '../../core/base/ids.js';
import { type StreamSeq, streamSeq } from '../../core/base/units.js';
import { crc32c } from '../../core/base/crc32c.js';

/** How far `node` is with `stream`: the last seq that is settled there, and that message's id. */
export interface StreamOffset {
  readonly stream: StreamId;
  readonly node: NodeId;
  readonly seq: StreamSeq;
  readonly messageId: MessageId;
}

/** A row as bytes; written as one piece, key first. */
export interface LedgerRow {
  readonly bytes: Uint8Array;
  readonly keyBytes: number;
  /** Whether it is a row of a table (table-rows.ts). */
  readonly isTable: boolean;
  readonly isRemoval: boolean;
}

export function encodeOffset(offset: StreamOffset): LedgerRow {
  return { bytes: offsetBytes(offset), keyBytes: KEY_BYTES, isTable: false, isRemoval: false };
}

/** Nothing is known of the stream any more. */
export function encodeOffsetRemoval({ stream, node }: Pick<StreamOffset, 'stream' | 'node'>): LedgerRow {
  const bytes = new Uint8Array(KEY_BYTES);
  idToBytes(stream, bytes, 0);
  idToBytes(node, bytes, 16);
  return { bytes, keyBytes: KEY_BYTES, isTable: false, isRemoval: true };
}

/** Null when the row is not one, or fails its checksum. */
export function decodeOffset(key: Uint8Array, value: Uint8Array): StreamOffset | null {
  if (key.length !== KEY_BYTES || value.length !== VALUE_BYTES) return null;
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  const seq = view.getUint32(0, true) + view.getUint32(4, true) * 0x1_0000_0000;
  const checksum = crc32c(value, 0, VALUE_BYTES - 4, crc32c(key));
  if (checksum !== view.getUint32(VALUE_BYTES - 4, true) || seq > Number.MAX_SAFE_INTEGER) return null;
  return {
    stream: idFromBytes<StreamId>(key, 0),
    node: idFromBytes<NodeId>(key, 16),
    seq: streamSeq(seq),
    messageId: idFromBytes<MessageId>(value, 8),
  };
}

function offsetBytes(offset: StreamOffset): Uint8Array {
  const bytes = new Uint8Array(KEY_BYTES + VALUE_BYTES);
  const view = new DataView(bytes.buffer);
  idToBytes(offset.stream, bytes, 0);
  idToBytes(offset.node, bytes, 16);
  view.setUint32(KEY_BYTES, offset.seq >>> 0, true);
  view.setUint32(KEY_BYTES + 4, Math.floor(offset.seq / 0x1_0000_0000), true);
  idToBytes(offset.messageId, bytes, KEY_BYTES + 8);
  view.setUint32(bytes.length - 4, crc32c(bytes, 0, bytes.length - 4), true);
  return bytes;
}

const KEY_BYTES = 32;
const VALUE_BYTES = 28;
