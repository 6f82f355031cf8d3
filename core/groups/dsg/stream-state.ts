/**
 * The replicated state of one stream: what every member of its group computes alike from the log. It admits messages
 * at last + 1 only, keeps the producer table with each producer's epoch, the targets and what follows from their
 * settled offsets.
 *
 * Invariant: released <= completed <= lastSeq; each of them never decreases. A producer's epoch never decreases.
 * Payloads are not here: they stay in the log, which is the targets' inbox.
 */
import type { NodeId } from '../../base/ids.js';
import { type StreamSeq, streamSeq } from '../../base/units.js';
import { assert } from '../../base/assert.js';
import type { CompletionPolicy } from '../policy.js';
import { type ControlEntry, type StreamDescriptor, StreamSnapshot } from '../../wire/group-messages.js';
import type { DeadLetter, TargetStep, TargetPace } from '../../wire/target-steps.js';
import { AdmittedProducers, type ProducerState } from './admitted-producers.js';
import type { Admission, StreamDelta } from './stream-delta.js';
import { Checkpoints } from './checkpoints.js';
import { FreeIds, type FreeIdWindow } from './free-ids.js';
import { DeadLetters } from './dead-letters.js';
import { type PaceLimits, UNLIMITED } from './pace.js';
import { TargetTable } from './target-table.js';

/** What the descriptor says that the state depends on. */
export interface StreamShape {
  /** In descriptor order. */
  readonly targets: StreamDescriptor['targets'];
  readonly policy: CompletionPolicy;
  /** Payload stays when it is settled everywhere, until an entry releases it. */
  readonly isRetained: boolean;
  readonly freeIds: FreeIdWindow;
}

export class StreamState {
  /** To be changed by entries only. */
  readonly targets: TargetTable;
  readonly #isRetained: boolean;
  #nextSeq = 1;
  #nextChunk = 0;
  #isClosed = false;
  #isDeleted = false;
  #isSourceLost = false;
  #completed = 0;
  #released = 0;
  #controlNo = 0;
  #timeMs = 0;
  readonly #producers: AdmittedProducers;
  readonly deadLetters = new DeadLetters();
  readonly checkpoints = new Checkpoints();
  readonly freeIds: FreeIds;
  readonly #paces = new Map<NodeId, TargetPace>();

