/**
 * A subscription that outlives its calls: whole messages in order, each handed out once by this object, acknowledged
 * by the application once it has processed them durably. After a break it resumes after the last acknowledged seq.
 *
 * Bound: what waits here is at most the window and one message of up to 64 MiB that is being put together.
 */
import type { ClientDuplexStream } from '@grpc/grpc-js';
import { v1 } from '../grpc/messages.js';
import { ignoreCancelled } from './publisher.js';
import { type Delivery, Reassembly } from './reassembly.js';
import { type RedialOptions, Redial } from './redial.js';

export type SubscribeWire = ClientDuplexStream<v1.SubscribeRequest, v1.SubscribeResponse>;

export interface SubscriberOptions extends RedialOptions {
  readonly tenantId: string;
  /** One of these two. A stream by name is waited for. */
  readonly streamId?: string;
  readonly streamName?: string;
  /** The last seq that the application has durably processed; undefined takes the node's own durable offset. */
  readonly resumeAfter?: number | undefined;
  /** Default 4096 messages and 4 MiB of payload. */
  readonly windowMessages?: number;
  readonly windowBytes?: number;
  readonly onSubscribed?: (subscribed: { streamId: string; sourceId: string; resumeAfter: number }) => void;
}

interface Queued {
  readonly delivery: Delivery;
  /** What handing it out gives back to the window: the payload of its last chunk. */
  readonly windowBytes: number;
}

export class Subscriber {
  readonly #options: SubscriberOptions;
  readonly #dial: () => SubscribeWire;
  readonly #windowMessages: number;
  readonly #windowBytes: number;
  readonly #redial: Redial;
  #call: SubscribeWire | null = null;
  #reassembly: Reassembly | null = null;
  #attempt = 0;
  #queue: Queued[] = [];
  #handedOutSeq = 0;
  #receivedSeq = 0;
  #ackedSeq: number | null = null;
  #isAckScheduled = false;
  #givenMessages = 0;
  #givenBytes = 0;
  #failure: Error | null = null;
  #isClosed = false;
  #closing: Promise<void> | null = null;
  #onNews: (() => void) | null = null;

  /** For `MeshClient.subscriber`. */
  constructor(options: SubscriberOptions, dial: () => SubscribeWire) {
    this.#options = options;
    this.#dial = dial;
    this.#windowMessages = options.windowMessages ?? DEFAULT_WINDOW_MESSAGES;
    this.#windowBytes = options.windowBytes ?? DEFAULT_WINDOW_BYTES;
    this.#redial = new Redial(options, () => this.#connect());
  }

  /** The messages one by one, until `close`. Throws `CallFailed` or `DeliveryBroken` when it cannot go on. */
  async *messages(): AsyncGenerator<Delivery, void, undefined> {
    for await (const batch of this.batches()) yield* batch;
  }

