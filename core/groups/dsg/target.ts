/**
 * What a target adds to its membership of a stream: its application's subscription, one at a time, and the offset that
 * the application has reached, durable here before the leader hears of it.
 */
import type { Deadline, DeadlineOwner } from '../../base/deadlines.js';
import type { GroupId, StreamId } from '../../base/ids.js';
import { type Reject, reject } from '../../base/reject.js';
import { accept, refuse } from '../../base/result.js';
import { type Micros, micros, streamSeq } from '../../base/units.js';
import type { MessageBatch, StreamDescriptor } from '../../wire/group-messages.js';
import { type Infer, flag, message, uint } from '../../wire/schema.js';
import type { GroupContext } from '../context.js';
import { type FailurePolicy, failurePolicyOf } from '../failure-policy.js';
import { Delivery } from './delivery.js';
import type { LeaderView } from '../leader-view.js';
import { type Subscriber, lapsed, notTarget } from './subscriber.js';
import type { TargetDesk } from './target-desk.js';
import type { LetterStore } from './letter-store.js';
import { type FailureRow, MessageFailures } from './message-failures.js';
import { UNLIMITED, isSamePace } from './pace.js';
import { OffsetRow, TargetOffset, offsetKey } from './settlement.js';
import type { AppliedEntry, StreamLog } from './stream-log.js';

export interface TargetPorts {
  readonly onNeedsTurn: () => void;
  readonly store: LetterStore;
  readonly desk: TargetDesk;
}

type EarlySubscriber = Subscriber & { readonly resumeAfter: number };

export class StreamTarget implements DeadlineOwner {
  readonly #context: GroupContext;
  readonly #descriptor: StreamDescriptor;
  readonly #log: StreamLog;
  readonly #onNeedsTurn: () => void;
  readonly #delivery: Delivery;
  readonly #offset: TargetOffset;
  readonly #policy: FailurePolicy;
  readonly #failures: MessageFailures;
  readonly #patience: Deadline;
  /** The oldest delivered message has to be acknowledged by then. */
  readonly #handlerLimit: Deadline;
  readonly #store: LetterStore;
  readonly #desk: TargetDesk;
  /** The message whose death is being prepared, or waits for its entry. */
  #dyingSeq = 0;
  /** The message for which the dead-letter list had no room when it failed last. */
  #roomlessSeq = 0;
  /** Wants to begin behind what exists here. */
  #early: EarlySubscriber | null = null;
  #leader: LeaderView = { kind: 'none' };
  #attempts = 0;
  #paceRow: PaceRow;

  constructor(now: Micros, context: GroupContext, descriptor: StreamDescriptor, log: StreamLog, ports: TargetPorts) {
    const { onNeedsTurn } = ports;
    this.#context = context;
    this.#descriptor = descriptor;
    this.#log = log;
    this.#onNeedsTurn = onNeedsTurn;
    this.#store = ports.store;
    this.#desk = ports.desk;
    this.#policy = failurePolicyOf(descriptor.failure, context.config);
    this.#failures = new MessageFailures(context, descriptor.stream, this.#policy, onNeedsTurn);
    this.#handlerLimit = context.deadlines.allocate(this, 'handler-limit', descriptor.stream);
    this.#delivery = new Delivery(context, descriptor.stream as string as GroupId, log, onNeedsTurn);
    this.#offset = new TargetOffset(context, descriptor.stream, context.deadlines, onNeedsTurn);
    this.#patience = context.deadlines.allocate(this, 'ahead-patience', descriptor.stream);
    const row = context.journal.get(offsetKey(descriptor.stream));
    const stored = row === null ? null : OffsetRow.decode(row);
    if (stored !== null) this.#offset.restore(stored.seq);
    const paced = context.journal.get(paceKey(descriptor.stream));
    this.#paceRow = (paced === null ? null : PaceRow.decode(paced)) ?? { index: 0, ...UNLIMITED };
    this.#delivery.pace.set(now, this.#paceRow);
  }

  get isSubscribed(): boolean {
    return this.#delivery.isSubscribed;
  }

