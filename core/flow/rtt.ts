/**
 * Round-trip time and the retransmission timeout drawn from it: RFC 6298 in integers, with the scaled sums of Jacobson
 * and Karels ("Congestion Avoidance and Control", 1988, appendix A).
 *
 * Samples come from messages sent once (Karn's rule); the backoff belongs to each flow's timer, not to this estimate.
 * Differs: the first timeout and its bounds are configured, and the estimate is shared by all flows to one peer.
 */
import { assert } from '../base/assert.js';

export interface RttConfig {
  readonly rtoInitialUs: number;
  readonly rtoMinUs: number;
  readonly rtoMaxUs: number;
  readonly rttSlackUs: number;
}

export class RttEstimator {
  readonly #config: RttConfig;
  /** Eight times the smoothed round-trip time; 0 before the first sample. */
  #srtt8 = 0;
  /** Four times its mean deviation. */
  #rttvar4 = 0;

  constructor(config: RttConfig) {
    this.#config = config;
  }

  /** Smoothed round-trip time, 0 before the first sample. */
  get srttUs(): number {
    return Math.floor(this.#srtt8 / 8);
  }

  /** Time without news after which a transmission counts as lost, before any backoff. */
  get rtoUs(): number {
    if (this.#srtt8 === 0) return this.#config.rtoInitialUs;
    const rto = this.srttUs + Math.max(this.#config.rttSlackUs, this.#rttvar4);
    return Math.min(Math.max(rto, this.#config.rtoMinUs), this.#config.rtoMaxUs);
  }

  /** The timeout after `backoffs` timeouts in a row: doubled for each, capped. */
  backedOffUs(backoffs: number): number {
    return Math.min(this.rtoUs * (1 << Math.min(backoffs, BACKOFFS_MAX)), this.#config.rtoMaxUs);
  }

  /** One measured round trip. */
  onSample(rttUs: number): void {
    const sample = Math.max(1, rttUs);
    if (this.#srtt8 === 0) {
      this.#srtt8 = sample * 8;
      this.#rttvar4 = sample * 2;
      return;
    }
    const error = sample - Math.floor(this.#srtt8 / 8);
    this.#srtt8 += error;
    this.#rttvar4 += Math.abs(error) - Math.floor(this.#rttvar4 / 4);
    assert(this.#srtt8 > 0 && this.#rttvar4 >= 0, 'round-trip estimates are not negative');
  }

  /** Another path: what was measured says nothing about it. */
  reset(): void {
    this.#srtt8 = 0;
    this.#rttvar4 = 0;
  }
}

const BACKOFFS_MAX = 20;
