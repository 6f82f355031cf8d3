import { describe, expect, it } from 'vitest';
import { Rng } from '../../core/base/rng.js';
import { EventQueue } from './event-queue.js';

describe('EventQueue', () => {
  it('gives events by time, and equal times in the order of scheduling', () => {
    const rng = Rng.fromSeed('queue');
    const queue = new EventQueue<{ time: number; order: number }>();
    const model: { time: number; order: number }[] = [];
    let order = 0;
    for (let round = 0; round < 20_000; round++) {
      if (queue.length === 0 || rng.chance(550)) {
        const event = { time: rng.below(500), order: order++ };
        queue.push(event.time, event);
        model.push(event);
      } else {
        model.sort((a, b) => a.time - b.time || a.order - b.order);
        expect(queue.nextTime).toBe(model[0]?.time);
        expect(queue.pop()).toBe(model.shift());
      }
      expect(queue.length).toBe(model.length);
    }
  });

  it('says -1 when nothing is to come', () => {
    expect(new EventQueue<string>().nextTime).toBe(-1);
  });
});