  /** `resultsMax` is how many results are kept per producer. */
  constructor({ targets, policy, isRetained, freeIds }: StreamShape, resultsMax: number) {
    this.freeIds = new FreeIds(freeIds);
    this.targets = new TargetTable(targets, policy);
    this.#isRetained = isRetained;
    this.#producers = new AdmittedProducers(resultsMax);
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

  /** Nobody waits for anything of it any more: it may be deleted without a loss. */
  get isDrained(): boolean {
    return this.#isClosed && this.releasable >= this.lastSeq && this.deadLetters.count === 0;
  }

  /** The end: its members drop everything that they hold of it. */
  get isDeleted(): boolean {
    return this.#isDeleted;
  }

  /** Closed because the source is gone for good: whatever it numbered after `lastSeq` has reached nobody. */
  get isSourceLost(): boolean {
    return this.#isSourceLost;
  }

  get producers(): ReadonlyMap<string, ProducerState> {
    return this.#producers.rows;
  }

  paceOf(target: NodeId): PaceLimits {
    return this.#paces.get(target) ?? UNLIMITED;
  }

  /** The pace as it came into the log; null when there never was one. */
  paceEntryOf(target: NodeId): TargetPace | null {
    return this.#paces.get(target) ?? null;
  }

  settledOf(target: NodeId): StreamSeq {
    return streamSeq(this.targets.settledOf(target));
  }

  /** Completed, and settled at every target that is not optional: nobody waits for it. */
  get releasable(): StreamSeq {
    return streamSeq(this.targets.heldSeq(this.#completed));
  }

  /** Payload up to here may go: what every target settled, or what an entry released. No target begins before it. */
  get released(): StreamSeq {
    return streamSeq(this.#released);
  }

  /** It completes nothing and lets no payload go until an operator has decided. */
  get isOrphaned(): boolean {
    return this.targets.isOrphaned(this.#completed);
  }

  /** The last control entry of the source that was admitted. */
  get controlNo(): number {
    return this.#controlNo;
  }

  /** The wall time of the newest entry that bears one; it never decreases. */
  get timeMs(): number {
    return this.#timeMs;
  }

  epochOf(producer: string): number {
    return this.#producers.epochOf(producer);
  }

  applyMessages(delta: Extract<StreamDelta, { kind: 'messages' }>): Admission {
    if (this.#isClosed) return { kind: 'ignored', reason: 'closed' };
    if (!isWellFormed(delta)) return { kind: 'ignored', reason: 'malformed' };
    // A repeat of what was admitted under its own epoch is no late publish.
    if (delta.firstSeq >= this.#nextSeq && delta.epoch < this.epochOf(delta.producer)) return { kind: 'ignored', reason: 'fenced' };
    return delta.chunkCount === 1 ? this.#applyWhole(delta) : this.#applyChunk(delta);
  }

  /** Raises settled offsets. A mark that is behind, ahead of what exists or of no attached target changes nothing. */
  applySettled(marks: readonly { readonly target: NodeId; readonly seq: number }[], timeMs = 0): void {
    for (const { target, seq } of marks) if (seq < this.#nextSeq) this.targets.settle(target, seq);
    this.#timeMs = Math.max(this.#timeMs, timeMs);
    this.#complete();
  }

  applyClose(isSourceLost: boolean): void {
    if (!this.#isClosed) this.#isSourceLost = isSourceLost;
    this.#isClosed = true;
  }

  /** Only by force before it is drained. */
  applyDeletion(isForced: boolean): void {
    if (!isForced && !this.isDrained) return;
    this.#isClosed = true;
    this.#isDeleted = true;
  }

  /**
   * A death settles its message, and with it everything before it, at its target; one at or below the target's offset,
   * ahead of what exists or of no target changes nothing. Gives the letters that left the list.
   */
  applyTarget(change: TargetStep): readonly DeadLetter[] {
    if (change.kind === 'pace') {
      this.#setPace(change);
      return [];
    }
    if (change.kind === 'checkpoint') {
      this.checkpoints.apply(change, this.lastSeq);
      return [];
    }
    if (change.kind === 'died') {
      const target = this.targets.attached(change.target);
      if (target === null || change.seq <= target.settledSeq || change.seq >= this.#nextSeq) return [];
      this.applySettled([change]);
    }
    return this.deadLetters.apply(change);
  }

  /** An entry of the source that is no message: admitted in its place and order, or not at all. */
  applyControl({ afterSeq, no, body }: ControlEntry): Admission {
    if (this.#isClosed) return { kind: 'ignored', reason: 'closed' };
    if (no <= this.#controlNo) return { kind: 'ignored', reason: 'repeat' };
    if (no !== this.#controlNo + 1 || afterSeq !== this.lastSeq || this.#nextChunk !== 0) return { kind: 'ignored', reason: 'gap' };
    this.#controlNo = no;
    switch (body.kind) {
      case 'raise':
        this.#producers.raise(body.producer, body.epoch);
        break;
      case 'expire':
        this.#producers.expire(body.producer);
        break;
      case 'target':
        this.targets.change(body, { lastSeq: this.lastSeq, completedSeq: this.#completed, releasedSeq: this.#released });
        this.#complete();
        break;
    }
    return { kind: 'admitted', fromSeq: streamSeq(this.#nextSeq), count: 0, isComplete: true };
  }

  /** Lets payload go that is completed and that no target holds back; optional targets that lack some of it lapse. */
  applyRelease(throughSeq: number, timeMs: number): readonly NodeId[] {
    this.#timeMs = Math.max(this.#timeMs, timeMs);
    if (this.isOrphaned) return [];
    this.#released = Math.max(this.#released, Math.min(throughSeq, this.releasable));
    return this.targets.lapse(this.#released);
  }

  apply(delta: StreamDelta): Admission | null {
    switch (delta.kind) {
      case 'messages':
        return this.applyMessages(delta);
      case 'control':
        return this.applyControl(delta);
      case 'settled':
        this.applySettled(delta.marks, delta.timeMs);
        return null;
      case 'departure':
        this.targets.depart(delta.node, delta.replica, delta.isForced);
        this.#complete();
        return null;
      case 'replacement':
        this.targets.replace(delta.node, delta.replica);
        return null;
      case 'release':
        this.applyRelease(delta.throughSeq, delta.timeMs);
        return null;
      case 'targetStep':
        this.applyTarget(delta.change);
        return null;
      case 'close':
        this.applyClose(delta.isSourceLost);
        return null;
      case 'deletion':
        this.applyDeletion(delta.isForced);
        return null;
    }
  }

  snapshot(): Uint8Array {
    return StreamSnapshot.encode({
      nextSeq: this.#nextSeq,
      nextChunk: this.#nextChunk,
      isClosed: this.#isClosed,
      isSourceLost: this.#isSourceLost,
      producers: this.#producers.snapshot(),
      settled: [],
      targets: this.targets.snapshot(),
      format: 1,
      completedSeq: this.#completed,
      releasedSeq: this.#released,
      controlNo: this.#controlNo,
      timeMs: this.#timeMs,
      isForced: this.targets.isForced,
      ...this.deadLetters.snapshot(),
      paces: [...this.#paces.values()],
      isDeleted: this.#isDeleted,
      checkpoints: this.checkpoints.all(),
      checkpointVersion: this.checkpoints.version,
      freeIds: this.freeIds.snapshot(),
    });
  }

  /** Takes over a snapshot's content. An empty one is the state before the first entry. False when it is malformed. */
  restore(bytes: Uint8Array): boolean {
    const snapshot = StreamSnapshot.decode(bytes);
    if (snapshot === null) return false;
    this.#nextSeq = Math.max(1, snapshot.nextSeq);
    this.#nextChunk = snapshot.nextChunk;
    this.#isClosed = snapshot.isClosed;
    this.#isDeleted = snapshot.isDeleted;
    this.freeIds.restore(snapshot.freeIds);
    this.checkpoints.restore(snapshot.checkpoints, snapshot.checkpointVersion);
    this.#isSourceLost = snapshot.isSourceLost;
    this.#producers.restore(snapshot.producers);
    this.deadLetters.restore(snapshot.deadLetters, snapshot.deadTargets);
    this.#paces.clear();
    for (const pace of snapshot.paces) if (pace.version > 0) this.#paces.set(pace.target, pace);
    this.#released = snapshot.releasedSeq;
    this.#controlNo = snapshot.controlNo;
    this.#timeMs = snapshot.timeMs;
    this.#completed = snapshot.completedSeq;
    if (snapshot.format > 0) return this.targets.restore(snapshot.targets, snapshot.isForced);
    this.targets.reset();
    for (const { target, seq } of snapshot.settled) this.targets.settle(target, seq);
    this.#complete();
    return true;
  }

  checkInvariants(): void {
    this.deadLetters.checkInvariants();
    for (const { target, seq } of this.deadLetters.all()) {
      const row = this.targets.get(target);
      // Who was attached anew may begin before what died at it, and leaves its letters when it is removed.
      assert(row === null || row.startSeq > 0 || seq <= row.settledSeq, 'a dead letter is settled');
    }
    this.targets.checkInvariants(this.lastSeq);
    assert(this.#released <= this.#completed, 'only completed payload is released');
    assert(this.#completed < this.#nextSeq, 'completed is never ahead of what exists');
    assert(
      this.#completed === this.targets.completedAfter(this.#completed),
      'completed is what the policy makes of the settled offsets',
    );
  }

  #complete(): void {
    this.#completed = this.targets.completedAfter(this.#completed);
    if (this.#isRetained || this.isOrphaned) return;
    this.#released = Math.max(this.#released, this.targets.settledByAll(this.#completed));
  }

  #setPace(pace: TargetPace): void {
    const before = this.#paces.get(pace.target)?.version ?? 0;
    if (this.targets.attached(pace.target) !== null && pace.version > before) this.#paces.set(pace.target, pace);
  }

  #applyWhole(delta: Extract<StreamDelta, { kind: 'messages' }>): Admission {
    const count = delta.producerSeqs.length;
    const skip = this.#nextSeq - delta.firstSeq;
    if (skip > 0 && !this.#producers.agreesWithPast(delta, Math.min(skip, count))) return { kind: 'conflict' };
    if (skip >= count) return { kind: 'ignored', reason: 'repeat' };
    if (skip < 0 || this.#nextChunk !== 0 || delta.controlNo !== this.#controlNo) return { kind: 'ignored', reason: 'gap' };
    if ((delta.producerSeqs[skip] as number) <= this.#producers.lastOf(delta.producer)) return { kind: 'ignored', reason: 'malformed' };
    const fromSeq = streamSeq(this.#nextSeq);
    this.#producers.record(delta, skip);
    for (let i = skip; delta.freeIds !== undefined && i < count; i++) {
      const freeId = delta.freeIds[i] as string;
      if (freeId !== '') this.freeIds.add(freeId, delta.firstSeq + i);
    }
    this.#nextSeq += count - skip;
    return { kind: 'admitted', fromSeq, count: count - skip, isComplete: true };
  }

  #applyChunk(delta: Extract<StreamDelta, { kind: 'messages' }>): Admission {
    const producerSeq = delta.producerSeqs[0] as number;
    if (delta.firstSeq < this.#nextSeq) {
      return this.#producers.agreesWithPast(delta, 1) ? { kind: 'ignored', reason: 'repeat' } : { kind: 'conflict' };
    }
    if (delta.firstSeq > this.#nextSeq || delta.chunkSeq > this.#nextChunk || delta.controlNo !== this.#controlNo) return { kind: 'ignored', reason: 'gap' };
    if (delta.chunkSeq < this.#nextChunk) return { kind: 'ignored', reason: 'repeat' };
    if (producerSeq <= this.#producers.lastOf(delta.producer)) return { kind: 'ignored', reason: 'malformed' };
    const fromSeq = streamSeq(this.#nextSeq);
    if (delta.chunkSeq + 1 < delta.chunkCount) {
      this.#nextChunk++;
      return { kind: 'admitted', fromSeq, count: 0, isComplete: false };
    }
    this.#nextChunk = 0;
    this.#producers.record(delta, 0);
    this.#nextSeq++;
    return { kind: 'admitted', fromSeq, count: 1, isComplete: true };
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