  /** As `messages`, in the batches that happen to be here: cheaper for many small ones. */
  async *batches(): AsyncGenerator<readonly Delivery[], void, undefined> {
    if (this.#call === null && !this.#redial.isPending && !this.#isClosed) this.#connect();
    try {
      for (;;) {
        const batch = this.#takeQueued();
        if (batch.length > 0) yield batch;
        else if (this.#failure !== null) throw this.#failure;
        else if (this.#isClosed) return;
        else await new Promise<void>((resolve) => (this.#onNews = resolve));
      }
    } finally {
      await this.close();
    }
  }

  /** The application has durably processed everything up to `seq`. Sent with the next round of the event loop. */
  ack(seq: number): void {
    if (seq > this.#handedOutSeq) throw new RangeError(`seq ${seq} was not delivered yet`);
    if (this.#ackedSeq !== null && seq <= this.#ackedSeq) return;
    this.#ackedSeq = seq;
    if (this.#isAckScheduled) return;
    this.#isAckScheduled = true;
    setImmediate(() => this.#sendAck());
  }

  /** Sends the last acknowledgement and ends; the loops over `messages` return. Resolves when the node has it. */
  close(): Promise<void> {
    this.#closing ??= this.#isClosed ? Promise.resolve() : this.#close();
    return this.#closing;
  }

  #close(): Promise<void> {
    this.#isClosed = true;
    this.#redial.stop();
    const call = this.#call;
    this.#tellNews();
    if (call === null || this.#reassembly === null) {
      call?.cancel();
      return Promise.resolve();
    }
    this.#sendAck();
    return new Promise((resolve) => {
      const timer = setTimeout(() => call.cancel(), CLOSE_MS);
      call.once('status', () => {
        clearTimeout(timer);
        resolve();
      });
      call.end();
    });
  }

  /** Ends at once, without a last acknowledgement; the loops over `messages` return. */
  abandon(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#redial.stop();
    this.#call?.cancel();
    this.#tellNews();
  }

  #connect(): void {
    const call = this.#dial();
    this.#call = call;
    this.#reassembly = null;
    call.on('data', (response: v1.SubscribeResponse) => {
      if (this.#call === call) this.#onResponse(response);
    });
    call.on('error', (error) => (this.#isClosed ? ignoreCancelled() : this.#onBroken(call, error)));
    call.on('end', () => this.#onBroken(call, null));
    const { tenantId, streamId, streamName } = this.#options;
    const subscribe: v1.Subscribe.$Properties = {
      tenantId,
      ...(streamName === undefined ? { streamId: streamId ?? '' } : { streamName }),
      windowMessages: this.#windowMessages,
      windowBytes: this.#windowBytes,
    };
    const resumeAfter = this.#ackedSeq ?? this.#options.resumeAfter;
    if (resumeAfter !== undefined) subscribe.resumeAfter = resumeAfter;
    call.write(new v1.SubscribeRequest({ subscribe }));
  }

  #onResponse(response: v1.SubscribeResponse): void {
    if (response.subscribed) {
      const { streamId, sourceId, resumeAfter, attempt } = response.subscribed;
      this.#redial.onUp();
      this.#begin(resumeAfter ?? 0, attempt ?? 0);
      this.#options.onSubscribed?.({
        streamId: streamId ?? '',
        sourceId: sourceId ?? '',
        resumeAfter: resumeAfter ?? 0,
      });
    } else if (response.batch) {
      this.#onBatch(response.batch);
    }
  }

  /** Delivery begins (again) after `resumeAfter`. What is queued is kept; what comes twice is left away. */
  #begin(resumeAfter: number, attempt: number): void {
    this.#attempt = attempt;
    this.#givenMessages = 0;
    this.#givenBytes = 0;
    if (this.#handedOutSeq < resumeAfter && this.#queue.length === 0) this.#handedOutSeq = resumeAfter;
    this.#receivedSeq = Math.max(this.#receivedSeq, resumeAfter);
    this.#reassembly = new Reassembly(resumeAfter, this.#receivedSeq);
  }

  #onBatch(batch: v1.DeliveryBatch.$Properties): void {
    const attempt = batch.attempt ?? 0;
    if (attempt < this.#attempt) return;
    const items = batch.items ?? [];
    if (attempt > this.#attempt) this.#begin((items[0]?.seq ?? 1) - 1, attempt);
    let pendingBytes = 0;
    try {
      for (const item of items) {
        const bytes = item.payload?.length ?? 0;
        const delivery = this.#reassembly?.take(item) ?? null;
        // Only the last chunk of a message that the application has yet to take holds the window.
        if (delivery === null) {
          pendingBytes += bytes;
          if ((item.chunkSeq ?? 0) === (item.chunkCount ?? 1) - 1) this.#givenMessages++;
        } else {
          this.#receivedSeq = delivery.seq;
          this.#queue.push({ delivery, windowBytes: bytes });
        }
      }
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      this.#failure = error;
      this.#call?.cancel();
    }
    this.#give(0, pendingBytes);
    this.#tellNews();
  }

  #takeQueued(): Delivery[] {
    if (this.#queue.length === 0) return [];
    const queue = this.#queue;
    this.#queue = [];
    let bytes = 0;
    for (const item of queue) {
      bytes += item.windowBytes;
      this.#handedOutSeq = item.delivery.seq;
    }
    this.#give(queue.length, bytes);
    return queue.map((item) => item.delivery);
  }

  /** Gives back to the window, in large steps. */
  #give(messages: number, bytes: number): void {
    this.#givenMessages += messages;
    this.#givenBytes += bytes;
    const isWorthIt = this.#givenMessages * 4 >= this.#windowMessages || this.#givenBytes * 4 >= this.#windowBytes;
    if (!isWorthIt || this.#call === null || this.#reassembly === null || this.#isClosed) return;
    this.#call.write(new v1.SubscribeRequest({ window: { messages: this.#givenMessages, bytes: this.#givenBytes } }));
    this.#givenMessages = 0;
    this.#givenBytes = 0;
  }

  #sendAck(): void {
    this.#isAckScheduled = false;
    if (this.#ackedSeq === null || this.#call === null || this.#reassembly === null || this.#call.writableEnded) return;
    this.#call.write(new v1.SubscribeRequest({ ack: { attempt: this.#attempt, seq: this.#ackedSeq } }));
  }

  #onBroken(call: SubscribeWire, error: unknown): void {
    if (this.#call !== call || this.#isClosed) return;
    this.#call = null;
    this.#reassembly = null;
    if (this.#failure !== null) return;
    this.#failure = this.#redial.onDown(error);
    if (this.#failure !== null) this.#tellNews();
  }

  #tellNews(): void {
    const onNews = this.#onNews;
    this.#onNews = null;
    onNews?.();
  }
}

const DEFAULT_WINDOW_MESSAGES = 4096;
const DEFAULT_WINDOW_BYTES = 4 * 1024 * 1024;
const CLOSE_MS = 1_000;
