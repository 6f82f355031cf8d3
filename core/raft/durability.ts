/**
 * What is on its way to the disk, and what waits for it: the hard state, the generation, staged snapshots, the writes in flight and
 * the messages held back until the write that covers them is durable.
 *
 * Invariant: a held message leaves only after every change made before it was held is durable; messages leave in the
 * order in which they were held. Writes become durable in the order of their ids, or not at all (`onRefused`).
 */
import { assert } from '../base/assert.js';
import { Fifo } from '../base/fifo.js';
import { type LogIndex, logIndex } from '../base/units.js';
import type { Envelope, Generation, HardState, RaftSnapshot, RaftWrite } from './api.js';
import type { RaftLog } from './log.js';

/** What a durable write has brought. */
export interface Persisted {
  /** Messages that may leave now. */
  readonly released: readonly Envelope[];
  /** The newest staged snapshot, if it was in this write. */
  readonly snapshot: RaftSnapshot | null;
}

interface WriteInFlight {
  readonly id: number;
  readonly hardState: HardState | null;
  readonly generation: Generation | null;
  readonly snapshot: RaftSnapshot | null;
  /** The log up to here is as it is now in memory once this write is durable. Falls with truncations. */
  through: LogIndex;
}

export class Durability {
  readonly #log: RaftLog;
  readonly #writesInFlightMax: number;
  #hardState: HardState;
  #durableHardState: HardState;
  #hasUnwrittenHardState = false;
  #generation: Generation;
  #durableGeneration: Generation;
  #hasUnwrittenGeneration = false;
  #stagedSnapshot: RaftSnapshot | null = null;
  #hasUnwrittenSnapshot = false;
  #inFlight: WriteInFlight[] = [];
  #nextId = 1;
  /** Space on disk is short: only hard states and generations are written, from reserved space. */
  #isSpaceShort = false;
  readonly #held = new Fifo<{ readonly write: number; readonly envelope: Envelope }>();

  constructor(
    log: RaftLog,
    restored: { readonly hardState: HardState; readonly generation: Generation },
    writesInFlightMax: number,
  ) {
    this.#log = log;
    this.#hardState = restored.hardState;
    this.#durableHardState = restored.hardState;
    this.#generation = restored.generation;
    this.#durableGeneration = restored.generation;
    this.#writesInFlightMax = writesInFlightMax;
  }

  get hardState(): HardState {
    return this.#hardState;
  }

  get durableHardState(): HardState {
    return this.#durableHardState;
  }

  get generation(): Generation {
    return this.#generation;
  }

  get durableGeneration(): Generation {
    return this.#durableGeneration;
  }

  get isSpaceShort(): boolean {
    return this.#isSpaceShort;
  }

  /** Something is not durable yet. */
  get isBusy(): boolean {
    return this.#inFlight.length > 0 || this.#isSpaceShort || this.#hasUnwritten;
  }

  /** Whether `takeWrite` would give a write. */
  get canWrite(): boolean {
    return this.#inFlight.length < this.#writesInFlightMax && this.#hasUnwritten;
  }

  setHardState(hardState: HardState): void {
    const before = this.#hardState;
    assert(hardState.term >= before.term, 'a term never falls');
    assert(
      hardState.term > before.term || before.vote === null || before.vote === hardState.vote,
      'a vote is never changed within its term',
    );
    if (hardState.term === before.term && hardState.vote === before.vote) return;
    this.#hardState = hardState;
    this.#hasUnwrittenHardState = true;
  }

