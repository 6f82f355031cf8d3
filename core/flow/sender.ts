/**
 * The sending end of one flow: a bounded queue of messages that leaves as far as credit, congestion window and span
 * allow, and leaves again what is lost.
 *
 * Invariant: messages first..next-1 are the unacknowledged ones; below `#unsentSeq` each is in flight, lost or
 * selectively acknowledged, from there on none was ever sent; the cost sent never exceeds the credit granted.
 * Source: RFC 6298 (timer), RFC 2018 (selective acks), RFC 8985 (loss by order of transmission: a message is lost when
 * one that left `reorderThreshold` transmissions later has arrived, which also catches lost retransmissions).
 * Leaves out: tail loss probes; the lanes below do not lose, and a dead path is told by `onPathChanged`.
 */
import { assert } from '../base/assert.js';
import type { Deadline } from '../base/deadlines.js';
import { type Micros, micros } from '../base/units.js';
import type { FlowProgress } from '../wire/flow-messages.js';
import type { FlowConfig } from './config.js';
import { CongestionWindow } from './congestion.js';
import { messageCost } from './credit.js';
import type { RttEstimator } from './rtt.js';
import { SeqWindow } from './seq-window.js';

/** What a sender needs of the peer it sends to. */
export interface SendPort {
  /** Whether frames can leave: the peer's boot is known and there is a route. */
  readonly isOpen: boolean;
  readonly rtt: RttEstimator;
  transmit(flowClass: number, seq: number, message: readonly Uint8Array[]): void;
  /** `count` messages are sent again, because of `reason`. */
  onRetransmit(reason: 'timeout' | 'gap' | 'path', count: number): void;
  /** The queue has refused a message and is half empty again. */
  onWritable(flowClass: number): void;
}

const enum Fate {
  Unsent,
  InFlight,
  Lost,
  Sacked,
}

/** One unacknowledged message. */
interface Outgoing {
  readonly message: readonly Uint8Array[];
  readonly bytes: number;
  /** Sum of the costs of all messages of this pair of boots up to this one. */
  readonly endCost: number;
  fate: Fate;
  /** Of the last transmission: its place among all of this flow, and its time. */
  order: number;
  sentAt: Micros;
  isRepeated: boolean;
}

export class FlowSender {
  readonly #config: FlowConfig;
  readonly #flowClass: number;
  readonly #port: SendPort;
  readonly #retransmit: Deadline;
  readonly #congestion: CongestionWindow;

  readonly #window = new SeqWindow<Outgoing>(1);
  #unsentSeq = 1;
  #queuedBytes = 0;
  #queuedCostEnd = 0;
  #sentCostEnd = 0;
  #creditLimit = 0;

  #inFlightCost = 0;
  #lostCount = 0;
  #sackedCount = 0;
  /** No lost message is below it. */
  #lostFrom = 1;
  /** Gaps are looked for until everything up to here is acknowledged. */
  #recoverThrough = 0;

