/**
 * Newcomers that ask this member in: each wish goes to the leader of the mesh control group, again and again, until it
 * is refused or the log that we read ourselves has it. So it does not matter which member a newcomer dials.
 */
import type { Deadline } from '../../base/deadlines.js';
import { reject, rejectCodeOf } from '../../base/reject.js';
import { type Result, accept, refuse } from '../../base/result.js';
import { type Micros, micros } from '../../base/units.js';
import type { GroupControl } from '../../wire/group-messages.js';
import { JoinRequest } from '../../wire/link-messages.js';
import type { GroupContext } from '../context.js';
import type { LeaderView } from '../leader-view.js';

/** A newcomer's wish, until it is decided. */
export interface Admission {
  readonly nonce: number;
  readonly request: JoinRequest;
  readonly transcript: Uint8Array;
  readonly giveUpAt: Micros;
  askAgainAt: Micros;
}

export interface AdmissionPorts {
  /** Whether our own log has admitted it. */
  isAdmitted(request: JoinRequest): boolean;
  /** This node leads: it decides. */
  decideHere(admission: Admission): void;
  onNeedsTurn(): void;
}

export class Admissions {
  readonly #context: GroupContext;
  readonly #ports: AdmissionPorts;
  readonly #repeat: Deadline;
  readonly #waiting = new Map<number, Admission>();
  #nextNonce = 1;

  constructor(context: GroupContext, ports: AdmissionPorts) {
    this.#context = context;
    this.#ports = ports;
    this.#repeat = context.deadlines.allocate(this, 'admission-repeat');
  }

  /** Somebody waits for the leader's word. */
  get isWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** Answered by an `admit-answered` fact with the nonce that is returned. OVERLOADED when too many wait. */
  admit(now: Micros, request: JoinRequest, transcript: Uint8Array): number {
    const nonce = this.#nextNonce++;
    const giveUpAt = micros(now + PATIENCE_REPEATS * this.#context.config.repeatUs);
    const admission = { nonce, request, transcript, giveUpAt, askAgainAt: now };
    if (this.#waiting.size >= WAITING_MAX) {
      const why = reject('OVERLOADED', 'join', 'too many newcomers wait at this member; try again', RETRY_US);
      this.#tell(admission, refuse(why));
      return nonce;
    }
    this.#waiting.set(nonce, admission);
    this.#ports.onNeedsTurn();
    return nonce;
  }

  /** Another leader, or term: it has heard of nobody yet. */
  onLeader(now: Micros): void {
    for (const admission of this.#waiting.values()) admission.askAgainAt = now;
  }

  onTurn(now: Micros, leader: LeaderView): void {
    if (this.#waiting.size === 0) return;
    for (const admission of [...this.#waiting.values()]) this.#pursue(now, admission, leader);
    this.#armRepeat(leader);
  }

  /** Only refusals need the answer: what is granted is read from our own log, which may have it before or after. */
  onAnswer(message: Extract<GroupControl, { kind: 'admitAnswer' }>): void {
    const code = rejectCodeOf(message.rejectCode);
    const admission = this.#waiting.get(message.nonce);
    if (code === null || admission === undefined || admission.request.nodeId !== message.node) return;
    this.settle(message.nonce, refuse(reject(code, message.rejectSubject, message.rejectDetail)));
  }

  settle(nonce: number, result: Result<null>): void {
    const admission = this.#waiting.get(nonce);
    if (admission === undefined) return;
    this.#waiting.delete(nonce);
    this.#tell(admission, result);
    if (this.#waiting.size === 0) this.#repeat.disarm();
  }

  onDeadline(_now: Micros, _deadline: Deadline): void {
    this.#ports.onNeedsTurn();
  }

  close(): void {
    this.#repeat.disarm();
  }

  #pursue(now: Micros, admission: Admission, leader: LeaderView): void {
    const { nonce, request, transcript, giveUpAt, askAgainAt } = admission;
    if (this.#ports.isAdmitted(request)) return this.settle(nonce, accept(null));
    if (now >= giveUpAt) {
      const detail = 'the mesh control group has no leader that answers; try again, or restore its voters';
      return this.settle(nonce, refuse(reject('NO_QUORUM', this.#context.meshId(), detail)));
    }
    if (now < askAgainAt || leader.kind === 'none') return;
    admission.askAgainAt = micros(now + this.#context.config.repeatUs);
    if (leader.kind === 'local') return this.#ports.decideHere(admission);
    this.#context.sendControl(leader.node, { kind: 'admitForward', nonce, request: JoinRequest.encode(request), transcript });
  }

  #armRepeat(leader: LeaderView): void {
    let next: Micros | null = null;
    for (const { askAgainAt, giveUpAt } of this.#waiting.values()) {
      const at = leader.kind === 'none' ? giveUpAt : micros(Math.min(askAgainAt, giveUpAt));
      if (next === null || at < next) next = at;
    }
    if (next === null) this.#repeat.disarm();
    else this.#repeat.arm(next);
  }

  #tell({ nonce, request }: Admission, result: Result<null>): void {
    this.#context.emit({ kind: 'admit-answered', nonce, node: request.nodeId, result });
  }
}

const PATIENCE_REPEATS = 40;
const WAITING_MAX = 1024;
const RETRY_US = 500_000;
