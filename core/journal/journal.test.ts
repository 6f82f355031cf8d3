import { describe, expect, it } from 'vitest';
import { concatBytes } from '../base/bytes.js';
import { Rng } from '../base/rng.js';
import { type GroupId } from '../base/ids.js';
import { type JournalSeq, journalSeq, logIndex, term } from '../base/units.js';
import { DEFAULT_JOURNAL_CONFIG, type JournalConfig, type JournalEntry, type JournalTake } from './api.js';
import { decodeBlob, decodeEntries } from './entry-block.js';
import { Journal } from './journal.js';
import type { RecoveredRecord } from './replay.js';
import { JournalModel, describeJournal, groupOf } from './testing/journal-model.js';
import { MemoryJournalStore } from './testing/memory-journal-store.js';

/** Thresholds so low that a few hundred small operations cross them all. */
const SMALL: JournalConfig = {
  partBytesMin: 64,
  blockBytesMax: 128,
  ownRecordBytesMin: 200,
  recordBytesMax: 512,
  rewriteSlackBytes: 300,
  rewriteBytesMax: 400,
  rewriteScanMax: 8,
  restoredTailBytesMax: 256,
  restoredTailsBytesMax: 1_024,
};

function recover(recovered: Iterable<RecoveredRecord>, config = SMALL): Journal {
  const recovery = Journal.recover({ config, recovered });
  if (!recovery.ok) throw new Error(`not recovered: ${JSON.stringify(recovery.damage)}`);
  return recovery.journal;
}

const data = (index: number, text: string, inTerm = 1): JournalEntry => ({
  index: logIndex(index),
  term: term(inTerm),
  kind: 'data',
  bytes: Uint8Array.from(text, (char) => char.charCodeAt(0)),
});

const bytesOf = (length: number, fill: number): Uint8Array => new Uint8Array(length).fill(fill);

/** Takes and stores; a turn always has something to write here. */
function flush(journal: Journal, store: MemoryJournalStore): JournalTake {
  const take = journal.take();
  if (take === null) throw new Error('nothing to take');
  store.append(take);
  return take;
}

