/**
 * The monotonic clock of the production host: whole microseconds since this object was made, never decreasing.
 * Wall time is told to the core apart from it, as an offset.
 */
import { type Micros, micros } from '../../core/base/units.js';

/** Where a host reads time. Tests hand in their own. */
export interface Clock {
  /** Monotonic, whole microseconds. */
  now(): Micros;
  /** What to add to `now` for the wall clock, in microseconds. */
  wallOffsetUs(): number;
}

/** Time of the operating system. */
export class SystemClock implements Clock {
  readonly #origin = process.hrtime();

  now(): Micros {
    const [seconds, nanoseconds] = process.hrtime(this.#origin);
    return micros(seconds * 1_000_000 + Math.floor(nanoseconds / 1000));
  }

  wallOffsetUs(): number {
    return Date.now() * 1000 - this.now();
  }
}
