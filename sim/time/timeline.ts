/**
 * Virtual time. Whatever happens in the simulated world is a `Happening` on one timeline; time stands still while one
 * happens and jumps to the next. Nothing here knows of the wall clock.
 */
import { assert } from '../../core/base/assert.js';
import { EventQueue } from './event-queue.js';

/** Something that will take place. One object may be scheduled any number of times. */
export interface Happening {
  /** What kind of thing it is, for the trace. */
  readonly label: HappeningLabel;
  happen(nowUs: number): void;
}

/** The kinds of happenings; a trace holds their position in this list. */
export const HAPPENING_LABELS = [
  'run',
  'wake',
  'arrival',
  'lane-timeout',
  'dial',
  'flush',
  'fetch',
  'submit',
  'application',
  'fault',
  'harness',
] as const;
export type HappeningLabel = (typeof HAPPENING_LABELS)[number];

export class Timeline {
  readonly #queue = new EventQueue<Happening>();
  #nowUs = 0;
  #eventCount = 0;

  get nowUs(): number {
    return this.#nowUs;
  }

  /** Happenings so far. */
  get eventCount(): number {
    return this.#eventCount;
  }

  /** When the next happening is due; -1 when the timeline is empty. */
  get nextUs(): number {
    return this.#queue.nextTime;
  }

  /** `happening` takes place at `atUs`, which is not in the past. */
  schedule(atUs: number, happening: Happening): void {
    assert(atUs >= this.#nowUs, 'nothing is scheduled in the past');
    this.#queue.push(atUs, happening);
  }

  /** Lets the next happening take place, and gives it back. */
  advance(): Happening {
    this.#nowUs = this.#queue.nextTime;
    const happening = this.#queue.pop();
    this.#eventCount++;
    happening.happen(this.#nowUs);
    return happening;
  }
}