  /** The stream does not know yet how far this node's application is, or a subscriber waits to hear how far the stream is. */
  get hasWork(): boolean {
    return this.#early !== null || this.#offset.durable > this.#log.state.settledOf(this.#context.node);
  }

  /** What the stream's log knows this node to have settled before its disk was lost. */
  adopt(seq: number): void {
    this.#offset.ack(seq, null);
  }

  /** Whether `request` is the subscriber, or the one that waits to be. */
  holds(request: number): boolean {
    return this.#delivery.request === request || this.#early?.request === request;
  }

  /** Begins, or waits until what the subscriber claims to have exists here. The newest subscriber wins. */
  subscribe(now: Micros, wish: Subscriber): void {
    if (this.#delivery.isSubscribed || this.#early !== null) this.#mark('stream.subscriber-fenced');
    this.end(reject('FENCED', this.#descriptor.stream, 'a newer subscriber has taken the stream over; do not retry'));
    if (wish.resumeAfter !== null && this.#delivery.isReleased(wish.resumeAfter + 1)) {
      this.#refuse(wish.request, this.#outOfRange(`seq ${wish.resumeAfter}`));
      return;
    }
    const early = { ...wish, resumeAfter: wish.resumeAfter ?? this.#offset.acked };
    if (early.resumeAfter <= this.#offset.acked) {
      this.#begin(now, early);
    } else {
      this.#early = early;
      this.#armPatience(now);
    }
    this.#onNeedsTurn();
  }

  /**
   * The application has durably processed everything up to `seq`. An ack of a void attempt is refused and changes
   * nothing; one of an attempt that it never had, or beyond what was delivered, ends the subscription.
   */
  acknowledge(now: Micros, request: number, attempt: number, seq: number): void {
    if (this.#delivery.request !== request) return;
    const why = this.#delivery.checkAck(attempt, seq);
    if (why === null) this.#settle(now, seq);
    else if (this.#delivery.isVoid(attempt)) this.#refuseAck(request, attempt, seq, why);
    else this.end(why);
    this.#onNeedsTurn();
  }

  /** The application failed message `seq`, and has durably processed everything before it. */
  fail(now: Micros, request: number, attempt: number, seq: number, reason: string): void {
    if (this.#delivery.request !== request) return;
    const why = this.#delivery.checkAck(attempt, seq - 1);
    const isDelivered = seq < this.#delivery.nextSeq || (seq === this.#delivery.nextSeq && this.#delivery.isAmidMessage);
    if (why !== null && this.#delivery.isVoid(attempt)) this.#refuseAck(request, attempt, seq, why);
    else if (why !== null) this.end(why);
    else if (seq <= this.#offset.acked || !isDelivered) this.end(notDue(seq, this.#offset.acked));
    else {
      this.#settle(now, seq - 1);
      this.#onFailure(now, reason);
    }
    this.#onNeedsTurn();
  }

  /** By the log this node is a target from now on, of what comes after `seq`. */
  startAfter(seq: number): void {
    this.#offset.ack(seq, null);
  }

  /** By the log this node is no target any more. */
  leave(isLapsed: boolean): void {
    this.#mark(isLapsed ? 'stream.lapsed' : 'stream.target-detached');
    const { stream } = this.#descriptor;
    this.end(isLapsed ? lapsed(stream) : notTarget(stream));
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
    if (this.#delivery.request === request) this.#endDelivery();
  }

  /** Ends the subscription: in order when `why` is null. */
  end(why: Reject | null): void {
    const { request } = this.#delivery;
    if (request !== null) this.#context.emit({ kind: 'ended', request, result: why === null ? accept(null) : refuse(why) });
    this.#endDelivery();
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
  onDeadline(now: Micros, deadline: Deadline): void {
    if (deadline === this.#handlerLimit) return this.#onHandlerLimit(now);
    const early = this.#early;
    if (early === null) return;
    if (this.#leader.kind === 'none') return this.#armPatience(now);
    this.#early = null;
    const detail = `the stream has only ${this.#log.state.lastSeq} messages here; resume after that or less`;
    this.#refuse(early.request, reject('OFFSET_AHEAD', `seq ${early.resumeAfter}`, detail));
  }

  /** At the turn, before Raft's wishes are taken: writes and reports the offset. `collect` is the local leader's. */
  beforeTake(now: Micros, group: GroupId, leader: LeaderView, collect: (seq: number) => void): void {
    this.#followDeaths(now);
    this.#offset.onTurn(now, group, this.#log.state, leader, collect);
  }

  /** At the turn, afterwards: begins who has waited, delivers, and ends what is closed and drained. */
  afterTake(now: Micros): void {
    this.#followPace(now);
    const early = this.#early;
    if (early !== null && early.resumeAfter <= this.#log.state.lastSeq) this.#begin(now, early);
    if (this.#delivery.isPassed) this.end(this.#outOfRange('what comes next'));
    this.#mournExhausted(now);
    if (!this.#failures.isWaiting && !this.#isDying) this.#delivery.pump(now);
    this.#watchHandler(now);
    if (this.#log.state.isClosed && this.#isDrained()) this.end(null);
  }

  checkInvariants(): void {
    this.#offset.checkInvariants();
  }

  #begin(now: Micros, { request, attempt: proposed, resumeAfter, windowMessages, windowBytes }: EarlySubscriber): void {
    this.#early = null;
    this.#patience.disarm();
    const attempt = this.#nextAttempt(proposed);
    if (resumeAfter > this.#offset.acked) {
      this.#offset.ack(resumeAfter, null);
      this.#onSettled(now);
    }
    this.#delivery.begin(request, attempt, resumeAfter, windowMessages, windowBytes);
    const { stream, source } = this.#descriptor;
    const result = accept({ kind: 'subscription', stream, source, resumeAfter: streamSeq(resumeAfter), attempt } as const);
    this.#context.emit({ kind: 'reply', request, result });
  }

  #settle(now: Micros, seq: number): void {
    if (seq <= this.#offset.acked) return;
    this.#offset.ack(seq, this.#delivery.messageIdAt(seq));
    this.#onSettled(now);
  }

  /** What is first in line now has its own time. */
  #onSettled(_now: Micros): void {
    this.#failures.onSettled(this.#offset.acked);
    this.#handlerLimit.disarm();
  }

  /** The first message that is not settled failed: it and what was delivered after it come again, later. */
  #onFailure(now: Micros, reason: string): void {
    const { request, attempt } = this.#delivery;
    const seq = streamSeq(this.#offset.acked + 1);
    const wasExhausted = this.#failures.isExhausted && this.#failures.current?.seq === seq;
    const retryAfterUs = this.#failures.note(now, seq, reason);
    const failures = this.#failures.current?.count ?? 0;
    const next = this.#nextAttempt(attempt + 1);
    this.#delivery.rewind(next, this.#offset.acked);
    this.#handlerLimit.disarm();
    this.#mark('stream.attempt-voided');
    if (request !== null) {
      this.#context.emit({ kind: 'attempt-voided', request, attempt, next, seq, failures, reason, retryAfterUs });
    }
    this.#roomlessSeq = 0;
    this.#dyingSeq = 0;
    const failed = this.#failures.current;
    if (failed !== null && this.#failures.isExhausted && !wasExhausted && !this.#isDying) this.#tellBlocked(failed, reason);
  }

  /** An alarm: nothing is delivered here until the application takes the message. */
  #tellBlocked({ seq, count: failures }: FailureRow, reason: string): void {
    this.#mark('stream.delivery-blocked');
    this.#context.emit({ kind: 'delivery-blocked', stream: this.#descriptor.stream, seq: streamSeq(seq), failures, reason });
  }

  /** A handler that does not answer has failed, as far as the stream is concerned. */
  #onHandlerLimit(now: Micros): void {
    if (!this.#delivery.isSubscribed || this.#delivery.deliveredSeq <= this.#offset.acked) return;
    this.#mark('stream.handler-timed-out');
    this.#onFailure(now, 'the handler did not answer in time');
    this.#onNeedsTurn();
  }

  #watchHandler(now: Micros): void {
    const { handlerLimitUs } = this.#policy;
    if (handlerLimitUs === 0 || this.#handlerLimit.isArmed || this.#failures.isWaiting) return;
    if (this.#delivery.deliveredSeq > this.#offset.acked) this.#handlerLimit.arm(micros(now + handlerLimitUs));
  }

  /** The message that may not fail again waits for its place in the dead-letter list. */
  get #isDying(): boolean {
    const failed = this.#failures.current;
    return failed !== null && this.#policy.action === 'dead-letter' && this.#failures.isExhausted && this.#roomlessSeq !== failed.seq;
  }

  /**
   * Asked for once its offset is durable here, for the death settles all before it, and once the message is copied: a
   * death without payload is none.
   */
  #mournExhausted(now: Micros): void {
    const failed = this.#failures.current;
    if (!this.#isDying || failed === null || this.#dyingSeq === failed.seq || this.#offset.durable !== failed.seq - 1) return;
    this.#dyingSeq = failed.seq;
    const target = this.#context.node;
    const { seq, count: failures, reason } = failed;
    this.#store.keep(target, seq, (message) => {
      const letter = { ...message, target, seq, failures, reason, diedAtMs: this.#context.wallMs(now), replay: 0 };
      const change = { kind: 'died', ...letter } as const;
      if (this.#desk.hasRoomFor(change)) return this.#desk.ask(now, change, null, () => this.#onNeedsTurn());
      this.#store.drop(target, seq);
      this.#roomlessSeq = seq;
      this.#tellBlocked(failed, 'the dead-letter list has no room: replay or discard what is in it');
    });
  }

  /** What the log says is settled here is: a death is settled by its entry, and a new replica takes the place it finds. */
  #followDeaths(now: Micros): void {
    const settled = this.#log.state.settledOf(this.#context.node);
    if (settled <= this.#offset.acked) return;
    const failed = this.#failures.current;
    const letter = this.#log.state.deadLetters.get(this.#context.node, settled);
    this.#offset.ack(settled, letter?.messageId ?? null);
    this.#onSettled(now);
    if (failed === null || failed.seq !== settled) return;
    this.#mark('stream.dead-lettered');
    const { count: failures, reason } = failed;
    this.#context.emit({ kind: 'dead-lettered', stream: this.#descriptor.stream, seq: settled, failures, reason });
  }

  /**
   * The pace is what the log says, once that is applied as far as it was when the row was written: a restart begins with
   * an older state, and must not deliver what is paused.
   */
  #followPace(now: Micros): void {
    const pace = this.#log.state.paceOf(this.#context.node);
    if (this.#log.applied < this.#paceRow.index || isSamePace(pace, this.#delivery.pace.limits)) return;
    const { isPaused, messagesPerSecond, bytesPerSecond } = pace;
    this.#paceRow = { index: this.#log.applied, isPaused, messagesPerSecond, bytesPerSecond };
    this.#context.journal.put(paceKey(this.#descriptor.stream), PaceRow.encode(this.#paceRow));
    this.#delivery.pace.set(now, pace);
    this.#mark(pace.isPaused ? 'stream.paused' : 'stream.paced');
  }

  #nextAttempt(least: number): number {
    this.#attempts = Math.max(this.#attempts + 1, least);
    return this.#attempts;
  }

  #refuseAck(request: number, attempt: number, seq: number, why: Reject): void {
    this.#mark('stream.void-ack-refused');
    this.#context.emit({ kind: 'ack-refused', request, attempt, seq: streamSeq(seq), why });
  }

  #endDelivery(): void {
    this.#delivery.end();
    this.#handlerLimit.disarm();
  }

  #mark(name: string): void {
    this.#context.emit({ kind: 'notice', notice: { kind: 'mark', name } });
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

/** In the journal of the target alone: its pace as of a log index. */
const PaceRow = message('PaceRow', { index: uint(1), isPaused: flag(2), messagesPerSecond: uint(3), bytesPerSecond: uint(4) });
type PaceRow = Infer<typeof PaceRow>;

export const paceKey = (stream: StreamId): string => `pace/${stream}`;
const notDue = (seq: number, acked: number): Reject =>
  reject('INVALID_ARGUMENT', `seq ${seq}`, `only a message that was delivered and is not acknowledged can fail; ${acked} is acknowledged`);
