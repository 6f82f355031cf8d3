/**
 * A network in virtual time for tests of flows: directed links that drop, repeat, delay, reorder and cut, from a seed.
 */
import type { Rng } from '../../base/rng.js';
import { type Micros, micros } from '../../base/units.js';

/** What a directed link does to frames. */
export interface LinkFaults {
  isCut: boolean;
  lossPerMille: number;
  repeatPerMille: number;
  delayUs: number;
  /** Added at random to each frame, so frames overtake one another. 0 keeps them in order. */
  jitterUs: number;
}

export const CALM: Readonly<LinkFaults> = {
  isCut: false,
  lossPerMille: 0,
  repeatPerMille: 0,
  delayUs: 5_000,
  jitterUs: 0,
};

interface Event {
  readonly at: Micros;
  readonly order: number;
  readonly run: () => void;
}

/** Things that happen at times, in order of (time, insertion). A binary heap. */
export class EventQueue {
  readonly #events: Event[] = [];
  #orders = 0;

  /** When the next one happens; null when there is none. */
  nextAt(): Micros | null {
    return this.#events[0]?.at ?? null;
  }

  add(at: Micros, run: () => void): void {
    const events = this.#events;
    const event = { at, order: this.#orders++, run };
    let slot = events.length;
    events.push(event);
    while (slot > 0) {
      const parent = (slot - 1) >>> 1;
      if (!isBefore(event, events[parent] as Event)) break;
      events[slot] = events[parent] as Event;
      slot = parent;
    }
    events[slot] = event;
  }

  /** Takes the next one. */
  take(): (() => void) | null {
    const events = this.#events;
    const first = events[0];
    const last = events.pop();
    if (first === undefined || last === undefined) return null;
    if (events.length > 0) {
      let slot = 0;
      for (;;) {
        let child = slot * 2 + 1;
        if (child >= events.length) break;
        const right = events[child + 1];
        if (right !== undefined && isBefore(right, events[child] as Event)) child++;
        if (!isBefore(events[child] as Event, last)) break;
        events[slot] = events[child] as Event;
        slot = child;
      }
      events[slot] = last;
    }
    return first.run;
  }
}

/** One direction between two ends. */
export class VirtualLink {
  readonly faults: LinkFaults = { ...CALM };
  readonly #rng: Rng;
  readonly #queue: EventQueue;
  /** Frames on the way belong to a path; when that dies, they do. */
  #path = 0;

  constructor(rng: Rng, queue: EventQueue) {
    this.#rng = rng;
    this.#queue = queue;
  }

  /** Frames on the way are lost; later ones travel a path of that delay. */
  changePath(delayUs: number): void {
    this.#path++;
    this.faults.delayUs = delayUs;
  }

  carry(now: Micros, arrive: (at: Micros) => void): void {
    const { isCut, lossPerMille, repeatPerMille } = this.faults;
    if (isCut || this.#rng.chance(lossPerMille)) return;
    this.#carryOnce(now, arrive);
    if (this.#rng.chance(repeatPerMille)) this.#carryOnce(now, arrive);
  }

  #carryOnce(now: Micros, arrive: (at: Micros) => void): void {
    const path = this.#path;
    const at = micros(now + this.faults.delayUs + this.#rng.below(this.faults.jitterUs + 1));
    this.#queue.add(at, () => {
      if (path === this.#path) arrive(at);
    });
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