describe('replay', () => {
  it('gives exactly the state of the last durable take, whatever was dropped, after a crash at any batch', () => {
    for (let seed = 0; seed < 150; seed++) {
      const rng = Rng.fromSeed(`journal ${seed}`);
      let journal = recover([]);
      let model = new JournalModel();
      let store = new MemoryJournalStore();
      let durable = model.clone();
      let unsynced: { take: JournalTake; after: JournalModel }[] = [];
      for (let turn = 0; turn < 60; turn++) {
        for (let i = rng.between(1, 8); i > 0; i--) model.operate(rng, journal);
        const take = journal.take();
        if (take !== null) unsynced.push({ take, after: model.clone() });
        journal.checkInvariants();
        while (unsynced.length > 2 || (unsynced.length > 0 && rng.chance(500))) {
          const oldest = unsynced.shift() as { take: JournalTake; after: JournalModel };
          store.append(oldest.take);
          durable = oldest.after;
        }
        if (unsynced.length === 0 && take !== null) {
          expect(describeJournal(journal, store), `seed ${seed} turn ${turn}`).toEqual(model.describe());
        }
        if (!rng.chance(150)) continue;
        journal = recover(store.recovered());
        journal.checkInvariants();
        expect(describeJournal(journal, store), `seed ${seed} turn ${turn}`).toEqual(durable.describe());
        model = durable.clone();
        store = store.clone();
        unsynced = [];
      }
    }
  });

  it('keeps the store within twice what lives in it and the slack, when nothing pins the records', () => {
    const journal = recover([]);
    const store = new MemoryJournalStore();
    for (let turn = 0; turn < 400; turn++) {
      // One key per turn lives for ever among many that die: without rewriting all 400 records would stay.
      journal.put(`lasting${turn % 40}`, bytesOf(20, turn));
      for (let i = 0; i < 10; i++) journal.put(`hot${i}`, bytesOf(40, turn));
      flush(journal, store);
      expect(journal.totalBytes).toBe(store.bytes);
    }
    expect(store.bytes).toBeLessThan(2 * journal.liveBytes + SMALL.rewriteSlackBytes + 1_500);
    expect(describeJournal(recover(store.recovered()), store)).toEqual(describeJournal(journal, store));
  });

  it('keeps a tombstone for as long as an older record would bring its subject back, and no longer', () => {
    const journal = recover([]);
    const store = new MemoryJournalStore();
    journal.put('pinned', bytesOf(8, 1));
    journal.put('removed', bytesOf(8, 2));
    flush(journal, store);
    journal.remove('removed');
    flush(journal, store);
    expect(recover(store.recovered()).keys('')).toEqual(['pinned']);
    journal.put('pinned', bytesOf(8, 3));
    const { drops } = flush(journal, store);
    expect(drops).toEqual([{ from: 1, to: 2 }]);
    expect(recover(store.recovered()).keys('')).toEqual(['pinned']);
  });

  it('never uses a sequence number twice, though everything was dropped', () => {
    const store = new MemoryJournalStore();
    let journal = recover([]);
    let newest = 0;
    for (let round = 0; round < 5; round++) {
      journal.put('k', bytesOf(4, round));
      const first = flush(journal, store);
      journal.remove('k');
      const second = flush(journal, store);
      for (const { seq } of [...first.records, ...second.records]) {
        expect(seq).toBeGreaterThan(newest);
        newest = seq;
      }
      expect(store.records.size).toBe(1);
      journal = recover(store.recovered());
    }
  });

  it('forgets a removed group and lets it begin again at 1', () => {
    const group = groupOf(1);
    const store = new MemoryJournalStore();
    const journal = recover([]);
    journal.put('pin', bytesOf(1, 1));
    journal.append(group, [data(1, 'a'), data(2, 'b')]);
    journal.compact(group, logIndex(1), logIndex(2));
    flush(journal, store);
    journal.removeGroup(group);
    flush(journal, store);
    expect(recover(store.recovered()).restoredGroups()).toEqual([]);
    journal.append(group, [data(1, 'c', 9)]);
    flush(journal, store);
    const [restored] = recover(store.recovered()).restoredGroups();
    expect(restored).toMatchObject({ compactedThrough: 0, lastIndex: 1, termRuns: [{ from: 1, term: 9 }] });
  });

  it('restores the newest entries up to its bound', () => {
    const group = groupOf(1);
    const store = new MemoryJournalStore();
    const journal = recover([]);
    for (let index = 1; index <= 40; index++) {
      journal.append(group, [data(index, `entry ${index}`.padEnd(20))]);
      flush(journal, store);
    }
    const [restored] = recover(store.recovered()).restoredGroups();
    const indexes = restored?.tail.map((entry) => entry.index) ?? [];
    expect(indexes.at(-1)).toBe(40);
    expect(indexes.length).toBeGreaterThan(3);
    expect(indexes.length).toBeLessThan(15);
    expect(indexes).toEqual(Array.from({ length: indexes.length }, (_, i) => 41 - indexes.length + i));
  });
});

