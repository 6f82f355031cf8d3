/**
 * What a target adds to its membership of a stream: its application's subscription, one at a time, and the offset that
 * the application has reached, durable here before the leader hears of it.
 */
import type { Deadline, DeadlineOwner } from '../../base/deadlines.js';
import type { GroupId } from '../../base/ids.js';
import { type Reject, reject } from '../../base/reject.js';
import { accept, refuse } from '../../base/result.js';
import { type Micros, micros, streamSeq } from '../../base/units.js';
import type { MessageBatch, StreamDescriptor } from '../../wire/group-messages.js';
import type { GroupContext } from '../context.js';
import { Delivery } from './delivery.js';
import type { LeaderView } from '../leader-view.js';
import { OffsetRow, TargetOffset, offsetKey } from './settlement.js';
import type { AppliedEntry, StreamLog } from './stream-log.js';

/** A subscriber's wish. `resumeAfter` null takes this node's own offset. */
export interface Subscriber {
  readonly request: number;
  readonly attempt: number;
  readonly resumeAfter: number | null;
  readonly windowMessages: number;
  readonly windowBytes: number;
}

type EarlySubscriber = Subscriber & { readonly resumeAfter: number };

export class StreamTarget implements DeadlineOwner {
  readonly #context: GroupContext;
  readonly #descriptor: StreamDescriptor;
  readonly #log: StreamLog;
  readonly #onNeedsTurn: () => void;
  readonly #delivery: Delivery;
  readonly #offset: TargetOffset;
  readonly #patience: Deadline;
  /** Wants to begin behind what exists here. */
  #early: EarlySubscriber | null = null;
  #leader: LeaderView = { kind: 'none' };

  constructor(context: GroupContext, descriptor: StreamDescriptor, log: StreamLog, onNeedsTurn: () => void) {
    this.#context = context;
    this.#descriptor = descriptor;
    this.#log = log;
    this.#onNeedsTurn = onNeedsTurn;
    this.#delivery = new Delivery(context, descriptor.stream as string as GroupId, log, onNeedsTurn);
    this.#offset = new TargetOffset(context, descriptor.stream, context.deadlines, onNeedsTurn);
    this.#patience = context.deadlines.allocate(this, 'ahead-patience', descriptor.stream);
    const row = context.journal.get(offsetKey(descriptor.stream));
    const stored = row === null ? null : OffsetRow.decode(row);
    if (stored !== null) this.#offset.restore(stored.seq);
  }

  get isSubscribed(): boolean {
    return this.#delivery.isSubscribed;
  }

  /** Whether `request` is the subscriber, or the one that waits to be. */
  holds(request: number): boolean {
    return this.#delivery.request === request || this.#early?.request === request;
  }

