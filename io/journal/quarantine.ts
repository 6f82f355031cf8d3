/**
 * The repair of a journal that cannot be opened: its files are moved aside, and the node returns as a new replica with
 * an empty journal. The old replica's votes and promises are void with it, which is why the number is raised: peers
 * refuse to take the new one for the old. Nothing is deleted.
 */
import { existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { DirectoryLock } from './directory-lock.js';
import { type StoredIdentity, loadIdentity, saveIdentity } from './identity-store.js';
import { dataPaths, syncDirectory } from './layout.js';
import { type Opened, opened, refused, systemCode } from './refusal.js';

export interface Quarantined {
  /** Where the files are now; null when there were none. */
  readonly movedTo: string | null;
  readonly identity: StoredIdentity;
}

/** Moves the journal aside and raises the replica number. `journalId`: 16 fresh random bytes. */
export function quarantineJournal(directory: string, journalId: Uint8Array): Opened<Quarantined> {
  const paths = dataPaths(directory);
  const loaded = loadIdentity(directory);
  if (!loaded.ok) return loaded;
  const lock = DirectoryLock.acquire(paths.lock);
  if (!lock.ok) return lock;
  try {
    const movedTo = existsSync(paths.journal) ? moveAside(directory, loaded.value.replica) : null;
    // In this order: a crash in between leaves a replica without its journal, which is refused, and this is done again.
    const identity = { ...loaded.value, replica: loaded.value.replica + 1, journalId, hasJournal: false };
    saveIdentity(directory, identity);
    return opened({ movedTo, identity });
  } catch (error) {
    if (systemCode(error) === null) throw error;
    return refused('inaccessible', directory, String(error));
  } finally {
    lock.value.release();
  }
}

function moveAside(directory: string, replica: number): string {
  const paths = dataPaths(directory);
  mkdirSync(paths.quarantine, { recursive: true, mode: 0o700 });
  const movedTo = join(paths.quarantine, `${readdirSync(paths.quarantine).length + 1}-replica-${replica}`);
  renameSync(paths.journal, movedTo);
  syncDirectory(paths.quarantine);
  syncDirectory(directory);
  return movedTo;
}
