/**
 * Receiver credit: what this end holds of one flow, delivered to its owner and not yet consumed.
 *
 * A message costs its bytes and a constant, so that a million empty messages are not free. The owner reports consumed
 * bytes, in any portions; they are matched with the oldest deliveries, which gives the constants back too. Deliveries
 * of an earlier boot of the peer stay in the account until they are consumed: their memory is still held, and a new
 * boot gets only what is left of the window.
 */
import { assert } from '../base/assert.js';
import { Fifo } from '../base/fifo.js';

/** What a message of no bytes costs: about what its bookkeeping takes at the receiver. */
export const MESSAGE_COST = 64;

/** What a message takes of a window. Both ends must agree on it. */
export const messageCost = (bytes: number): number => bytes + MESSAGE_COST;

export class CreditAccount {
  /** Bytes of each delivery that is not fully consumed, oldest first. */
  readonly #deliveries = new Fifo<number>();
  /** Consumed bytes that do not fill the oldest delivery yet. */
  #consumedBytes = 0;
  #outstandingCost = 0;

  /** Cost of everything delivered and not consumed. */
  get outstandingCost(): number {
    return this.#outstandingCost;
  }

  /** A message of `bytes` was handed to the owner. */
  onDelivered(bytes: number): void {
    this.#deliveries.push(bytes);
    this.#outstandingCost += messageCost(bytes);
    if (bytes === 0) this.#settle();
  }

  /** The owner is done with `bytes`. Returns how many of them were never delivered. */
  onConsumed(bytes: number): number {
    this.#consumedBytes += bytes;
    this.#settle();
    if (this.#deliveries.length > 0) return 0;
    const excess = this.#consumedBytes;
    this.#consumedBytes = 0;
    return excess;
  }

  checkInvariants(): void {
    let cost = 0;
    for (const bytes of this.#deliveries) cost += messageCost(bytes);
    assert(cost === this.#outstandingCost, 'outstanding cost is the sum of the deliveries');
    assert(this.#consumedBytes >= 0, 'consumption is not negative');
    const oldest = this.#deliveries.peek();
    assert(oldest === undefined || oldest > this.#consumedBytes, 'a consumed delivery has left the account');
    assert(oldest !== undefined || this.#consumedBytes === 0, 'nothing is consumed ahead of its delivery');
  }

  #settle(): void {
    for (;;) {
      const oldest = this.#deliveries.peek();
      if (oldest === undefined || oldest > this.#consumedBytes) return;
      this.#deliveries.shift();
      this.#consumedBytes -= oldest;
      this.#outstandingCost -= messageCost(oldest);
    }
  }
}
