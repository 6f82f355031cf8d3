/**
 * The sending end of one flow: a bounded queue of messages that leaves as far as credit, congestion window and span
 * allow, and leaves again where it is lost.
 *
 * Invariant: the cost sent never exceeds the credit granted; what is in flight has a running timer.
 * Source: RFC 6298 (timer), RFC 2018 (selective acks), RFC 8985 (loss by order of transmission: a message is lost when
 * one that left `reorderThreshold` transmissions later has arrived, which also finds lost retransmissions).
 * Leaves out: tail loss probes; the lanes below do not lose, and a dead path is told by `onPathChanged`.
 */
import { assert } from '../base/assert.js';
import type { Deadline } from '../base/deadlines.js';
import { type Micros, micros } from '../base/units.js';
import type { FlowProgress } from '../wire/flow-messages.js';
import type { FlowConfig } from './config.js';
import { CongestionWindow } from './congestion.js';
import { messageCost } from './credit.js';
import { AckNews, Flight } from './flight.js';
import type { RttEstimator } from './rtt.js';

/** What a sender needs of the peer it sends to. */
export interface SendPort {
  /** Whether frames can leave: the peer's boot is known and there is a route. */
  readonly isOpen: boolean;
  readonly rtt: RttEstimator;
  transmit(flowClass: number, seq: number, message: readonly Uint8Array[]): void;
  /** `count` messages are to be sent again, because of `reason`. */
  onRetransmit(reason: 'timeout' | 'gap' | 'path', count: number): void;
  /** The queue has refused a message and is half empty again. */
  onWritable(flowClass: number): void;
}

export class FlowSender {
  readonly #config: FlowConfig;
  readonly #flowClass: number;
  readonly #port: SendPort;
  readonly #retransmit: Deadline;
  readonly #congestion: CongestionWindow;
  readonly #flight = new Flight();
  #sentCost = 0;
  #creditLimit = 0;
  /** Gaps are looked for until everything up to here is acknowledged. */
  #recoverThrough = 0;
  #timerFrom: Micros = micros(0);
  #backoffs = 0;
  #hasRefused = false;

  constructor(options: { config: FlowConfig; flowClass: number; port: SendPort; retransmit: Deadline }) {
    this.#config = options.config;
    this.#flowClass = options.flowClass;
    this.#port = options.port;
    this.#retransmit = options.retransmit;
    this.#congestion = new CongestionWindow(options.config);
  }

  /** Bytes of all unacknowledged messages. */
  get queuedBytes(): number {
    return this.#flight.queuedBytes;
  }

  /** Whether every message was acknowledged. */
  get isIdle(): boolean {
    return this.#flight.length === 0;
  }

  /** Whether messages wait and nothing on its way will bring them forward: the peer has to be asked. */
  get isStalled(): boolean {
    const flight = this.#flight;
    return flight.unsentSeq < flight.nextSeq && flight.inFlightCost === 0 && flight.lostCount === 0;
  }

  /** Whether the peer's boot ever granted credit. */
  get hasCredit(): boolean {
    return this.#creditLimit > 0;
  }

  /** Numbers for diagnosis and for checkers. */
  view() {
    return {
      firstUnacknowledged: this.#flight.firstSeq,
      nextUnsent: this.#flight.unsentSeq,
      nextSeq: this.#flight.nextSeq,
      sentCost: this.#sentCost,
      creditLimit: this.#creditLimit,
      inFlightCost: this.#flight.inFlightCost,
      congestionCost: this.#congestion.windowCost,
    };
  }

