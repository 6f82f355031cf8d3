/** What a replica gives away with the next `take`: messages that may leave, confirmed and lost reads, events. */
import type { ConfirmedRead, Envelope, RaftEvent } from './api.js';

export class Outbox {
  #messages: Envelope[] = [];
  events: RaftEvent[] = [];
  reads: ConfirmedRead[] = [];
  lostReads: number[] = [];

  send(envelope: Envelope): void {
    this.#messages.push(envelope);
  }

  /** No message of those that wait leaves. */
  silence(): void {
    this.#messages = [];
  }

  takeMessages(): readonly Envelope[] {
    if (this.#messages.length === 0) return NONE;
    const messages = this.#messages;
    this.#messages = [];
    return messages;
  }

  takeReads(): { readonly reads: readonly ConfirmedRead[]; readonly lostReads: readonly number[] } {
    if (this.reads.length === 0 && this.lostReads.length === 0) return NO_READS;
    const taken = { reads: this.reads, lostReads: this.lostReads };
    this.reads = [];
    this.lostReads = [];
    return taken;
  }

  takeEvents(): readonly RaftEvent[] {
    if (this.events.length === 0) return NONE;
    const { events } = this;
    this.events = [];
    return events;
  }
}

const NONE: readonly never[] = [];
const NO_READS = { reads: NONE, lostReads: NONE };
