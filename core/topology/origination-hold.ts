/**
 * Spaces this node's own advertisements: the first after a quiet time leaves at once, so that a broken link is known
 * everywhere within one flood; each further one waits twice as long as the one before, up to a maximum, so that a
 * flapping link costs the mesh a bounded number of floods.
 * Source: the back-off of SPF and LSA generation in IS-IS and OSPF (RFC 8405).
 */
import { assert } from '../base/assert.js';
import type { Micros } from '../base/units.js';

export interface OriginationHoldConfig {
  readonly originationHoldUsMin: number;
  readonly originationHoldUsMax: number;
}

export class OriginationHold {
  readonly #config: OriginationHoldConfig;
  #holdUs: number;
  #lastAt: Micros | null = null;

  constructor(config: OriginationHoldConfig) {
    assert(config.originationHoldUsMin > 0, 'the hold of originations is positive');
    assert(config.originationHoldUsMin <= config.originationHoldUsMax, 'the hold’s minimum is below its maximum');
    this.#config = config;
    this.#holdUs = config.originationHoldUsMin;
  }

  /** The earliest time for the next advertisement; `now` or before when it may leave at once. */
  nextAt(now: Micros): Micros {
    return this.#lastAt === null ? now : ((this.#lastAt + this.#holdUs) as Micros);
  }

  onOriginated(now: Micros): void {
    const { originationHoldUsMin, originationHoldUsMax } = this.#config;
    const isQuiet = this.#lastAt === null || now - this.#lastAt >= 2 * this.#holdUs + originationHoldUsMax;
    this.#holdUs = isQuiet ? originationHoldUsMin : Math.min(this.#holdUs * 2, originationHoldUsMax);
    this.#lastAt = now;
  }
}