describe('records', () => {
  it('takes nothing when nothing was asked for', () => {
    const journal = recover([]);
    expect(journal.take()).toBeNull();
    journal.remove('never was');
    expect(journal.isDirty).toBe(false);
  });

  it('passes large entries by reference and gives a large group its own record', () => {
    const journal = recover([], DEFAULT_JOURNAL_CONFIG);
    const large = bytesOf(20_000, 7);
    journal.put('vote', bytesOf(9, 1));
    journal.append(groupOf(1), [{ ...data(1, ''), bytes: large }]);
    journal.append(groupOf(2), [data(1, 'small')]);
    const take = journal.take();
    expect(take?.records.map((record) => record.seq)).toEqual([1, 2]);
    expect(take?.records[1]?.parts.includes(large)).toBe(true);
  });

  it('reads entries back from parts of records, and refuses a part with a changed bit', () => {
    const group = groupOf(3);
    const journal = recover([]);
    const store = new MemoryJournalStore();
    for (let index = 1; index <= 30; index += 3) {
      journal.append(group, [0, 1, 2].map((i) => ({ ...data(index + i, ''), bytes: bytesOf(50, index + i) })));
      flush(journal, store);
    }
    const locations = journal.locate(group, logIndex(5), logIndex(20), 1_000_000);
    const entries = locations.flatMap((location) => decodeEntries(location, store.read(location.read)) ?? []);
    expect(entries.map((entry) => entry.index)).toEqual(Array.from({ length: 16 }, (_, i) => i + 5));
    expect(entries.every((entry) => entry.bytes.length === 50 && entry.bytes[0] === entry.index)).toBe(true);
    const [location] = locations;
    if (location === undefined) throw new Error('no location');
    const chunk = store.read(location.read) as Uint8Array;
    for (let at = 0; at < chunk.length; at++) {
      const flipped = chunk.slice();
      flipped[at] = (flipped[at] as number) ^ 4;
      expect(decodeEntries(location, flipped)).toBeNull();
    }
    expect(decodeEntries(location, null)).toBeNull();
    expect(decodeEntries(location, chunk.subarray(1))).toBeNull();
    expect(journal.locate(group, logIndex(31), logIndex(40), 1_000)).toEqual([]);
    expect(journal.locate(group, logIndex(1), logIndex(30), 1).length).toBe(1);
  });

  it('reads staged blobs back, large and small', () => {
    const journal = recover([], DEFAULT_JOURNAL_CONFIG);
    const store = new MemoryJournalStore();
    for (const no of [1, 2, 3]) journal.stageBlob('stream', no, bytesOf(no * 3_000, no));
    flush(journal, store);
    journal.dropBlob('stream', 2);
    flush(journal, store);
    expect(journal.blobs('stream')).toEqual([1, 3]);
    const location = recover(store.recovered(), DEFAULT_JOURNAL_CONFIG).locateBlob('stream', 3);
    if (location === null) throw new Error('no location');
    expect(decodeBlob(location, store.read(location.read))).toEqual(bytesOf(9_000, 3));
    expect(decodeBlob({ ...location, no: 1 }, store.read(location.read))).toBeNull();
  });

  it('writes bytes once that are staged and appended in one turn, and keeps them while either needs them', () => {
    const group = groupOf(1);
    const bytes = bytesOf(50_000, 7);
    const entry = { ...data(2, ''), bytes };
    const read = (journal: Journal, store: MemoryJournalStore): Uint8Array | null => {
      const location = journal.locateBlob('stream', 1);
      return location === null ? null : decodeBlob(location, store.read(location.read));
    };
    const [journal, store] = [recover([], DEFAULT_JOURNAL_CONFIG), new MemoryJournalStore()];
    journal.append(group, [data(1, 'before')]);
    flush(journal, store);
    journal.stageBlob('stream', 1, bytes);
    journal.append(group, [entry, data(3, 'after')]);
    flush(journal, store);
    expect(store.bytes).toBeLessThan(51_000);
    expect(read(journal, store)).toEqual(bytes);

    // A new leader's entries void what was appended; a snapshot then takes its place: what is staged is still there.
    journal.append(group, [data(2, 'other', 2)]);
    flush(journal, store);
    journal.compact(group, logIndex(9), logIndex(9));
    flush(journal, store);
    journal.checkInvariants();
    const again = recover(store.recovered(), DEFAULT_JOURNAL_CONFIG);
    again.checkInvariants();
    expect(read(again, store)).toEqual(bytes);

    again.dropBlob('stream', 1);
    flush(again, store);
    again.put('next', bytesOf(1, 1));
    flush(again, store);
    expect(store.bytes).toBeLessThan(1_000);
    expect(recover(store.recovered(), DEFAULT_JOURNAL_CONFIG).blobs('stream')).toEqual([]);
  });
});

