/** Counters and marks of a run, of all nodes together. */
export class Tally {
  readonly #marks = new Map<string, number>();
  readonly #counters = new Map<string, number>();

  mark(name: string): void {
    this.#marks.set(name, (this.#marks.get(name) ?? 0) + 1);
  }

  count(name: string, by: number): void {
    this.#counters.set(name, (this.#counters.get(name) ?? 0) + by);
  }

  counted(name: string): number {
    return this.#counters.get(name) ?? 0;
  }

  /** By name, in the order of the names. */
  get marks(): Record<string, number> {
    return sorted(this.#marks);
  }

  /** By name, in the order of the names. */
  get counters(): Record<string, number> {
    return sorted(this.#counters);
  }
}

/** Plain objects for reports: keys in one order, whatever happened first. */
export function sorted(counts: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
