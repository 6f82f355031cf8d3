import { describe, expect, it } from 'vitest';
import { Fifo } from './fifo.js';
import { Rng } from './rng.js';

describe('a queue', () => {
  it('gives back in order what was put in, over random operations', () => {
    for (let seed = 0; seed < 8; seed++) {
      const rng = Rng.fromSeed(`fifo ${seed}`);
      const queue = new Fifo<number>();
      let reference: number[] = [];
      for (let step = 0; step < 6_000; step++) {
        const growing = Math.floor(step / 2_000) % 2 === 0;
        if (rng.chance(growing ? 800 : 200)) {
          queue.push(step);
          reference.push(step);
        } else {
          expect(queue.peek()).toBe(reference[0]);
          expect(queue.shift()).toBe(reference.shift());
        }
        if (rng.below(3_000) === 0) {
          queue.clear();
          reference = [];
        }
        expect(queue.length).toBe(reference.length);
      }
      expect([...queue]).toEqual(reference);
    }
  });

  it('that is empty gives undefined', () => {
    const queue = new Fifo<string>();
    expect([queue.shift(), queue.peek(), queue.length]).toEqual([undefined, undefined, 0]);
  });
});
