/**
 * One replica under the hand of a test: messages are given in and read out one by one, its disk confirms when told
 * (or at once, when `isDiskPrompt`), time passes when told.
 */
import { DeadlineHeap } from '../../base/deadlines.js';
import type { ReplicaId } from '../../base/replica.js';
import { Rng } from '../../base/rng.js';
import { type LogIndex, type Micros, type Term, logIndex, micros, term } from '../../base/units.js';
import type { RaftMessage } from '../../wire/raft-messages.js';
import {
  type ConfirmedRead,
  DEFAULT_RAFT_CONFIG,
  type Envelope,
  type RaftConfig,
  type RaftEntry,
  type RaftEntryKind,
  type RaftEvent,
  type RaftSnapshot,
  type RaftWrite,
  type RestoredRaft,
} from '../api.js';
import { RaftGroup } from '../raft-group.js';
import { TEST_GROUP } from './in-memory-cluster.js';
import { SimulatedDisk } from './simulated-disk.js';

/** A message of one kind. */
export type MessageOf<K extends RaftMessage['kind']> = Extract<RaftMessage, { kind: K }>;

/** An entry for a test's log. */
export const entryAt = (index: number, ofTerm: number, kind: RaftEntryKind = 'data', bytes: Uint8Array = new Uint8Array([index & 255, ofTerm])): RaftEntry => ({
  index: logIndex(index),
  term: term(ofTerm),
  kind,
  bytes,
});

/** Entries from 1 on, one for each term given. */
export const logOf = (...terms: readonly number[]): RaftEntry[] => terms.map((ofTerm, n) => entryAt(n + 1, ofTerm));

export interface SingleReplicaOptions {
  readonly config?: Partial<RaftConfig>;
  readonly log?: readonly RaftEntry[];
  readonly isAlwaysLed?: boolean;
  readonly dataLeavesEarly?: boolean;
}

export class SingleReplica {
  readonly id: ReplicaId;
  readonly disk: SimulatedDisk;
  readonly config: RaftConfig;
  heap = new DeadlineHeap();
  group: RaftGroup;
  now: Micros = micros(1_000_000);
  isDiskPrompt = true;
  isApplyPrompt = true;
  /** Everything sent and not taken yet. */
  outbox: Envelope[] = [];
  pendingWrites: RaftWrite[] = [];
  applied: RaftEntry[] = [];
  installed: RaftSnapshot[] = [];
  /** Whom the host believes not to run. */
  readonly absent = new Set<ReplicaId>();
  readonly #isAlwaysLed: boolean;
  reads: ConfirmedRead[] = [];
  lostReads: number[] = [];
  events: RaftEvent[] = [];
  #boot = 0;
  readonly #dataLeavesEarly: boolean;

  constructor(id: ReplicaId, disk: RestoredRaft, options: SingleReplicaOptions = {}) {
    this.id = id;
    this.#isAlwaysLed = options.isAlwaysLed ?? false;
    this.config = { ...DEFAULT_RAFT_CONFIG, ...options.config };
    this.disk = new SimulatedDisk(disk);
    this.disk.entries = [...(options.log ?? [])];
    const last = this.disk.entries[this.disk.entries.length - 1];
    if (last !== undefined && last.term > disk.hardState.term) this.disk.hardState = { term: last.term, vote: null };
    this.#dataLeavesEarly = options.dataLeavesEarly ?? false;
    this.group = this.#start();
  }

  /** Gives in one message and lets the replica act. */
  receive(from: ReplicaId, message: RaftMessage): void {
    this.group.onMessage(this.now, from, message);
    this.act();
  }

  /** Turns until there is nothing more to do. */
  act(): void {
    while (this.group.isDirty) {
      const output = this.group.take(this.now);
      this.outbox.push(...output.send);
      this.events.push(...output.events);
      this.reads.push(...output.reads);
      this.lostReads.push(...output.lostReads);
      if (output.write !== null) this.pendingWrites.push(output.write);
      if (this.isDiskPrompt) while (this.pendingWrites.length > 0) this.#confirm();
      if (output.installed !== null) this.installed.push(output.installed);
      this.applied.push(...output.apply);
      const last = output.apply[output.apply.length - 1];
      if (this.isApplyPrompt && last !== undefined) this.group.onApplied(this.now, last.index);
      if (output.fetch !== null) {
        const { from, through, bytesMax } = output.fetch;
        this.group.onFetched(this.now, this.disk.read(from, through, bytesMax));
      }
      this.group.checkInvariants();
    }
  }

  /** The oldest write that waits becomes durable. */
  persist(): void {
    this.#confirm();
    this.act();
  }

  /** Lets time pass and what is due happen, in order. */
  pass(durationUs: number): void {
    const until = this.now + durationUs;
    for (let next = this.heap.next(); next <= until; next = this.heap.next()) {
      this.now = micros(Math.max(this.now, next));
      for (let due = this.heap.popDue(this.now); due !== null; due = this.heap.popDue(this.now)) {
        due.owner.onDeadline(this.now, due);
        this.act();
      }
    }
    this.now = micros(until);
  }

  /** Power is cut and comes back: what was not confirmed is gone, but for the first `survivors` writes. */
  restart(survivors = 0): void {
    for (const write of this.pendingWrites.slice(0, survivors)) this.disk.carryOut(write);
    this.pendingWrites = [];
    this.outbox = [];
    this.applied = [];
    this.heap = new DeadlineHeap();
    this.group = this.#start();
  }

  /** Takes the messages of one kind from the outbox. */
  taken<K extends RaftMessage['kind']>(kind: K, to?: ReplicaId): MessageOf<K>[] {
    const isWanted = (envelope: Envelope): boolean => envelope.message.kind === kind && (to === undefined || envelope.to === to);
    const wanted = this.outbox.filter(isWanted);
    this.outbox = this.outbox.filter((envelope) => !isWanted(envelope));
    return wanted.map((envelope) => envelope.message as MessageOf<K>);
  }

  /** The terms of the log, from the first entry that is held. */
  logTerms(): (Term | null)[] {
    const terms: (Term | null)[] = [];
    for (let index = this.group.firstIndex; index <= this.group.lastIndex; index++) terms.push(this.group.termAt(index as LogIndex));
    return terms;
  }

  #confirm(): void {
    const write = this.pendingWrites.shift();
    if (write === undefined) throw new Error('no write waits');
    this.disk.carryOut(write);
    this.group.onPersisted(this.now, write.id);
  }

  #start(): RaftGroup {
    return new RaftGroup(this.now, {
      isAlwaysLed: this.#isAlwaysLed,
      isPresent: (replica) => !this.absent.has(replica),
      group: TEST_GROUP,
      generation: 1,
      self: this.id,
      config: this.config,
      rng: Rng.fromSeed(`${this.id}/${this.#boot++}`),
      deadlines: this.heap,
      restored: this.disk.restore(this.disk.entries.length),
      dataLeavesEarly: this.#dataLeavesEarly,
    });
  }
}

