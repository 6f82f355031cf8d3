/**
 * The receiving end of replication: takes a leader's appends, heartbeats and snapshot chunks, and answers only what is
 * verified and durable.
 *
 * *Verified* is how far this log is known to equal that of this term's leader; whatever lies beyond may diverge, and
 * is neither acknowledged nor committed (rules 13, 16). An ack is due per append and leaves when the append's entries
 * and the term itself are durable; acks that become due together leave as one.
 * Invariant: what an ack claims is on the disk, in the term that the ack names.
 */
import { Fifo } from '../base/fifo.js';
import type { ReplicaId } from '../base/replica.js';
import { type LogIndex, type Term, logIndex } from '../base/units.js';
import {
  ENTRY_KINDS,
  type RaftAppend,
  type RaftHeartbeat,
  type RaftLogEntry,
  type RaftMessage,
  type RaftRelayOrder,
  type RaftSnapshotChunk,
} from '../wire/raft-messages.js';
import { decodeConfiguration } from './configuration.js';
import { fromWireEntry } from './log-entry.js';
import { Relay } from './relay.js';
import type { ReplicaState } from './replica-state.js';
import { SnapshotAssembly } from './snapshot.js';

interface DueAck {
  readonly seq: number;
  readonly through: LogIndex;
}

interface DueRejection {
  readonly seq: number;
  readonly hintIndex: LogIndex;
  readonly hintTerm: Term;
}

export class Receiver {
  readonly #state: ReplicaState;
  readonly #relay: Relay;
  #verified: LogIndex = logIndex(0);
  readonly #due = new Fifo<DueAck>();
  #rejection: DueRejection | null = null;
  #ackedSeq = 0;
  #assembly: SnapshotAssembly | null = null;

  constructor(state: ReplicaState) {
    this.#state = state;
    this.#relay = new Relay(state);
  }

