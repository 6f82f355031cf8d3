/**
 * The terms of a log's entries, kept as runs: a log has few terms, so all of them stay in memory however long it is.
 * Invariant: runs ascend in index and strictly in term, without gaps, from the base (the snapshot) to the last index.
 */
import { assert } from '../base/assert.js';
import { type LogIndex, type Term, logIndex } from '../base/units.js';
import type { TermRun } from './api.js';

export class TermRuns {
  /** The snapshot's place: the entry before the first one held. */
  #baseIndex: LogIndex;
  #baseTerm: Term;
  #lastIndex: LogIndex;
  /** Run n covers #starts[n] up to the next run's start. */
  readonly #starts: LogIndex[] = [];
  readonly #terms: Term[] = [];

  constructor(base: { readonly index: LogIndex; readonly term: Term }, runs: readonly TermRun[]) {
    this.#baseIndex = base.index;
    this.#baseTerm = base.term;
    this.#lastIndex = base.index;
    for (const run of runs) {
      assert(run.from === this.#lastIndex + 1 && run.through >= run.from, 'restored term runs have no gap');
      this.append(run.term);
      this.#lastIndex = run.through;
    }
  }

  get baseIndex(): LogIndex {
    return this.#baseIndex;
  }

  get baseTerm(): Term {
    return this.#baseTerm;
  }

  get lastIndex(): LogIndex {
    return this.#lastIndex;
  }

  get lastTerm(): Term {
    return this.#terms[this.#terms.length - 1] ?? this.#baseTerm;
  }

  /** Null for what is before the base or after the end. O(log runs), O(1) in the newest run. */
  termAt(index: LogIndex): Term | null {
    if (index <= this.#baseIndex) return index === this.#baseIndex ? this.#baseTerm : null;
    if (index > this.#lastIndex) return null;
    return this.#terms[this.#runOf(index)] as Term;
  }

  /** One more entry at the end. */
  append(term: Term): void {
    assert(term >= this.lastTerm, 'terms never fall along a log');
    this.#lastIndex = logIndex(this.#lastIndex + 1);
    if (this.#terms.length > 0 && this.lastTerm === term) return;
    this.#starts.push(this.#lastIndex);
    this.#terms.push(term);
  }

  /** Removes the entry at `index` and all after it. */
  truncateFrom(index: LogIndex): void {
    assert(index > this.#baseIndex, 'a snapshot is never truncated');
    while (this.#starts.length > 0 && (this.#starts[this.#starts.length - 1] as LogIndex) >= index) {
      this.#starts.pop();
      this.#terms.pop();
    }
    this.#lastIndex = logIndex(Math.min(this.#lastIndex, index - 1));
  }

  /** Makes `index` the base; entries after it stay. */
  compactThrough(index: LogIndex): void {
    const term = this.termAt(index);
    assert(term !== null, 'compaction stays within the log');
    const gone = index === this.#lastIndex ? this.#starts.length : this.#runOf(logIndex(index + 1));
    this.#starts.splice(0, gone);
    this.#terms.splice(0, gone);
    if (this.#starts.length > 0) this.#starts[0] = logIndex(index + 1);
    this.#baseIndex = index;
    this.#baseTerm = term;
  }

  /** Forgets everything and begins anew after `base`. */
  reset(base: { readonly index: LogIndex; readonly term: Term }): void {
    this.#starts.length = 0;
    this.#terms.length = 0;
    this.#baseIndex = base.index;
    this.#baseTerm = base.term;
    this.#lastIndex = base.index;
  }

  /** The last index at or before `place.index` whose term is at most `place.term`; base - 1 when there is none. */
  lastAtMost(place: { readonly index: LogIndex; readonly term: Term }): number {
    const index = Math.min(place.index, this.#lastIndex);
    if (index > this.#baseIndex) {
      let run = this.#runOf(logIndex(index));
      if ((this.#terms[run] as Term) <= place.term) return index;
      while (--run >= 0) {
        if ((this.#terms[run] as Term) <= place.term) return (this.#starts[run + 1] as LogIndex) - 1;
      }
    }
    return index >= this.#baseIndex && this.#baseTerm <= place.term ? this.#baseIndex : this.#baseIndex - 1;
  }

  /** For tests and restores: the runs after the base. */
  runs(): TermRun[] {
    return this.#terms.map((term, n) => ({
      term,
      from: this.#starts[n] as LogIndex,
      through: logIndex((this.#starts[n + 1] ?? this.#lastIndex + 1) - 1),
    }));
  }

  /** The run that covers `index`, which is held. */
  #runOf(index: LogIndex): number {
    let low = 0;
    let high = this.#starts.length - 1;
    if ((this.#starts[high] as LogIndex) <= index) return high;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.#starts[middle] as LogIndex) <= index) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
