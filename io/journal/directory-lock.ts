/**
 * One process at a time in a data directory. The lock is a file that names its holder: process id, the time that
 * process began (so that a reused id is not taken for it) and the boot of the machine. A lock whose holder is gone is
 * stale and taken over; it also says that the last holder did not stop in order.
 * Leaves out: locks across machines on a shared file system.
 */
import { readFileSync, renameSync, unlinkSync, writeFileSync, linkSync, realpathSync } from 'node:fs';
import { type Opened, opened, refused, systemCode } from './refusal.js';

interface Holder {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat; '' where there is none. */
  readonly startedAt: string;
  readonly bootId: string;
}

export class DirectoryLock {
  readonly #path: string;
  readonly #key: string;
  /** The last holder left without releasing. */
  readonly wasStale: boolean;

  private constructor(path: string, key: string, wasStale: boolean) {
    this.#path = path;
    this.#key = key;
    this.wasStale = wasStale;
  }

  /** `path` is that of the lock file; its directory exists. */
  static acquire(path: string): Opened<DirectoryLock> {
    let wasStale = false;
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      const key = keyOf(path);
      if (HELD_HERE.has(key)) return refused('locked', path, 'this process has the directory open already');
      try {
        writeFileSync(path, JSON.stringify(ownHolder()), { flag: 'wx', mode: 0o644 });
        HELD_HERE.add(keyOf(path));
        return opened(new DirectoryLock(path, keyOf(path), wasStale));
      } catch (error) {
        // Without space the file is made but stays empty: that is a stale lock, which the next attempt takes away.
        if (systemCode(error) !== 'EEXIST') return refused('inaccessible', path, String(error));
      }
      const text = readLock(path);
      if (text === null) continue;
      const holder = parseHolder(text);
      if (holder !== null && isAlive(holder)) {
        return refused('locked', path, `process ${holder.pid} has the directory open`);
      }
      wasStale = true;
      removeStale(path, text);
    }
    return refused('locked', path, 'other processes are opening the directory at the same time');
  }

  release(): void {
    HELD_HERE.delete(this.#key);
    unlinkSync(this.#path);
  }
}

/** Takes a stale lock away, unless somebody else has just replaced it by a live one: that is put back. */
function removeStale(path: string, expected: string): void {
  const aside = `${path}.stale.${process.pid}`;
  try {
    renameSync(path, aside);
    if (readFileSync(aside, 'utf8') !== expected) linkSync(aside, path);
    unlinkSync(aside);
  } catch (error) {
    // ENOENT: somebody else was quicker. EEXIST: a third one holds it now. Either way the caller looks again.
    const code = systemCode(error);
    if (code !== 'ENOENT' && code !== 'EEXIST') throw error;
  }
}

function readLock(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Null for what no holder wrote whole: a crash right after its creation. */
function parseHolder(text: string): Holder | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return null;
    const { pid, startedAt, bootId } = value as Record<string, unknown>;
    if (typeof pid !== 'number' || typeof startedAt !== 'string' || typeof bootId !== 'string') return null;
    return { pid, startedAt, bootId };
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function isAlive(holder: Holder): boolean {
  // Not held here, or `acquire` would have seen it: an earlier process of the same id (1 in a container).
  if (holder.pid === process.pid) return false;
  if (holder.bootId !== bootId()) return false;
  if (holder.startedAt !== '' && startTimeOf(holder.pid) !== holder.startedAt) return false;
  try {
    process.kill(holder.pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, under another user. ESRCH: it does not.
    return systemCode(error) === 'EPERM';
  }
}

const ownHolder = (): Holder => ({ pid: process.pid, startedAt: startTimeOf(process.pid), bootId: bootId() });

function startTimeOf(pid: number): string {
  const stat = readProc(`/proc/${pid}/stat`);
  // The second field is the program's name in parentheses and may hold spaces.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

const bootId = (): string => readProc('/proc/sys/kernel/random/boot_id').trim();

/** '' where there is no such file: another operating system, or a process that is gone. */
function readProc(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (systemCode(error) !== null) return '';
    throw error;
  }
}

function keyOf(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if (systemCode(error) !== null) return path;
    throw error;
  }
}

/** Locks of this process, by real path. */
const HELD_HERE = new Set<string>();
const ATTEMPTS_MAX = 8;
