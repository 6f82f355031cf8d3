/**
 * The replicated state of one stream: what every member of its group computes alike from the log. It admits messages
 * at last + 1 only, keeps the producer table, the settled offset of each target and what follows from them.
 *
 * Invariant: completed <= every settled offset that the policy needs <= lastSeq; each of them never decreases.
 * Payloads are not here: they stay in the log, which is the targets' inbox.
 */
import type { NodeId } from '../../base/ids.js';
import { type StreamSeq, streamSeq } from '../../base/units.js';
import { assert } from '../../base/assert.js';
import { EMPTY_BYTES } from '../../base/bytes.js';
import type { CompletionPolicy } from '../policy.js';
import { completedSeq } from '../policy.js';
import { type DeadLetter, type DeadLetterChange, StreamSnapshot } from '../../wire/group-messages.js';
import { DeadLetters } from './dead-letters.js';

/** What one log entry does to the state: the entry without its payloads. */
export type StreamDelta =
  | {
      readonly kind: 'messages';
      readonly firstSeq: number;
      readonly chunkSeq: number;
      readonly chunkCount: number;
      readonly producer: string;
      /** One per whole message, or the one of the large message that the chunk belongs to. */
      readonly producerSeqs: readonly number[];
    }
  | { readonly kind: 'settled'; readonly marks: readonly { readonly target: NodeId; readonly seq: number }[] }
  | { readonly kind: 'close' }
  | { readonly kind: 'deadLetter'; readonly change: DeadLetterChange };

/**
 * `conflict`: a number that was given out before came again with another content. The replica must stop. `malformed`:
 * no source writes such a batch; it changes nothing, at every replica alike.
 */
export type Admission =
  | { readonly kind: 'admitted'; readonly fromSeq: StreamSeq; readonly count: number; readonly isComplete: boolean }
  | { readonly kind: 'ignored'; readonly reason: 'repeat' | 'gap' | 'closed' | 'malformed' }
  | { readonly kind: 'conflict' };

export interface ProducerState {
  /** Highest admitted producerSeq. */
  last: number;
  /** The newest results, oldest first: producerSeq and the seq that it got. */
  readonly recent: { readonly producerSeq: number; readonly seq: number }[];
}

export class StreamState {
  readonly #policy: CompletionPolicy;
  readonly #resultsMax: number;
  #nextSeq = 1;
  #nextChunk = 0;
  #isClosed = false;
  #completed = 0;
  readonly #producers = new Map<string, ProducerState>();
  readonly #settled = new Map<NodeId, number>();
  readonly deadLetters = new DeadLetters();

  /** `targets` in descriptor order. `resultsMax` is how many results are kept per producer. */
  constructor(targets: readonly NodeId[], policy: CompletionPolicy, resultsMax: number) {
    this.#policy = policy;
    this.#resultsMax = resultsMax;
    for (const target of targets) this.#settled.set(target, 0);
  }

