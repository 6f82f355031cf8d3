import { describe, expect, it } from 'vitest';
import type { GroupId, MessageId, NodeId, StreamId } from '../../core/base/ids.js';
import { journalSeq, logIndex, streamSeq, term, ticket } from '../../core/base/units.js';
import { Journal } from '../../core/journal/journal.js';
import { DEFAULT_NODE_CONFIG } from '../../core/node/config.js';
import type { JournalBatch } from '../../core/node/effects.js';
import type { Input } from '../../core/node/inputs.js';
import { Draws } from '../base/draw.js';
import { Timeline } from '../time/timeline.js';
import { Disk } from './disk.js';

const STREAM = 'S'.repeat(26) as StreamId;
const NODE = 'N'.repeat(26) as NodeId;

function batch(seq: number, ...bytes: number[]): JournalBatch {
  const messageId = 'M'.repeat(26) as MessageId;
  return {
    records: [{ seq: journalSeq(seq), parts: bytes.map((byte) => Uint8Array.of(byte)) }],
    drops: [],
    ledger: [{ kind: 'stream-offset', stream: STREAM, node: NODE, seq: streamSeq(seq), messageId }],
  };
}

function setup(seed = 1) {
  const timeline = new Timeline();
  const disk = new Disk(timeline, Int32Array.of(seed, 2, 3, 4), 0, 1_000);
  const inputs: { atUs: number; input: Input }[] = [];
  const deliver = (input: Input): void => void inputs.push({ atUs: timeline.nowUs, input });
  const drain = (): void => {
    while (timeline.nextUs >= 0) timeline.advance();
  };
  const seqs = (): number[] => [...disk.recovered().records].map(({ seq }) => seq);
  return { timeline, disk, inputs, deliver, drain, seqs };
}

/** A real journal's batch: entries of one group. */
function entriesOf(group: GroupId, from: number, count: number, journal = emptyJournal()): JournalBatch {
  const entries = Array.from({ length: count }, (_, i) => ({
    index: logIndex(from + i),
    term: term(1),
    kind: 'data' as const,
    bytes: Uint8Array.from({ length: 50 }, (__, at) => at + i),
  }));
  journal.append(group, entries);
  const take = journal.take();
  if (take === null) throw new Error('a dirty journal has a batch');
  return { records: take.records, drops: take.drops, ledger: [] };
}

function emptyJournal(): Journal {
  const recovery = Journal.recover({ config: DEFAULT_NODE_CONFIG.journal, recovered: [] });
  if (!recovery.ok) throw new Error('nothing is whole');
  return recovery.journal;
}

