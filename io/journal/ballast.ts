/**
 * Disk space kept for the moment when there is none left: LMDB copies pages before it changes them, so on a full disk
 * not even a release commits. The file is removed then, by the store's thread, and made again when there is space.
 */
import { closeSync, existsSync, fsyncSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemCode } from './refusal.js';

/** Makes the file if it is missing and twice its size is free. Returns whether it is there. */
export function keepBallast(path: string, bytes: number): boolean {
  if (bytes === 0 || existsSync(path)) return true;
  const { bavail, bsize } = statfsSync(dirname(path));
  if (bavail * bsize < bytes * 2) return false;
  const file = openSync(path, 'w', 0o600);
  try {
    const piece = new Uint8Array(Math.min(bytes, PIECE_BYTES)).fill(0x42);
    for (let left = bytes; left > 0; left -= piece.length) writeSync(file, piece, 0, Math.min(left, piece.length));
    fsyncSync(file);
    return true;
  } catch (error) {
    const code = systemCode(error);
    if (code !== 'ENOSPC' && code !== 'EDQUOT') throw error;
    rmSync(path);
    return false;
  } finally {
    closeSync(file);
  }
}

const PIECE_BYTES = 1_048_576;
