import { describe, expect, it } from 'vitest';
import { Rng } from '../base/rng.js';
import { type LogIndex, type Term, logIndex, term } from '../base/units.js';
import { TermRuns } from './term-runs.js';

/** The same, entry by entry. */
class Plain {
  base = { index: 0, term: 0 };
  terms: number[] = [];

  get last(): number {
    return this.base.index + this.terms.length;
  }

  termAt(index: number): number | null {
    return index === this.base.index ? this.base.term : (this.terms[index - this.base.index - 1] ?? null);
  }

  lastAtMost(index: number, ofTerm: number): number {
    for (let at = Math.min(index, this.last); at >= this.base.index; at--) if ((this.termAt(at) as number) <= ofTerm) return at;
    return this.base.index - 1;
  }
}

describe('the terms of a log', () => {
  it('as runs are those of a plain list, whatever is done to them', () => {
    for (let seed = 0; seed < 200; seed++) {
      const rng = Rng.fromSeed(`runs-${seed}`);
      const runs = new TermRuns({ index: logIndex(0), term: term(0) }, []);
      const plain = new Plain();
      for (let step = 0; step < 60; step++) {
        change(rng, runs, plain);
        expect(runs.lastIndex).toBe(plain.last);
        expect(runs.lastTerm).toBe(plain.termAt(plain.last));
        for (let index = plain.base.index; index <= plain.last + 1; index++) {
          expect(runs.termAt(logIndex(index))).toBe(plain.termAt(index));
        }
        const place = { index: logIndex(plain.base.index + rng.below(plain.terms.length + 3)), term: term(rng.below(8)) };
        expect(runs.lastAtMost(place)).toBe(plain.lastAtMost(place.index, place.term));
        const again = new TermRuns({ index: runs.baseIndex, term: runs.baseTerm }, runs.runs());
        expect([again.lastIndex, again.lastTerm]).toEqual([runs.lastIndex, runs.lastTerm]);
      }
    }
  });
});

function change(rng: Rng, runs: TermRuns, plain: Plain): void {
  const kind = rng.below(10);
  if (kind < 7) {
    const next = (runs.lastTerm + (rng.chance(300) ? 1 : 0) || 1) as Term;
    runs.append(next);
    plain.terms.push(next);
  } else if (kind === 7 && plain.terms.length > 0) {
    const index = plain.base.index + 1 + rng.below(plain.terms.length);
    runs.truncateFrom(logIndex(index));
    plain.terms.length = index - plain.base.index - 1;
  } else if (kind === 8 && plain.terms.length > 0) {
    const index = (plain.base.index + rng.below(plain.terms.length + 1)) as LogIndex;
    const ofTerm = plain.termAt(index) as number;
    runs.compactThrough(index);
    plain.terms.splice(0, index - plain.base.index);
    plain.base = { index, term: ofTerm };
  } else if (kind === 9 && rng.chance(200)) {
    const base = { index: logIndex(plain.last + 5), term: term(plain.termAt(plain.last) as number) };
    runs.reset(base);
    plain.base = base;
    plain.terms = [];
  }
}
