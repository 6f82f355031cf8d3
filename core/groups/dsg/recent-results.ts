/**
 * The numbers that the newest messages of one producer got, so that a repeat is answered as the first time. Kept as runs
 * in which producerSeq and seq count on together: a producer that has a stream to itself takes one run, and its row,
 * written with every batch, a few bytes.
 *
 * Invariant: ascending in both; never more than the bound, the oldest leave first.
 */
import { assert } from '../../base/assert.js';
import type { ResultRun } from '../../wire/group-messages.js';

export class RecentResults {
  readonly #countMax: number;
  readonly #runs: { producerSeq: number; seq: number; more: number }[] = [];
  #count = 0;

  constructor(countMax: number, runs: readonly ResultRun[] = []) {
    this.#countMax = countMax;
    for (const run of runs) {
      this.#runs.push({ ...run });
      this.#count += run.more + 1;
    }
    this.#trim();
  }

  get isFull(): boolean {
    return this.#count >= this.#countMax;
  }

  /** The oldest producerSeq; null when there is none. */
  get oldest(): number | null {
    return this.#runs[0]?.producerSeq ?? null;
  }

  add(producerSeq: number, seq: number): void {
    const last = this.#runs.at(-1);
    if (last !== undefined && producerSeq === last.producerSeq + last.more + 1 && seq === last.seq + last.more + 1) last.more++;
    else {
      assert(last === undefined || producerSeq > last.producerSeq + last.more, 'results come in order');
      this.#runs.push({ producerSeq, seq, more: 0 });
    }
    this.#count++;
    this.#trim();
  }

  /** The seq that `producerSeq` got; null when that is too long ago, or never was. */
  seqOf(producerSeq: number): number | null {
    for (let i = this.#runs.length - 1; i >= 0; i--) {
      const run = this.#runs[i] as ResultRun;
      if (producerSeq < run.producerSeq) continue;
      return producerSeq <= run.producerSeq + run.more ? run.seq + producerSeq - run.producerSeq : null;
    }
    return null;
  }

  /** For a row or a snapshot. */
  runs(): ResultRun[] {
    return this.#runs.map((run) => ({ ...run }));
  }

  #trim(): void {
    for (let first = this.#runs[0]; this.#count > this.#countMax && first !== undefined; first = this.#runs[0]) {
      if (first.more === 0) this.#runs.shift();
      else {
        first.producerSeq++;
        first.seq++;
        first.more--;
      }
      this.#count--;
    }
  }
}