  setGeneration(generation: Generation): void {
    assert(generation.number >= this.#generation.number, 'a generation never falls');
    this.#generation = generation;
    this.#hasUnwrittenGeneration = true;
  }

  /** Held messages never leave: the generation that they are of is over. */
  dropHeld(): void {
    this.#held.clear();
  }

  /** `snapshot` goes into the next write. The log has been compacted or reset to it already. */
  stageSnapshot(snapshot: RaftSnapshot): void {
    this.#stagedSnapshot = snapshot;
    this.#hasUnwrittenSnapshot = true;
  }

  /** Holds a message until everything changed so far is durable; false when it is, and the message may leave. */
  hold(envelope: Envelope): boolean {
    const last = this.#inFlight[this.#inFlight.length - 1];
    const write = this.#hasUnwritten ? this.#nextId : (last?.id ?? 0);
    if (write === 0) return false;
    this.#held.push({ write, envelope });
    return true;
  }

  /** The log was cut before `index`, or replaced from there on: writes in flight confirm nothing from there on. */
  onTruncated(index: LogIndex): void {
    for (const write of this.#inFlight) {
      if (write.through >= index) write.through = logIndex(index - 1);
    }
  }

  /** Everything that is not written yet, as one write; null when there is none or too many are in flight. */
  takeWrite(): RaftWrite | null {
    if (!this.canWrite) return null;
    const hardState = this.#hasUnwrittenHardState ? this.#hardState : null;
    const staged = this.#hasUnwrittenSnapshot && !this.#isSpaceShort ? this.#stagedSnapshot : null;
    const snapshot = staged === null ? null : { snapshot: staged, keptThrough: this.#log.writtenIndex };
    const entries = this.#isSpaceShort ? [] : this.#log.takeUnwritten();
    // Without the log and the snapshot that it may stand on, this write confirms what those before it do.
    const through = this.#isSpaceShort ? this.#confirmedIndex : this.#log.writtenIndex;
    const id = this.#nextId++;
    const generation = this.#hasUnwrittenGeneration ? this.#generation : null;
    this.#hasUnwrittenHardState = false;
    this.#hasUnwrittenGeneration = false;
    if (staged !== null) this.#hasUnwrittenSnapshot = false;
    this.#inFlight.push({ id, hardState, generation, snapshot: staged, through });
    return { id, hardState, generation, snapshot, entries };
  }

  onPersisted(id: number): Persisted {
    const write = this.#inFlight.shift();
    assert(write !== undefined && write.id === id, 'writes become durable in their order');
    if (write.hardState !== null) this.#durableHardState = write.hardState;
    if (write.generation !== null) this.#durableGeneration = write.generation;
    this.#log.markDurable(write.through);
    const released: Envelope[] = [];
    for (let held = this.#held.peek(); held !== undefined && held.write <= id; held = this.#held.peek()) {
      released.push(held.envelope);
      this.#held.shift();
    }
    const isNewest = write.snapshot !== null && write.snapshot === this.#stagedSnapshot;
    return { released, snapshot: isNewest ? write.snapshot : null };
  }

  /** That write and all later ones are void: their content is unwritten again. */
  onRefused(id: number): void {
    const kept = this.#inFlight.filter((write) => write.id < id);
    for (const write of this.#inFlight) {
      if (write.id < id) continue;
      if (write.hardState !== null) this.#hasUnwrittenHardState = true;
      if (write.generation !== null) this.#hasUnwrittenGeneration = true;
      if (write.snapshot !== null && write.snapshot === this.#stagedSnapshot) this.#hasUnwrittenSnapshot = true;
    }
    this.#inFlight = kept;
    this.#isSpaceShort = true;
    this.#log.rewindWritten(this.#confirmedIndex);
    this.#holdAgain(id);
  }

  onSpaceFreed(): void {
    this.#isSpaceShort = false;
  }

  checkInvariants(): void {
    assert(this.#inFlight.length <= this.#writesInFlightMax, 'few writes are in flight');
    for (const { through } of this.#inFlight) {
      assert(through <= this.#log.writtenIndex, 'writes cover what was written');
    }
    assert(this.#durableHardState.term <= this.#hardState.term, 'the durable term is at most the term');
  }

  get #hasUnwritten(): boolean {
    if (this.#hasUnwrittenHardState || this.#hasUnwrittenGeneration) return true;
    return !this.#isSpaceShort && (this.#hasUnwrittenSnapshot || this.#log.hasUnwritten);
  }

  /** How far the log will be durable when everything in flight is. */
  get #confirmedIndex(): LogIndex {
    return this.#inFlight[this.#inFlight.length - 1]?.through ?? this.#log.durableIndex;
  }

  /** What waited for a void write waits for the next one. */
  #holdAgain(id: number): void {
    const held = [...this.#held];
    this.#held.clear();
    for (const { write, envelope } of held) {
      this.#held.push({ write: write >= id ? this.#nextId : write, envelope });
    }
  }
}
