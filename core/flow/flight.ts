/**
 * The unacknowledged messages of one flow and what became of each: waiting, in flight, lost, or arrived beyond a gap.
 *
 * Invariant: below `unsentSeq` every message was sent at least once, from there on none was. The counts equal what the
 * messages say. Transmissions are numbered, so that what arrives tells which earlier ones were overtaken (RFC 8985).
 */
import { assert } from '../base/assert.js';
import type { Micros } from '../base/units.js';
import { messageCost } from './credit.js';
import { SeqWindow } from './seq-window.js';

const enum Fate {
  Unsent,
  InFlight,
  Lost,
  Sacked,
}

/** One unacknowledged message. */
export interface Outgoing {
  readonly message: readonly Uint8Array[];
  readonly bytes: number;
  /** Sum of the costs of all messages of this pair of boots up to this one. */
  readonly endCost: number;
  fate: Fate;
  /** Of the last transmission: its number, and its time. */
  order: number;
  sentAt: Micros;
  /** Sent more than once. */
  isRepeated: boolean;
}

/** What one ack newly acknowledged. */
export class AckNews {
  cost = 0;
  /** The youngest transmission among the messages sent once, 0 for none, and its round trip. */
  sampleOrder = 0;
  sampleUs = 0;
}

export class Flight {
  readonly #window = new SeqWindow<Outgoing>(1);
  #unsentSeq = 1;
  #queuedBytes = 0;
  #queuedCost = 0;
  #inFlightCost = 0;
  #lostCount = 0;
  #sackedCount = 0;
  /** No lost message is below it. */
  #lostFrom = 1;
  #lastOrder = 0;
  /** The highest transmission known to have arrived. */
  #arrivedOrder = 0;

  /** The oldest unacknowledged message, or the next one to be queued. */
  get firstSeq(): number {
    return this.#window.firstSeq;
  }

  /** The first message that was never sent, or the next one to be queued. */
  get unsentSeq(): number {
    return this.#unsentSeq;
  }

  /** The next one to be queued. */
  get nextSeq(): number {
    return this.#window.nextSeq;
  }

