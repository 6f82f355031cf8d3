import { describe, expect, it } from 'vitest';
import { EMPTY_BYTES } from '../../base/bytes.js';
import { type MessageId, idFromBytes } from '../../base/ids.js';
import { Rng } from '../../base/rng.js';
import { logIndex } from '../../base/units.js';
import { StreamEntry } from '../../wire/group-messages.js';
import { shapeOfNodes } from '../testing/shape.js';
import { nodeNamed } from '../testing/group-host.js';
import { StreamLog } from './stream-log.js';

const TARGETS = [nodeNamed('a'), nodeNamed('b')] as const;
const BASE = idFromBytes<MessageId>(new Uint8Array(16));
const COST_MAX = 1_000_000;

type Entry = StreamEntry | null;

const messages = (firstSeq: number, count = 1, bytes = 10): Entry => ({
  kind: 'messages',
  firstSeq,
  chunkSeq: 0,
  chunkCount: 1,
  producer: 'p',
  baseMessageId: BASE, epoch: 0, controlNo: 0,
  records: Array.from({ length: count }, (_, i) => record(firstSeq + i, bytes)),
});
const chunk = (firstSeq: number, chunkSeq: number, chunkCount: number): Entry => ({
  kind: 'messages',
  firstSeq,
  chunkSeq,
  chunkCount,
  producer: 'p',
  baseMessageId: BASE, epoch: 0, controlNo: 0,
  records: [record(firstSeq, 10)],
});
const settled = (target: 0 | 1, seq: number): Entry => ({ kind: 'settled', marks: [{ target: TARGETS[target], seq }], timeMs: 0 });
const record = (producerSeq: number, bytes: number) => ({
  producerSeq,
  checksum: 0,
  digest: EMPTY_BYTES,
  freeId: '',
  headers: EMPTY_BYTES,
  payload: new Uint8Array(bytes),
});
const logOf = (): StreamLog => new StreamLog(shapeOfNodes(TARGETS), 4);

/** A random life: batches, chunks, repeats, gaps, entries of Raft's own, and marks of both targets. */
function randomEntry(rng: Rng, log: StreamLog): Entry {
  const { seq, chunkSeq } = log.state.next;
  if (rng.chance(100)) return null;
  if (rng.chance(100)) return messages(Math.max(1, seq - rng.below(3)), 1);
  if (rng.chance(100)) return messages(seq + 1 + rng.below(3), 2);
  if (rng.chance(350)) return settled(rng.chance(500) ? 0 : 1, rng.below(seq + 1));
  if (chunkSeq > 0 || rng.chance(200)) return chunk(seq, chunkSeq, 3);
  return messages(seq, 1 + rng.below(4), rng.below(100));
}

