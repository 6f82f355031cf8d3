/**
 * The log of one replica of one group as its disk holds it, dead or alive: which term is at which index. Not an oracle:
 * what oracles ask. Entries at or below `through` are compacted: the state on the disk stands for them.
 */

/** Consecutive entries of one term, both ends included. */
interface Run {
  readonly term: number;
  readonly from: number;
  through: number;
}

export class DurableLog {
  /** Ascending and contiguous. */
  readonly #runs: Run[] = [];
  #snapshot = { index: 0, term: 0 };
  through = 0;
  throughTerm = 0;
  /** What was on the disk is gone because its group is: the replica had no part in it any more. */
  isForgotten = false;
  /** Bits of it were flipped: what it lacks it may lack. */
  isRotten = false;
  /** The disk that held it is lost for good. */
  isLost = false;
  generation = 0;
  /** That generation is over here: nothing may be added to it. */
  isSealed = false;
  term = 0;
  vote = '';

  get last(): number {
    return this.#runs.at(-1)?.through ?? this.through;
  }

  /** The term of the entry at `index`; null when there is none, or it is compacted and nobody said. */
  termAt(index: number): number | null {
    if (index === this.through) return index === 0 ? 0 : this.throughTerm === 0 ? null : this.throughTerm;
    for (let at = this.#runs.length - 1; at >= 0; at--) {
      const run = this.#runs[at] as Run;
      if (index > run.through) return null;
      if (index >= run.from) return run.term;
    }
    return null;
  }

  /** Whether the entry, or the state after it, is on the disk. */
  holds(index: number, term: number): boolean {
    return this.isForgotten || index <= this.through || this.termAt(index) === term;
  }

  /** Entries of one term; whatever the log held at or after `from` is void. */
  append(from: number, count: number, term: number): void {
    this.isForgotten = false;
    this.#cut(from - 1);
    const through = from + count - 1;
    const newest = this.#runs.at(-1);
    if (newest !== undefined && newest.term === term && newest.through === from - 1) newest.through = through;
    else this.#runs.push({ term, from, through });
  }

  /** The state after that entry is on the disk. */
  onSnapshot(index: number, term: number): void {
    this.#snapshot = { index, term };
    if (index === this.through) this.throughTerm = term;
  }

  /** Entries up to `through` are compacted, and those after `last` void. The entry that was there may be another one. */
  compact(through: number, last: number): void {
    this.isForgotten = false;
    this.#cut(last);
    const term = this.#snapshot.index === through ? this.#snapshot.term : this.termAt(through);
    while (this.#runs[0] !== undefined && this.#runs[0].through <= through) this.#runs.shift();
    const first = this.#runs[0];
    if (first !== undefined && first.from <= through) this.#runs[0] = { ...first, from: through + 1 };
    if (through === this.through) return;
    this.through = through;
    this.throughTerm = term ?? 0;
  }

  /** Terms and votes of another generation say nothing of this one. */
  found(generation: number, isSealed: boolean): void {
    this.isSealed = isSealed;
    if (generation === this.generation) return;
    this.generation = generation;
    this.term = 0;
    this.vote = '';
  }

  forget(): void {
    this.isSealed = false;
    this.#runs.length = 0;
    this.through = 0;
    this.throughTerm = 0;
    this.term = 0;
    this.vote = '';
    this.isForgotten = true;
  }

  #cut(last: number): void {
    for (let run = this.#runs.at(-1); run !== undefined && run.through > last; run = this.#runs.at(-1)) {
      if (run.from <= last) {
        run.through = last;
        return;
      }
      this.#runs.pop();
    }
  }
}
