/** Quantiles of measured times. Kept whole: a run is bounded, and no bucket blurs its tail. */
export class Latencies {
  readonly #values: number[] = [];
  #isSorted = true;

  add(value: number): void {
    this.#values.push(value);
    this.#isSorted = false;
  }

  get count(): number {
    return this.#values.length;
  }

  /** The smallest value that at least the share `q` (0 to 1) of all does not exceed; 0 when there are none. */
  quantile(q: number): number {
    if (!this.#isSorted) this.#values.sort((a, b) => a - b);
    this.#isSorted = true;
    return this.#values[Math.max(0, Math.ceil(q * this.#values.length) - 1)] ?? 0;
  }
}

/** The middle value; the mean of the two in the middle when their number is even. 0 for none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? 0;
  return (upper + lower) / 2;
}
