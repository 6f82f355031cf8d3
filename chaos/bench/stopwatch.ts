/** Elapsed time in microseconds, monotonic. */
export class Stopwatch {
  readonly #from = process.hrtime.bigint();

  get us(): number {
    return Number(process.hrtime.bigint() - this.#from) / 1000;
  }

  /** How many of `count` went by in a second. */
  perSecond(count: number): number {
    return (count * 1_000_000) / this.us;
  }
}
