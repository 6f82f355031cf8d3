/** What the publishers have offered and what they were told about it. Knowledge of the oracles, not an oracle itself. */
import { assert } from '../../core/base/assert.js';

/** One message as its publisher made it. */
export interface PublishedMessage {
  readonly digest: number;
  readonly bytes: number;
}

/** The log of one publisher. Its producer numbers messages from 1, without gaps. */
export class PublisherLog {
  readonly stream: number;
  readonly producer: string;
  readonly #messages: PublishedMessage[] = [];
  /** The highest producerSeq that was acknowledged, at the weakest level. */
  acknowledged = 0;

  constructor(stream: number, producer: string) {
    this.stream = stream;
    this.producer = producer;
  }

  get offeredCount(): number {
    return this.#messages.length;
  }

  /** Notes the publisher's next message and gives its producerSeq. */
  offer(message: PublishedMessage): number {
    this.#messages.push(message);
    return this.#messages.length;
  }

  message(producerSeq: number): PublishedMessage | undefined {
    return this.#messages[producerSeq - 1];
  }

  /** Everything up to `producerSeq` was acknowledged. */
  acknowledge(producerSeq: number): void {
    this.acknowledged = Math.max(this.acknowledged, producerSeq);
  }
}

/** All publishers' logs. */
export class PublishLog {
  readonly publishers: readonly PublisherLog[];
  readonly #byStream = new Map<number, Map<string, number>>();

  constructor(publishers: readonly { readonly stream: number; readonly producer: string }[]) {
    this.publishers = publishers.map(({ stream, producer }) => new PublisherLog(stream, producer));
    for (const [index, { stream, producer }] of publishers.entries()) {
      const names = this.#byStream.get(stream) ?? new Map<string, number>();
      assert(!names.has(producer), 'producers of a stream have different names');
      this.#byStream.set(stream, names.set(producer, index));
    }
  }

  /** The publisher of that name; null when the stream has none. */
  find(stream: number, producer: string): number | null {
    return this.#byStream.get(stream)?.get(producer) ?? null;
  }

  log(publisher: number): PublisherLog {
    const log = this.publishers[publisher];
    assert(log !== undefined, 'a publisher has a log');
    return log;
  }

  /** How many messages were offered to a stream. */
  offeredTo(stream: number): number {
    let count = 0;
    for (const publisher of this.#byStream.get(stream)?.values() ?? []) count += this.log(publisher).offeredCount;
    return count;
  }
}