  /** Begins, or waits until what the subscriber claims to have exists here. The newest subscriber wins. */
  subscribe(now: Micros, wish: Subscriber): void {
    this.end(reject('FENCED', this.#descriptor.stream, 'a newer subscriber has taken the stream over; do not retry'));
    if (wish.resumeAfter !== null && wish.resumeAfter < this.#log.releasedSeq) {
      this.#refuse(wish.request, this.#outOfRange(`seq ${wish.resumeAfter}`));
      return;
    }
    const early = { ...wish, resumeAfter: wish.resumeAfter ?? this.#offset.acked };
    if (early.resumeAfter <= this.#offset.acked) {
      this.#begin(early);
    } else {
      this.#early = early;
      this.#armPatience(now);
    }
    this.#onNeedsTurn();
  }

  /** The application has durably processed everything up to `seq`. */
  acknowledge(request: number, attempt: number, seq: number): void {
    if (this.#delivery.request !== request) return;
    const why = this.#delivery.checkAck(attempt, seq);
    if (why === null) this.#offset.ack(seq, this.#delivery.messageIdAt(seq));
    else this.end(why);
    this.#onNeedsTurn();
  }

  grant(request: number, messages: number, bytes: number): void {
    if (this.#early?.request === request) {
      const { windowMessages, windowBytes } = this.#early;
      this.#early = { ...this.#early, windowMessages: windowMessages + messages, windowBytes: windowBytes + bytes };
    } else if (this.#delivery.request === request) {
      this.#delivery.grant(messages, bytes);
    }
    this.#onNeedsTurn();
  }

  /** The caller of `request` is gone. */
  cancel(request: number): void {
    if (this.#early?.request === request) this.#early = null;
    if (this.#delivery.request === request) this.#delivery.end();
  }

  /** Ends the subscription: in order when `why` is null. */
  end(why: Reject | null): void {
    const { request } = this.#delivery;
    if (request !== null) this.#context.emit({ kind: 'ended', request, result: why === null ? accept(null) : refuse(why) });
    this.#delivery.end();
    if (this.#early !== null && why !== null) this.#refuse(this.#early.request, why);
    this.#early = null;
  }

  onLeader(now: Micros, leader: LeaderView): void {
    this.#leader = leader;
    this.#offset.onLeader();
    if (this.#early !== null) this.#armPatience(now);
  }

  onApplied(applied: AppliedEntry, batch: MessageBatch): void {
    this.#delivery.onApplied(applied, batch);
  }

  /** Without a leader nobody here knows how far the stream is: after a start our own log may hold much more. */
  onDeadline(now: Micros, _deadline: Deadline): void {
    const early = this.#early;
    if (early === null) return;
    if (this.#leader.kind === 'none') return this.#armPatience(now);
    this.#early = null;
    const detail = `the stream has only ${this.#log.state.lastSeq} messages here; resume after that or less`;
    this.#refuse(early.request, reject('OFFSET_AHEAD', `seq ${early.resumeAfter}`, detail));
  }

  /** At the turn, before Raft's wishes are taken: writes and reports the offset. `collect` is the local leader's. */
  beforeTake(now: Micros, group: GroupId, leader: LeaderView, collect: (seq: number) => void): void {
    this.#offset.onTurn(now, group, this.#log.state, leader, collect);
  }

  /** At the turn, afterwards: begins who has waited, delivers, and ends what is closed and drained. */
  afterTake(): void {
    const early = this.#early;
    if (early !== null && early.resumeAfter <= this.#log.state.lastSeq) this.#begin(early);
    if (this.#delivery.isPassed) this.end(this.#outOfRange('what comes next'));
    this.#delivery.pump();
    if (this.#log.state.isClosed && this.#isDrained()) this.end(null);
  }

  checkInvariants(): void {
    this.#offset.checkInvariants();
  }

  #begin({ request, attempt, resumeAfter, windowMessages, windowBytes }: EarlySubscriber): void {
    this.#early = null;
    this.#patience.disarm();
    this.#offset.ack(resumeAfter, null);
    this.#delivery.begin(request, attempt, resumeAfter, windowMessages, windowBytes);
    const { stream, source } = this.#descriptor;
    const result = accept({ kind: 'subscription', stream, source, resumeAfter: streamSeq(resumeAfter), attempt } as const);
    this.#context.emit({ kind: 'reply', request, result });
  }

  /** The subscriber has everything, and all of it is settled here. */
  #isDrained(): boolean {
    const { lastSeq } = this.#log.state;
    return this.#delivery.isSubscribed && this.#delivery.deliveredSeq >= lastSeq && this.#offset.durable >= lastSeq;
  }

  #armPatience(now: Micros): void {
    this.#patience.arm(micros(now + this.#context.config.aheadPatienceUs));
  }

  #outOfRange(subject: string): Reject {
    const { releasedSeq } = this.#log;
    const detail = `messages up to ${releasedSeq} are settled everywhere and gone; resume after ${this.#offset.durable}`;
    return reject('OFFSET_OUT_OF_RANGE', subject, detail);
  }

  #refuse(request: number, why: Reject): void {
    this.#context.emit({ kind: 'reply', request, result: refuse(why) });
  }
}
