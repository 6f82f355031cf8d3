import { describe, expect, it } from 'vitest';
import { type Deadline, DeadlineHeap, type DeadlineOwner } from './deadlines.js';
import { Rng } from './rng.js';
import { type Micros, NEVER, micros } from './units.js';

const OWNER: DeadlineOwner = { onDeadline: () => undefined };

/** The promise, without a heap: what is armed, by time and then by the order of arming. */
class Reference {
  readonly #armed = new Map<Deadline, { at: Micros; order: number }>();
  #orders = 0;

  arm(deadline: Deadline, at: Micros): void {
    if (this.#armed.get(deadline)?.at === at) return;
    this.#armed.set(deadline, { at, order: this.#orders++ });
  }

  armNoLater(deadline: Deadline, at: Micros): void {
    const armed = this.#armed.get(deadline);
    if (armed === undefined || at < armed.at) this.arm(deadline, at);
  }

  disarm(deadline: Deadline): void {
    this.#armed.delete(deadline);
  }

  first(): { deadline: Deadline | null; at: Micros } {
    const sorted = [...this.#armed].sort(([, a], [, b]) => a.at - b.at || a.order - b.order);
    const first = sorted[0];
    return first === undefined ? { deadline: null, at: NEVER } : { deadline: first[0], at: first[1].at };
  }

  at(deadline: Deadline): Micros {
    return this.#armed.get(deadline)?.at ?? NEVER;
  }

  get size(): number {
    return this.#armed.size;
  }
}

describe('deadlines', () => {
  it('come due as a sorted list would have them, over random operations', () => {
    for (let seed = 0; seed < 40; seed++) {
      const rng = Rng.fromSeed(`deadlines ${seed}`);
      const heap = new DeadlineHeap();
      const reference = new Reference();
      const all = Array.from({ length: 1 + rng.below(30) }, (_, n) => heap.allocate(OWNER, 'test', String(n)));
      let now = 0;
      for (let step = 0; step < 300; step++) {
        const deadline = rng.pick(all);
        const at = micros(now + rng.below(20));
        switch (rng.below(5)) {
          case 0:
          case 1:
            deadline.arm(at);
            reference.arm(deadline, at);
            break;
          case 2:
            deadline.armNoLater(at);
            reference.armNoLater(deadline, at);
            break;
          case 3:
            deadline.disarm();
            reference.disarm(deadline);
            break;
          default: {
            now += rng.below(10);
            const first = reference.first();
            const due = first.at <= now ? first.deadline : null;
            expect(heap.popDue(micros(now))).toBe(due);
            if (due !== null) reference.disarm(due);
          }
        }
        expect([heap.next(), heap.armedCount]).toEqual([reference.first().at, reference.size]);
        expect(deadline.at).toBe(reference.at(deadline));
        expect(deadline.isArmed).toBe(reference.at(deadline) !== NEVER);
      }
    }
  });

  it('of equal times come due in the order in which they were armed', () => {
    const heap = new DeadlineHeap();
    const a = heap.allocate(OWNER, 'test', 'a');
    const b = heap.allocate(OWNER, 'test', 'b');
    const c = heap.allocate(OWNER, 'test', 'c');
    for (const deadline of [b, c, a]) deadline.arm(micros(5));
    // Arming again for the same time keeps the place; moving away and back loses it.
    b.arm(micros(5));
    c.arm(micros(6));
    c.arm(micros(5));
    expect([1, 2, 3].map(() => heap.popDue(micros(5))?.entity)).toEqual(['b', 'a', 'c']);
  });

  it('may be armed for now by the owner that is being called', () => {
    const heap = new DeadlineHeap();
    const deadline = heap.allocate(OWNER, 'again');
    deadline.arm(micros(1));
    expect(heap.popDue(micros(1))).toBe(deadline);
    expect([deadline.isArmed, deadline.at]).toEqual([false, NEVER]);
    deadline.arm(micros(1));
    expect(heap.popDue(micros(1))).toBe(deadline);
    expect(heap.popDue(micros(1))).toBe(null);
  });

  it('tell their owner, reason and entity', () => {
    const { owner, reason, entity } = new DeadlineHeap().allocate(OWNER, 'probe', 'peer');
    expect([owner, reason, entity]).toEqual([OWNER, 'probe', 'peer']);
  });
});