  /** Takes a message, and sends it if it may leave. False: the queue is full; `onWritable` will tell. */
  send(now: Micros, message: readonly Uint8Array[]): boolean {
    let bytes = 0;
    for (const part of message) bytes += part.length;
    assert(bytes <= this.#config.messageBytesMax, 'a message fits a frame');
    const flight = this.#flight;
    if (
      flight.length >= this.#config.queueMessagesMax ||
      flight.queuedBytes + bytes > this.#config.queueBytesMax
    ) {
      this.#hasRefused = true;
      return false;
    }
    flight.queue(now, message, bytes);
    this.pump(now);
    return true;
  }

  /** Sends what may leave: lost messages first, then new ones. */
  pump(now: Micros): void {
    if (!this.#port.isOpen) return;
    const flight = this.#flight;
    while (flight.lostCount > 0) {
      const seq = flight.firstLost();
      if (!this.#congestion.admits(flight.inFlightCost, messageCost(flight.at(seq).bytes))) return;
      this.#transmit(now, seq);
    }
    const endSeq = Math.min(flight.nextSeq, flight.firstSeq + this.#config.inFlightMessagesMax);
    while (flight.unsentSeq < endSeq) {
      const outgoing = flight.at(flight.unsentSeq);
      if (outgoing.endCost > this.#creditLimit) return;
      if (!this.#congestion.admits(flight.inFlightCost, messageCost(outgoing.bytes))) return;
      this.#sentCost = outgoing.endCost;
      this.#transmit(now, flight.unsentSeq);
    }
  }

  /** The peer's receiver told its progress. False when it names what was never sent: the peer's fault. */
  onProgress(now: Micros, progress: FlowProgress): boolean {
    if (!isPlausible(progress, this.#flight.unsentSeq)) return false;
    if (progress.creditLimit > this.#creditLimit) this.#creditLimit = progress.creditLimit;
    const news = new AckNews();
    const { srttUs } = this.#port.rtt;
    this.#flight.acknowledgeThrough(now, progress.cumulative, srttUs, news);
    for (const range of progress.ranges) {
      this.#flight.acknowledgeRange(now, range.from, range.to, srttUs, news);
    }
    if (news.cost > 0) this.#onNews(now, progress, news);
    this.pump(now);
    this.tellWritable();
    return true;
  }

  /** The timer ran out: everything in flight counts as lost if nothing was heard for a whole timeout. */
  onRetransmitDue(now: Micros): void {
    if (this.#flight.inFlightCost === 0 || !this.#port.isOpen) return;
    const due = micros(this.#timerFrom + this.#port.rtt.backedOffUs(this.#backoffs));
    if (now < due) {
      this.#retransmit.arm(due);
      return;
    }
    this.#backoffs++;
    this.#congestion.onTimeout(this.#flight.lastOrder);
    this.#port.onRetransmit('timeout', this.#loseAll());
    this.pump(now);
  }

  /** The path is another one, or is back: what was on it may be gone and goes again at once. */
  onPathChanged(now: Micros): void {
    this.#backoffs = 0;
    this.#congestion.reset(this.#flight.lastOrder);
    const count = this.#loseAll();
    if (count > 0) this.#port.onRetransmit('path', count);
    this.pump(now);
  }

  /** There is no route: nothing is sent or timed until `onPathChanged`. */
  onUnreachable(): void {
    this.#retransmit.disarm();
  }

  /** The peer is in another boot: all messages are gone, numbering and credit start anew. Then `tellWritable`. */
  reset(): void {
    this.#retransmit.disarm();
    this.#flight.restart();
    this.#sentCost = 0;
    this.#creditLimit = 0;
    this.#recoverThrough = 0;
    this.#backoffs = 0;
    this.#congestion.reset(this.#flight.lastOrder);
  }

  /** Tells once that a queue which had refused a message is half empty. */
  tellWritable(): void {
    if (!this.#hasRefused) return;
    if (this.#flight.queuedBytes * 2 > this.#config.queueBytesMax) return;
    if (this.#flight.length * 2 > this.#config.queueMessagesMax) return;
    this.#hasRefused = false;
    this.#port.onWritable(this.#flowClass);
  }

  checkInvariants(): void {
    const flight = this.#flight;
    flight.checkInvariants();
    this.#congestion.checkInvariants();
    assert(this.#sentCost <= this.#creditLimit, 'nothing is sent without credit');
    assert(this.#sentCost <= flight.queuedCost, 'nothing is sent that was not queued');
    assert(flight.queuedBytes <= this.#config.queueBytesMax, 'the send queue is bounded in bytes');
    assert(flight.length <= this.#config.queueMessagesMax, 'the send queue is bounded in messages');
    const span = flight.unsentSeq - flight.firstSeq;
    assert(span <= this.#config.inFlightMessagesMax, 'the span in flight is bounded');
    if (!this.#port.isOpen) return;
    assert(flight.inFlightCost === 0 || this.#retransmit.isArmed, 'what is in flight is timed');
    assert(flight.lostCount === 0 || flight.inFlightCost > 0, 'lost messages wait only for acks');
  }

  #transmit(now: Micros, seq: number): void {
    if (this.#flight.inFlightCost === 0) {
      this.#timerFrom = now;
      this.#time(now);
    }
    this.#flight.depart(now, seq);
    this.#port.transmit(this.#flowClass, seq, this.#flight.at(seq).message);
  }

  #onNews(now: Micros, progress: FlowProgress, news: AckNews): void {
    this.#timerFrom = now;
    this.#congestion.onAcknowledged(news.cost);
    if (news.sampleOrder > 0) {
      this.#port.rtt.onSample(news.sampleUs);
      this.#backoffs = 0;
    }
    if (this.#flight.hasGaps || this.#flight.firstSeq <= this.#recoverThrough) this.#loseOvertaken(progress);
    if (this.#flight.inFlightCost > 0 && this.#port.isOpen) this.#time(now);
  }

  #loseOvertaken(progress: FlowProgress): void {
    // Beyond the last range of an ack that could not tell them all, nothing is known.
    const last = progress.ranges[progress.ranges.length - 1];
    const isPartial = last !== undefined && progress.ranges.length >= this.#config.ackRangesMax;
    const endSeq = isPartial ? last.to : this.#flight.unsentSeq;
    const lost = this.#flight.loseOvertaken(endSeq, this.#config.reorderThreshold);
    if (lost.count === 0) return;
    this.#recoverThrough = this.#flight.unsentSeq - 1;
    this.#congestion.onLoss(lost.newestOrder, this.#flight.lastOrder);
    this.#port.onRetransmit('gap', lost.count);
  }

  #loseAll(): number {
    this.#recoverThrough = this.#flight.unsentSeq - 1;
    return this.#flight.loseAll();
  }

  /**
   * Has the timer run out no later than one timeout from `now`. A timer that runs out early looks at `#timerFrom` and
   * goes on, so that it is moved about once in a timeout and not with every message.
   */
  #time(now: Micros): void {
    this.#retransmit.armNoLater(micros(now + this.#port.rtt.backedOffUs(this.#backoffs)));
  }
}

/** Whether `progress` names only messages below `unsentSeq`, in ascending ranges with gaps between. */
function isPlausible(progress: FlowProgress, unsentSeq: number): boolean {
  let previousTo = progress.cumulative;
  for (const range of progress.ranges) {
    // The number after the previous range (or the cumulative ack) is a gap, or it would have been joined.
    if (range.from <= previousTo + 1 || range.to < range.from) return false;
    previousTo = range.to;
  }
  return previousTo < unsentSeq;
}