describe('the log of a stream', () => {
  it('finds the entry of every retained chunk as a walk over all entries does, in random lives', () => {
    const rng = Rng.fromSeed('stream-log');
    for (let life = 0; life < 60; life++) {
      const log = logOf();
      const model: { index: number; seq: number; chunkSeq: number }[] = [];
      let index = 0;
      let compactedThrough = 0;
      for (let step = 0; step < 120; step++) {
        const before = log.state.next;
        const entry = randomEntry(rng, log);
        const { admission } = log.apply(logIndex(++index), entry);
        if (admission?.kind === 'admitted' && entry?.kind === 'messages') {
          const last = entry.firstSeq + entry.records.length - 1;
          for (let seq = before.seq; seq <= last; seq++) model.push({ index, seq, chunkSeq: entry.chunkCount === 1 ? -1 : entry.chunkSeq });
        }
        if (rng.chance(100)) compactedThrough = log.compact(1, COST_MAX)?.through ?? compactedThrough;
        log.checkInvariants();
      }
      const wrong: string[] = [];
      for (let seq = 0; seq <= log.state.next.seq + 1; seq++) {
        for (let chunkSeq = 0; chunkSeq < 3; chunkSeq++) {
          const known = model.find((one) => one.seq === seq && (one.chunkSeq === -1 || one.chunkSeq === chunkSeq));
          const expected = known === undefined || known.index <= compactedThrough ? null : known.index;
          const found = log.find(seq, chunkSeq)?.index ?? null;
          if (found !== expected) wrong.push(`${seq}/${chunkSeq}: ${found} instead of ${expected}`);
        }
      }
      expect(wrong).toEqual([]);
    }
  });

  it('lets go of nothing that some target has not settled, and of no part of a message', () => {
    const rng = Rng.fromSeed('compaction');
    for (let life = 0; life < 60; life++) {
      const log = logOf();
      const wrong: string[] = [];
      for (let index = 1; index < 150; index++) {
        log.apply(logIndex(index), randomEntry(rng, log));
        const settledEverywhere = log.state.released;
        log.compact(1 + rng.below(8), COST_MAX);
        if (log.releasedSeq > settledEverywhere) wrong.push(`released ${log.releasedSeq} of ${settledEverywhere}`);
        for (let seq = settledEverywhere + 1; seq <= log.state.lastSeq; seq++) {
          if (log.find(seq, 0) === null) wrong.push(`lost ${seq} above ${settledEverywhere}`);
        }
        log.checkInvariants();
      }
      expect(wrong).toEqual([]);
    }
  });

  it('gives at a snapshot and the entries after it the state that the whole log gives', () => {
    const rng = Rng.fromSeed('snapshots');
    for (let life = 0; life < 40; life++) {
      const log = logOf();
      const entries: Entry[] = [];
      let cut: { through: number; state: Uint8Array } | null = null;
      for (let index = 1; index < 100; index++) {
        const entry = randomEntry(rng, log);
        entries.push(entry);
        log.apply(logIndex(index), entry);
        cut = log.compact(4, COST_MAX) ?? cut;
        if (cut === null) continue;
        const restored = logOf();
        expect(restored.restore(logIndex(cut.through), cut.state)).toBe(true);
        restored.checkInvariants();
        for (let i = cut.through + 1; i <= index; i++) restored.apply(logIndex(i), entries[i - 1] ?? null);
        restored.checkInvariants();
        expect(restored.state.snapshot()).toEqual(log.state.snapshot());
        expect(restored.unsettledCost).toBe(log.unsettledCost);
        expect(restored.releasedSeq).toBe(log.releasedSeq);
      }
    }
  });

  it('waits with compaction until it is worth it, by entries or by bytes', () => {
    const log = logOf();
    for (let index = 1; index <= 4; index++) log.apply(logIndex(index), messages(index, 1, 1000));
    expect(log.compact(1, 1)).toBe(null);
    log.apply(logIndex(5), settled(0, 4));
    log.apply(logIndex(6), settled(1, 2));
    expect(log.compact(3, COST_MAX)).toBe(null);
    expect(log.compact(3, 2000)?.through).toBe(2);
    log.apply(logIndex(7), settled(1, 4));
    expect(log.compact(6, COST_MAX)).toBe(null);
    expect(log.compact(5, COST_MAX)?.through).toBe(7);
    expect(log.retainedCount).toBe(0);
  });

  it('counts what is unsettled as free at once, long before it is worth compacting', () => {
    const log = logOf();
    log.apply(logIndex(1), messages(1, 10, 100));
    log.apply(logIndex(2), messages(11, 1, 100));
    expect(log.unsettledCost).toBeGreaterThan(1100);
    log.apply(logIndex(3), settled(0, 11));
    expect(log.unsettledCost).toBeGreaterThan(1100);
    log.apply(logIndex(4), settled(1, 11));
    expect(log.unsettledCost).toBe(0);
  });

  it('charges empty messages too', () => {
    const log = logOf();
    log.apply(logIndex(1), messages(1, 100, 0));
    expect(log.unsettledCost).toBeGreaterThan(1000);
  });

  it('refuses a snapshot that does not decode', () => {
    expect(logOf().restore(logIndex(3), new Uint8Array([255, 255]))).toBe(false);
  });
});
