/**
 * The receiving end of one flow: delivers each message once and in order, keeps what came early, grants credit.
 *
 * Invariant: what is kept early and what is delivered and not consumed never cost more than the credit window, whatever
 * the peer sends; the credit announced never falls within a pair of boots and never exceeds what is left of the window.
 * What was once kept is not thrown away before it is delivered (selective acks are promises), except with its boot.
 */
import { assert } from '../base/assert.js';
import type { FlowProgress } from '../wire/flow-messages.js';
import type { FlowConfig } from './config.js';
import { CreditAccount, messageCost } from './credit.js';
import { SackRanges } from './sack-ranges.js';

/** What became of an arrival. */
export type Arrival =
  /** Delivered, and perhaps others after it. */
  | 'in-order'
  /** Kept until the gap before it is filled. */
  | 'early'
  | 'duplicate'
  /** Refused: beyond what may be kept early, or without credit. */
  | 'too-far'
  | 'over-credit';

export class FlowReceiver {
  readonly #config: FlowConfig;
  readonly #deliver: (payload: Uint8Array) => void;
  readonly #account = new CreditAccount();
  readonly #early = new Map<number, Uint8Array>();
  readonly #earlyRanges = new SackRanges();
  #earlyCost = 0;
  #nextSeq = 1;
  /** Cost of everything delivered in this pair of boots. */
  #deliveredCost = 0;
  #announcedLimit = 0;
  #arrivedCost = 0;
  #arrivedMessages = 0;

  constructor(options: { config: FlowConfig; deliver: (payload: Uint8Array) => void }) {
    this.#config = options.config;
    this.#deliver = options.deliver;
  }

  /** What is left of the window, as a sum of costs from the first message of this pair of boots. */
  get creditLimit(): number {
    return this.#deliveredCost + this.#config.creditWindowCost - this.#account.outstandingCost;
  }

  /** Whether so much arrived since the last announcement that the next one waits for the turn only. */
  get isAckDue(): boolean {
    return (
      this.#arrivedCost >= this.#config.ackCost ||
      this.#arrivedMessages >= this.#config.ackMessages ||
      !this.#earlyRanges.isEmpty
    );
  }

  /** Whether the sender, if it waits for credit, has much to gain from an announcement. */
  get isCreditDue(): boolean {
    return (this.creditLimit - this.#announcedLimit) * 4 >= this.#config.creditWindowCost;
  }

  /** Numbers for diagnosis and for checkers. */
  view() {
    return {
      nextSeq: this.#nextSeq,
      deliveredCost: this.#deliveredCost,
      outstandingCost: this.#account.outstandingCost,
      earlyCost: this.#earlyCost,
      creditLimit: this.creditLimit,
      announcedLimit: this.#announcedLimit,
    };
  }

  /** A message of this pair of boots arrived. */
  onData(seq: number, payload: Uint8Array): Arrival {
    if (seq < this.#nextSeq) return 'duplicate';
    const cost = messageCost(payload.length);
    // An honest sender is within what was announced, which is within what is left.
    const held = this.#account.outstandingCost + this.#earlyCost;
    if (seq === this.#nextSeq) {
      if (held + cost > this.#config.creditWindowCost) return 'over-credit';
      this.#arrivedCost += cost;
      this.#arrivedMessages++;
      this.#deliverNext(payload);
      if (this.#early.size > 0) this.#deliverEarly();
      return 'in-order';
    }
    if (seq - this.#nextSeq >= this.#config.reorderMessagesMax) return 'too-far';
    if (this.#early.has(seq)) return 'duplicate';
    if (held + cost > this.#config.creditWindowCost) return 'over-credit';
    this.#early.set(seq, ownedCopy(payload));
    this.#earlyRanges.add(seq);
    this.#earlyCost += cost;
    this.#arrivedCost += cost;
    this.#arrivedMessages++;
    return 'early';
  }

  /** The owner is done with `bytes`. Returns how many of them were never delivered. */
  onConsumed(bytes: number): number {
    return this.#account.onConsumed(bytes);
  }

  /** What the next ack says of this flow. */
  announce(flowClass: number): FlowProgress {
    this.#announcedLimit = this.creditLimit;
    this.#arrivedCost = 0;
    this.#arrivedMessages = 0;
    return {
      flowClass,
      cumulative: this.#nextSeq - 1,
      creditLimit: this.#announcedLimit,
      ranges: this.#earlyRanges.isEmpty ? NO_RANGES : this.#earlyRanges.lowest(this.#config.ackRangesMax),
    };
  }

  /** The peer is in another boot: its numbering starts anew. What the owner holds still counts. */
  reset(): void {
    this.#early.clear();
    this.#earlyRanges.clear();
    this.#earlyCost = 0;
    this.#nextSeq = 1;
    this.#deliveredCost = 0;
    this.#announcedLimit = 0;
    this.#arrivedCost = 0;
    this.#arrivedMessages = 0;
  }

  checkInvariants(): void {
    this.#account.checkInvariants();
    this.#earlyRanges.checkInvariants();
    assert(this.#earlyRanges.count() === this.#early.size, 'ranges tell exactly what is kept');
    let cost = 0;
    for (const [seq, payload] of this.#early) {
      assert(seq > this.#nextSeq, 'what is kept is beyond a gap');
      assert(seq - this.#nextSeq < this.#config.reorderMessagesMax, 'what is kept is within reach');
      cost += messageCost(payload.length);
    }
    assert(cost === this.#earlyCost, 'early cost is that of what is kept');
    const first = this.#earlyRanges.first();
    assert(first === undefined || first.from > this.#nextSeq, 'the lowest range is beyond a gap');
    const held = this.#account.outstandingCost + this.#earlyCost;
    assert(held <= this.#config.creditWindowCost, 'what is held is within the credit window');
    assert(this.creditLimit >= this.#deliveredCost, 'credit is not negative');
    assert(this.#announcedLimit <= this.creditLimit, 'no more credit is announced than there is');
  }

  #deliverNext(payload: Uint8Array): void {
    this.#nextSeq++;
    this.#deliveredCost += messageCost(payload.length);
    this.#account.onDelivered(payload.length);
    this.#deliver(payload);
  }

  /** Delivers the lowest range if its gap is filled. There is at most one: ranges are not adjacent. */
  #deliverEarly(): void {
    const range = this.#earlyRanges.first();
    if (range === undefined || range.from !== this.#nextSeq) return;
    this.#earlyRanges.shift();
    for (let seq = range.from; seq <= range.to; seq++) {
      const payload = this.#early.get(seq);
      assert(payload !== undefined, 'a range tells what is kept');
      this.#early.delete(seq);
      this.#earlyCost -= messageCost(payload.length);
      this.#deliverNext(payload);
    }
  }
}

/** `payload`, not holding a much larger received message in memory for as long as a gap stays open. */
function ownedCopy(payload: Uint8Array): Uint8Array {
  return payload.length * 2 >= payload.buffer.byteLength ? payload : payload.slice();
}

const NO_RANGES: FlowProgress['ranges'] = [];
