/**
 * Looks at an LMDB file without LMDB: a file that is shorter than its own pages say kills the process by SIGBUS when
 * it is mapped and read, and a zero-length one opens as an empty store. Reads the two meta pages of LMDB's format
 * (mdb.c, `MDB_meta`): magic u32, version u32, address u64, map size u64, then two tree descriptions of 48 bytes (the
 * first begins with the page size), last page u64, transaction u64.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { type Opened, opened, refused, systemCode } from './refusal.js';

export interface LmdbFile {
  /** There is no file, or it is of length zero. */
  readonly isAbsent: boolean;
  /**
   * It ends before its last page. Rarely that is in order (pages that were freed as soon as they were taken are never
   * written), so the verdict is that of a walk.
   */
  readonly isShort: boolean;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
}

/** Refuses what cannot be a whole LMDB file of a known version. */
export function inspectLmdbFile(path: string): Opened<LmdbFile> {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return opened({ isAbsent: true, isShort: false, sizeBytes: 0, modifiedMs: 0 });
    if (systemCode(error) === null) throw error;
    return refused('inaccessible', path, String(error));
  }
  try {
    const { size, mtimeMs } = fstatSync(file);
    if (size === 0) return opened({ isAbsent: true, isShort: false, sizeBytes: 0, modifiedMs: mtimeMs });
    const first = readMeta(file, 0);
    const second = readMeta(file, first?.pageBytes ?? PAGE_BYTES_USUAL);
    for (const meta of [first, second]) {
      if (meta !== null && meta.version > LMDB_VERSION)
        return refused('newer-format', path, `LMDB's file version is ${meta.version}, this program knows ${LMDB_VERSION}`);
    }
    if (first === null || second === null)
      return size < MINIMUM_BYTES
        ? refused('journal-truncated', path, `it is ${size} bytes long, too short for its first pages`)
        : refused('journal-damaged', path, 'its first pages are not those of an LMDB file');
    const newest = first.transaction > second.transaction ? first : second;
    if (size % newest.pageBytes !== 0)
      return refused('journal-truncated', path, `it is ${size} bytes long, which is no whole number of pages`);
    const isShort = (newest.lastPage + 1n) * BigInt(newest.pageBytes) > BigInt(size);
    return opened({ isAbsent: false, isShort, sizeBytes: size, modifiedMs: mtimeMs });
  } finally {
    closeSync(file);
  }
}

function readMeta(
  file: number,
  offset: number,
): { version: number; pageBytes: number; lastPage: bigint; transaction: bigint } | null {
  const bytes = Buffer.alloc(PAGE_HEADER_BYTES + META_BYTES);
  if (readSync(file, bytes, 0, bytes.length, offset) < bytes.length) return null;
  if (bytes.readUInt32LE(PAGE_HEADER_BYTES) !== LMDB_MAGIC) return null;
  const pageBytes = bytes.readUInt32LE(PAGE_HEADER_BYTES + 24);
  if (pageBytes < 512 || pageBytes > 65_536 || (pageBytes & (pageBytes - 1)) !== 0) return null;
  return {
    version: bytes.readUInt32LE(PAGE_HEADER_BYTES + 4) & 0xffff,
    pageBytes,
    lastPage: bytes.readBigUInt64LE(PAGE_HEADER_BYTES + 120),
    transaction: bytes.readBigUInt64LE(PAGE_HEADER_BYTES + 128),
  };
}

const LMDB_MAGIC = 0xbeefc0de;
const LMDB_VERSION = 2;
/** Bytes before the meta in its page: this build's page header. */
const PAGE_HEADER_BYTES = 24;
const META_BYTES = 136;
const PAGE_BYTES_USUAL = 4_096;
const MINIMUM_BYTES = 2 * PAGE_BYTES_USUAL;
