/**
 * Linearizable reads of a group's state at any member: what is read holds everything that was answered to anybody before
 * the read was asked for. The group's leader is asked for its commit index (ReadIndex), and the read waits until that is
 * applied here.
 *
 * One question is out at a time. Who comes while it is out waits for the next one: a confirmation is of those alone who
 * were there when it was asked for (rule 41).
 */
import type { Deadline } from '../base/deadlines.js';
import { type Reject, reject } from '../base/reject.js';
import { type Result, accept, refuse } from '../base/result.js';
import { type LogIndex, type Micros, micros } from '../base/units.js';
import type { ConfirmedRead } from '../raft/api.js';
import type { RaftGroup } from '../raft/raft-group.js';
import type { GroupContext } from './context.js';

export interface IndexReadPorts {
  readonly raft: () => RaftGroup;
  readonly applied: () => LogIndex;
  /** Nobody has answered for the whole patience. */
  readonly refusal: () => Reject;
  readonly onNeedsTurn: () => void;
}

interface Reader {
  readonly request: number;
  readonly giveUpAt: Micros;
  /** Called once. */
  readonly answer: (result: Result<null>) => void;
}

export class IndexReads {
  readonly #context: GroupContext;
  readonly #ports: IndexReadPorts;
  readonly #again: Deadline;
  /** They came after the question that is out. */
  #waiting: Reader[] = [];
  /** The question that is out, and those who wait for its answer. */
  #asked: { readonly question: number; readonly readers: Reader[] } | null = null;
  /** Confirmed, in the order of their indexes; they wait until so much is applied here. */
  #confirmed: { readonly index: LogIndex; readonly readers: Reader[] }[] = [];
  #questions = 0;

  constructor(context: GroupContext, entity: string, ports: IndexReadPorts) {
    this.#context = context;
    this.#ports = ports;
    this.#again = context.deadlines.allocate(this, 'index-read-again', entity);
  }

  get isWaiting(): boolean {
    return this.#waiting.length > 0 || this.#asked !== null || this.#confirmed.length > 0;
  }

  /** `answer` gets a refusal when too many wait (OVERLOADED), or nobody can tell in time. */
  ask(now: Micros, request: number, answer: Reader['answer']): void {
    const { waitersMax, wishPatienceUs, repeatUs } = this.#context.config;
    if (this.#waiting.length >= waitersMax) {
      return answer(refuse(reject('OVERLOADED', 'read', 'too many reads wait at this member; try again', repeatUs)));
    }
    this.#waiting.push({ request, giveUpAt: micros(now + wishPatienceUs), answer });
    this.#ports.onNeedsTurn();
  }

  /** The caller is gone. */
  cancel(request: number): void {
    const isOther = (reader: Reader): boolean => reader.request !== request;
    this.#waiting = this.#waiting.filter(isOther);
    if (this.#asked !== null) this.#asked = { ...this.#asked, readers: this.#asked.readers.filter(isOther) };
    this.#confirmed = this.#confirmed.map(({ index, readers }) => ({ index, readers: readers.filter(isOther) }));
  }

  /** At the turn, before Raft's wishes are taken. */
  beforeTake(now: Micros): void {
    if (!this.isWaiting) return;
    this.#giveUp(now);
    if (this.#asked === null && this.#waiting.length > 0) {
      const question = ++this.#questions;
      if (this.#ports.raft().readIndex(now, question).ok) {
        this.#asked = { question, readers: this.#waiting };
        this.#waiting = [];
      }
    }
    this.#arm(now);
  }

  /** What Raft says of its questions: confirmed ones, and those that it gave up. */
  onAnswers(reads: readonly ConfirmedRead[], lost: readonly number[]): void {
    for (const { context, index } of reads) {
      if (this.#asked?.question !== context) continue;
      this.#confirmed.push({ index, readers: this.#asked.readers });
      this.#asked = null;
      if (this.#waiting.length > 0) this.#ports.onNeedsTurn();
    }
    if (this.#asked === null || !lost.includes(this.#asked.question)) return;
    this.#waiting = [...this.#asked.readers, ...this.#waiting];
    this.#asked = null;
    this.#ports.onNeedsTurn();
  }

  /** At the turn, after what was committed is applied. */
  afterTake(): void {
    const applied = this.#ports.applied();
    for (let next = this.#confirmed[0]; next !== undefined && next.index <= applied; next = this.#confirmed[0]) {
      this.#confirmed.shift();
      for (const { answer } of next.readers) answer(accept(null));
    }
    if (!this.isWaiting) this.#again.disarm();
  }

  onDeadline(_now: Micros, _deadline: Deadline): void {
    this.#ports.onNeedsTurn();
  }

  /** Everybody who waits is told. */
  endAll(why: Reject): void {
    const readers = [...this.#confirmed, ...(this.#asked === null ? [] : [this.#asked]), { readers: this.#waiting }].flatMap((each) => each.readers);
    this.#waiting = [];
    this.#asked = null;
    this.#confirmed = [];
    this.#again.disarm();
    for (const { answer } of readers) answer(refuse(why));
  }

  #giveUp(now: Micros): void {
    const isLate = ({ giveUpAt }: Reader): boolean => now >= giveUpAt;
    const late = [...this.#waiting, ...(this.#asked?.readers ?? []), ...this.#confirmed.flatMap(({ readers }) => readers)].filter(isLate);
    for (const reader of late) {
      this.cancel(reader.request);
      reader.answer(refuse(this.#ports.refusal()));
    }
  }

  #arm(now: Micros): void {
    if (this.isWaiting) this.#again.arm(micros(now + this.#context.config.repeatUs));
    else this.#again.disarm();
  }
}
