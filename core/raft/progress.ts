/**
 * What a leader knows of one peer's log, and what is on its way to it. Appends go through an ordered flow that loses
 * nothing unless `onLost` says so, so nothing is ever sent twice on a guess: only an answer that shows a gap with
 * nothing in flight, or the answer to an empty probe, moves `next` back.
 *
 * Probing: one append at a time, until one fits. Replicating: a window of appends. Snapshot: chunks, until the peer's
 * match has passed it. `seq` numbers every append and chunk of this leader, so an answer tells what it settles.
 * Invariant: match < next; match never falls (within one leadership).
 */
import { assert } from '../base/assert.js';
import { Fifo } from '../base/fifo.js';
import type { ReplicaId } from '../base/replica.js';
import { type LogIndex, type Micros, logIndex } from '../base/units.js';
import type { SnapshotTransfer } from './snapshot.js';

/** An append with entries after `prev` up to `last`, or none when they are equal. */
export interface SentAppend {
  readonly seq: number;
  readonly bytes: number;
  readonly prev: number;
  readonly last: number;
}

interface AppendInFlight {
  readonly seq: number;
  readonly bytes: number;
}

export interface WindowLimits {
  readonly appendsMax: number;
  readonly bytesMax: number;
}

export class Progress {
  phase: 'probe' | 'replicate' | 'snapshot' = 'probe';
  /** The next entry to send. */
  next: LogIndex;
  /** When something was heard of the peer last; null for never. */
  heardAt: Micros | null = null;
  /** The newest round of reads that the peer has answered. */
  ackedRound = 0;
  /** The highest commit that was sent to the peer. */
  toldCommit = 0;
  /** The epoch of the newest offer of rest that the peer has taken. */
  restsIn = 0;
  /** The peer's log was damaged: its match counts for no commit. */
  isRecovering = false;
  /** The voter over which entries go to this learner; null: they go there at once. */
  relay: ReplicaId | null = null;
  /** While in phase 'snapshot'. */
  transfer: SnapshotTransfer | null = null;
  #match: LogIndex = logIndex(0);
  /** The append that probes, 0 for none on its way; and the entry before it. */
  #probeSeq = 0;
  #probePrev = 0;
  readonly #inflight = new Fifo<AppendInFlight>();
  #inflightBytes = 0;
  /** When the oldest thing in flight was sent, or the newest was settled. */
  #waitingSince: Micros;
  /** Stall probes that nothing has answered. */
  #stallCount = 0;

  constructor(now: Micros, next: LogIndex) {
    this.next = next;
    this.#waitingSince = now;
  }

  get match(): LogIndex {
    return this.#match;
  }

  /** What counts for commit. */
  get countedMatch(): LogIndex {
    return this.isRecovering ? logIndex(0) : this.#match;
  }

  get isInFlight(): boolean {
    return this.#probeSeq !== 0 || this.#inflight.length > 0;
  }

  /** Whether the peer answers at all: what is sent to a dead one only piles up. */
  isAlive(now: Micros, withinUs: number): boolean {
    return this.heardAt !== null && now - this.heardAt < withinUs;
  }

  /** Whether another append may be sent. */
  hasRoom(limits: WindowLimits): boolean {
    if (this.phase === 'probe') return this.#probeSeq === 0;
    return this.#inflight.length < limits.appendsMax && this.#inflightBytes < limits.bytesMax;
  }

  /** Whether the peer holds everything up to `last`, with nothing on its way to it. */
  hasAll(last: LogIndex): boolean {
    return this.phase === 'replicate' && this.#match === last && !this.isRecovering && !this.isInFlight;
  }

  /** Whether nothing was heard of what is in flight for so long that a probe has to ask. */
  isStalled(now: Micros, stallUs: number): boolean {
    return this.isInFlight && now - this.#waitingSince >= stallUs;
  }

  onSent(now: Micros, sent: SentAppend): void {
    // It wakes the peer.
    this.restsIn = 0;
    if (!this.isInFlight) this.#waitingSince = now;
    if (this.phase === 'probe') {
      this.#probeSeq = sent.seq;
      this.#probePrev = sent.prev;
      return;
    }
    this.#inflight.push({ seq: sent.seq, bytes: sent.bytes });
    this.#inflightBytes += sent.bytes;
    this.next = logIndex(sent.last + 1);
  }

