import {
  closeSync,
  cpSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { open } from 'lmdb';
import { afterEach, describe, expect, it } from 'vitest';
import type { JournalBatch } from '../../core/node/effects.js';
import { type MessageId, type NodeId, type StreamId, idFromBytes } from '../../core/base/ids.js';
import { Rng } from '../../core/base/rng.js';
import { journalSeq, streamSeq } from '../../core/base/units.js';
import { DEFAULT_JOURNAL_CONFIG, type JournalTake } from '../../core/journal/api.js';
import { Journal } from '../../core/journal/journal.js';
import { type StoreUnderTest, describeJournalStore } from '../../core/journal/testing/journal-store-compliance.js';
import { createIdentity, loadIdentity } from './identity-store.js';
import { dataPaths } from './layout.js';
import type { LmdbJournal } from './lmdb-journal.js';
import { type OpenJournalOptions, openJournal } from './open-journal.js';
import { quarantineJournal } from './quarantine.js';
import type { RefusalCode } from './refusal.js';

const MIB = 1024 * 1024;
const LIMITS = { bytesMax: 64 * MIB, reserveBytes: 4 * MIB, ballastBytes: MIB, mappedBytesMax: 4 * MIB, walkTimeoutMs: 30_000 };
const NODE = idFromBytes<NodeId>(new Uint8Array(16).fill(5));

const directories: string[] = [];
const journals: LmdbJournal[] = [];

afterEach(async () => {
  for (const journal of journals.splice(0)) await journal.close();
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

function freshDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'mesh-journal-'));
  directories.push(directory);
  const made = createIdentity(directory, {
    nodeId: NODE,
    name: 'a',
    journalId: new Uint8Array(16).fill(1),
    privateSeed: new Uint8Array(32).fill(2),
  });
  expect(made.ok).toBe(true);
  return directory;
}

async function openWell(directory: string, limits: Partial<OpenJournalOptions> = {}): Promise<LmdbJournal> {
  const result = await openJournal({ directory, ...LIMITS, ...limits });
  if (!result.ok) throw new Error(JSON.stringify(result.refusal));
  journals.push(result.value);
  return result.value;
}

async function close(journal: LmdbJournal): Promise<void> {
  journals.splice(journals.indexOf(journal), 1);
  await journal.close();
}

const appended = (journal: LmdbJournal, batch: JournalBatch | JournalTake): Promise<string> =>
  new Promise((resolve) => journal.append({ ledger: [], ...batch }, resolve));

function recordOf(seq: number, size: number): JournalBatch['records'][number] {
  return { seq: journalSeq(seq), parts: [new Uint8Array(size).fill(seq)] };
}

/** A journal that was closed in order after it took `count` records of 3 kB, and so reaches well over some pages. */
async function filledDirectory(count = 200): Promise<string> {
  const directory = freshDirectory();
  const journal = await openWell(directory);
  expect([...journal.recovered()]).toEqual([]);
  for (let seq = 1; seq <= count; seq += 20) {
    const records = Array.from({ length: 20 }, (_, i) => recordOf(seq + i, 3_000));
    expect(await appended(journal, { records, drops: [], ledger: [] })).toBe('durable');
  }
  await close(journal);
  return directory;
}

async function refusalOf(directory: string): Promise<RefusalCode | 'opened'> {
  const result = await openJournal({ directory, ...LIMITS });
  if (result.ok) {
    journals.push(result.value);
    return 'opened';
  }
  expect(result.refusal.repair.length).toBeGreaterThan(10);
  return result.refusal.code;
}

describeJournalStore('LMDB', async (): Promise<StoreUnderTest> => {
  let directory = freshDirectory();
  let journal = await openWell(directory);
  return {
    append: (batch) => appended(journal, batch) as Promise<'durable' | 'full' | 'failed'>,
    read: (reads) => new Promise((resolve) => journal.read(reads, resolve)),
    recovered: () => journal.recovered(),
    restart: async () => {
      await close(journal);
      journal = await openWell(directory);
    },
    // The files as they are at this moment, like those that a killed process leaves.
    crash: async () => {
      const copy = mkdtempSync(join(tmpdir(), 'mesh-journal-'));
      directories.push(copy);
      cpSync(directory, copy, { recursive: true });
      writeFileSync(dataPaths(copy).lock, JSON.stringify({ pid: 0x7fff_fff0, startedAt: '1', bootId: 'another' }));
      directory = copy;
      journal = await openWell(directory);
    },
    dispose: () => Promise.resolve(),
  };
});