describe('damage', () => {
  /** Three batches of several records each. */
  function threeBatches(): { store: MemoryJournalStore; takes: JournalTake[]; states: string[][] } {
    const journal = recover([]);
    const store = new MemoryJournalStore();
    const takes: JournalTake[] = [];
    const states: string[][] = [];
    for (let batch = 1; batch <= 3; batch++) {
      journal.put(`key${batch}`, bytesOf(100, batch));
      for (const n of [1, 2]) {
        const entries = [1, 2, 3, 4].map((i) => ({ ...data((batch - 1) * 4 + i, ''), bytes: bytesOf(60, i) }));
        journal.append(groupOf(n), entries);
      }
      takes.push(flush(journal, store));
      states.push(describeJournal(journal, store));
    }
    return { store, takes, states };
  }

  const recoverRaw = (store: MemoryJournalStore) => Journal.recover({ config: SMALL, recovered: store.recovered() });

  it('discards a torn last batch whole, and what it was is void even if the next batch tears too', () => {
    const { store, takes, states } = threeBatches();
    const last = takes[2]?.records ?? [];
    expect(last.length).toBeGreaterThan(2);
    for (let whole = 0; whole < last.length; whole++) {
      const torn = store.clone();
      const at = last[whole]?.seq as JournalSeq;
      const bytes = torn.records.get(at) as Uint8Array;
      for (const { seq } of last.slice(whole + 1)) torn.records.delete(seq);
      for (const kept of [bytes.length - 1, 40, 10, 0]) {
        torn.records.set(at, bytes.slice(0, kept));
        const journal = recover(torn.recovered());
        expect(describeJournal(journal, torn)).toEqual(states[1]);
        journal.put('after', bytesOf(30, 9));
        for (const n of [1, 2]) journal.append(groupOf(n), [{ ...data(9, ''), bytes: bytesOf(300, 3) }]);
        const take = journal.take() as JournalTake;
        const [first] = take.records;
        expect(take.records.length).toBeGreaterThan(1);
        const tornAgain = torn.clone();
        tornAgain.append({ records: first === undefined ? [] : [first], drops: [] });
        expect(describeJournal(recover(tornAgain.recovered()), tornAgain)).toEqual(states[1]);
        const after = torn.clone();
        after.append(take);
        expect(describeJournal(recover(after.recovered()), after)).toEqual(describeJournal(journal, after));
      }
    }
  });

  it('opens after any number of torn tails in a row, however little there is of each', () => {
    const { store, takes, states } = threeBatches();
    const [first] = takes[2]?.records ?? [];
    for (const kept of [[100, 60, 70], [40, 40, 40], [10, 40, 0], [0, 10, 40], [40, 0, 40]]) {
      const torn = store.clone();
      for (const { seq } of takes[2]?.records.slice(1) ?? []) torn.records.delete(seq);
      torn.records.set(first?.seq as JournalSeq, (torn.records.get(first?.seq as JournalSeq) as Uint8Array).slice(0, 50));
      for (const [round, bytesKept] of kept.entries()) {
        const journal = recover(torn.recovered());
        journal.put('after', bytesOf(300, round));
        const [{ seq, parts }] = (journal.take() as JournalTake).records as [JournalTake['records'][0]];
        torn.append({ records: [{ seq, parts: [concatBytes(parts).slice(0, bytesKept)] }], drops: [] });
        expect(describeJournal(recover(torn.recovered()), torn)).toEqual(states[1]);
      }
      const journal = recover(torn.recovered());
      journal.put('after', bytesOf(30, 9));
      torn.append(journal.take() as JournalTake);
      expect(describeJournal(recover(torn.recovered()), torn)).toEqual(describeJournal(journal, torn));
    }
  });

  it('refuses a torn record before the last batch', () => {
    const { store, takes } = threeBatches();
    const seq = takes[1]?.records[0]?.seq as JournalSeq;
    store.records.set(seq, (store.records.get(seq) as Uint8Array).slice(0, 20));
    expect(recoverRaw(store)).toMatchObject({ ok: false, damage: { kind: 'corrupt', reason: 'torn-inside' } });
  });

  it('finds any flipped bit: refused as corrupt, or a group that says from where it is damaged', () => {
    const { store, states } = threeBatches();
    const [whole] = states.slice(-1);
    for (const [seq, bytes] of store.records) {
      for (let at = 0; at < bytes.length; at++) {
        const scribbled = store.clone();
        const changed = bytes.slice();
        changed[at] = (changed[at] as number) ^ (1 << (at % 8));
        scribbled.records.set(seq, changed);
        const recovery = recoverRaw(scribbled);
        if (!recovery.ok) {
          expect(recovery.damage.kind).toBe('corrupt');
          continue;
        }
        const damaged = recovery.journal.restoredGroups().filter((group) => group.damagedFrom !== null);
        expect(damaged.length).toBe(1);
        const described = describeJournal(recovery.journal, scribbled);
        expect(described.filter((line) => line.startsWith('key'))).toEqual(whole?.filter((line) => line.startsWith('key')));
      }
    }
  });

  it('refuses when a flipped bit takes what is staged, and repairs when that was admitted meanwhile', () => {
    const [journal, store] = [recover([]), new MemoryJournalStore()];
    const bytes = bytesOf(100, 7);
    journal.stageBlob('stream', 1, bytes);
    journal.append(groupOf(1), [{ ...data(1, ''), bytes }]);
    const [record] = flush(journal, store).records;
    const scribbled = store.records.get(record?.seq as JournalSeq) as Uint8Array;
    scribbled[scribbled.length - 1] = 8;
    expect(recoverRaw(store)).toEqual({ ok: false, damage: { kind: 'corrupt', seq: record?.seq, reason: 'blob-checksum' } });
    journal.dropBlob('stream', 1);
    flush(journal, store);
    expect(recover(store.recovered()).restoredGroups()).toMatchObject([{ group: groupOf(1), damagedFrom: 1 }]);
  });

  it('heals damaged entries by appending over them', () => {
    const { store } = threeBatches();
    const journal = recover(store.recovered());
    const location = journal.locate(groupOf(1), logIndex(6), logIndex(6), 1)[0];
    if (location === undefined) throw new Error('no location');
    const bytes = (store.records.get(location.read.seq) as Uint8Array).slice();
    bytes[location.read.offset + 8] = (bytes[location.read.offset + 8] as number) ^ 1;
    store.records.set(location.read.seq, bytes);
    const damaged = recover(store.recovered());
    const from = damaged.restoredGroups().find((restored) => restored.group === groupOf(1))?.damagedFrom;
    if (from === null || from === undefined) throw new Error('not damaged');
    expect(from).toBeLessThanOrEqual(6);
    damaged.append(groupOf(1), [data(from, 'again', 2)]);
    flush(damaged, store);
    const healed = recover(store.recovered()).restoredGroups().find((restored) => restored.group === groupOf(1));
    expect(healed).toMatchObject({ lastIndex: from, damagedFrom: null });
  });

  it('names a newer format, a missing record and records out of order', () => {
    const { store, takes } = threeBatches();
    const gap = store.clone();
    for (const { seq } of takes[1]?.records ?? []) gap.records.delete(seq);
    expect(recoverRaw(gap)).toMatchObject({ ok: false, damage: { kind: 'gap', index: 5 } });
    const disordered = store.recovered().reverse();
    expect(Journal.recover({ config: SMALL, recovered: disordered })).toMatchObject({
      ok: false,
      damage: { kind: 'corrupt', reason: 'order' },
    });
    const moved = store.clone();
    moved.records.set(journalSeq(100), moved.records.get(journalSeq(1)) as Uint8Array);
    expect(recoverRaw(moved)).toMatchObject({ ok: false, damage: { kind: 'corrupt', seq: 100, reason: 'seq' } });
  });
});

