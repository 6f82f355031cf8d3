/** What has come for an application and waits to be taken, and what taking it gives back to the window. */
import type { Delivery, VerifiedChunk } from './reassembly.js';

/** An amount of the subscription's window. */
export interface Credit {
  readonly messages: number;
  readonly bytes: number;
}

export class DeliveryQueue {
  /** Whole messages, each with the payload of its last chunk: the others went back when they came. */
  #whole: { readonly delivery: Delivery; readonly bytes: number }[] = [];
  /** Where messages are handed out chunk by chunk. */
  #chunks: VerifiedChunk[] = [];

  get isEmpty(): boolean {
    return this.#whole.length === 0 && this.#chunks.length === 0;
  }

  pushWhole(delivery: Delivery, bytes: number): void {
    this.#whole.push({ delivery, bytes });
  }

  pushChunk(chunk: VerifiedChunk): void {
    this.#chunks.push(chunk);
  }

  takeWhole(): { readonly deliveries: Delivery[]; readonly credit: Credit } {
    const credit = this.#creditOfWhole();
    const deliveries = this.#whole.map(({ delivery }) => delivery);
    this.#whole = [];
    return { deliveries, credit };
  }

  takeChunk(): VerifiedChunk | null {
    return this.#chunks.shift() ?? null;
  }

  /** Message `seq` and what is after it is void. */
  clearFrom(seq: number): Credit {
    let messages = 0;
    let bytes = 0;
    for (const { delivery, bytes: held } of this.#whole) {
      if (delivery.seq < seq) continue;
      messages++;
      bytes += held;
    }
    for (const { facts, payload, isLast } of this.#chunks) {
      if (facts.seq < seq) continue;
      bytes += payload.length;
      if (isLast) messages++;
    }
    this.#whole = this.#whole.filter(({ delivery }) => delivery.seq < seq);
    this.#chunks = this.#chunks.filter(({ facts }) => facts.seq < seq);
    return { messages, bytes };
  }

  #creditOfWhole(): Credit {
    let bytes = 0;
    for (const item of this.#whole) bytes += item.bytes;
    return { messages: this.#whole.length, bytes };
  }
}
