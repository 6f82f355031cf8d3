/**
 * How well this node itself works, as far as its probes tell: 0 is well. A node that is slow or cut off would accuse
 * everybody else; the worse its score, the more slowly it probes.
 * Source: Lifeguard (Dadgar, Phillips, Currey 2018), §IV-A, LHA-Probe.
 */
import { assert } from '../base/assert.js';

export class LocalHealth {
  readonly #levels: number;
  #score = 0;

  constructor(levels: number) {
    this.#levels = levels;
  }

  /** From 0 (well) to levels - 1. */
  get score(): number {
    return this.#score;
  }

  /** A probe was answered. */
  improve(): void {
    if (this.#score > 0) this.#score--;
  }

  /** A probe failed with that many nacks missing, or this node had to refute. */
  worsen(by: number): void {
    this.#score = Math.min(this.#score + by, this.#levels - 1);
  }

  /** `intervalUs` stretched by the score. */
  stretch(intervalUs: number): number {
    return intervalUs * (this.#score + 1);
  }

  checkInvariants(): void {
    assert(this.#score >= 0 && this.#score < this.#levels, 'local health is in range');
  }
}
