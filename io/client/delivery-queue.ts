/** What has come for an application and waits to be taken, and what taking it gives back to the window. */
import type { Delivery, VerifiedChunk } from './reassembly.js';

/** An amount of the subscription's window. */
export interface Credit {
  readonly messages: number;
  readonly bytes: number;
}

export class DeliveryQueue {
  /** Whole messages; `#held` tells of each the payload of its last chunk: the others went back when they came. */
  #whole: Delivery[] = [];
  #held: number[] = [];
  /** Where messages are handed out chunk by chunk. */
  #chunks: VerifiedChunk[] = [];

  get isEmpty(): boolean {
    return this.#whole.length === 0 && this.#chunks.length === 0;
  }

  pushWhole(delivery: Delivery, bytes: number): void {
    this.#whole.push(delivery);
    this.#held.push(bytes);
  }

  pushChunk(chunk: VerifiedChunk): void {
    this.#chunks.push(chunk);
  }

  takeWhole(): { readonly deliveries: Delivery[]; readonly credit: Credit } {
    const deliveries = this.#whole;
    const credit = { messages: deliveries.length, bytes: sum(this.#held) };
    this.#whole = [];
    this.#held = [];
    return { deliveries, credit };
  }

  takeChunk(): VerifiedChunk | null {
    return this.#chunks.shift() ?? null;
  }

  /** Message `seq` and what is after it is void. */
  clearFrom(seq: number): Credit {
    // They are in the order of their numbers.
    const kept = this.#whole.filter((delivery) => delivery.seq < seq).length;
    let messages = this.#whole.length - kept;
    let bytes = sum(this.#held.slice(kept));
    this.#whole.length = kept;
    this.#held.length = kept;
    for (const { facts, payload, isLast } of this.#chunks) {
      if (facts.seq < seq) continue;
      bytes += payload.length;
      if (isLast) messages++;
    }
    this.#chunks = this.#chunks.filter(({ facts }) => facts.seq < seq);
    return { messages, bytes };
  }
}

function sum(numbers: readonly number[]): number {
  let total = 0;
  for (const each of numbers) total += each;
  return total;
}
