/**
 * When the next ack to one peer leaves, and of which flows it tells: news waits a little for company, a gap or a
 * question for the turn only. One frame takes it all.
 */
import { assert } from '../base/assert.js';
import { type Micros, NEVER } from '../base/units.js';

export class AckSchedule {
  readonly #hasNews: boolean[];
  #dueAt: Micros = NEVER;
  #isProbe = false;

  constructor(flowClassCount: number) {
    this.#hasNews = new Array<boolean>(flowClassCount).fill(false);
  }

  /** When an ack is due, NEVER if nothing is to be told or asked. A question is due at any time. */
  get dueAt(): Micros {
    return this.#dueAt;
  }

  /** Whether the ack that is due asks for one in return. */
  get isProbe(): boolean {
    return this.#isProbe;
  }

  isDue(now: Micros): boolean {
    return this.#isProbe || now >= this.#dueAt;
  }

  /** The flow has news, which leaves in the first turn at or after `at`. */
  tellBy(flowClass: number, at: Micros): void {
    this.#hasNews[flowClass] = true;
    if (at < this.#dueAt) this.#dueAt = at;
  }

  tellAll(now: Micros): void {
    for (let flowClass = 0; flowClass < this.#hasNews.length; flowClass++) this.tellBy(flowClass, now);
  }

  ask(): void {
    this.#isProbe = true;
  }

  /** Nothing has to be asked any more. */
  unask(): void {
    this.#isProbe = false;
  }

  /** Takes everything: calls `tell` for each flow with news, returns whether the ack asks. */
  take(tell: (flowClass: number) => void): boolean {
    const isProbe = this.#isProbe;
    this.#isProbe = false;
    this.#dueAt = NEVER;
    for (let flowClass = 0; flowClass < this.#hasNews.length; flowClass++) {
      if (this.#hasNews[flowClass] !== true) continue;
      this.#hasNews[flowClass] = false;
      tell(flowClass);
    }
    return isProbe;
  }

  checkInvariants(): void {
    assert(this.#hasNews.includes(true) === (this.#dueAt !== NEVER), 'news has a time to be told');
  }
}
