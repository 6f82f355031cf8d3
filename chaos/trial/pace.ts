/**
 * How much may be published by now: a share of all messages for each fault that is over, spread over a while, and a
 * trickle at any time, so that there is always something on its way when a fault strikes.
 */
export class Pace {
  readonly #messages: number;
  readonly #steps: number;
  #step = 0;
  #allowed = 0;

  /** `steps`: the faults to come, and the rest after the last of them. */
  constructor(messages: number, steps: number) {
    this.#messages = messages;
    this.#steps = steps;
  }

  /** One more fault is over. */
  advance(): void {
    this.#step++;
  }

  /** How many messages may have been published, after one more tick of `TICK_MS`. */
  tick(): number {
    const perStep = Math.ceil(this.#messages / this.#steps);
    const share = Math.min(this.#messages, perStep * (this.#step + 1));
    const left = Math.max(0, this.#steps - 1 - this.#step);
    // What the steps to come need at least is not trickled away.
    const trickleMax = this.#messages - left * Math.min(perStep, STEP_RESERVE);
    if (this.#allowed < share) this.#allowed = Math.min(share, this.#allowed + Math.ceil(perStep / TICKS_PER_STEP));
    else this.#allowed = Math.max(this.#allowed, Math.min(trickleMax, this.#allowed + 1));
    return this.#allowed;
  }
}

export const TICK_MS = 10;
/** A step's share is published within that many ticks. */
const TICKS_PER_STEP = 80;
const STEP_RESERVE = 100;
