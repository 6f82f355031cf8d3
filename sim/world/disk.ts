/**
 * The disk of one node: the journal's records and the ledger's rows. A batch is durable as a whole when its flush is
 * done, after every earlier one; at a crash a prefix of the batches that were still being flushed survives, chosen by
 * the seed, and the rest is lost. While the disk is full a batch is refused, and so is every later one until that one
 * was written. A failed flush is the last thing that a disk tells to a life of its node.
 */
import { assert } from '../../core/base/assert.js';
import { concatBytes, toHex } from '../../core/base/bytes.js';
import { Fifo } from '../../core/base/fifo.js';
import type { MessageId, NodeId, StreamId } from '../../core/base/ids.js';
import type { JournalSeq, StreamSeq, Ticket } from '../../core/base/units.js';
import type { TableWrite } from '../../core/groups/context.js';
import { decodeRecord } from '../../core/journal/record.js';
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
  /** A part of the first lost batch has reached the disk. */
  readonly isTorn: boolean;
}

interface RottenBlock {
  readonly bytes: Uint8Array;
  readonly firstIndex: number;
  readonly offset: number;
  readonly length: number;
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
  readonly #tables = new Map<string, Uint8Array>();
  /** What its rows said before the disk was lost. */
  readonly #lostOffsets = new Map<string, number>();
  #pending = new Fifo<PendingBatch>();
  readonly #flushWatchers: ((takesUs: number) => void)[] = [];
  #lastSeq = 0;
  #busyUntilUs = 0;
  /** What was refused for lack of space and is to come first. */
  #refused: JournalBatch | null = null;
  /** Stretches every operation; 1 in health. */
  slowFactor = 1;
  isFull = false;
  /** The next flush fails; one has, and nothing is written or told any more. Null in health. */
  #failure: 'due' | 'over' | null = null;
  recordBytes = 0;
  /** Is told of every batch that is on the disk whole. */
  onWritten: (batch: JournalBatch) => void = () => undefined;

  constructor(timeline: Timeline, seed: Seed, node: number, medianFlushUs: number) {
    this.#timeline = timeline;
    this.#flushDraws = new Draws(seed, 'flush', node);
    this.#survivalDraws = new Draws(seed, 'survival', node);
    this.#medianFlushUs = medianFlushUs;
  }

