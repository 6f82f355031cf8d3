/**
 * Snapshots in chunks, both ends. Chunks travel an ordered flow, their acks may be lost. An ack says how much the
 * receiver holds after chunk `seq`; since the flow keeps order, that settles every chunk before, and one rewind puts
 * right whatever was missing. Never is a part taken for the whole: length and checksum are checked before installing.
 */
import { concatBytes } from '../base/bytes.js';
import { crc32c } from '../base/crc32c.js';
import { Fifo } from '../base/fifo.js';
import type { ReplicaId } from '../base/replica.js';
import { type Micros, type Term, logIndex } from '../base/units.js';
import type { RaftSnapshotChunk } from '../wire/raft-messages.js';
import type { RaftSnapshot } from './api.js';
import { configurationFromWire } from './configuration.js';

export interface TransferLimits {
  readonly chunkBytesMax: number;
  readonly chunksInflightMax: number;
  /** With nothing heard for this long, one chunk asks where the receiver stands. */
  readonly stallUs: number;
}

/** The leader's side: one transfer to one peer. */
export class SnapshotTransfer {
  readonly snapshot: RaftSnapshot;
  readonly checksum: number;
  readonly #limits: TransferLimits;
  /** Chunks on their way: what number each had and where it ended. */
  readonly #inflight = new Fifo<{ readonly seq: number; readonly end: number }>();
  /** Where the next chunk begins; null when the last one is on its way. */
  #next: number | null = 0;
  /** Answers to chunks up to this one say nothing new. */
  #voidSeq = 0;
  #received = 0;
  /** The receiver holds some of it, and nothing that was on its way to it was lost. */
  #isUnderWay = false;
  #heardAt: Micros;

  constructor(now: Micros, snapshot: RaftSnapshot, limits: TransferLimits) {
    this.snapshot = snapshot;
    this.checksum = crc32c(snapshot.state);
    this.#limits = limits;
    this.#heardAt = now;
  }

  /** Whether nothing is gained by going on with this snapshot when there is a newer one. */
  get isSupersedable(): boolean {
    return !this.#isUnderWay;
  }

  /** The part [offset, end) to send as chunk `seq`; null while there is nothing to send. */
  nextPart(now: Micros, seq: number): { readonly offset: number; readonly end: number } | null {
    const isStalled = now - this.#heardAt >= this.#limits.stallUs;
    const offset = isStalled ? this.#received : this.#next;
    if (offset === null || (!isStalled && this.#inflight.length >= this.#limits.chunksInflightMax)) return null;
    const total = this.snapshot.state.length;
    const end = Math.min(offset + this.#limits.chunkBytesMax, total);
    if (isStalled) this.#inflight.clear();
    else this.#next = end === total ? null : end;
    if (isStalled || this.#inflight.length === 0) this.#heardAt = now;
    this.#inflight.push({ seq, end });
    return { offset, end };
  }

  /** After chunk `seq` the receiver holds `received` bytes. `newestSeq`: the number of the last chunk sent so far. */
  onAck(now: Micros, ack: { readonly seq: number; readonly received: number }, newestSeq: number): void {
    if (ack.seq <= this.#voidSeq || ack.received > this.snapshot.state.length) return;
    let end = -1;
    for (let sent = this.#inflight.peek(); sent !== undefined && sent.seq <= ack.seq; sent = this.#inflight.peek()) {
      end = sent.seq === ack.seq ? sent.end : -1;
      this.#inflight.shift();
    }
    if (end < 0) return;
    this.#heardAt = now;
    this.#received = ack.received;
    this.#isUnderWay = ack.received > 0;
    // Something before this chunk is missing there, or the answer to a stall tells that more is there than we knew.
    const isStallAnswer = this.#inflight.length === 0 && this.#next !== ack.received;
    if (ack.received < end || isStallAnswer) this.#restart(newestSeq);
  }

  /** What was on its way is gone. */
  onLost(now: Micros, newestSeq: number): void {
    this.#heardAt = now;
    this.#isUnderWay = false;
    this.#restart(newestSeq);
  }

  #restart(newestSeq: number): void {
    this.#voidSeq = newestSeq;
    this.#inflight.clear();
    const total = this.snapshot.state.length;
    this.#next = this.#received < total || total === 0 ? this.#received : null;
  }
}

/** The receiver's side: one snapshot being put together. */
export class SnapshotAssembly {
  readonly from: ReplicaId;
  readonly term: number;
  readonly index: number;
  readonly snapshotTerm: number;
  readonly total: number;
  readonly checksum: number;
  #parts: Uint8Array[] = [];
  #received = 0;

  constructor(from: ReplicaId, first: RaftSnapshotChunk) {
    this.from = from;
    this.term = first.term;
    this.index = first.index;
    this.snapshotTerm = first.snapshotTerm;
    this.total = first.total;
    this.checksum = first.checksum;
  }

  /** Bytes held, from the beginning, without a gap. */
  get received(): number {
    return this.#received;
  }

  /** Whether `chunk` is a part of the same transfer. */
  isOf(from: ReplicaId, chunk: RaftSnapshotChunk): boolean {
    return (
      this.from === from &&
      this.term === chunk.term &&
      this.index === chunk.index &&
      this.snapshotTerm === chunk.snapshotTerm &&
      this.total === chunk.total &&
      this.checksum === chunk.checksum
    );
  }

  /** Takes the next part; parts that were taken before or that leave a gap are passed over. */
  add(chunk: RaftSnapshotChunk): void {
    if (chunk.offset !== this.#received) return;
    this.#parts.push(chunk.bytes);
    this.#received += chunk.bytes.length;
  }

  get isComplete(): boolean {
    return this.#received === this.total;
  }

  /** The whole, or null when its checksum is wrong: then it begins anew. */
  finish(chunk: RaftSnapshotChunk): RaftSnapshot | null {
    const state = concatBytes([...this.#parts]);
    if (crc32c(state) !== this.checksum) {
      this.#parts = [];
      this.#received = 0;
      return null;
    }
    const configuration = configurationFromWire(chunk.configuration);
    return { index: logIndex(this.index), term: this.snapshotTerm as Term, configuration, state };
  }
}