describe('Disk', () => {
  it('makes batches durable in order, each after a flush of its own, and says so', () => {
    const { disk, deliver, drain, inputs, seqs } = setup();
    disk.persist(ticket(7), batch(1, 10, 11), deliver);
    disk.persist(ticket(8), batch(2, 12), deliver);
    expect(seqs()).toEqual([]);
    expect(disk.offset(STREAM, NODE)).toBe(0);
    drain();
    expect(inputs.map(({ input }) => input)).toEqual([
      { kind: 'persisted', ticket: 7 },
      { kind: 'persisted', ticket: 8 },
    ]);
    const [first, second] = inputs.map(({ atUs }) => atUs) as [number, number];
    expect(first).toBeGreaterThanOrEqual(700);
    expect(second - first).toBeGreaterThanOrEqual(700);
    expect([...disk.recovered().records].map(({ bytes }) => [...bytes])).toEqual([[10, 11], [12]]);
    expect(disk.offset(STREAM, NODE)).toBe(2);
  });

  it('keeps a prefix of what was being flushed at a crash: none, some, or all, by the seed', () => {
    const survivors = new Set<number>();
    for (let seed = 1; seed <= 60; seed++) {
      const { disk, deliver, drain, inputs, seqs } = setup(seed);
      for (let i = 1; i <= 3; i++) disk.persist(ticket(i), batch(i, i), deliver);
      const crash = disk.crash();
      drain();
      expect(inputs).toEqual([]);
      expect(crash.survivedCount + crash.lostCount).toBe(3);
      expect(seqs()).toEqual([1, 2, 3].slice(0, crash.survivedCount));
      expect(disk.offset(STREAM, NODE)).toBe(crash.survivedCount);
      survivors.add(crash.survivedCount);
    }
    expect([...survivors].sort((a, b) => a - b)).toEqual([0, 1, 2, 3]);
  });

  it('never loses what was reported durable', () => {
    const { disk, timeline, deliver, inputs, seqs } = setup();
    disk.persist(ticket(1), batch(1, 1), deliver);
    while (inputs.length === 0) timeline.advance();
    disk.persist(ticket(2), batch(2, 2), deliver);
    disk.crash();
    expect(seqs()).toContain(1);
  });

  it('drops ranges with the batch that says so, and keeps the order', () => {
    const { disk, deliver, drain, seqs } = setup();
    for (let i = 1; i <= 6; i++) disk.persist(ticket(i), batch(i, i), deliver);
    drain();
    const drops = [
      { from: journalSeq(1), to: journalSeq(1) },
      { from: journalSeq(3), to: journalSeq(5) },
    ];
    disk.persist(ticket(7), { ...batch(7, 7), drops }, deliver);
    expect(seqs()).toEqual([1, 2, 3, 4, 5, 6]);
    drain();
    expect(seqs()).toEqual([2, 6, 7]);
    expect(disk.recordBytes).toBe(3);
  });

  it('reads parts of what is durable, and null where nothing is', () => {
    const { disk, deliver, drain, inputs } = setup();
    disk.persist(ticket(1), batch(1, 10, 11, 12), deliver);
    drain();
    const reads = [
      { seq: journalSeq(1), offset: 1, length: 2 },
      { seq: journalSeq(2), offset: 0, length: 1 },
    ];
    disk.fetch(ticket(9), reads, deliver);
    drain();
    expect(inputs.at(-1)?.input).toEqual({ kind: 'fetched', ticket: 9, chunks: [Uint8Array.of(11, 12), null] });
  });

  it('refuses everything while it is full, and afterwards whatever is not the first refused batch', () => {
    const { disk, deliver, drain, inputs, seqs } = setup();
    const [first, second, third] = [batch(1, 1), batch(2, 2), batch(3, 3)];
    disk.isFull = true;
    disk.persist(ticket(1), first, deliver);
    drain();
    disk.isFull = false;
    disk.persist(ticket(2), second, deliver);
    disk.persist(ticket(3), first, deliver);
    disk.persist(ticket(4), second, deliver);
    disk.persist(ticket(5), third, deliver);
    drain();
    expect(inputs.map(({ input }) => input)).toEqual([
      { kind: 'persist-failed', ticket: 1, code: 'full' },
      { kind: 'persist-failed', ticket: 2, code: 'full' },
      { kind: 'persisted', ticket: 3 },
      { kind: 'persisted', ticket: 4 },
      { kind: 'persisted', ticket: 5 },
    ]);
    expect(seqs()).toEqual([1, 2, 3]);
  });

  it('hands out copies: neither a node before nor after a crash can reach the platter', () => {
    const { disk, deliver, drain } = setup();
    const parts = [Uint8Array.of(1)];
    disk.persist(ticket(1), { ...batch(1), records: [{ seq: journalSeq(1), parts }] }, deliver);
    drain();
    parts[0]?.fill(9);
    for (const { bytes } of disk.recovered().records) bytes.fill(8);
    expect([...disk.recovered().records].map(({ bytes }) => [...bytes])).toEqual([[1]]);
  });

  it('tears at most one batch, the first lost one, and a journal starts from what is there', () => {
    const group = '1'.repeat(26) as GroupId;
    const lengths = new Set<number>();
    for (let seed = 1; seed <= 40; seed++) {
      const { disk, deliver, drain } = setup(seed);
      const journal = emptyJournal();
      const batches = [1, 11, 21].map((from) => entriesOf(group, from, 10, journal));
      for (const [i, each] of batches.entries()) disk.persist(ticket(i + 1), each, deliver);
      const { survivedCount, isTorn } = disk.crash(true);
      drain();
      expect(isTorn).toBe(true);
      const records = [...disk.recovered().records];
      expect(records.length).toBe(survivedCount + 1);
      const recovery = Journal.recover({ config: DEFAULT_NODE_CONFIG.journal, recovered: records });
      if (!recovery.ok) throw new Error(`seed ${seed}: ${JSON.stringify(recovery.damage)}`);
      expect(recovery.discardedCount).toBe(1);
      expect(recovery.journal.restoredGroups()[0]?.lastIndex ?? 0).toBe(survivedCount * 10);
      lengths.add(records.at(-1)?.bytes.length ?? 0);
    }
    expect(lengths.size).toBeGreaterThan(20);
  });

  it('tells one failed flush, written or not, and nothing more before the node has died', () => {
    const written = new Set<number>();
    for (let seed = 1; seed <= 20; seed++) {
      const { disk, deliver, drain, inputs, seqs } = setup(seed);
      disk.failNext();
      disk.persist(ticket(1), batch(1, 1), deliver);
      disk.persist(ticket(2), batch(2, 2), deliver);
      drain();
      expect(disk.hasFailed).toBe(true);
      disk.persist(ticket(3), batch(3, 3), deliver);
      drain();
      expect(inputs.map(({ input }) => input)).toEqual([{ kind: 'persist-failed', ticket: 1, code: 'failed' }]);
      disk.crash();
      written.add(seqs().length);
      disk.persist(ticket(1), batch(4, 4), deliver);
      drain();
      expect(inputs.at(-1)?.input).toEqual({ kind: 'persisted', ticket: 1 });
      expect(seqs().at(-1)).toBe(4);
    }
    expect([...written].sort()).toEqual([0, 1]);
  });

  it('flips bits in entries of logs that may lose them, and nowhere else', () => {
    const [mine, other] = ['1'.repeat(26) as GroupId, '2'.repeat(26) as GroupId];
    const { disk, deliver, drain } = setup();
    const journal = emptyJournal();
    disk.persist(ticket(1), entriesOf(mine, 1, 10, journal), deliver);
    disk.persist(ticket(2), entriesOf(other, 1, 10, journal), deliver);
    drain();
    const draws = new Draws(Int32Array.of(1, 2, 3, 4), 'moment', 0);
    expect(disk.rot(draws, 3, () => false)).toBe(0);
    expect(disk.rot(draws, 1, (group) => group === mine)).toBe(1);
    const recovery = Journal.recover({ config: DEFAULT_NODE_CONFIG.journal, recovered: disk.recovered().records });
    if (!recovery.ok) throw new Error('a flipped entry is no reason to refuse');
    const damaged = recovery.journal.restoredGroups().map(({ group, damagedFrom }) => [group, damagedFrom]);
    expect(damaged).toEqual([
      [mine, 1],
      [other, null],
    ]);
  });
});