  /** The last admitted message; its last chunk is admitted too. */
  get lastSeq(): StreamSeq {
    return streamSeq(this.#nextSeq - 1);
  }

  /** The place of the next admissible chunk. */
  get next(): { readonly seq: number; readonly chunkSeq: number } {
    return { seq: this.#nextSeq, chunkSeq: this.#nextChunk };
  }

  get completed(): StreamSeq {
    return streamSeq(this.#completed);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get producers(): ReadonlyMap<string, ProducerState> {
    return this.#producers;
  }

  settledOf(target: NodeId): StreamSeq {
    return streamSeq(this.#settled.get(target) ?? 0);
  }

  /** Everything up to here is settled at every target, so its payload may go. */
  get settledEverywhere(): StreamSeq {
    let least = this.#nextSeq - 1;
    for (const seq of this.#settled.values()) least = Math.min(least, seq);
    return streamSeq(least);
  }

  applyMessages(delta: Extract<StreamDelta, { kind: 'messages' }>): Admission {
    if (this.#isClosed) return { kind: 'ignored', reason: 'closed' };
    if (!isWellFormed(delta)) return { kind: 'ignored', reason: 'malformed' };
    return delta.chunkCount === 1 ? this.#applyWhole(delta) : this.#applyChunk(delta);
  }

  /** Raises settled offsets. A mark that is behind, ahead of what exists or of no target changes nothing. */
  applySettled(marks: readonly { readonly target: NodeId; readonly seq: number }[]): void {
    for (const { target, seq } of marks) {
      const before = this.#settled.get(target);
      if (before === undefined || seq <= before || seq >= this.#nextSeq) continue;
      this.#settled.set(target, seq);
    }
    const completed = completedSeq(this.#policy, [...this.#settled.values()]);
    assert(completed >= this.#completed, 'the completed watermark never decreases');
    this.#completed = completed;
  }

  applyClose(): void {
    this.#isClosed = true;
  }

  /**
   * A death settles its message, and with it everything before it, at its target; one at or below the target's offset,
   * ahead of what exists or of no target changes nothing. Gives the letters that left the list.
   */
  applyDeadLetter(change: DeadLetterChange): readonly DeadLetter[] {
    if (change.kind === 'died') {
      const before = this.#settled.get(change.target);
      if (before === undefined || change.seq <= before || change.seq >= this.#nextSeq) return [];
      this.applySettled([change]);
    }
    return this.deadLetters.apply(change);
  }

  apply(delta: StreamDelta): void {
    if (delta.kind === 'messages') this.applyMessages(delta);
    else if (delta.kind === 'settled') this.applySettled(delta.marks);
    else if (delta.kind === 'deadLetter') this.applyDeadLetter(delta.change);
    else this.applyClose();
  }

  snapshot(): Uint8Array {
    return StreamSnapshot.encode({
      nextSeq: this.#nextSeq,
      nextChunk: this.#nextChunk,
      isClosed: this.#isClosed,
      producers: [...this.#producers].map(([name, row]) => ({ name, last: row.last, recent: row.recent })),
      settled: [...this.#settled].map(([target, seq]) => ({ target, seq })),
      ...this.deadLetters.snapshot(),
    });
  }

  /** Takes over a snapshot's content. An empty one is the state before the first entry. False when it is malformed. */
  restore(bytes: Uint8Array): boolean {
    const snapshot = StreamSnapshot.decode(bytes);
    if (snapshot === null) return false;
    this.#nextSeq = Math.max(1, snapshot.nextSeq);
    this.#nextChunk = snapshot.nextChunk;
    this.#isClosed = snapshot.isClosed;
    this.#producers.clear();
    for (const row of snapshot.producers) {
      this.#producers.set(row.name, { last: row.last, recent: row.recent.map((r) => ({ ...r })) });
    }
    for (const target of this.#settled.keys()) this.#settled.set(target, 0);
    for (const { target, seq } of snapshot.settled) if (this.#settled.has(target)) this.#settled.set(target, seq);
    this.#completed = completedSeq(this.#policy, [...this.#settled.values()]);
    this.deadLetters.restore(snapshot.deadLetters, snapshot.deadTargets);
    return true;
  }

  checkInvariants(): void {
    this.deadLetters.checkInvariants();
    for (const { target, seq } of this.deadLetters.all()) {
      assert(seq <= (this.#settled.get(target) ?? 0), 'a dead letter is settled');
    }
    assert(this.#completed < this.#nextSeq, 'completed is never ahead of what exists');
    for (const seq of this.#settled.values()) {
      assert(seq < this.#nextSeq, 'a settled offset is never ahead of what exists');
    }
    assert(
      this.#completed === completedSeq(this.#policy, [...this.#settled.values()]),
      'completed is what the policy makes of the settled offsets',
    );
    assert(this.settledEverywhere <= this.#completed || this.#settled.size === 0, 'settled by all implies completed');
  }

  #applyWhole(delta: Extract<StreamDelta, { kind: 'messages' }>): Admission {
    const count = delta.producerSeqs.length;
    const skip = this.#nextSeq - delta.firstSeq;
    if (skip > 0 && !this.#agreesWithPast(delta, Math.min(skip, count))) return { kind: 'conflict' };
    if (skip >= count) return { kind: 'ignored', reason: 'repeat' };
    if (skip < 0 || this.#nextChunk !== 0) return { kind: 'ignored', reason: 'gap' };
    if ((delta.producerSeqs[skip] as number) <= this.#lastOf(delta.producer)) return { kind: 'ignored', reason: 'malformed' };
    const fromSeq = streamSeq(this.#nextSeq);
    this.#record(delta, skip);
    this.#nextSeq += count - skip;
    return { kind: 'admitted', fromSeq, count: count - skip, isComplete: true };
  }

  #applyChunk(delta: Extract<StreamDelta, { kind: 'messages' }>): Admission {
    const producerSeq = delta.producerSeqs[0] as number;
    if (delta.firstSeq < this.#nextSeq) {
      return this.#agreesWithPast(delta, 1) ? { kind: 'ignored', reason: 'repeat' } : { kind: 'conflict' };
    }
    if (delta.firstSeq > this.#nextSeq || delta.chunkSeq > this.#nextChunk) return { kind: 'ignored', reason: 'gap' };
    if (delta.chunkSeq < this.#nextChunk) return { kind: 'ignored', reason: 'repeat' };
    if (producerSeq <= this.#lastOf(delta.producer)) return { kind: 'ignored', reason: 'malformed' };
    const fromSeq = streamSeq(this.#nextSeq);
    if (delta.chunkSeq + 1 < delta.chunkCount) {
      this.#nextChunk++;
      return { kind: 'admitted', fromSeq, count: 0, isComplete: false };
    }
    this.#nextChunk = 0;
    this.#record(delta, 0);
    this.#nextSeq++;
    return { kind: 'admitted', fromSeq, count: 1, isComplete: true };
  }

  #lastOf(producer: string): number {
    return this.#producers.get(producer)?.last ?? 0;
  }

  /** Puts the messages of a batch from its `from`-th on into the producer table: only the newest results are kept. */
  #record({ producer, producerSeqs, firstSeq }: Extract<StreamDelta, { kind: 'messages' }>, from: number): void {
    let row = this.#producers.get(producer);
    if (row === undefined) {
      row = { last: 0, recent: [] };
      this.#producers.set(producer, row);
    }
    assert((producerSeqs[from] as number) > row.last, 'a producer is recorded only upwards');
    for (let i = Math.max(from, producerSeqs.length - this.#resultsMax); i < producerSeqs.length; i++) {
      row.recent.push({ producerSeq: producerSeqs[i] as number, seq: firstSeq + i });
    }
    row.last = producerSeqs[producerSeqs.length - 1] as number;
    if (row.recent.length > this.#resultsMax) row.recent.splice(0, row.recent.length - this.#resultsMax);
  }

  /** Whether the first `count` messages are, as far as is remembered, those that got the same numbers before. */
  #agreesWithPast(delta: Extract<StreamDelta, { kind: 'messages' }>, count: number): boolean {
    const row = this.#producers.get(delta.producer);
    if (row === undefined) return false;
    for (let i = count - 1; i >= Math.max(0, count - 4); i--) {
      const producerSeq = delta.producerSeqs[i] as number;
      if (producerSeq > row.last) return false;
      const known = resultOf(row, producerSeq);
      if (known !== null && known !== delta.firstSeq + i) return false;
    }
    return true;
  }
}

/** One chunk of a large message, or whole messages; a producer's seqs ascend from 1. */
function isWellFormed({ chunkSeq, chunkCount, producerSeqs }: Extract<StreamDelta, { kind: 'messages' }>): boolean {
  const isShaped = chunkCount === 1 ? chunkSeq === 0 : chunkSeq < chunkCount && producerSeqs.length === 1;
  let last = 0;
  for (const producerSeq of producerSeqs) {
    if (producerSeq <= last) return false;
    last = producerSeq;
  }
  return isShaped && last > 0;
}

/** The seq that `producerSeq` got, while it is among the newest results. */
export function resultOf(row: ProducerState, producerSeq: number): number | null {
  for (let i = row.recent.length - 1; i >= 0; i--) {
    const result = row.recent[i] as { producerSeq: number; seq: number };
    if (result.producerSeq === producerSeq) return result.seq;
    if (result.producerSeq < producerSeq) return null;
  }
  return null;
}

/** The state before the first entry, as a snapshot. */
export const INITIAL_STREAM_SNAPSHOT = EMPTY_BYTES;
