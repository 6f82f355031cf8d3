/**
 * The disk of one node: the journal's records and the ledger's rows. A batch is durable as a whole when its flush is
 * done, after every earlier one; at a crash a prefix of the batches that were still being flushed survives, chosen by
 * the seed, and the rest is lost. While the disk is full a batch is refused, and so is every later one until that one
 * was written.
 */
import { assert } from '../../core/base/assert.js';
import { concatBytes } from '../../core/base/bytes.js';
import { Fifo } from '../../core/base/fifo.js';
import type { MessageId, NodeId, StreamId } from '../../core/base/ids.js';
import type { JournalSeq, StreamSeq, Ticket } from '../../core/base/units.js';
import type { JournalBatch, JournalRead } from '../../core/node/effects.js';
import type { Input } from '../../core/node/inputs.js';
import { Draws, type Seed } from '../base/draw.js';
import type { Happening, Timeline } from '../time/timeline.js';

/** A row of the ledger: how far a node's application is with a stream. */
export interface OffsetRow {
  readonly stream: StreamId;
  readonly node: NodeId;
  readonly seq: StreamSeq;
  readonly messageId: MessageId;
}

/** What a starting node finds. */
export interface Recovered {
  readonly records: Iterable<{ readonly seq: JournalSeq; readonly bytes: Uint8Array }>;
  readonly offsets: Iterable<OffsetRow>;
}

/** What became of the batches that were being flushed when the node died. */
export interface DiskCrash {
  readonly survivedCount: number;
  readonly lostCount: number;
}

interface PendingBatch {
  readonly ticket: Ticket;
  readonly batch: JournalBatch;
}

export class Disk {
  readonly #timeline: Timeline;
  readonly #flushDraws: Draws;
  readonly #survivalDraws: Draws;
  readonly #medianFlushUs: number;
  /** Ascending by seq: a map keeps the order of insertion. */
  readonly #records = new Map<JournalSeq, Uint8Array>();
  readonly #offsets = new Map<string, OffsetRow>();
  #pending = new Fifo<PendingBatch>();
  readonly #flushWatchers: ((takesUs: number) => void)[] = [];
  #lastSeq = 0;
  #busyUntilUs = 0;
  /** What was refused for lack of space and is to come first. */
  #refused: JournalBatch | null = null;
  /** Stretches every operation; 1 in health. */
  slowFactor = 1;
  isFull = false;
  recordBytes = 0;

  constructor(timeline: Timeline, seed: Seed, node: number, medianFlushUs: number) {
    this.#timeline = timeline;
    this.#flushDraws = new Draws(seed, 'flush', node);
    this.#survivalDraws = new Draws(seed, 'survival', node);
    this.#medianFlushUs = medianFlushUs;
  }

  /** Begins to make `batch` durable; `deliver` gets `persisted` when it is, unless the node has died before. */
  persist(ticket: Ticket, batch: JournalBatch, deliver: (input: Input) => void): void {
    this.#pending.push({ ticket, batch });
    const pending = this.#pending;
    const atUs = this.#occupy();
    for (const watcher of this.#flushWatchers.splice(0)) watcher(atUs - this.#timeline.nowUs);
    this.#timeline.schedule(atUs, {
      label: 'flush',
      happen: () => {
        if (pending !== this.#pending) return;
        const first = pending.shift();
        assert(first !== undefined && first.ticket === ticket, 'batches become durable in order');
        if (this.#mustRefuse(batch)) {
          deliver({ kind: 'persist-failed', ticket, code: 'full' });
          return;
        }
        this.#apply(batch);
        deliver({ kind: 'persisted', ticket });
      },
    });
  }

  /** Calls `watcher` once, when the next flush begins, with how long that will take. */
  watchFlush(watcher: (takesUs: number) => void): void {
    this.#flushWatchers.push(watcher);
  }