describe('bounds', () => {
  it('keeps thousands of groups apart in shared records', () => {
    const journal = recover([], DEFAULT_JOURNAL_CONFIG);
    const store = new MemoryJournalStore();
    const groups: GroupId[] = Array.from({ length: 200 }, (_, n) => groupOf(n));
    for (let index = 1; index <= 20; index++) {
      for (const group of groups) journal.append(group, [data(index, `${group} ${index}`)]);
      const take = flush(journal, store);
      expect(take.records.length).toBe(1);
    }
    for (const group of groups) journal.compact(group, logIndex(20), logIndex(20));
    flush(journal, store);
    expect(store.records.size).toBe(1);
    expect(recover(store.recovered(), DEFAULT_JOURNAL_CONFIG).restoredGroups().length).toBe(200);
  });
});

describe('a host that hands in Buffers', () => {
  it('may reuse their memory after the replay, though slices of a Buffer are views', () => {
    const journal = recover([], DEFAULT_JOURNAL_CONFIG);
    const store = new MemoryJournalStore();
    journal.put('small', bytesOf(10, 1));
    journal.put('large', bytesOf(10_000, 2));
    journal.append(groupOf(1), [data(1, 'entry')]);
    flush(journal, store);
    const buffers = store.recovered().map(({ seq, bytes }) => ({ seq, bytes: Buffer.from(bytes) }));
    const recovered = recover(buffers, DEFAULT_JOURNAL_CONFIG);
    for (const { bytes } of buffers) bytes.fill(0);
    expect(recovered.get('small')).toEqual(bytesOf(10, 1));
    expect(recovered.get('large')).toEqual(bytesOf(10_000, 2));
    expect(recovered.restoredGroups()[0]?.tail).toEqual([data(1, 'entry')]);
  });
});
