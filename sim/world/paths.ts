/**
 * The state of every direction between two nodes: what carries, how long it takes, how fast. Faults change it; pipes
 * ask it.
 */
import { Draws, type Seed } from '../base/draw.js';
import type { PathPlan } from '../plan/plan.js';

export class Paths {
  readonly #count: number;
  readonly #plans: readonly PathPlan[];
  readonly #latencyDraws: (Draws | null)[];
  readonly #lossDraws: (Draws | null)[];
  readonly #seed: Seed;
  /** How many faults block a direction now. */
  readonly #blocks: Uint16Array;
  readonly #busyUntilUs: Float64Array;
  readonly #cloggedUntilUs: Float64Array;
  readonly #slowness: Float64Array;

  /** `plans` holds every ordered pair, at from · nodes + to. */
  constructor(seed: Seed, nodes: number, plans: readonly PathPlan[]) {
    this.#seed = seed;
    this.#count = nodes;
    this.#plans = plans;
    this.#latencyDraws = plans.map(() => null);
    this.#lossDraws = plans.map(() => null);
    this.#blocks = new Uint16Array(plans.length);
    this.#busyUntilUs = new Float64Array(plans.length);
    this.#cloggedUntilUs = new Float64Array(plans.length);
    this.#slowness = new Float64Array(plans.length).fill(1);
  }

  isDialable(from: number, to: number): boolean {
    return this.#plan(from, to).isDialable;
  }

  isBlocked(from: number, to: number): boolean {
    return (this.#blocks[this.#at(from, to)] as number) > 0;
  }

  block(from: number, to: number): void {
    const at = this.#at(from, to);
    this.#blocks[at] = (this.#blocks[at] as number) + 1;
  }

  unblock(from: number, to: number): void {
    const at = this.#at(from, to);
    this.#blocks[at] = (this.#blocks[at] as number) - 1;
  }

  /** Nothing departs before `untilUs`. */
  clog(from: number, to: number, untilUs: number): void {
    const at = this.#at(from, to);
    this.#cloggedUntilUs[at] = Math.max(this.#cloggedUntilUs[at] as number, untilUs);
  }

  /** Multiplies latency, and divides the rate, of one direction; the inverse undoes it. */
  slow(from: number, to: number, factor: number): void {
    const at = this.#at(from, to);
    this.#slowness[at] = (this.#slowness[at] as number) * factor;
  }

  /** When the last of `bytes` has been sent that are handed over now: the direction is a queue with a rate. */
  occupy(from: number, to: number, bytes: number, nowUs: number): number {
    const at = this.#at(from, to);
    const rate = this.#plan(from, to).bytesPerSecond;
    const takesUs = Math.floor(((bytes + OVERHEAD_BYTES) * 1_000_000 * (this.#slowness[at] as number)) / rate);
    const startUs = Math.max(nowUs, this.#busyUntilUs[at] as number, this.#cloggedUntilUs[at] as number);
    this.#busyUntilUs[at] = startUs + takesUs;
    return startUs + takesUs;
  }

  /** The time on the way of one packet, a repeat after a loss included. */
  latencyUs(from: number, to: number): number {
    const at = this.#at(from, to);
    const plan = this.#plan(from, to);
    this.#latencyDraws[at] ??= new Draws(this.#seed, 'latency', at);
    let latencyUs = plan.latencyUs + (plan.jitterUs === 0 ? 0 : this.#latencyDraws[at].below(plan.jitterUs));
    if (plan.lossPerMillion > 0) {
      this.#lossDraws[at] ??= new Draws(this.#seed, 'loss', at);
      const draws = this.#lossDraws[at];
      // Most losses are noticed by what follows (a fast retransmission), the others by the timer.
      if (draws.below(1_000_000) < plan.lossPerMillion) {
        latencyUs += draws.chance(700) ? plan.latencyUs * 2 : plan.latencyUs * 2 + RETRANSMISSION_TIMEOUT_US;
      }
    }
    return Math.floor(latencyUs * (this.#slowness[at] as number));
  }

  #plan(from: number, to: number): PathPlan {
    return this.#plans[this.#at(from, to)] as PathPlan;
  }

  #at(from: number, to: number): number {
    return from * this.#count + to;
  }
}

/** What a packet costs besides its bytes. */
const OVERHEAD_BYTES = 60;
const RETRANSMISSION_TIMEOUT_US = 200_000;
