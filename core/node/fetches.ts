/** Reads of the journal that are under way: a ticket out, the chunks back to who asked. */
import type { Micros, Ticket } from '../base/units.js';
import type { Effect, JournalRead } from './effects.js';

type Then = (now: Micros, chunks: readonly (Uint8Array | null)[]) => void;

export class Fetches {
  readonly #nextTicket: () => Ticket;
  readonly #waiting = new Map<Ticket, Then>();

  constructor(nextTicket: () => Ticket) {
    this.#nextTicket = nextTicket;
  }

  ask(reads: readonly JournalRead[], then: Then): Effect {
    const ticket = this.#nextTicket();
    this.#waiting.set(ticket, then);
    return { kind: 'fetch', ticket, reads };
  }

  onFetched(now: Micros, of: Ticket, chunks: readonly (Uint8Array | null)[]): void {
    const then = this.#waiting.get(of);
    this.#waiting.delete(of);
    then?.(now, chunks);
  }
}
