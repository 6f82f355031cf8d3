/**
 * What every store of journal records promises, real or simulated: batches whole or not at all, in order, durable once
 * it says so; drops; parts of records read back. A host's test calls `describeJournalStore` with a way to make one.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { crc32c } from '../../base/crc32c.js';
import { Rng } from '../../base/rng.js';
import { journalSeq } from '../../base/units.js';
import { DEFAULT_JOURNAL_CONFIG, type JournalRead, type JournalTake } from '../api.js';
import { Journal } from '../journal.js';
import type { RecoveredRecord } from '../replay.js';
import { JournalModel, describeJournal } from './journal-model.js';
import { MemoryJournalStore } from './memory-journal-store.js';

export type StoreOutcome = 'durable' | 'full' | 'failed';

/** A store as the suite drives it. */
export interface StoreUnderTest {
  /** May be called again before it answers. */
  append(batch: JournalTake): Promise<StoreOutcome>;
  read(reads: readonly JournalRead[]): Promise<readonly (Uint8Array | null)[]>;
  /** What is stored, ascending. Called once after each (re)start, before the first append. */
  recovered(): Iterable<RecoveredRecord>;
  /** Stops in order and starts again. */
  restart(): Promise<void>;
  /** Ends without warning and starts again: appends that were not answered may be there or not. */
  crash(): Promise<void>;
  dispose(): Promise<void>;
}

export function describeJournalStore(name: string, make: () => Promise<StoreUnderTest>): void {
  describe(`${name} as a journal store`, () => {
    const made: StoreUnderTest[] = [];
    const start = async (): Promise<StoreUnderTest> => {
      const store = await make();
      made.push(store);
      expect([...store.recovered()]).toEqual([]);
      return store;
    };
    afterEach(async () => {
      for (const store of made.splice(0)) await store.dispose();
    });

    it('gives back what was appended, ascending and byte for byte, after a restart and after a crash', async () => {
      const store = await start();
      expect(await store.append(batchOf([1, 10, 3], [2, 5_000, 4]))).toBe('durable');
      expect(await store.append(batchOf([3, 0, 0], [300, 300_000, 9]))).toBe('durable');
      const expected = [...records(1, 10, 3), ...records(2, 5_000, 4), ...records(3, 0, 0), ...records(300, 300_000, 9)];
      await store.restart();
      expect(plain(store.recovered())).toEqual(digests(expected));
      await store.crash();
      expect(plain(store.recovered())).toEqual(digests(expected));
    });

    it('drops inclusive ranges, together with what the same batch adds', async () => {
      const store = await start();
      await store.append(batchOf([1, 5, 1], [2, 5, 2], [3, 5, 3], [4, 5, 4], [7, 5, 7]));
      const drops = [
        { from: journalSeq(1), to: journalSeq(1) },
        { from: journalSeq(3), to: journalSeq(4) },
      ];
      expect(await store.append({ ...batchOf([8, 5, 8]), drops })).toBe('durable');
      await store.crash();
      expect(plain(store.recovered()).map((record) => record.seq)).toEqual([2, 7, 8]);
    });

    it('reads parts, and null for what is not there', async () => {
      const store = await start();
      await store.append(batchOf([1, 10_000, 1], [2, 10, 2]));
      const reads = [
        { seq: journalSeq(1), offset: 100, length: 5 },
        { seq: journalSeq(9), offset: 0, length: 1 },
        { seq: journalSeq(1), offset: 9_999, length: 1 },
        { seq: journalSeq(1), offset: 9_999, length: 2 },
        { seq: journalSeq(2), offset: 0, length: 10 },
      ];
      const [whole] = records(1, 10_000, 1);
      const bytes = whole?.bytes as Uint8Array;
      const chunks = await store.read(reads);
      expect(chunks.map((chunk) => (chunk === null ? null : Array.from(chunk)))).toEqual([
        Array.from(bytes.subarray(100, 105)),
        null,
        Array.from(bytes.subarray(9_999)),
        null,
        Array.from(records(2, 10, 2)[0]?.bytes as Uint8Array),
      ]);
      await store.append({ records: [], drops: [{ from: journalSeq(1), to: journalSeq(1) }] });
      expect(await store.read(reads.slice(0, 1))).toEqual([null]);
    });

    it('makes batches durable in order, whole or not at all, when it is cut off among them', async () => {
      const store = await start();
      for (let round = 0; round < 5; round++) {
        const first = round * 40 + 1;
        const answered: number[] = [];
        for (let i = 0; i < 20; i++) {
          const seq = first + i * 2;
          const answer = store.append(batchOf([seq, 50, i], [seq + 1, 20_000, i]));
          void answer.then((outcome) => (outcome === 'durable' ? answered.push(i) : 0));
          if (i === round * 4) await answer;
        }
        const acknowledged = answered.length;
        expect(answered).toEqual(answered.map((_, i) => i));
        await store.crash();
        const found = plain(store.recovered()).filter((record) => record.seq >= first);
        expect(found.length % 2).toBe(0);
        expect(found.length).toBeGreaterThanOrEqual(acknowledged * 2);
        expect(found.map((record) => record.seq)).toEqual(found.map((_, i) => first + i));
        for (const { seq, bytes } of found) {
          const i = Math.floor((seq - first) / 2);
          const size = (seq - first) % 2 === 0 ? 50 : 20_000;
          expect([{ seq, bytes }]).toEqual(digests(records(seq, size, i)));
        }
      }
    });

    it('carries a journal through restarts and crashes', async () => {
      const store = await start();
      const rng = Rng.fromSeed(name);
      let journal = recover([]);
      const model = new JournalModel();
      for (let turn = 0; turn < 120; turn++) {
        for (let i = rng.between(1, 12); i > 0; i--) model.operate(rng, journal);
        const take = journal.take();
        if (take !== null) expect(await store.append(take)).toBe('durable');
        if (!rng.chance(100)) continue;
        await (rng.chance(500) ? store.restart() : store.crash());
        const mirror = new MemoryJournalStore();
        for (const { seq, bytes } of store.recovered()) mirror.records.set(seq, Uint8Array.from(bytes));
        journal = recover(mirror.recovered());
        expect(describeJournal(journal, mirror)).toEqual(model.describe());
      }
    });
  });
}

