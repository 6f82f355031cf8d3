/**
 * The set of sequence numbers that arrived beyond the first gap, as ascending, disjoint, non-adjacent ranges.
 * An arrival in order of the ranges costs O(1), any other a binary search and a shift. Its bound is the receiver's
 * (`reorderMessagesMax`).
 */
import { assert } from '../base/assert.js';

export interface SackRange {
  readonly from: number;
  readonly to: number;
}

export class SackRanges {
  readonly #ranges: { from: number; to: number }[] = [];

  get isEmpty(): boolean {
    return this.#ranges.length === 0;
  }

  /** The lowest range. */
  first(): SackRange | undefined {
    return this.#ranges[0];
  }

  /** Adds `seq`; false when it was there. */
  add(seq: number): boolean {
    const ranges = this.#ranges;
    const after = this.#firstBeyond(seq);
    const before = ranges[after - 1];
    if (before !== undefined && before.to >= seq) return false;
    const next = ranges[after];
    const extendsBefore = before !== undefined && before.to === seq - 1;
    const extendsNext = next !== undefined && next.from === seq + 1;
    if (extendsBefore && extendsNext) {
      before.to = next.to;
      ranges.splice(after, 1);
    } else if (extendsBefore) {
      before.to = seq;
    } else if (extendsNext) {
      next.from = seq;
    } else if (after === ranges.length) {
      ranges.push({ from: seq, to: seq });
    } else {
      ranges.splice(after, 0, { from: seq, to: seq });
    }
    return true;
  }

  /** Takes the lowest range away. */
  shift(): void {
    this.#ranges.shift();
  }

  clear(): void {
    this.#ranges.length = 0;
  }

  /** A copy of the `countMax` lowest ranges. */
  lowest(countMax: number): SackRange[] {
    const out: SackRange[] = [];
    for (let i = 0; i < this.#ranges.length && i < countMax; i++) {
      const range = this.#ranges[i] as SackRange;
      out.push({ from: range.from, to: range.to });
    }
    return out;
  }

  /** How many sequence numbers are in the set. O(ranges). */
  count(): number {
    let count = 0;
    for (const range of this.#ranges) count += range.to - range.from + 1;
    return count;
  }

  checkInvariants(): void {
    let previousTo = -2;
    for (const range of this.#ranges) {
      assert(range.from <= range.to, 'a range is not empty');
      assert(range.from > previousTo + 1, 'ranges are ascending, disjoint and not adjacent');
      previousTo = range.to;
    }
  }

  /** Index of the first range that starts above `seq`. */
  #firstBeyond(seq: number): number {
    const ranges = this.#ranges;
    let low = 0;
    let high = ranges.length;
    if (high > 0 && (ranges[high - 1] as SackRange).from <= seq) return high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((ranges[middle] as SackRange).from > seq) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
