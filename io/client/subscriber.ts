/**
 * A subscription that outlives its calls: messages in order, whole or chunk by chunk, each handed out once by this
 * object, acknowledged by the application once it has processed them durably, or failed by it. A failure voids what was
 * handed out after it: all of that comes again. After a break it resumes after the last acknowledged seq.
 *
 * Bound: what waits here is at most the window and, of whole messages, one of up to 64 MiB that is being put together.
 */
import type { ClientDuplexStream } from '@grpc/grpc-js';
import { v1 } from '../grpc/messages.js';
import { ignoreCancelled } from './publisher.js';
import { DeliveryQueue } from './delivery-queue.js';
import { type Delivery, type MessageFacts, Reassembly, type VerifiedChunk } from './reassembly.js';
import { Redial } from './redial.js';
import type { SubscriberOptions } from './subscriber-options.js';
import { DeliveryVoided, StreamedMessage } from './streamed-message.js';

export type SubscribeWire = ClientDuplexStream<v1.SubscribeRequest, v1.SubscribeResponse>;

export class Subscriber {
  readonly #options: SubscriberOptions;
  readonly #dial: () => SubscribeWire;
  readonly #windowMessages: number;
  readonly #windowBytes: number;
  readonly #redial: Redial;
  #call: SubscribeWire | null = null;
  #reassembly: Reassembly | null = null;
  #attempt = 0;
  readonly #queue = new DeliveryQueue();
  /** `streams` hands out chunks. */
  #isStreaming = false;
  /** How many chunks have come of the message after `#receivedSeq`. */
  #receivedChunks = 0;
  /** Counts what was voided. */
  #voids = 0;
  /** From where on the newest of them voided: one that was handed out before is settled, or the news of a death. */
  #voidFroms: number[] = [];
  #voidedThrough = 0;
  /** `fail` was called and the node has not answered: what comes until then is void. */
  #isVoiding = false;
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
    for await (const batch of this.batches()) {
      for (const delivery of batch) if (!this.isVoid(delivery)) yield delivery;
    }
  }

  /** Messages one by one, each as soon as its first chunk is here: what is large is never held whole. */
  async *streams(): AsyncGenerator<StreamedMessage, void, undefined> {
    this.#isStreaming = true;
    if (this.#call === null && !this.#redial.isPending && !this.#isClosed) this.#connect();
    try {
      for (;;) {
        const first = await this.#nextChunk(null);
        if (first === null) return;
        const { facts } = first;
        const message = new StreamedMessage(first, async () => {
          const next = await this.#nextChunk(facts);
          if (next === null) throw new DeliveryVoided(facts.seq);
          return next;
        });
        yield message;
        if (!this.isVoid(facts)) await this.#skipRest(message);
      }
    } finally {
      await this.close();
    }
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
  ack(of: number | MessageFacts): void {
    const seq = typeof of === 'number' ? of : of.seq;
    const isVoid = typeof of === 'number' ? seq > this.#handedOutSeq && seq <= this.#voidedThrough : this.isVoid(of);
    if (isVoid && seq > (this.#ackedSeq ?? 0)) {
      this.#options.onAckRefused?.(seq);
      return;
    }
    if (seq > this.#handedOutSeq) throw new RangeError(`seq ${seq} was not delivered yet`);
    if (this.#ackedSeq !== null && seq <= this.#ackedSeq) return;
    this.#ackedSeq = seq;
    if (this.#isAckScheduled) return;
    this.#isAckScheduled = true;
    setImmediate(() => this.#sendAck());
  }

  /**
   * The application failed message `seq`, and has durably processed everything before it. It comes again, with all that
   * was handed out after it, after a while.
   */
  fail(of: number | MessageFacts, reason: string): void {
    const seq = typeof of === 'number' ? of : of.seq;
    if (seq > this.#handedOutSeq || (typeof of !== 'number' && this.isVoid(of))) return;
    if (this.#call === null || this.#reassembly === null) {
      // Nobody to tell: it comes again anyway.
      this.#voidFrom(seq);
      return;
    }
    this.#sendAck();
    this.#call.write(new v1.SubscribeRequest({ nack: { attempt: this.#attempt, seq, reason } }));
    this.#voidFrom(seq);
    this.#isVoiding = true;
  }

  /** What was handed out and comes again. */
  isVoid({ attempt, seq }: MessageFacts): boolean {
    const from = this.#voidFroms.at(attempt - this.#voids);
    return attempt < this.#voids && (from === undefined || seq >= from);
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
      deadLetters: this.#options.deadLetters ?? false,
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
    } else if (response.voided) {
      this.#onVoided(response.voided);
    } else if (response.ackRefused) {
      this.#options.onAckRefused?.(response.ackRefused.seq ?? 0);
    }
  }

  #onVoided({ nextAttempt, seq, failures, reason, retryAfterMs }: v1.AttemptVoided.$Properties): void {
    const first = seq ?? 0;
    if (!this.#isVoiding) this.#voidFrom(first);
    this.#isVoiding = false;
    this.#attempt = nextAttempt ?? 0;
    this.#reassembly = this.#reassemblyAfter(first - 1);
    this.#options.onVoided?.({ seq: first, failures: failures ?? 0, reason: reason ?? '', retryAfterMs: retryAfterMs ?? 0 });
    this.#tellNews();
  }

  /** Message `seq` and what came after it comes again; everything before it is settled. */
  #voidFrom(seq: number): void {
    this.#voids++;
    this.#voidFroms.push(seq);
    if (this.#voidFroms.length > VOIDS_KEPT) this.#voidFroms.shift();
    this.#voidedThrough = Math.max(this.#voidedThrough, this.#handedOutSeq);
    this.#handedOutSeq = Math.min(this.#handedOutSeq, seq - 1);
    this.#ackedSeq = Math.max(this.#ackedSeq ?? 0, seq - 1);
    this.#receivedSeq = seq - 1;
    this.#receivedChunks = 0;
    const { messages, bytes } = this.#queue.clearFrom(seq);
    this.#give(messages, bytes);
    this.#tellNews();
  }

  #reassemblyAfter(resumeAfter: number): Reassembly {
    return new Reassembly({
      resumeAfter,
      seenThrough: this.#receivedSeq,
      seenChunks: this.#receivedChunks,
      attempt: this.#voids,
      isOfLetters: this.#options.deadLetters ?? false,
    });
  }

  /** Delivery begins (again) after `resumeAfter`. What is queued is kept; what comes twice is left away. */
  #begin(resumeAfter: number, attempt: number): void {
    this.#attempt = attempt;
    this.#givenMessages = 0;
    this.#givenBytes = 0;
    this.#isVoiding = false;
    if (this.#handedOutSeq < resumeAfter && this.#queue.isEmpty) this.#handedOutSeq = resumeAfter;
    if (resumeAfter > this.#receivedSeq) {
      this.#receivedSeq = resumeAfter;
      this.#receivedChunks = 0;
    }
    this.#reassembly = this.#reassemblyAfter(resumeAfter);
  }

  #onBatch(batch: v1.DeliveryBatch.$Properties): void {
    const attempt = batch.attempt ?? 0;
    const items = batch.items ?? [];
    if (attempt < this.#attempt || this.#isVoiding) return this.#giveBack(items);
    if (attempt > this.#attempt) this.#begin((items[0]?.seq ?? 1) - 1, attempt);
    this.#options.onChunk?.();
    let pendingBytes = 0;
    try {
      for (const item of items) pendingBytes += this.#isStreaming ? this.#takeChunk(item) : this.#takeWhole(item);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      this.#failure = error;
      this.#call?.cancel();
    }
    this.#give(0, pendingBytes);
    this.#tellNews();
  }

  /** Puts messages together. Returns the bytes that go back to the window at once. */
  #takeWhole(item: v1.ClientData.$Properties): number {
    const bytes = item.payload?.length ?? 0;
    const delivery = this.#reassembly?.take(item) ?? null;
    // Only the last chunk of a message that the application has yet to take holds the window.
    if (delivery === null) {
      if (isLastChunk(item)) this.#givenMessages++;
      return bytes;
    }
    this.#receivedSeq = delivery.seq;
    this.#queue.pushWhole(delivery, bytes);
    return 0;
  }

  /** Each chunk holds the window until the application takes it. */
  #takeChunk(item: v1.ClientData.$Properties): number {
    const chunk = this.#reassembly?.check(item) ?? null;
    if (chunk === null || chunk.isRepeat) {
      if (isLastChunk(item)) this.#givenMessages++;
      return item.payload?.length ?? 0;
    }
    if (chunk.isLast) this.#receivedSeq = chunk.facts.seq;
    this.#receivedChunks = chunk.isLast ? 0 : chunk.chunkSeq + 1;
    this.#queue.pushChunk(chunk);
    return 0;
  }

  /** Of void deliveries nothing is kept but the account. */
  #giveBack(items: readonly v1.ClientData.$Properties[]): void {
    let bytes = 0;
    for (const { payload } of items) bytes += payload?.length ?? 0;
    this.#give(items.filter(isLastChunk).length, bytes);
  }

  /** The next chunk of that message, or (null) of the next message. Null when it is void, or the subscription over. */
  async #nextChunk(of: MessageFacts | null): Promise<VerifiedChunk | null> {
    for (;;) {
      if (of !== null && this.isVoid(of)) return null;
      const chunk = this.#queue.takeChunk();
      if (chunk !== null) {
        this.#handedOutSeq = chunk.facts.seq;
        this.#give(chunk.isLast ? 1 : 0, chunk.payload.length);
        return chunk;
      }
      if (this.#failure !== null) throw this.#failure;
      if (this.#isClosed) return null;
      await new Promise<void>((resolve) => (this.#onNews = resolve));
    }
  }

  async #skipRest(message: StreamedMessage): Promise<void> {
    try {
      await message.skipRest();
    } catch (error) {
      // It failed meanwhile, or the subscription is over: there is nothing left to skip.
      if (!(error instanceof DeliveryVoided)) throw error;
    }
  }

  #takeQueued(): Delivery[] {
    const { deliveries, credit } = this.#queue.takeWhole();
    const last = deliveries.at(-1);
    if (last === undefined) return deliveries;
    this.#handedOutSeq = last.seq;
    this.#give(credit.messages, credit.bytes);
    return deliveries;
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

const isLastChunk = ({ chunkSeq, chunkCount }: v1.ClientData.$Properties): boolean => (chunkSeq ?? 0) === (chunkCount ?? 1) - 1;

const DEFAULT_WINDOW_MESSAGES = 4096;
const DEFAULT_WINDOW_BYTES = 4 * 1024 * 1024;
/** What is older than so many failures is void in any case. */
const VOIDS_KEPT = 256;
const CLOSE_MS = 1_000;