function recover(recovered: Iterable<RecoveredRecord>): Journal {
  const recovery = Journal.recover({ config: { ...DEFAULT_JOURNAL_CONFIG, rewriteSlackBytes: 4_096 }, recovered });
  if (!recovery.ok) throw new Error(`not recovered: ${JSON.stringify(recovery.damage)}`);
  return recovery.journal;
}

/** One record of `size` bytes in several parts, from [seq, size, fill]. */
function batchOf(...contents: readonly (readonly [number, number, number])[]): JournalTake {
  const made = contents.map(([seq, size, fill]) => {
    const bytes = records(seq, size, fill)[0]?.bytes as Uint8Array;
    const cut = Math.floor(size / 3);
    return { seq: journalSeq(seq), parts: [bytes.subarray(0, cut), bytes.subarray(cut)] };
  });
  return { records: made, drops: [] };
}

function records(seq: number, size: number, fill: number): { seq: number; bytes: Uint8Array }[] {
  const bytes = new Uint8Array(size);
  for (let i = 0; i < size; i++) bytes[i] = (seq + fill + i * 7) & 255;
  return [{ seq, bytes }];
}

/** Records with lengths and checksums for their bytes: comparing arrays of 300 kB one by one takes a second. */
const digests = (of: Iterable<{ seq: number; bytes: Uint8Array }>): { seq: number; bytes: string }[] =>
  [...of].map(({ seq, bytes }) => ({ seq, bytes: `${bytes.length} ${crc32c(bytes)}` }));

const plain = (recovered: Iterable<RecoveredRecord>): { seq: number; bytes: string }[] => digests(recovered);
