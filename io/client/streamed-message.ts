/** A message that is handed over chunk by chunk, as it comes: nobody holds all of it. */
import type { MessageFacts, VerifiedChunk } from './reassembly.js';

/** What was delivered is void: its message failed, or one before it. It comes again. */
export class DeliveryVoided extends Error {
  override readonly name = 'DeliveryVoided';

  constructor(seq: number) {
    super(`seq ${seq} is void: it, or a message before it, failed, and it comes again`);
  }
}

export class StreamedMessage {
  readonly facts: MessageFacts;
  readonly #next: () => Promise<VerifiedChunk>;
  #first: VerifiedChunk | null;
  #isBegun = false;
  #isWhole = false;

  /** `next` gives the chunks after `first`, or throws `DeliveryVoided`. */
  constructor(first: VerifiedChunk, next: () => Promise<VerifiedChunk>) {
    this.facts = first.facts;
    this.#first = first;
    this.#next = next;
  }

  get seq(): number {
    return this.facts.seq;
  }

  /** All of its chunks were taken, and with them the digest of the whole was right, if it has one. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /**
   * Its verified chunks, once. They are the whole message only if the loop comes to its end: it throws `DeliveryBroken`
   * when the whole does not match its digest, and `DeliveryVoided` when the message comes again from its beginning.
   */
  async *chunks(): AsyncGenerator<Uint8Array, void, undefined> {
    if (this.#isBegun) throw new TypeError('the chunks of a message are read once');
    this.#isBegun = true;
    for (;;) {
      const chunk = this.#first ?? (await this.#next());
      this.#first = null;
      this.#isWhole = chunk.isLast;
      yield chunk.payload;
      if (chunk.isLast) return;
    }
  }

  /** Passes over what the application did not read. */
  async skipRest(): Promise<void> {
    for (this.#isBegun = true; !this.#isWhole; ) {
      const chunk = this.#first ?? (await this.#next());
      this.#first = null;
      this.#isWhole = chunk.isLast;
    }
  }
}