describe('a damaged journal', () => {
  it('is refused when it is cut short anywhere, and quarantined as a repair', async () => {
    const directory = await filledDirectory();
    const { journalFile } = dataPaths(directory);
    const whole = readFileSync(journalFile);
    const cuts = [1, 4_096, 8_191, 8_192, 40_960, Math.floor(whole.length / 2), whole.length - 4_096, whole.length - 1];
    for (const size of cuts) {
      writeFileSync(journalFile, whole);
      truncateSync(journalFile, size);
      const code = await refusalOf(directory);
      expect(['journal-truncated', 'journal-damaged'], `cut at ${size}`).toContain(code);
      expect(existsSync(dataPaths(directory).lock)).toBe(false);
    }
    const repaired = quarantineJournal(directory, new Uint8Array(16).fill(9));
    if (!repaired.ok) throw new Error(repaired.refusal.detail);
    expect(repaired.value.identity).toMatchObject({ nodeId: NODE, replica: 2, hasJournal: false });
    expect(readdirSync(repaired.value.movedTo as string)).toContain('data.mdb');
    const journal = await openWell(directory);
    expect(journal.identity).toMatchObject({ replica: 2, hasJournal: true });
    expect([...journal.recovered()]).toEqual([]);
  });

  it('is refused when it is empty or missing, because the replica has had one', async () => {
    const directory = await filledDirectory();
    const { journalFile, journal } = dataPaths(directory);
    truncateSync(journalFile, 0);
    expect(await refusalOf(directory)).toBe('journal-missing');
    expect(statSync(journalFile).size).toBe(0);
    rmSync(journal, { recursive: true });
    expect(await refusalOf(directory)).toBe('journal-missing');
    expect(existsSync(journal)).toBe(false);
  });

  it('is refused when a store was emptied but is a store', async () => {
    const directory = await filledDirectory();
    rmSync(dataPaths(directory).journal, { recursive: true });
    const empty = open({ path: dataPaths(directory).journal, noSubdir: false });
    await empty.put('x', 1);
    await empty.close();
    expect(await refusalOf(directory)).toBe('journal-missing');
  });

  it('is refused, or its records fail their checksums, wherever random bytes were written into it', async () => {
    const directory = await filledDirectory();
    const { journalFile } = dataPaths(directory);
    const whole = readFileSync(journalFile);
    const rng = Rng.fromSeed('scribble');
    const seen = new Set<string>();
    for (let round = 0; round < 14; round++) {
      writeFileSync(journalFile, whole);
      const file = openSync(journalFile, 'r+');
      const at = round < 7 ? round * 4_096 : rng.below(whole.length - 4_096);
      writeSync(file, rng.fill(4_096), 0, 4_096, at);
      closeSync(file);
      const result = await openJournal({ directory, ...LIMITS });
      if (!result.ok) {
        seen.add(result.refusal.code);
        expect(['journal-damaged', 'journal-truncated', 'journal-missing', 'newer-format', 'journal-foreign']).toContain(result.refusal.code);
        continue;
      }
      // A page of values, or one that is free. These records are not the core's: only their bytes are compared.
      journals.push(result.value);
      let wrong = 0;
      for (const { seq, bytes } of result.value.recovered()) if (!bytes.every((byte) => byte === (seq & 255))) wrong++;
      seen.add(wrong > 0 ? 'value' : 'free page');
      await close(result.value);
    }
    expect([...seen]).toContain('journal-damaged');
    expect([...seen]).toContain('value');
  });

  it('is refused when a later version wrote it, untouched', async () => {
    const directory = await filledDirectory();
    const { journal, journalFile, identity } = dataPaths(directory);
    const root = open<Buffer, Buffer>({ path: journal, noSubdir: false, maxDbs: 4, encoding: 'binary' });
    const meta = root.openDB<Buffer, Buffer>({ name: 'meta', encoding: 'binary', keyEncoding: 'binary' });
    meta.putSync(Buffer.from('format'), Buffer.from([2]));
    await root.close();
    const before = readFileSync(journalFile);
    expect(await refusalOf(directory)).toBe('newer-format');
    expect(readFileSync(journalFile).equals(before)).toBe(true);
    writeFileSync(identity, readFileSync(identity, 'utf8').replace('"format": 1', '"format": 2'));
    expect(await refusalOf(directory)).toBe('newer-format');
  });

  it('is refused when it is that of another replica', async () => {
    const directory = await filledDirectory();
    const other = freshDirectory();
    const fields = readFileSync(dataPaths(directory).identity, 'utf8');
    writeFileSync(dataPaths(other).identity, fields.replace(/"journalId": "../, '"journalId": "ff'));
    cpSync(dataPaths(directory).journal, dataPaths(other).journal, { recursive: true });
    expect(await refusalOf(other)).toBe('journal-foreign');
  });
});

describe('opening', () => {
  it('refuses a directory without an identity and one that is open already', async () => {
    const directory = await filledDirectory();
    await openWell(directory);
    expect(await refusalOf(directory)).toBe('locked');
    expect(await refusalOf(join(directory, 'nowhere'))).toBe('no-identity');
  });

  it('does not walk a file that was closed in order, and walks one that changed since', async () => {
    const directory = await filledDirectory();
    const calm = await openWell(directory);
    expect(calm.wasUnclean).toBe(false);
    await close(calm);
    utimesSync(dataPaths(directory).journalFile, 1, 1);
    expect((await openWell(directory)).wasUnclean).toBe(true);
  });

  it('keeps the identity apart from the journal and the key to its owner', () => {
    const directory = freshDirectory();
    const loaded = loadIdentity(directory);
    expect(loaded).toMatchObject({ ok: true, value: { nodeId: NODE, name: 'a', replica: 1, hasJournal: false } });
    expect(statSync(dataPaths(directory).privateKey).mode & 0o777).toBe(0o600);
    expect(readFileSync(dataPaths(directory).identity, 'utf8')).not.toContain('02'.repeat(32));
  });
});

describe('the embedded ledger', () => {
  it('commits its rows with the records of their batch', async () => {
    const directory = freshDirectory();
    const journal = await openWell(directory);
    expect([...journal.recovered()]).toEqual([]);
    const row = (seq: number) => ({
      kind: 'stream-offset' as const,
      stream: idFromBytes<StreamId>(new Uint8Array(16).fill(7)),
      node: NODE,
      seq: streamSeq(seq),
      messageId: idFromBytes<MessageId>(new Uint8Array(16).fill(seq)),
    });
    await appended(journal, { records: [recordOf(1, 10)], drops: [], ledger: [row(1)] });
    await appended(journal, { records: [], drops: [], ledger: [row(2)] });
    await close(journal);
    const again = await openWell(directory);
    const { kind: _, ...offset } = row(2);
    expect([...again.offsets()]).toEqual([offset]);
    expect([...again.recovered()].map((record) => record.seq)).toEqual([1]);
  });
});

describe('a journal that is larger than what may be mapped', () => {
  it('is opened anew while it runs, and nobody notices', async () => {
    const directory = freshDirectory();
    const journal = await openWell(directory, { mappedBytesMax: MIB });
    expect([...journal.recovered()]).toEqual([]);
    const readsOf = (seqs: readonly number[]) => seqs.map((seq) => ({ seq: journalSeq(seq), offset: seq, length: 70_000 }));
    const contents = (seqs: readonly number[]) =>
      new Promise<(number | null)[]>((resolve) =>
        journal.read(readsOf(seqs), (chunks) =>
          resolve(chunks.map((chunk) => (chunk?.every((byte) => byte === chunk[0]) === true ? (chunk[0] ?? null) : null))),
        ),
      );
    const writes: Promise<string>[] = [];
    for (let seq = 1; seq <= 160; seq += 2) {
      const records = [recordOf(seq, 100_000), recordOf(seq + 1, 100_000)];
      const drops = seq % 4 === 3 ? [{ from: journalSeq(seq - 2), to: journalSeq(seq - 2) }] : [];
      writes.push(appended(journal, { records, drops, ledger: [] }));
    }
    // Some are read while others are still being written, all of them twice.
    const early = contents([2, 4, 6]);
    expect(new Set(await Promise.all(writes))).toEqual(new Set(['durable']));
    await early;
    const seqs = Array.from({ length: 160 }, (_, i) => i + 1);
    const expected = seqs.map((seq) => (seq % 4 === 1 ? null : seq));
    for (let round = 0; round < 2; round++) {
      const answers = await Promise.all(seqs.map((seq) => contents([seq])));
      expect(answers.flat()).toEqual(expected);
      expect(await contents(seqs.slice(0, 20))).toEqual(expected.slice(0, 20));
    }
    expect(mappedBytes(dataPaths(directory).journalFile)).toBeLessThan(4 * MIB);
    await close(journal);
    const again = await openWell(directory);
    expect([...again.recovered()].map((record) => Number(record.seq))).toEqual(seqs.filter((seq) => seq % 4 !== 1));
  });
});

describe('a full journal', () => {
  it('refuses batches whole and in order, lets releases through, and goes on when there is space', async () => {
    const directory = freshDirectory();
    const limits = { bytesMax: 4 * MIB, reserveBytes: MIB / 2 };
    const journal = await openWell(directory, limits);
    expect([...journal.recovered()]).toEqual([]);
    let seq = 1;
    const outcomes: string[] = [];
    expect(journal.isSpaceShort).toBe(false);
    while (outcomes.at(-1) !== 'full' && seq < 100) {
      if (seq === 17) expect(journal.isSpaceShort).toBe(true);
      outcomes.push(await appended(journal, { records: [recordOf(seq++, 200_000)], drops: [], ledger: [] }));
    }
    expect(outcomes.filter((outcome) => outcome === 'durable').length).toBe(18);
    expect(journal.isSpaceShort).toBe(true);
    const refused = { records: [recordOf(seq, 900_000)], drops: [], ledger: [] };
    const later = { records: [recordOf(seq + 1, 10)], drops: [], ledger: [] };
    await close(journal);
    const again = await openWell(directory, limits);
    expect([...again.recovered()].length).toBe(18);
    expect(await Promise.all([appended(again, refused), appended(again, later)])).toEqual(['full', 'full']);
    expect(await appended(again, later)).toBe('full');
    expect(await appended(again, refused)).toBe('full');
    await close(again);
    const freed = await openWell(directory, limits);
    expect([...freed.recovered()].length).toBe(18);
    const drops = [{ from: journalSeq(1), to: journalSeq(10) }];
    expect(await appended(freed, { records: [], drops, ledger: [] })).toBe('durable');
    expect(await Promise.all([appended(freed, refused), appended(freed, later)])).toEqual(['durable', 'durable']);
    expect(freed.isSpaceShort).toBe(false);
  });
});

describe('kill -9', () => {
  it('leaves every acknowledged batch whole, at whatever moment it comes', async () => {
    const directory = freshDirectory();
    for (let round = 0; round < 5; round++) {
      const acknowledged = await writeUntilKilled(directory, 5 + round * 17);
      const journal = await openWell(directory);
      expect(journal.wasUnclean).toBe(true);
      const recovery = Journal.recover({ config: DEFAULT_JOURNAL_CONFIG, recovered: journal.recovered() });
      if (!recovery.ok) throw new Error(JSON.stringify(recovery.damage));
      const counter = recovery.journal.get('counter');
      const count = counter === null ? 0 : new DataView(counter.slice().buffer).getUint32(0);
      expect(count).toBeGreaterThanOrEqual(acknowledged);
      expect(count).toBeLessThanOrEqual(acknowledged + 2);
      const [group] = recovery.journal.restoredGroups();
      expect(group?.lastIndex ?? 0).toBe(count * 3);
      await close(journal);
    }
  });
});

/** What this process has of a mapped file in memory; 0 where the system does not tell. */
function mappedBytes(path: string): number {
  if (process.platform !== 'linux') return 0;
  const regions = readFileSync('/proc/self/smaps', 'utf8').split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m);
  const sizes = regions.filter((region) => region.split('\n')[0]?.endsWith(path) === true).map((region) => /^Rss: +(\d+) kB$/m.exec(region)?.[1]);
  return sizes.reduce((sum, size) => sum + Number(size) * 1024, 0);
}

/** Runs a process that writes numbered takes and prints each one that is durable; kills it after `killAfter` of them. */
function writeUntilKilled(directory: string, killAfter: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', WRITER, directory], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let last = 0;
    let seen = 0;
    let complaint = '';
    child.stdout.on('data', (text) => {
      for (const line of String(text).split('\n')) {
        if (!/^durable \d+$/.test(line)) continue;
        last = Number(line.slice(8));
        if (++seen === killAfter) child.kill('SIGKILL');
      }
    });
    child.stderr.on('data', (text) => (complaint += String(text)));
    child.on('close', (_, signal) => (signal === 'SIGKILL' ? resolve(last) : reject(new Error(complaint))));
  });
}

/** Runs testing/journal-writer.ts from its source, in a process of its own. */
const WRITER = `
  import { runnerImport } from ${JSON.stringify(import.meta.resolve('vite'))};
  const path = ${JSON.stringify(fileURLToPath(new URL('./testing/journal-writer.ts', import.meta.url)))};
  const { module } = await runnerImport(path, { configFile: false, logLevel: 'error' });
  await module.writeJournal(process.argv[1]);
`;
