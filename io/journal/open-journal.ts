/**
 * Opens the journal of the replica whose identity is in a data directory.
 *
 * Never ends the process by a signal and never takes damage for emptiness: the file is inspected without mapping it,
 * walked in a child process unless it was closed in order and has not changed since, and compared with the identity
 * that lies beside it. Whatever is wrong is a `Refusal`, and nothing has been changed.
 * Leaves out: the records' own checksums, which the core verifies as it replays them.
 */
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { type Database, open } from 'lmdb';
import { DirectoryLock } from './directory-lock.js';
import { DATABASE_OPTIONS, environmentOptions } from './environment.js';
import { type StoredIdentity, loadIdentity, saveIdentity } from './identity-store.js';
import { walkEnvironment } from './journal-walk.js';
import { type DataPaths, dataPaths, isClosedInOrder, syncDirectory } from './layout.js';
import { inspectLmdbFile } from './lmdb-file.js';
import { LmdbJournal, type LmdbJournalLimits } from './lmdb-journal.js';
import { type Opened, opened, refused, systemCode } from './refusal.js';

export interface OpenJournalOptions extends LmdbJournalLimits {
  readonly directory: string;
  /** A walk that takes longer has found damage. */
  readonly walkTimeoutMs: number;
}

export const DEFAULT_OPEN_JOURNAL_OPTIONS = {
  bytesMax: 16 * 1024 * 1024 * 1024,
  reserveBytes: 64 * 1024 * 1024,
  ballastBytes: 8 * 1024 * 1024,
  mappedBytesMax: 8 * 1024 * 1024,
  walkTimeoutMs: 120_000,
} as const satisfies Omit<OpenJournalOptions, 'directory'>;

/** Opens it, and makes it for a replica that never had one. Costs a walk (journal-walk.ts) after an unclean stop. */
export async function openJournal(options: OpenJournalOptions): Promise<Opened<LmdbJournal>> {
  const paths = dataPaths(options.directory);
  // However small the space, most of it is for work.
  const reserveBytes = Math.min(options.reserveBytes, Math.floor(options.bytesMax / 8));
  const bounded = { ...options, reserveBytes, ballastBytes: Math.min(options.ballastBytes, reserveBytes) };
  if (!existsSync(options.directory)) return refused('no-identity', options.directory, 'there is no such directory');
  const lock = DirectoryLock.acquire(paths.lock);
  if (!lock.ok) return lock;
  try {
    const result = await openLocked(bounded, lock.value);
    if (!result.ok) lock.value.release();
    return result;
  } catch (error) {
    lock.value.release();
    if (systemCode(error) === null) throw error;
    return refused('inaccessible', options.directory, String(error));
  }
}

async function openLocked(options: OpenJournalOptions, lock: DirectoryLock): Promise<Opened<LmdbJournal>> {
  const paths = dataPaths(options.directory);
  const loaded = loadIdentity(options.directory);
  if (!loaded.ok) return loaded;
  let identity = loaded.value;
  const inspected = inspectLmdbFile(paths.journalFile);
  if (!inspected.ok) return inspected;
  const file = inspected.value;
  if (file.isAbsent && identity.hasJournal)
    return refused('journal-missing', paths.journalFile, 'this replica has had a journal, and now it is gone or empty');
  const mapBytes = Math.ceil(((options.bytesMax + options.reserveBytes) * 2) / PAGE_BYTES) * PAGE_BYTES;
  const environment = environmentOptions(paths.journal, mapBytes);
  const isUnchanged = !file.isAbsent && isClosedInOrder(paths, file);
  if (!file.isAbsent && (lock.wasStale || file.isShort || !isUnchanged)) {
    const walked = await walkEnvironment(environment, options.walkTimeoutMs);
    if (walked.kind === 'damaged')
      return refused(file.isShort ? 'journal-truncated' : 'journal-damaged', paths.journalFile, walked.detail);
  }
  mkdirSync(paths.journal, { recursive: true, mode: 0o700 });
  const root = open<Buffer, Buffer>(environment);
  const meta = root.openDB<Buffer, Buffer>({ name: 'meta', ...DATABASE_OPTIONS });
  const refusal = checkMeta(meta, identity, paths);
  if (refusal !== null) {
    await root.close();
    return refusal;
  }
  rmSync(paths.closedMark, { force: true });
  syncDirectory(paths.journal);
  if (!identity.hasJournal) {
    root.transactionSync(() => {
      meta.putSync(META_FORMAT, Buffer.from([JOURNAL_FORMAT]));
      meta.putSync(META_JOURNAL_ID, Buffer.from(identity.journalId));
    });
    identity = { ...identity, hasJournal: true };
    saveIdentity(options.directory, identity);
  }
  const records = root.openDB<Buffer, Buffer>({ name: 'records', ...DATABASE_OPTIONS });
  const offsets = root.openDB<Buffer, Buffer>({ name: 'offsets', ...DATABASE_OPTIONS });
  const tables = root.openDB<Buffer, Buffer>({ name: 'tables', ...DATABASE_OPTIONS });
  const wasUnclean = lock.wasStale || (!file.isAbsent && !isUnchanged);
  return opened(new LmdbJournal(options, { paths, identity, lock, wasUnclean, environment }, { root, records, offsets, tables }));
}

/** Null when the environment is this replica's, or new. */
function checkMeta(meta: Database<Buffer, Buffer>, identity: StoredIdentity, paths: DataPaths): Opened<never> | null {
  const format = meta.get(META_FORMAT);
  const journalId = meta.get(META_JOURNAL_ID);
  if (format !== undefined && (format[0] ?? 0) > JOURNAL_FORMAT)
    return refused('newer-format', paths.journalFile, `its format is ${format[0]}, this version knows ${JOURNAL_FORMAT}`);
  if (format === undefined || journalId === undefined)
    return identity.hasJournal
      ? refused('journal-missing', paths.journalFile, 'this replica has had a journal, and now it is empty')
      : null;
  return journalId.equals(identity.journalId)
    ? null
    : refused('journal-foreign', paths.journalFile, 'it carries the id of another replica');
}

const META_FORMAT = Buffer.from('format');
const META_JOURNAL_ID = Buffer.from('journalId');
const JOURNAL_FORMAT = 1;
const PAGE_BYTES = 4_096;