  /** An empty append that asks where the peer stands is sent; its answer settles all that went before. */
  onStallProbe(now: Micros, seq: number): void {
    this.#waitingSince = now;
    // A peer that answers heartbeats and no append for so long has not got them: begin anew, nothing piles up.
    if (this.phase === 'replicate' && ++this.#stallCount >= STALL_PROBES_MAX) this.#beginProbe(now, this.#match + 1);
    if (this.phase === 'probe') {
      this.#probeSeq = seq;
      this.#probePrev = this.next - 1;
    } else this.#inflight.push({ seq, bytes: 0 });
  }

  /**
   * Everything up to append `seq` is settled and the peer's log holds ours up to `match`. True when match rose.
   * Works alike for acks and for heartbeat answers, which repeat the newest ack.
   */
  onAck(now: Micros, ack: { readonly seq: number; readonly match: LogIndex }): boolean {
    const isNews = ack.match > this.#match;
    if (isNews) {
      this.#match = ack.match;
      if (this.next <= ack.match) this.next = logIndex(ack.match + 1);
    }
    this.#settle(now, ack.seq);
    if (this.phase === 'probe') this.#settleProbe(ack.seq);
    else if (this.phase === 'snapshot') this.#settleSnapshot();
    else if (this.#inflight.length === 0 && this.next > this.#match + 1) this.next = logIndex(this.#match + 1);
    return isNews;
  }

  /** Append `seq` did not fit; `next` is the entry to try now. Late answers change nothing: one rewind per rejection. */
  onRejected(now: Micros, seq: number, next: number): void {
    if (this.phase === 'snapshot') return;
    if (this.phase === 'probe') {
      if (seq !== this.#probeSeq) return;
    } else if (!this.#isInFlightSeq(seq)) return;
    this.#beginProbe(now, Math.max(next, this.#match + 1));
  }

  /** Whatever was on its way is gone: ask again from what is known. */
  onLost(now: Micros, newestSeq: number): void {
    if (this.phase === 'snapshot') this.transfer?.onLost(now, newestSeq);
    else this.#beginProbe(now, this.phase === 'replicate' ? this.#match + 1 : this.next);
  }

  startSnapshot(transfer: SnapshotTransfer): void {
    this.#clearInflight();
    this.phase = 'snapshot';
    this.transfer = transfer;
  }

  checkInvariants(lastIndex: LogIndex): void {
    assert(this.#match < this.next, 'match is below next');
    assert(this.next <= lastIndex + 1, 'next is within the log');
    assert((this.phase === 'snapshot') === (this.transfer !== null), 'a transfer belongs to its phase');
  }

  #settle(now: Micros, seq: number): void {
    for (let sent = this.#inflight.peek(); sent !== undefined && sent.seq <= seq; sent = this.#inflight.peek()) {
      this.#inflightBytes -= sent.bytes;
      this.#inflight.shift();
      this.#waitingSince = now;
      this.#stallCount = 0;
    }
  }

  #settleProbe(seq: number): void {
    if (this.#match >= this.next - 1) {
      // What the next append builds on is verified: this is all that a probe wants to know.
      if (this.#probeSeq !== 0 && seq < this.#probeSeq) return;
      this.#probeSeq = 0;
      this.phase = 'replicate';
    } else if (this.#probeSeq !== 0 && seq >= this.#probeSeq) {
      // Settled, but not by fitting: its rejection was lost. Ask again.
      this.#probeSeq = 0;
      if (this.#match >= this.#probePrev) this.next = logIndex(this.#match + 1);
    }
  }

  #settleSnapshot(): void {
    if (this.transfer === null || this.#match < this.transfer.snapshot.index) return;
    this.transfer = null;
    this.phase = 'replicate';
    this.next = logIndex(this.#match + 1);
  }

  #beginProbe(now: Micros, next: number): void {
    this.#clearInflight();
    this.phase = 'probe';
    this.next = logIndex(next);
    this.#waitingSince = now;
    this.#stallCount = 0;
  }

  #clearInflight(): void {
    this.#inflight.clear();
    this.#inflightBytes = 0;
    this.#probeSeq = 0;
  }

  #isInFlightSeq(seq: number): boolean {
    for (const sent of this.#inflight) if (sent.seq === seq) return true;
    return false;
  }
}

/** With the default of 2 s between them, 16 s. */
const STALL_PROBES_MAX = 8;
