/**
 * User events: small named messages to everybody, by gossip. Each node emits an event once per boot, in any order, and
 * keeps the latest, so that a reader that was away reads on from its cursor and is told when it missed some.
 *
 * Invariant: an event that was emitted once is never emitted again: what is no longer remembered lies at or below a
 * floor of Lamport time, and unknown events at or below the floor are refused.
 * Source: Serf (event broadcasts with Lamport times). Differs: a cursor and a floor instead of buffers per Lamport
 * time.
 */
import { assert } from '../base/assert.js';
import type { NodeId } from '../base/ids.js';
import type { SwimUserEvent } from '../wire/swim-messages.js';

export interface UserEventRead {
  /** Oldest first. */
  readonly events: readonly { readonly cursor: number; readonly event: SwimUserEvent }[];
  /** To read on from. */
  readonly cursor: number;
  /** Events after the given cursor that are no longer kept. */
  readonly missedCount: number;
}

export class UserEvents {
  readonly #limits: { readonly eventsKept: number; readonly eventsRemembered: number };
  #clock = 0;
  #floor = 0;
  /** Lamport time by key, oldest arrival first. */
  readonly #seen = new Map<string, number>();
  readonly #kept: SwimUserEvent[] = [];
  /** Cursor of the newest event: events are numbered from 1 as they come. */
  #cursor = 0;

  constructor(limits: { readonly eventsKept: number; readonly eventsRemembered: number }) {
    this.#limits = limits;
  }

  get lamport(): number {
    return this.#clock;
  }

  /** Another clock was heard of. */
  witness(lamport: number): void {
    if (lamport <= LAMPORT_MAX) this.#clock = Math.max(this.#clock, lamport);
  }

  /** The event, kept, with its cursor when it is new; null when it was seen before, or is too old to tell. */
  admit(heard: SwimUserEvent): { readonly cursor: number; readonly event: SwimUserEvent } | null {
    const key = eventKey(heard);
    if (heard.lamport > LAMPORT_MAX || heard.lamport <= this.#floor || this.#seen.has(key)) return null;
    // Copied: a view would keep the whole frame alive.
    const event = { ...heard, payload: heard.payload.slice() };
    this.witness(event.lamport);
    this.#seen.set(key, event.lamport);
    if (this.#seen.size > this.#limits.eventsRemembered) this.#forgetOldest();
    this.#kept.push(event);
    if (this.#kept.length > this.#limits.eventsKept) this.#kept.shift();
    this.#cursor++;
    return { cursor: this.#cursor, event };
  }

  /** Events after `cursor` (0: from the oldest kept). */
  readAfter(cursor: number): UserEventRead {
    const oldest = this.#cursor - this.#kept.length + 1;
    const from = Math.max(cursor + 1, oldest);
    const events = this.#kept
      .slice(Math.min(from - oldest, this.#kept.length))
      .map((event, at) => ({ cursor: from + at, event }));
    const missedCount = Math.max(0, oldest - 1 - Math.max(0, cursor));
    return { events, cursor: Math.max(cursor, this.#cursor), missedCount };
  }

  /** The newest events within a message's bounds, oldest first. */
  latest(countMax: number, bytesMax: number): SwimUserEvent[] {
    let left = bytesMax;
    let at = this.#kept.length;
    while (at > 0 && this.#kept.length - at < countMax) {
      left -= eventBytes(this.#kept[at - 1] as SwimUserEvent);
      if (left < 0) break;
      at--;
    }
    return this.#kept.slice(at);
  }

  checkInvariants(): void {
    assert(this.#seen.size <= this.#limits.eventsRemembered, 'remembered events are bounded');
    assert(this.#kept.length <= this.#limits.eventsKept, 'kept events are bounded');
    assert(this.#floor <= this.#clock, 'the floor is not above the clock');
    for (const lamport of this.#seen.values()) assert(lamport <= this.#clock, 'the clock is past every event');
  }

  #forgetOldest(): void {
    for (const [key, lamport] of this.#seen) {
      this.#seen.delete(key);
      this.#floor = Math.max(this.#floor, lamport);
      return;
    }
  }
}

/** Unique for ever: an origin gives a Lamport time once per boot. */
export const eventKey = (event: {
  readonly origin: NodeId;
  readonly replica: number;
  readonly bootCounter: number;
  readonly lamport: number;
}): string => `${event.origin}.${event.replica}.${event.bootCounter}.${event.lamport}`;

/** What an event takes in a message, at most. Names are at most four bytes a character. */
export const eventBytes = (event: SwimUserEvent): number => 64 + 4 * event.name.length + event.payload.length;

/** Half of what an integer can be: the clock can always tick. */
const LAMPORT_MAX = 4_503_599_627_370_496;
