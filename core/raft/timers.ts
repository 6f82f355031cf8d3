/**
 * The two timers of a replica. Hearing a leader must cost nothing, so the election timer only notes when it is really
 * due and lets the armed deadline come early. A deadline that comes late says that this process stood still: its
 * messages wait behind the deadline, so it is given one grace before it means anything (rule 43).
 */
import type { Deadline } from '../base/deadlines.js';
import { type Micros, micros } from '../base/units.js';

export class ElectionTimer {
  readonly #deadline: Deadline;
  /** Later than this is late; as much is the grace. */
  readonly #lateUs: number;
  #dueAt = 0;
  #hasForgiven = false;

  constructor(deadline: Deadline, lateUs: number) {
    this.#deadline = deadline;
    this.#lateUs = lateUs;
  }

  get isArmed(): boolean {
    return this.#deadline.isArmed;
  }

  owns(deadline: Deadline): boolean {
    return this.#deadline === deadline;
  }

  /** Due after `delayUs` from now, whatever was before. */
  restart(now: Micros, delayUs: number): void {
    this.#dueAt = now + delayUs;
    this.#hasForgiven = false;
    this.#deadline.armNoLater(micros(this.#dueAt));
  }

  stop(): void {
    this.#deadline.disarm();
  }

  /** The deadline came: true when it is really due. */
  isDue(now: Micros): boolean {
    if (now < this.#dueAt) {
      this.#deadline.arm(micros(this.#dueAt));
      return false;
    }
    if (now - this.#dueAt > this.#lateUs && !this.#hasForgiven) {
      this.#hasForgiven = true;
      this.#dueAt = now + this.#lateUs;
      this.#deadline.arm(micros(this.#dueAt));
      return false;
    }
    this.#hasForgiven = false;
    return true;
  }
}

/** The next multiple of the interval: the heartbeats of all groups of a node fall together and share frames. */
export const nextBeat = (now: Micros, intervalUs: number): Micros =>
  micros((Math.floor(now / intervalUs) + 1) * intervalUs);