  /** Begins to make `batch` durable; `deliver` gets `persisted` when it is, unless the node has died before. */
  persist(ticket: Ticket, batch: JournalBatch, deliver: (input: Input) => void): void {
    if (this.#failure === 'over') return;
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
        if (this.#failure === 'due') {
          this.#fail(batch);
          deliver({ kind: 'persist-failed', ticket, code: 'failed' });
          return;
        }
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

  /** The next flush will fail. */
  failNext(): void {
    this.#failure ??= 'due';
  }

  /** No flush has failed in time, and none will. */
  forgetFailing(): void {
    if (this.#failure === 'due') this.#failure = null;
  }

  /** Whether a flush has failed and the node has not been started since. */
  get hasFailed(): boolean {
    return this.#failure === 'over';
  }

  /**
   * The node is dead: what was being flushed is decided now, and nothing of it is told to anyone. With `isTearing` a
   * part of the first lost batch is written as well: some records, and the next one cut short.
   */
  crash(isTearing = false): DiskCrash {
    const pendingCount = this.#pending.length;
    const survivedCount = pendingCount === 0 ? 0 : this.#survivalDraws.below(pendingCount + (isTearing ? 0 : 1));
    for (let i = 0; i < survivedCount; i++) {
      const { batch } = this.#pending.shift() as PendingBatch;
      if (!this.#mustRefuse(batch)) this.#apply(batch);
    }
    const torn = isTearing ? this.#pending.shift() : undefined;
    const isTorn = torn !== undefined && !this.#mustRefuse(torn.batch) && this.#tear(torn.batch);
    this.#pending = new Fifo();
    this.#refused = null;
    this.#failure = null;
    this.#busyUntilUs = 0;
    return { survivedCount, lostCount: pendingCount - survivedCount, isTorn };
  }

  /**
   * Flips one bit in each of up to `count` blocks of log entries, in logs that `isExpendable` names, among the newest
   * records; never in bytes that are also what a source has staged: those are nobody else's. Gives how many were found.
   */
  rot(draws: Draws, count: number, isExpendable: (group: string) => boolean): number {
    const blocks: RottenBlock[] = [];
    const staged = new Map<string, RottenBlock>();
    for (const [seq, bytes] of [...this.#records].slice(-ROTTEN_RECORDS_MAX)) {
      const decoded = decodeRecord(seq, bytes);
      for (const item of decoded.kind === 'record' ? decoded.items : []) {
        if (item.kind === 'append' && isExpendable(item.group)) {
          for (const { firstIndex, offset, length } of item.blocks) blocks.push({ bytes, firstIndex, offset, length });
        } else if (item.kind === 'entry-blob') {
          const shared = blocks.findLast((block) => block.bytes === bytes && block.firstIndex <= item.index);
          if (shared !== undefined) staged.set(`${item.owner}/${item.no}`, shared);
        } else if (item.kind === 'drop-blob') staged.delete(`${item.owner}/${item.no}`);
      }
    }
    const sole = new Set(staged.values());
    const struck = draws.shuffled(blocks.filter((block) => !sole.has(block))).slice(0, count);
    for (const { bytes, offset, length } of struck) {
      const at = offset + draws.below(length);
      bytes[at] = (bytes[at] as number) ^ (1 << draws.below(8));
    }
    return struck.length;
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

  /** A durable row of the embedded tables; null when there is none. */
  row(table: string, key: Uint8Array): Uint8Array | null {
    return this.#tables.get(`${table}/${toHex(key)}`) ?? null;
  }

  /** The highest durable offset that this node ever had, lost disks included. */
  offsetEver(stream: StreamId, node: NodeId): number {
    return Math.max(this.offset(stream, node), this.#lostOffsets.get(rowKey(stream, node)) ?? 0);
  }

  /** The node is dead, and so is its disk: the next one is empty. */
  wipe(): void {
    assert(this.#pending.length === 0, 'a disk is lost while its node is down');
    for (const { stream, node } of this.#offsets.values()) this.#lostOffsets.set(rowKey(stream, node), this.offsetEver(stream, node));
    this.#offsets.clear();
    this.#records.clear();
    this.recordBytes = 0;
    this.#lastSeq = 0;
    this.#tables.clear();
  }

  get pendingCount(): number {
    return this.#pending.length;
  }

  /** Whether the batch was written stays open; the disk says nothing more. */
  #fail(batch: JournalBatch): void {
    this.#failure = 'over';
    this.#pending = new Fifo();
    if (this.#survivalDraws.chance(500) && !this.#mustRefuse(batch)) this.#apply(batch);
  }

  /** Some records of `batch`, one cut short, and nothing of the rest. False when it has no record to cut. */
  #tear({ records }: JournalBatch): boolean {
    if (records.length === 0) return false;
    const whole = this.#survivalDraws.below(records.length);
    for (const [place, { seq, parts }] of records.slice(0, whole + 1).entries()) {
      const bytes = concatBytes(parts);
      this.#write(seq, place < whole ? bytes : bytes.slice(0, this.#survivalDraws.below(bytes.length)));
    }
    return true;
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
      this.#write(seq, parts.length === 1 ? (parts[0] as Uint8Array).slice() : concatBytes(parts));
    }
    for (const { from, to } of batch.drops) this.#drop(from, to);
    for (const write of batch.ledger) {
      if (write.kind === 'table-row') this.#setRow(write);
      else if (write.kind === 'stream-offset-removed') this.#offsets.delete(rowKey(write.stream, write.node));
      else this.#offsets.set(rowKey(write.stream, write.node), write);
    }
    this.onWritten(batch);
  }

  #write(seq: JournalSeq, bytes: Uint8Array): void {
    assert(seq > this.#lastSeq, 'journal records ascend');
    this.#lastSeq = seq;
    this.#records.set(seq, bytes);
    this.recordBytes += bytes.length;
  }

  #setRow({ table, key, value }: TableWrite): void {
    const at = `${table}/${toHex(key)}`;
    if (value === null) this.#tables.delete(at);
    else this.#tables.set(at, value.slice());
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
const ROTTEN_RECORDS_MAX = 300;
const FLUSH_US_MAX = 1_500_000;
