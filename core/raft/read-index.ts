/**
 * Linearizable reads without the log (ReadIndex, thesis §6.4), the leader's side; read-requests.ts is the other one.
 *
 * The leader notes its commit index when the question comes, and answers once a quorum has answered a heartbeat that
 * left *after* that: reads are gathered in rounds, each heartbeat carries the newest round, and an answer confirms
 * the rounds up to the one it repeats. Before the first entry of its term is committed the leader does not know its
 * commit index, so questions wait (rules 23, 40). A confirmation serves no later read (rule 41).
 */
import type { ReplicaId } from '../base/replica.js';
import type { LogIndex } from '../base/units.js';
import { Fifo } from '../base/fifo.js';

/** Who asked: this replica's host under `context`, or a peer under its (session, serial). */
export type ReadAsker =
  | { readonly kind: 'self'; readonly context: number }
  | { readonly kind: 'peer'; readonly replica: ReplicaId; readonly session: number; readonly serial: number };

export interface AnsweredRead {
  readonly asker: ReadAsker;
  readonly index: LogIndex;
}

/** The leader's side, for one leadership. */
export class ReadQueue {
  /** The newest round that a heartbeat carries. */
  #round = 0;
  #hasOpenRound = false;
  readonly #early: ReadAsker[] = [];
  readonly #waiting = new Fifo<AnsweredRead & { readonly round: number }>();

  get round(): number {
    return this.#round;
  }

  get length(): number {
    return this.#early.length + this.#waiting.length;
  }

  /** Asked before the term's first commit. */
  addEarly(asker: ReadAsker): void {
    this.#early.push(asker);
  }

  add(asker: ReadAsker, commit: LogIndex): void {
    this.#waiting.push({ asker, index: commit, round: this.#round + 1 });
    this.#hasOpenRound = true;
  }

  /** The term's first entry is committed. */
  admitEarly(commit: LogIndex): void {
    for (const asker of this.#early) this.add(asker, commit);
    this.#early.length = 0;
  }

  /** Closes the open round; true when there was one, and heartbeats have to carry it. */
  closeRound(): boolean {
    if (!this.#hasOpenRound) return false;
    this.#hasOpenRound = false;
    this.#round++;
    return true;
  }

  /** The reads of all rounds up to `round`, which a quorum has confirmed. */
  takeConfirmed(round: number): AnsweredRead[] {
    const confirmed: AnsweredRead[] = [];
    for (let read = this.#waiting.peek(); read !== undefined && read.round <= round; read = this.#waiting.peek()) {
      confirmed.push(read);
      this.#waiting.shift();
    }
    return confirmed;
  }

  /** Leadership is over: everything that was not answered. */
  takeAll(): ReadAsker[] {
    const all = [...this.#early, ...[...this.#waiting].map((read) => read.asker)];
    this.#early.length = 0;
    this.#waiting.clear();
    return all;
  }
}
