/**
 * The main promise: every target of a stream handles the same messages in the same order, without a gap, each one
 * once, and they are what was published; the order keeps each producer's own, and nothing that was acknowledged is left
 * out. Constant work per message.
 */
import { assert } from '../../core/base/assert.js';
import type { PublishLog } from './publish-log.js';
import type { ViolationSink } from './violations.js';

/** A message as a target's application has it when its effect is durable. */
export interface HandledMessage {
  readonly seq: number;
  readonly producer: string;
  readonly producerSeq: number;
  readonly digest: number;
}

interface Place {
  readonly publisher: number;
  readonly producerSeq: number;
  readonly digest: number;
}

interface StreamOrder {
  readonly places: Place[];
  /** Target → the last seq in its ledger. */
  readonly lastOf: Map<number, number>;
  /** Publisher → the places of its messages, by producerSeq - 1. */
  readonly seqsOf: Map<number, number[]>;
  /** Seq → the message that a publisher was told to be there, before any target had it. */
  readonly told: Map<number, { readonly publisher: number; readonly producerSeq: number }>;
}

export class StreamLedgers {
  readonly #log: PublishLog;
  readonly #sink: ViolationSink;
  readonly #orders: StreamOrder[];
  /** Handled again although the target had them, within what is promised. */
  redelivered = 0;
  duplicates = 0;
  gaps = 0;
  /** Ledger rows of all targets together. */
  delivered = 0;