  /** Reads what is durable; the answer comes after the time of a read. */
  fetch(ticket: Ticket, reads: readonly JournalRead[], deliver: (input: Input) => void): void {
    const chunks = reads.map(({ seq, offset, length }) => {
      const record = this.#records.get(seq);
      return record === undefined ? null : record.slice(offset, offset + length);
    });
    const delayUs = (READ_US + this.#flushDraws.below(READ_US)) * this.slowFactor;
    const happening: Happening = { label: 'fetch', happen: () => deliver({ kind: 'fetched', ticket, chunks }) };
    this.#timeline.schedule(this.#timeline.nowUs + delayUs, happening);
  }

  /** The node is dead: what was being flushed is decided now, and nothing of it is told to anyone. */
  crash(): DiskCrash {
    const pendingCount = this.#pending.length;
    const survivedCount = pendingCount === 0 ? 0 : this.#survivalDraws.below(pendingCount + 1);
    for (let i = 0; i < survivedCount; i++) {
      const { batch } = this.#pending.shift() as PendingBatch;
      if (!this.#mustRefuse(batch)) this.#apply(batch);
    }
    this.#pending = new Fifo();
    this.#refused = null;
    this.#busyUntilUs = 0;
    return { survivedCount, lostCount: pendingCount - survivedCount };
  }

  /** Everything that is durable, in the order of the journal. Copies: nothing a node does to them reaches the disk. */
  recovered(): Recovered {
    const records = [...this.#records].map(([seq, bytes]) => ({ seq, bytes: bytes.slice() }));
    return { records, offsets: [...this.#offsets.values()] };
  }

  /** The durable offset of a stream for a node; 0 when there is no row. */
  offset(stream: StreamId, node: NodeId): number {
    return this.#offsets.get(rowKey(stream, node))?.seq ?? 0;
  }

  get pendingCount(): number {
    return this.#pending.length;
  }

  #mustRefuse(batch: JournalBatch): boolean {
    if (!this.isFull && (this.#refused === null || this.#refused === batch)) {
      this.#refused = null;
      return false;
    }
    this.#refused ??= batch;
    return true;
  }

  #occupy(): number {
    const spread = this.#flushDraws.below(1000);
    // Three in four flushes are near the median, a few are far slower.
    const factor = spread < 750 ? 700 + spread : spread < 990 ? 1500 + spread : 10_000;
    // However slow a disk is, it comes to an end: faults may overlap, and all of them are over at the healing.
    const takesUs = Math.min(FLUSH_US_MAX, Math.floor((this.#medianFlushUs * factor) / 1000) * this.slowFactor);
    this.#busyUntilUs = Math.max(this.#busyUntilUs, this.#timeline.nowUs) + takesUs;
    return this.#busyUntilUs;
  }

  #apply(batch: JournalBatch): void {
    for (const { seq, parts } of batch.records) {
      assert(seq > this.#lastSeq, 'journal records ascend');
      this.#lastSeq = seq;
      const bytes = parts.length === 1 ? (parts[0] as Uint8Array).slice() : concatBytes(parts);
      this.#records.set(seq, bytes);
      this.recordBytes += bytes.length;
    }
    for (const { from, to } of batch.drops) this.#drop(from, to);
    for (const { stream, node, seq, messageId } of batch.ledger) {
      this.#offsets.set(rowKey(stream, node), { stream, node, seq, messageId });
    }
  }

  #drop(from: JournalSeq, to: JournalSeq): void {
    if (to - from < this.#records.size) {
      for (let seq = from; seq <= to; seq = (seq + 1) as JournalSeq) this.#forget(seq);
      return;
    }
    for (const seq of [...this.#records.keys()]) if (seq >= from && seq <= to) this.#forget(seq);
  }

  #forget(seq: JournalSeq): void {
    this.recordBytes -= this.#records.get(seq)?.length ?? 0;
    this.#records.delete(seq);
  }
}

const rowKey = (stream: StreamId, node: NodeId): string => stream + node;
const READ_US = 100;
const FLUSH_US_MAX = 1_500_000;
