import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DirectoryLock } from './directory-lock.js';

let directory = '';
let path = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mesh-lock-'));
  path = join(directory, 'lock');
});

afterEach(() => rmSync(directory, { recursive: true }));

function acquired(): DirectoryLock {
  const lock = DirectoryLock.acquire(path);
  if (!lock.ok) throw new Error(lock.refusal.detail);
  return lock.value;
}

describe('the lock of a data directory', () => {
  it('is held by one until it is released', () => {
    const lock = acquired();
    expect(lock.wasStale).toBe(false);
    expect(DirectoryLock.acquire(path)).toMatchObject({ ok: false, refusal: { code: 'locked' } });
    lock.release();
    expect(existsSync(path)).toBe(false);
    acquired().release();
  });

  it('is refused while its holder lives, and taken over once it is gone', async () => {
    const child = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)']);
    await once(child, 'spawn');
    const lock = acquired();
    const own = JSON.parse(readFileSync(path, 'utf8')) as { pid: number; startedAt: string; bootId: string };
    lock.release();
    const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8');
    const startedAt = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    writeFileSync(path, JSON.stringify({ ...own, pid: child.pid, startedAt }));
    expect(DirectoryLock.acquire(path)).toMatchObject({ ok: false, refusal: { code: 'locked' } });
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
    const taken = acquired();
    expect(taken.wasStale).toBe(true);
    expect(readdirSync(directory)).toEqual(['lock']);
    taken.release();
  });

  it('is stale when the process id was used again, after a reboot, and when it was not written whole', () => {
    const lock = acquired();
    const own = JSON.parse(readFileSync(path, 'utf8')) as { pid: number; startedAt: string; bootId: string };
    lock.release();
    const contents = [
      JSON.stringify({ ...own, pid: process.ppid, startedAt: '1' }),
      JSON.stringify({ ...own, pid: process.ppid, bootId: 'an earlier one' }),
      // What an earlier life of this very process id left: always 1 in a container.
      JSON.stringify(own),
      '',
      '{"pid":',
      '[]',
    ];
    for (const content of contents) {
      writeFileSync(path, content);
      const taken = acquired();
      expect(taken.wasStale).toBe(true);
      taken.release();
    }
  });
});
