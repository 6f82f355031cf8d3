/**
 * The durable ledger of one target's application: a file to which every message is appended, flushed before it is
 * acknowledged. So (stream, seq) and the effect become durable together, and the ledger alone says where to resume.
 *
 * A row: length of headers u32, length of payload u32, seq u64, producer seq u64 (little endian), headers, payload,
 * CRC-32C of all before it u32.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { crc32c } from '../../core/base/crc32c.js';
import type { Delivery } from '../../io/client/reassembly.js';
import { MessageDigest } from './message-digest.js';

/** What the rows of a ledger amount to, read back from the file. */
export interface LedgerAudit {
  readonly messageCount: number;
  /** Of payloads. */
  readonly bytes: number;
  /** Rows whose seq stands in an earlier row. */
  readonly duplicateCount: number;
  /** Seqs between 1 and the highest that stand in no row. */
  readonly gapCount: number;
  /** Rows whose seq is not the next after the row before. */
  readonly disorderCount: number;
  readonly lastSeq: number;
  readonly sha256: string;
}

/** The file is no ledger, or is damaged. */
export class LedgerDamaged extends Error {
  override readonly name = 'LedgerDamaged';
}

export class TargetLedger {
  readonly path: string;
  readonly #file: FileHandle;

  private constructor(path: string, file: FileHandle) {
    this.path = path;
    this.#file = file;
  }

  /** Makes a new, empty ledger. Rejects when the file exists. */
  static async create(path: string): Promise<TargetLedger> {
    return new TargetLedger(path, await open(path, 'ax'));
  }

  /** Resolves when the messages are durable. */
  async append(deliveries: readonly Delivery[]): Promise<void> {
    const pieces: Uint8Array[] = [];
    for (const delivery of deliveries) pieces.push(...rowOf(delivery));
    await this.#file.appendFile(Buffer.concat(pieces));
    await this.#file.datasync();
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

/** Reads a ledger from its beginning. Throws `LedgerDamaged`. */
export async function auditLedger(path: string): Promise<LedgerAudit> {
  const file = await open(path, 'r');
  try {
    const seen = new Set<number>();
    const digest = new MessageDigest();
    let bytes = 0;
    let messageCount = 0;
    let disorderCount = 0;
    let before = 0;
    let highest = 0;
    for await (const row of rowsOf(file)) {
      messageCount++;
      bytes += row.payload.length;
      digest.add(row.headers, row.payload);
      if (row.seq !== before + 1) disorderCount++;
      before = row.seq;
      highest = Math.max(highest, row.seq);
      seen.add(row.seq);
    }
    return {
      messageCount,
      bytes,
      duplicateCount: messageCount - seen.size,
      gapCount: highest - seen.size,
      disorderCount,
      lastSeq: before,
      sha256: digest.hex(),
    };
  } finally {
    await file.close();
  }
}

interface Row {
  readonly seq: number;
  readonly headers: Uint8Array;
  readonly payload: Uint8Array;
}

async function* rowsOf(file: FileHandle): AsyncGenerator<Row, void, undefined> {
  const { size } = await file.stat();
  const prefix = Buffer.alloc(PREFIX_BYTES);
  for (let at = 0; at < size; ) {
    await file.read(prefix, 0, PREFIX_BYTES, at);
    const headersLength = prefix.readUInt32LE(0);
    const bodyLength = headersLength + prefix.readUInt32LE(4);
    if (at + PREFIX_BYTES + bodyLength + CHECKSUM_BYTES > size) throw new LedgerDamaged(`the row at ${at} is cut short`);
    const body = Buffer.alloc(bodyLength + CHECKSUM_BYTES);
    await file.read(body, 0, body.length, at + PREFIX_BYTES);
    const checksum = crc32c(body, 0, bodyLength, crc32c(prefix));
    if (checksum !== body.readUInt32LE(bodyLength)) throw new LedgerDamaged(`the row at ${at} fails its checksum`);
    const seq = Number(prefix.readBigUInt64LE(8));
    yield { seq, headers: body.subarray(0, headersLength), payload: body.subarray(headersLength, bodyLength) };
    at += PREFIX_BYTES + body.length;
  }
}

function rowOf({ seq, producerSeq, headers, payload }: Delivery): Uint8Array[] {
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32LE(headers.length, 0);
  prefix.writeUInt32LE(payload.length, 4);
  prefix.writeBigUInt64LE(BigInt(seq), 8);
  prefix.writeBigUInt64LE(BigInt(producerSeq), 16);
  const checksum = Buffer.alloc(CHECKSUM_BYTES);
  let crc = crc32c(prefix);
  for (const bytes of [headers, payload]) crc = crc32c(bytes, 0, bytes.length, crc);
  checksum.writeUInt32LE(crc);
  return [prefix, headers, payload, checksum];
}

const PREFIX_BYTES = 24;
const CHECKSUM_BYTES = 4;