  /** What this replica vouches for to the term's leader. */
  get durableMatch(): LogIndex {
    if (!this.#state.isTermDurable) return logIndex(0);
    return logIndex(Math.min(this.#verified, this.#state.log.durableIndex));
  }

  /** A new term: nothing is verified against its leader yet. */
  onTerm(): void {
    this.#relay.onTerm();
    this.#verified = logIndex(0);
    this.#due.clear();
    this.#rejection = null;
    this.#ackedSeq = 0;
    this.#assembly = null;
  }

  /** An append of this term's leader. */
  onAppend(message: RaftAppend): void {
    const state = this.#state;
    const { log } = state;
    const { prevIndex, entries } = message;
    if (state.durability.isSpaceShort && entries.length > 0) return state.count('raft.append-without-space');
    if (!entries.every(isReadable)) return state.count('raft.malformed');
    if (prevIndex > log.lastIndex) return this.#reject(message.seq, log.lastIndex, message.prevTerm);
    if (prevIndex >= log.snapshotIndex && log.termAt(logIndex(prevIndex)) !== message.prevTerm) {
      if (prevIndex <= state.commit) return state.halt('conflict-below-commit', logIndex(prevIndex));
      return this.#reject(message.seq, prevIndex, message.prevTerm);
    }
    if (!this.#takeEntries(prevIndex, entries)) return;
    const last = prevIndex + entries.length;
    this.#verify(last);
    // The leader's commit says nothing of entries beyond those that this very append has verified (rule 13).
    state.advanceCommit(logIndex(Math.min(message.commit, last)));
    this.#due.push({ seq: message.seq, through: logIndex(last) });
    state.isTouched = true;
  }

  /** The leader wants learners to be served from here. What it orders is committed, and acknowledged by this replica. */
  onRelayOrder(order: RaftRelayOrder): void {
    const state = this.#state;
    if (order.through > this.durableMatch) return state.count('raft.relay-orders-dropped');
    state.advanceCommit(logIndex(order.through));
    this.#relay.onOrder(order);
  }

  /** An old leader learns the newer term from the answer, and steps down (rule 7). */
  answerOldTerm(to: ReplicaId, message: RaftMessage): void {
    if (message.kind !== 'append' && message.kind !== 'heartbeat' && message.kind !== 'snapshotChunk') return;
    const { generation, term, isRecovering } = this.#state;
    this.#state.hold(to, { kind: 'heartbeatAck', generation, term, round: 0, seq: 0, match: 0, isRecovering, restsIn: 0 });
  }

  /** Commit of a heartbeat is at most what this replica has acknowledged; nevertheless it never exceeds the log. */
  takeCommit(message: RaftHeartbeat): void {
    const state = this.#state;
    if (message.commit <= state.log.lastIndex) state.advanceCommit(logIndex(message.commit));
    else state.count('raft.heartbeat-beyond-log');
  }

  /** Whether all that is here is known to be the leader's, and no answer is due. */
  get isSettled(): boolean {
    return this.durableMatch === this.#state.log.lastIndex && this.#due.length === 0 && this.#rejection === null && this.#assembly === null;
  }

  /** `restsIn`: the epoch of the offer of rest that this replica has taken, or 0. */
  answerHeartbeat(from: ReplicaId, message: RaftHeartbeat, restsIn: number): void {
    const state = this.#state;
    if (message.isSilent) return;
    state.send(from, {
      kind: 'heartbeatAck',
      generation: state.generation,
      term: state.term,
      round: message.round,
      seq: this.#ackedSeq,
      match: this.durableMatch,
      isRecovering: state.isRecovering,
      restsIn,
    });
  }

  /** A part of a snapshot of this term's leader; a complete one is installed. */
  onSnapshotChunk(from: ReplicaId, chunk: RaftSnapshotChunk): void {
    const state = this.#state;
    if (chunk.total > state.config.snapshotBytesMax) return state.count('raft.snapshot-too-large');
    if (state.durability.isSpaceShort) return state.count('raft.snapshot-without-space');
    if (chunk.index <= state.commit) {
      // Committed here already: the leader has the same (leader completeness), so all of it is verified.
      this.#assembly = null;
      this.#verify(state.commit);
      this.#due.push({ seq: chunk.seq, through: state.commit });
      state.isTouched = true;
      return;
    }
    if (this.#assembly === null || !this.#assembly.isOf(from, chunk)) {
      if (this.#assembly !== null && this.#assembly.term === chunk.term && this.#assembly.index > chunk.index) return;
      this.#assembly = new SnapshotAssembly(from, chunk);
    }
    const assembly = this.#assembly;
    assembly.add(chunk);
    const snapshot = assembly.isComplete ? assembly.finish(chunk) : null;
    if (snapshot === null) return this.#ackChunk(from, chunk, assembly.received);
    this.#assembly = null;
    state.install(snapshot);
    this.#verify(snapshot.index);
    this.#due.push({ seq: chunk.seq, through: snapshot.index });
  }

  /** Sends the acks and the rejection that have become durable. */
  flush(leader: ReplicaId | null): void {
    const state = this.#state;
    this.#relay.flush(leader);
    if (leader === null || !state.isTermDurable) return;
    const match = this.durableMatch;
    let seq = 0;
    for (let due = this.#due.peek(); due !== undefined && due.through <= match; due = this.#due.peek()) {
      if (due.seq > seq) seq = due.seq;
      this.#due.shift();
    }
    if (seq > 0) {
      if (seq > this.#ackedSeq) this.#ackedSeq = seq;
      this.#answer(leader, { seq, match, rejection: null });
    }
    const rejection = this.#rejection;
    if (rejection === null) return;
    this.#rejection = null;
    if (rejection.seq > this.#ackedSeq) this.#ackedSeq = rejection.seq;
    this.#answer(leader, { seq: rejection.seq, match, rejection });
  }

  /** Whether the entries fitted; false after a conflict with a committed one, which halts. */
  #takeEntries(prevIndex: number, entries: readonly RaftLogEntry[]): boolean {
    const { log } = this.#state;
    for (let n = 0; n < entries.length; n++) {
      const index = logIndex(prevIndex + 1 + n);
      if (index < log.snapshotIndex) continue;
      const entry = entries[n] as RaftLogEntry;
      if (index <= log.lastIndex) {
        if (log.termAt(index) === entry.term) continue;
        if (index <= this.#state.commit) {
          this.#state.halt('conflict-below-commit', index);
          return false;
        }
        this.#state.truncateFrom(index);
      }
      this.#state.append(fromWireEntry(entry, index), false);
    }
    return true;
  }

  #verify(through: number): void {
    if (through > this.#verified) this.#verified = logIndex(through);
    const state = this.#state;
    state.repair.onVerified(through);
    state.tellRecovered();
  }

  /** The append did not fit; the last place where it might is at or before `index` with at most `prevTerm`. */
  #reject(seq: number, index: number, prevTerm: number): void {
    const state = this.#state;
    const place = { index: logIndex(index), term: prevTerm as Term };
    const hintIndex = logIndex(Math.max(state.log.lastAtMost(place), state.commit));
    const hintTerm = state.log.termAt(hintIndex) as Term;
    this.#rejection = { seq, hintIndex, hintTerm };
    state.isTouched = true;
  }

  #answer(
    leader: ReplicaId,
    answer: { readonly seq: number; readonly match: LogIndex; readonly rejection: DueRejection | null },
  ): void {
    const state = this.#state;
    state.send(leader, {
      kind: 'appendAck',
      generation: state.generation,
      term: state.term,
      seq: answer.seq,
      match: answer.match,
      isRejected: answer.rejection !== null,
      hintIndex: answer.rejection?.hintIndex ?? 0,
      hintTerm: answer.rejection?.hintTerm ?? 0,
      isRecovering: state.isRecovering,
    });
  }

  #ackChunk(to: ReplicaId, chunk: RaftSnapshotChunk, received: number): void {
    const state = this.#state;
    state.send(to, {
      kind: 'snapshotAck',
      generation: state.generation,
      term: state.term,
      seq: chunk.seq,
      index: chunk.index,
      received,
    });
  }
}

/** A configuration entry that cannot be read would take effect nowhere: the append is malformed as a whole. */
function isReadable(entry: RaftLogEntry): boolean {
  return entry.kind !== ENTRY_KINDS.configuration || decodeConfiguration(entry.bytes) !== null;
}

