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

  /** All of it is void. */
  clear(): Credit {
    let { messages, bytes } = this.#creditOfWhole();
    for (const { payload, isLast } of this.#chunks) {
      bytes += payload.length;
      if (isLast) messages++;
    }
    this.#whole = [];
    this.#chunks = [];
    return { messages, bytes };
  }

  #creditOfWhole(): Credit {
    let bytes = 0;
    for (const item of this.#whole) bytes += item.bytes;
    return { messages: this.#whole.length, bytes };
  }
}
