/**
 * The reads of a replica that does not lead: questions to the leader, repeated until they are answered or given up.
 * A question is named by (session, serial), and the session is of this boot alone, so that no late answer to an
 * earlier question is taken for a newer one's.
 */
import type { Deadline, DeadlineHeap, DeadlineOwner } from '../base/deadlines.js';
import type { ReplicaId } from '../base/replica.js';
import { type LogIndex, type Micros, micros } from '../base/units.js';
import type { RaftReadIndexAnswer } from '../wire/raft-messages.js';
import type { ReplicaState } from './replica-state.js';

interface Question {
  readonly context: number;
  readonly leader: ReplicaId;
  readonly askedAt: Micros;
}

export class ReadRequests {
  readonly #state: ReplicaState;
  readonly #session: number;
  readonly #retry: Deadline;
  readonly #questions = new Map<number, Question>();
  #serial = 0;

  constructor(state: ReplicaState, wakes: { readonly owner: DeadlineOwner; readonly deadlines: DeadlineHeap }) {
    this.#state = state;
    this.#session = state.rng.next32();
    this.#retry = wakes.deadlines.allocate(wakes.owner, 'read-retry', state.group);
  }

  get isFull(): boolean {
    return this.#questions.size >= this.#state.config.pendingReadsMax;
  }

  get isIdle(): boolean {
    return this.#questions.size === 0;
  }

  ask(now: Micros, leader: ReplicaId, context: number): void {
    const serial = ++this.#serial;
    this.#questions.set(serial, { context, leader, askedAt: now });
    this.#send(leader, serial);
    this.#retry.armNoLater(micros(now + this.#state.config.heartbeatIntervalUs));
  }

  onAnswer(answer: RaftReadIndexAnswer): void {
    if (answer.session !== this.#session) return;
    const question = this.#questions.get(answer.serial);
    if (question === undefined) return;
    this.#questions.delete(answer.serial);
    this.#state.answerRead(question.context, answer.index as LogIndex);
  }

  /** Single frames get lost: what is outstanding is asked again, and after an election timeout given up. */
  onDeadline(now: Micros, deadline: Deadline): void {
    if (deadline !== this.#retry) return;
    const { config, leader } = this.#state;
    this.#giveUp((question) => question.askedAt <= now - config.electionTimeoutMaxUs);
    if (leader === null || this.#questions.size === 0) return;
    for (const serial of this.#questions.keys()) this.#send(leader, serial);
    this.#retry.arm(micros(now + config.heartbeatIntervalUs));
  }

  /** Whoever was asked and is not the leader (any more) will not answer. */
  settle(): void {
    if (this.#questions.size > 0) this.#giveUp((question) => question.leader !== this.#state.leader);
  }

  stop(): void {
    this.#retry.disarm();
  }

  #giveUp(isLost: (question: Question) => boolean): void {
    for (const [serial, question] of this.#questions) {
      if (!isLost(question)) continue;
      this.#questions.delete(serial);
      this.#state.loseRead(question.context);
    }
  }

  #send(leader: ReplicaId, serial: number): void {
    const { generation, term } = this.#state;
    this.#state.send(leader, { kind: 'readIndex', generation, term, session: this.#session, serial });
  }
}