  constructor(streams: readonly { readonly targets: readonly number[] }[], log: PublishLog, sink: ViolationSink) {
    this.#log = log;
    this.#sink = sink;
    this.#orders = streams.map(({ targets }) => ({
      places: [],
      lastOf: new Map(targets.map((target) => [target, 0])),
      seqsOf: new Map(),
      told: new Map(),
    }));
  }

  /**
   * `target`'s application has durably handled `message`. `settledBefore` is the last seq that it may not be made to
   * handle again: its own ledger's end if it presents that, else the node's durable offset when it subscribed.
   */
  onHandled(stream: number, target: number, message: HandledMessage, settledBefore: number): void {
    const order = this.#order(stream);
    const last = order.lastOf.get(target);
    assert(last !== undefined, 'only targets of a stream handle its messages');
    if (message.seq <= last) {
      if (message.seq <= settledBefore) {
        this.duplicates++;
        this.#report('stream-duplicate', stream, message, `target ${target} had settled up to ${settledBefore}`);
      } else {
        this.redelivered++;
      }
      this.#compare(stream, order, message);
      return;
    }
    if (message.seq > last + 1) {
      this.gaps += message.seq - last - 1;
      this.#report('stream-gap', stream, message, `target ${target} has handled only up to ${last}`);
    }
    order.lastOf.set(target, message.seq);
    this.delivered++;
    if (message.seq <= order.places.length) this.#compare(stream, order, message);
    else this.#place(stream, order, message);
  }

  /** An application was given the message, and failed it. It has handled everything before it. */
  onSeen(stream: number, message: HandledMessage): void {
    const order = this.#order(stream);
    if (message.seq <= order.places.length) this.#compare(stream, order, message);
    else this.#place(stream, order, message);
  }

  /** `target`'s application was told, in its place, that the message is dead: what follows it may come. */
  onDead(stream: number, target: number, message: { readonly seq: number; readonly producer: string; readonly producerSeq: number }): void {
    const publisher = this.#log.find(stream, message.producer);
    const place = this.#order(stream).places[message.seq - 1];
    // Who had died before its application came back may have no more than its place.
    const known = publisher === null && place !== undefined ? { ...message, ...this.#identityOf(place) } : message;
    const original = publisher === null ? undefined : this.#log.log(publisher).message(message.producerSeq);
    this.onHandled(stream, target, { digest: original?.digest ?? 0, ...known }, 0);
  }

  /** A publisher was told that its message has got that place. */
  onPublished(publisher: number, producerSeq: number, seq: number): void {
    const { stream, producer } = this.#log.log(publisher);
    const order = this.#order(stream);
    const place = order.places[seq - 1];
    if (place === undefined) order.told.set(seq, { publisher, producerSeq });
    else if (place.publisher !== publisher || place.producerSeq !== producerSeq) {
      const message = { seq, producer, producerSeq, digest: 0 };
      this.#report('stream-order', stream, message, 'its publisher was told this place; another message is there');
    }
  }

  /** The last seq in the ledger of a target. */
  lastSeq(stream: number, target: number): number {
    return this.#order(stream).lastOf.get(target) ?? 0;
  }

  /** The place in its stream of a publisher's message; 0 as long as no target has handled it. */
  seqOf(publisher: number, producerSeq: number): number {
    const { stream } = this.#log.log(publisher);
    return this.#order(stream).seqsOf.get(publisher)?.[producerSeq - 1] ?? 0;
  }

  /** Whether every target holds everything that was offered. */
  isComplete(stream: number): boolean {
    const offered = this.#log.offeredTo(stream);
    for (const last of this.#order(stream).lastOf.values()) if (last < offered) return false;
    return true;
  }

  /** The first message a target sees at a place decides what is there. */
  #place(stream: number, order: StreamOrder, message: HandledMessage): void {
    const publisher = this.#log.find(stream, message.producer);
    const original = publisher === null ? undefined : this.#log.log(publisher).message(message.producerSeq);
    // A gap leaves places open; whatever fills them later is compared with nothing.
    while (order.places.length < message.seq - 1) order.places.push(NOTHING);
    if (publisher === null || original === undefined) {
      order.places.push(NOTHING);
      this.#report('stream-content', stream, message, 'nobody published it');
      return;
    }
    if (original.digest !== message.digest) {
      this.#report('stream-content', stream, message, 'its content differs from what was published');
    }
    order.places.push({ publisher, producerSeq: message.producerSeq, digest: message.digest });
    const told = order.told.get(message.seq);
    if (told !== undefined && (told.publisher !== publisher || told.producerSeq !== message.producerSeq)) {
      this.#report('stream-order', stream, message, 'another publisher was told this place');
    }
    order.told.delete(message.seq);
    this.#checkProducer(stream, order, publisher, message);
  }

  #checkProducer(stream: number, order: StreamOrder, publisher: number, message: HandledMessage): void {
    const seqs = order.seqsOf.get(publisher) ?? [];
    order.seqsOf.set(publisher, seqs);
    const previous = seqs.length;
    if (message.producerSeq <= previous) {
      this.#report('producer-order', stream, message, `${message.producer} is already at ${previous}`);
      return;
    }
    const acknowledged = this.#log.log(publisher).acknowledged;
    if (message.producerSeq > previous + 1) {
      const isLost = acknowledged > previous;
      const detail = `${message.producer} was at ${previous} and acknowledged up to ${acknowledged}`;
      this.#report(isLost ? 'acknowledged-lost' : 'producer-order', stream, message, detail);
    }
    while (seqs.length < message.producerSeq - 1) seqs.push(0);
    seqs.push(message.seq);
  }

  #compare(stream: number, order: StreamOrder, message: HandledMessage): void {
    const place = order.places[message.seq - 1];
    if (place === undefined || place === NOTHING) return;
    const isSame =
      place.publisher === this.#log.find(stream, message.producer) &&
      place.producerSeq === message.producerSeq &&
      place.digest === message.digest;
    if (!isSame) this.#report('stream-order', stream, message, 'another target, or time, had another message there');
  }

  #report(
    oracle: 'stream-gap' | 'stream-duplicate' | 'stream-content' | 'stream-order' | 'producer-order' | 'acknowledged-lost',
    stream: number,
    message: HandledMessage,
    detail: string,
  ): void {
    this.#sink.report(
      oracle,
      `stream ${stream} seq ${message.seq} (${message.producer} ${message.producerSeq}): ${detail}`,
    );
  }

  #identityOf(place: Place): Omit<HandledMessage, 'seq'> {
    const { producerSeq, digest, publisher } = place;
    return { producer: place === NOTHING ? '' : this.#log.log(publisher).producer, producerSeq, digest };
  }

  #order(stream: number): StreamOrder {
    const order = this.#orders[stream];
    assert(order !== undefined, 'a stream has an order');
    return order;
  }
}

const NOTHING: Place = { publisher: -1, producerSeq: 0, digest: 0 };