  get length(): number {
    return this.#window.length;
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** Sum of the costs of all messages ever queued for this pair of boots. */
  get queuedCost(): number {
    return this.#queuedCost;
  }

  get inFlightCost(): number {
    return this.#inFlightCost;
  }

  get lostCount(): number {
    return this.#lostCount;
  }

  get hasGaps(): boolean {
    return this.#sackedCount > 0;
  }

  /** Number of the last transmission. */
  get lastOrder(): number {
    return this.#lastOrder;
  }

  queue(now: Micros, message: readonly Uint8Array[], bytes: number): void {
    this.#queuedBytes += bytes;
    this.#queuedCost += messageCost(bytes);
    const endCost = this.#queuedCost;
    this.#window.push({ message, bytes, endCost, fate: Fate.Unsent, order: 0, sentAt: now, isRepeated: false });
  }

  at(seq: number): Outgoing {
    return this.#window.at(seq);
  }

  /** The lowest lost message. There must be one. */
  firstLost(): number {
    while (this.#window.at(this.#lostFrom).fate !== Fate.Lost) this.#lostFrom++;
    return this.#lostFrom;
  }

  /** Message `seq`, the lowest lost or the first unsent one, is being sent. */
  depart(now: Micros, seq: number): void {
    const outgoing = this.#window.at(seq);
    if (outgoing.fate === Fate.Lost) {
      this.#lostCount--;
      outgoing.isRepeated = true;
    } else {
      assert(seq === this.#unsentSeq, 'messages are first sent in order');
      this.#unsentSeq++;
    }
    outgoing.fate = Fate.InFlight;
    outgoing.order = ++this.#lastOrder;
    outgoing.sentAt = now;
    this.#inFlightCost += messageCost(outgoing.bytes);
  }

  /** Everything through `cumulative` arrived. */
  acknowledgeThrough(now: Micros, cumulative: number, srttUs: number, news: AckNews): void {
    while (this.#window.firstSeq <= cumulative) {
      const outgoing = this.#window.shift();
      this.#queuedBytes -= outgoing.bytes;
      if (outgoing.fate === Fate.Sacked) this.#sackedCount--;
      else this.#arrive(now, outgoing, srttUs, news);
    }
    if (this.#lostFrom < this.#window.firstSeq) this.#lostFrom = this.#window.firstSeq;
  }

  /** Messages `from` to `to` arrived, beyond a gap. */
  acknowledgeRange(now: Micros, from: number, to: number, srttUs: number, news: AckNews): void {
    for (let seq = Math.max(from, this.#window.firstSeq); seq <= to; seq++) {
      const outgoing = this.#window.at(seq);
      if (outgoing.fate === Fate.Sacked) continue;
      this.#arrive(now, outgoing, srttUs, news);
      outgoing.fate = Fate.Sacked;
      this.#sackedCount++;
    }
  }

  /**
   * Counts as lost what is in flight below `endSeq` and was overtaken by a transmission that left `threshold` or more
   * later. Returns how many, and the newest transmission among them. O(span in flight).
   */
  loseOvertaken(endSeq: number, threshold: number): { count: number; newestOrder: number } {
    let count = 0;
    let newestOrder = 0;
    for (let seq = this.#window.firstSeq; seq < endSeq; seq++) {
      const outgoing = this.#window.at(seq);
      if (outgoing.fate !== Fate.InFlight || outgoing.order + threshold > this.#arrivedOrder) continue;
      this.#lose(seq, outgoing);
      newestOrder = Math.max(newestOrder, outgoing.order);
      count++;
    }
    return { count, newestOrder };
  }

  /** Counts as lost everything in flight. Returns how many messages. */
  loseAll(): number {
    let count = 0;
    for (let seq = this.#window.firstSeq; seq < this.#unsentSeq; seq++) {
      const outgoing = this.#window.at(seq);
      if (outgoing.fate !== Fate.InFlight) continue;
      this.#lose(seq, outgoing);
      count++;
    }
    return count;
  }

  /** Drops every message; the next is numbered 1. Transmissions are numbered on. */
  restart(): void {
    this.#window.restart(1);
    this.#unsentSeq = 1;
    this.#queuedBytes = 0;
    this.#queuedCost = 0;
    this.#inFlightCost = 0;
    this.#lostCount = 0;
    this.#sackedCount = 0;
    this.#lostFrom = 1;
    this.#arrivedOrder = this.#lastOrder;
  }

  checkInvariants(): void {
    const { firstSeq, nextSeq } = this.#window;
    assert(this.#unsentSeq >= firstSeq && this.#unsentSeq <= nextSeq, 'the unsent messages end the window');
    assert(this.#arrivedOrder <= this.#lastOrder, 'what arrived was sent');
    let bytes = 0;
    let inFlightCost = 0;
    let lostCount = 0;
    let sackedCount = 0;
    let endCost: number | null = null;
    for (let seq = firstSeq; seq < nextSeq; seq++) {
      const outgoing = this.#window.at(seq);
      const cost = messageCost(outgoing.bytes);
      bytes += outgoing.bytes;
      if (outgoing.fate === Fate.InFlight) inFlightCost += cost;
      if (outgoing.fate === Fate.Lost) lostCount++;
      if (outgoing.fate === Fate.Sacked) sackedCount++;
      assert((outgoing.fate === Fate.Unsent) === seq >= this.#unsentSeq, 'sent messages precede unsent ones');
      assert(outgoing.fate !== Fate.Lost || seq >= this.#lostFrom, 'no lost message is below the cursor');
      assert(outgoing.order <= this.#lastOrder, 'transmissions are numbered in order');
      assert(endCost === null || outgoing.endCost === endCost + cost, 'costs add up along the window');
      endCost = outgoing.endCost;
    }
    assert(bytes === this.#queuedBytes, 'queued bytes are those of the window');
    assert(inFlightCost === this.#inFlightCost, 'in-flight cost is that of the window');
    assert(lostCount === this.#lostCount, 'lost messages are counted');
    assert(sackedCount === this.#sackedCount, 'selectively acknowledged messages are counted');
    assert(endCost === null || endCost === this.#queuedCost, 'the last message ends the queue');
  }

  #arrive(now: Micros, outgoing: Outgoing, srttUs: number, news: AckNews): void {
    const cost = messageCost(outgoing.bytes);
    if (outgoing.fate === Fate.Lost) this.#lostCount--;
    else this.#inFlightCost -= cost;
    news.cost += cost;
    const elapsedUs = now - outgoing.sentAt;
    if (!outgoing.isRepeated && outgoing.order > news.sampleOrder) {
      news.sampleOrder = outgoing.order;
      news.sampleUs = elapsedUs;
    }
    // An ack soon after a repetition is for the transmission before it, and tells nothing of this one.
    const isOfLast = !outgoing.isRepeated || elapsedUs * 2 >= srttUs;
    if (isOfLast && outgoing.order > this.#arrivedOrder) this.#arrivedOrder = outgoing.order;
  }

  #lose(seq: number, outgoing: Outgoing): void {
    outgoing.fate = Fate.Lost;
    this.#inFlightCost -= messageCost(outgoing.bytes);
    this.#lostCount++;
    if (seq < this.#lostFrom) this.#lostFrom = seq;
  }
}
