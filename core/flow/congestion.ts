/**
 * Congestion window: how much of a flow may be on its way at once, so that a path's queues are filled and not
 * overrun. Lanes do not lose, but a relay whose queue is full drops, and after a change of path a whole credit window
 * would hit links that never saw this flow.
 * Source: RFC 5681 (slow start, congestion avoidance, window after loss), in message costs instead of segments; one
 * reduction per round trip as in RFC 6582.
 * Leaves out: pacing, and validation of a window that was not filled.
 */
import { assert } from '../base/assert.js';

export interface CongestionConfig {
  readonly congestionInitialCost: number;
  readonly congestionMinCost: number;
  readonly congestionMaxCost: number;
}

export class CongestionWindow {
  readonly #config: CongestionConfig;
  #windowCost: number;
  #slowStartBelow: number;
  /** Losses of transmissions up to this one belong to a reduction already made. */
  #reducedThrough = 0;

  constructor(config: CongestionConfig) {
    this.#config = config;
    this.#windowCost = config.congestionInitialCost;
    this.#slowStartBelow = config.congestionMaxCost;
  }

  get windowCost(): number {
    return this.#windowCost;
  }

  /** Whether `cost` more may leave while `inFlightCost` is on its way. One message always may. */
  admits(inFlightCost: number, cost: number): boolean {
    return inFlightCost === 0 || inFlightCost + cost <= this.#windowCost;
  }

  onAcknowledged(cost: number): void {
    if (this.#windowCost >= this.#config.congestionMaxCost) return;
    const growth =
      this.#windowCost < this.#slowStartBelow
        ? cost
        : Math.floor((this.#config.congestionMinCost * cost) / this.#windowCost);
    this.#windowCost = Math.min(this.#windowCost + growth, this.#config.congestionMaxCost);
  }

  /** Transmission `lost` did not arrive although later ones did; `newest` is the last one made. */
  onLoss(lost: number, newest: number): void {
    if (lost <= this.#reducedThrough) return;
    this.#reducedThrough = newest;
    this.#reduceThreshold();
    this.#windowCost = this.#slowStartBelow;
  }

  /** Nothing was heard for a whole timeout. */
  onTimeout(newest: number): void {
    this.#reducedThrough = newest;
    this.#reduceThreshold();
    this.#windowCost = this.#config.congestionMinCost;
  }

  /** Another path or another boot of the peer: nothing is known. `newest` is the last transmission on the old one. */
  reset(newest: number): void {
    this.#reducedThrough = newest;
    this.#windowCost = this.#config.congestionInitialCost;
    this.#slowStartBelow = this.#config.congestionMaxCost;
  }

  checkInvariants(): void {
    assert(this.#windowCost >= this.#config.congestionMinCost, 'a congestion window has a minimum');
    assert(this.#windowCost <= this.#config.congestionMaxCost, 'a congestion window has a maximum');
  }

  #reduceThreshold(): void {
    this.#slowStartBelow = Math.max(Math.floor(this.#windowCost / 2), this.#config.congestionMinCost);
  }
}
