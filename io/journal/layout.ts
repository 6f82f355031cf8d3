/**
 * What lies in a data directory:
 *
 *   identity.json      who the replica is: node, replica number, journal id (identity-store.ts)
 *   private.key        the node's Ed25519 seed, mode 0600
 *   lock               the process that has the directory open (directory-lock.ts)
 *   journal/data.mdb   the LMDB environment: journal and embedded ledger (lmdb-journal.ts)
 *   journal/lock.mdb   LMDB's reader table
 *   journal/ballast    disk space that is given back when there is none left (ballast.ts)
 *   journal/closed     size and time of data.mdb when it was last closed in order; absent while it is open
 *   quarantine/        damaged journals, moved aside by `quarantineJournal`, newest last
 */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, statSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { systemCode } from './refusal.js';

export interface DataPaths {
  readonly directory: string;
  readonly identity: string;
  readonly privateKey: string;
  readonly lock: string;
  readonly journal: string;
  readonly journalFile: string;
  readonly closedMark: string;
  readonly ballast: string;
  readonly quarantine: string;
}

export function dataPaths(directory: string): DataPaths {
  const journal = join(directory, 'journal');
  return {
    directory,
    identity: join(directory, 'identity.json'),
    privateKey: join(directory, 'private.key'),
    lock: join(directory, 'lock'),
    journal,
    journalFile: join(journal, 'data.mdb'),
    closedMark: join(journal, 'closed'),
    ballast: join(journal, 'ballast'),
    quarantine: join(directory, 'quarantine'),
  };
}

/** Replaces a file so that a crash leaves the old content or the new one, durably. */
export function replaceFile(path: string, content: string, mode: number): void {
  const fresh = `${path}.new`;
  const file = openSync(fresh, 'w', mode);
  try {
    writeSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(fresh, path);
  syncDirectory(dirname(path));
}

/** Makes creations, renames and removals in a directory durable. */
export function syncDirectory(path: string): void {
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

/** Says that the journal's file is now as it should be found. Without space for that, the next start walks the file. */
export function markClosed(paths: DataPaths): void {
  const { size, mtimeMs } = statSync(paths.journalFile);
  try {
    replaceFile(paths.closedMark, closedMark(size, mtimeMs), 0o644);
  } catch (error) {
    const code = systemCode(error);
    if (code !== 'ENOSPC' && code !== 'EDQUOT') throw error;
  }
}

/** Whether the journal's file is as it was when it was closed. */
export function isClosedInOrder(paths: DataPaths, file: { readonly sizeBytes: number; readonly modifiedMs: number }): boolean {
  try {
    return readFileSync(paths.closedMark, 'utf8') === closedMark(file.sizeBytes, file.modifiedMs);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw error;
  }
}

const closedMark = (sizeBytes: number, modifiedMs: number): string => `${JSON.stringify({ sizeBytes, modifiedMs })}\n`;