  #lastOrder = 0;
  #arrivedOrder = 0;
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
    return this.#queuedBytes;
  }

  get isIdle(): boolean {
    return this.#window.length === 0;
  }

  /** Whether messages wait and nothing on its way will bring them forward: the peer has to be asked. */
  get isStalled(): boolean {
    return this.#unsentSeq < this.#window.nextSeq && this.#inFlightCost === 0 && this.#lostCount === 0;
  }

  /** Whether the peer's boot ever granted credit. */
  get hasCredit(): boolean {
    return this.#creditLimit > 0;
  }

  /** Numbers for diagnosis and for checkers. */
  view() {
    return {
      firstUnacknowledged: this.#window.firstSeq,
      nextUnsent: this.#unsentSeq,
      nextSeq: this.#window.nextSeq,
      sentCost: this.#sentCostEnd,
      creditLimit: this.#creditLimit,
      inFlightCost: this.#inFlightCost,
      congestionCost: this.#congestion.windowCost,
    };
  }

  /** Takes a message, and sends it if it may leave. False: the queue is full; `onWritable` will tell. */
  send(now: Micros, message: readonly Uint8Array[]): boolean {
    let bytes = 0;
    for (const part of message) bytes += part.length;
    assert(bytes <= this.#config.messageBytesMax, 'a message fits a frame');
    const isFull =
      this.#window.length >= this.#config.queueMessagesMax ||
      this.#queuedBytes + bytes > this.#config.queueBytesMax;
    if (isFull) {
      this.#hasRefused = true;
      return false;
    }
    this.#queuedBytes += bytes;
    this.#queuedCostEnd += messageCost(bytes);
    this.#window.push({
      message,
      bytes,
      endCost: this.#queuedCostEnd,
      fate: Fate.Unsent,
      order: 0,
      sentAt: now,
      isRepeated: false,
    });
    this.pump(now);
    return true;
  }

  /** Sends what may leave: lost messages first, then new ones. */
  pump(now: Micros): void {
    if (!this.#port.isOpen) return;
    while (this.#lostCount > 0) {
      const outgoing = this.#window.at(this.#lostFrom);
      if (outgoing.fate === Fate.Lost) {
        if (!this.#congestion.admits(this.#inFlightCost, messageCost(outgoing.bytes))) return;
        this.#lostCount--;
        outgoing.isRepeated = true;
        this.#transmit(now, this.#lostFrom, outgoing);
      }
      this.#lostFrom++;
    }
    const endSeq = Math.min(
      this.#window.nextSeq,
      this.#window.firstSeq + this.#config.inFlightMessagesMax,
    );
    while (this.#unsentSeq < endSeq) {
      const outgoing = this.#window.at(this.#unsentSeq);
      if (outgoing.endCost > this.#creditLimit) return;
      if (!this.#congestion.admits(this.#inFlightCost, messageCost(outgoing.bytes))) return;
      this.#sentCostEnd = outgoing.endCost;
      this.#transmit(now, this.#unsentSeq++, outgoing);
    }
  }

  /** The peer's receiver told its progress. False when it names what was never sent: the peer's fault. */
  onProgress(now: Micros, progress: FlowProgress): boolean {
    if (!this.#isPlausible(progress)) return false;
    if (progress.creditLimit > this.#creditLimit) this.#creditLimit = progress.creditLimit;
    const news = new AckNews();
    this.#acknowledgeThrough(now, progress.cumulative, news);
    for (const range of progress.ranges) this.#acknowledgeRange(now, range.from, range.to, news);
    if (news.cost > 0) this.#onNews(now, progress, news);
    this.pump(now);
    this.#tellWritable();
    return true;
  }

  /** The timer ran out: everything in flight counts as lost if nothing was heard for a whole timeout. */
  onRetransmitDue(now: Micros): void {
    if (this.#inFlightCost === 0 || !this.#port.isOpen) return;
    const due = micros(this.#timerFrom + this.#port.rtt.backedOffUs(this.#backoffs));
    if (now < due) {
      this.#retransmit.arm(due);
      return;
    }
    this.#backoffs++;
    this.#congestion.onTimeout(this.#lastOrder);
    this.#port.onRetransmit('timeout', this.#loseInFlight());
    this.pump(now);
  }

  /** The path is another one, or is back: what was on it may be gone and goes again at once. */
  onPathChanged(now: Micros): void {
    this.#backoffs = 0;
    this.#congestion.reset(this.#lastOrder);
    const count = this.#loseInFlight();
    if (count > 0) this.#port.onRetransmit('path', count);
    this.pump(now);
  }

  /** There is no route: nothing is sent or timed until `onPathChanged`. */
  onUnreachable(): void {
    this.#retransmit.disarm();
  }

  /** The peer is in another boot: all messages are gone, numbering and credit start anew. */
  reset(): void {
    this.#retransmit.disarm();
    this.#window.restart(1);
    this.#unsentSeq = 1;
    this.#queuedBytes = 0;
    this.#queuedCostEnd = 0;
    this.#sentCostEnd = 0;
    this.#creditLimit = 0;
    this.#inFlightCost = 0;
    this.#lostCount = 0;
    this.#sackedCount = 0;
    this.#lostFrom = 1;
    this.#recoverThrough = 0;
    this.#arrivedOrder = this.#lastOrder;
    this.#backoffs = 0;
    this.#congestion.reset(this.#lastOrder);
    this.#tellWritable();
  }

  checkInvariants(): void {
    const counts = { bytes: 0, inFlightCost: 0, lost: 0, sacked: 0 };
    const { firstSeq, nextSeq } = this.#window;
    assert(this.#unsentSeq >= firstSeq && this.#unsentSeq <= nextSeq, 'the unsent messages end the window');
    let endCost: number | null = null;
    for (let seq = firstSeq; seq < nextSeq; seq++) {
      const outgoing = this.#window.at(seq);
      counts.bytes += outgoing.bytes;
      if (outgoing.fate === Fate.InFlight) counts.inFlightCost += messageCost(outgoing.bytes);
      if (outgoing.fate === Fate.Lost) counts.lost++;
      if (outgoing.fate === Fate.Sacked) counts.sacked++;
      assert((outgoing.fate === Fate.Unsent) === seq >= this.#unsentSeq, 'sent messages precede unsent ones');
      assert(outgoing.fate !== Fate.Lost || seq >= this.#lostFrom, 'no lost message is below the cursor');
      assert(outgoing.order <= this.#lastOrder, 'transmissions are numbered in order');
      if (endCost !== null) {
        assert(outgoing.endCost === endCost + messageCost(outgoing.bytes), 'costs add up along the window');
      }
      endCost = outgoing.endCost;
    }
    assert(counts.bytes === this.#queuedBytes, 'queued bytes are those of the window');
    assert(counts.inFlightCost === this.#inFlightCost, 'in-flight cost is that of the window');
    assert(counts.lost === this.#lostCount, 'lost messages are counted');
    assert(counts.sacked === this.#sackedCount, 'selectively acknowledged messages are counted');
    assert(endCost === null || endCost === this.#queuedCostEnd, 'the last message ends the queue');
    this.#checkBounds();
    if (firstSeq < this.#unsentSeq) {
      assert(this.#window.at(firstSeq).fate !== Fate.Sacked || this.#sackedCount > 0, 'counted when sacked');
    }
    const mayMove = this.#port.isOpen;
    assert(!mayMove || this.#inFlightCost === 0 || this.#retransmit.isArmed, 'what is in flight is timed');
    assert(!mayMove || this.#lostCount === 0 || this.#inFlightCost > 0, 'lost messages wait only for acks');
    this.#congestion.checkInvariants();
  }

  #checkBounds(): void {
    assert(this.#sentCostEnd <= this.#creditLimit, 'nothing is sent without credit');
    assert(this.#sentCostEnd <= this.#queuedCostEnd, 'nothing is sent that was not queued');
    assert(this.#queuedBytes <= this.#config.queueBytesMax, 'the send queue is bounded in bytes');
    assert(this.#window.length <= this.#config.queueMessagesMax, 'the send queue is bounded in messages');
    const span = this.#unsentSeq - this.#window.firstSeq;
    assert(span <= this.#config.inFlightMessagesMax, 'the span in flight is bounded');
  }

  #transmit(now: Micros, seq: number, outgoing: Outgoing): void {
    if (this.#inFlightCost === 0) {
      this.#timerFrom = now;
      this.#time(now);
    }
    this.#inFlightCost += messageCost(outgoing.bytes);
    outgoing.fate = Fate.InFlight;
    outgoing.order = ++this.#lastOrder;
    outgoing.sentAt = now;
    this.#port.transmit(this.#flowClass, seq, outgoing.message);
  }

  #isPlausible(progress: FlowProgress): boolean {
    if (progress.cumulative >= this.#unsentSeq) return false;
    let previousTo = progress.cumulative;
    for (const range of progress.ranges) {
      // The number after the previous range (or the cumulative ack) is a gap, or it would have been joined.
      if (range.from <= previousTo + 1 || range.to < range.from) return false;
      previousTo = range.to;
    }
    return previousTo < this.#unsentSeq;
  }

  #acknowledgeThrough(now: Micros, cumulative: number, news: AckNews): void {
    while (this.#window.firstSeq <= cumulative) {
      const outgoing = this.#window.shift();
      this.#queuedBytes -= outgoing.bytes;
      if (outgoing.fate === Fate.Sacked) this.#sackedCount--;
      else this.#leaveFlight(now, outgoing, news);
    }
    if (this.#lostFrom < this.#window.firstSeq) this.#lostFrom = this.#window.firstSeq;
  }

  #acknowledgeRange(now: Micros, from: number, to: number, news: AckNews): void {
    for (let seq = Math.max(from, this.#window.firstSeq); seq <= to; seq++) {
      const outgoing = this.#window.at(seq);
      if (outgoing.fate === Fate.Sacked) continue;
      this.#leaveFlight(now, outgoing, news);
      outgoing.fate = Fate.Sacked;
      this.#sackedCount++;
    }
  }

  #leaveFlight(now: Micros, outgoing: Outgoing, news: AckNews): void {
    const cost = messageCost(outgoing.bytes);
    if (outgoing.fate === Fate.Lost) this.#lostCount--;
    else this.#inFlightCost -= cost;
    news.cost += cost;
    const elapsedUs = now - outgoing.sentAt;
    if (!outgoing.isRepeated && outgoing.order > news.sampleOrder) {
      news.sampleOrder = outgoing.order;
      news.sampleUs = elapsedUs;
    }
    // An ack soon after a repetition is for the transmission before it, and says nothing of later ones.
    const isOfLast = !outgoing.isRepeated || elapsedUs * 2 >= this.#port.rtt.srttUs;
    if (isOfLast && outgoing.order > this.#arrivedOrder) this.#arrivedOrder = outgoing.order;
  }

  #onNews(now: Micros, progress: FlowProgress, news: AckNews): void {
    this.#timerFrom = now;
    this.#congestion.onAcknowledged(news.cost);
    if (news.sampleOrder > 0) {
      this.#port.rtt.onSample(news.sampleUs);
      this.#backoffs = 0;
    }
    if (this.#sackedCount > 0 || this.#window.firstSeq <= this.#recoverThrough) this.#loseGaps(progress);
    if (this.#inFlightCost > 0 && this.#port.isOpen) this.#time(now);
  }

  /**
   * Has the timer run out no later than one timeout from `now`. A timer that runs out early looks at `#timerFrom` and
   * goes on, so that it is moved about once in a timeout and not with every message.
   */
  #time(now: Micros): void {
    this.#retransmit.armNoLater(micros(now + this.#port.rtt.backedOffUs(this.#backoffs)));
  }

  /** Marks what later transmissions overtook. O(span in flight), and only while there are gaps. */
  #loseGaps(progress: FlowProgress): void {
    const isPartial = progress.ranges.length >= this.#config.ackRangesMax;
    const last = progress.ranges[progress.ranges.length - 1];
    const endSeq = isPartial && last !== undefined ? last.to : this.#unsentSeq;
    const lostBelow = this.#arrivedOrder - this.#config.reorderThreshold;
    let count = 0;
    let newestLost = 0;
    for (let seq = this.#window.firstSeq; seq < endSeq; seq++) {
      const outgoing = this.#window.at(seq);
      if (outgoing.fate !== Fate.InFlight || outgoing.order > lostBelow) continue;
      this.#lose(seq, outgoing);
      newestLost = Math.max(newestLost, outgoing.order);
      count++;
    }
    if (count === 0) return;
    this.#recoverThrough = this.#unsentSeq - 1;
    this.#congestion.onLoss(newestLost, this.#lastOrder);
    this.#port.onRetransmit('gap', count);
  }

  #loseInFlight(): number {
    let count = 0;
    for (let seq = this.#window.firstSeq; seq < this.#unsentSeq; seq++) {
      const outgoing = this.#window.at(seq);
      if (outgoing.fate !== Fate.InFlight) continue;
      this.#lose(seq, outgoing);
      count++;
    }
    this.#recoverThrough = this.#unsentSeq - 1;
    return count;
  }

  #lose(seq: number, outgoing: Outgoing): void {
    outgoing.fate = Fate.Lost;
    this.#inFlightCost -= messageCost(outgoing.bytes);
    this.#lostCount++;
    if (seq < this.#lostFrom) this.#lostFrom = seq;
  }

  #tellWritable(): void {
    if (!this.#hasRefused) return;
    if (this.#queuedBytes * 2 > this.#config.queueBytesMax) return;
    if (this.#window.length * 2 > this.#config.queueMessagesMax) return;
    this.#hasRefused = false;
    this.#port.onWritable(this.#flowClass);
  }
}

/** What one ack newly acknowledged. */
class AckNews {
  cost = 0;
  /** The youngest transmission among the messages sent once, 0 for none, and its round trip. */
  sampleOrder = 0;
  sampleUs = 0;
}
