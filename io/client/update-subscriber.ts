/**
 * A subscription to a feed of updates that survives restarts of the node: what was not acknowledged comes again, and
 * nothing that was. An application that stores an update's seq with its effects presents it as `resumeAfter`.
 */
import type { ClientDuplexStream } from '@grpc/grpc-js';
import { v1 } from '../grpc/messages.js';
import { CallFailed, isServiceError } from './call-failed.js';

export type UpdateWire = ClientDuplexStream<v1.UpdateSubscribeRequest, v1.UpdateSubscribeResponse>;
/** One of the three kinds, whichever feed was subscribed. */
export type AnyUpdate = v1.MeshUpdate.$Properties | v1.NodeUpdate.$Properties | v1.DBUpdate.$Properties;

export interface UpdateSubscriberOptions {
  /** '' follows from now on and is remembered nowhere. */
  readonly consumer?: string;
  readonly resumeAfter?: number;
  /** See `UpdateSubscribe.from_start`. */
  readonly fromStart?: boolean;
  readonly windowMessages?: number;
  readonly onRetry?: (failure: CallFailed) => void;
}

export class UpdateSubscriber {
  readonly #options: UpdateSubscriberOptions;
  readonly #open: () => UpdateWire;
  #wire: UpdateWire | null = null;
  #attempt = 0;
  #acked: number;
  #isClosed = false;

  constructor(options: UpdateSubscriberOptions, open: () => UpdateWire) {
    this.#options = options;
    this.#open = open;
    this.#acked = options.resumeAfter ?? -1;
  }

  /** Batches until `close`, or until the node refuses for good (NEEDS_RESYNC, FENCED, …): then it throws `CallFailed`. */
  async *batches(): AsyncGenerator<readonly AnyUpdate[], void, undefined> {
    while (!this.#isClosed) {
      try {
        yield* this.#session();
        return;
      } catch (error) {
        if (this.#isClosed) return;
        if (!isServiceError(error)) throw error;
        const failure = new CallFailed(error);
        const waitMs = failure.retryAfterMs;
        if (waitMs === null) throw failure;
        this.#options.onRetry?.(failure);
        await new Promise((resolve) => setTimeout(resolve, waitMs));
      }
    }
  }

  /** Everything up to and including `seq` is durably processed. */
  ack(seq: number, messages: number, bytes: number): void {
    this.#acked = Math.max(this.#acked, seq);
    this.#wire?.write(new v1.UpdateSubscribeRequest({ ack: { attempt: this.#attempt, seq } }));
    this.#wire?.write(new v1.UpdateSubscribeRequest({ window: { messages, bytes } }));
  }

  /** Ends it after what was acknowledged. */
  close(): void {
    this.#isClosed = true;
    this.#wire?.end();
  }

  /** Ends it as it is. */
  abandon(): void {
    this.#isClosed = true;
    this.#wire?.cancel();
  }

  async *#session(): AsyncGenerator<readonly AnyUpdate[], void, undefined> {
    const wire = this.#open();
    this.#wire = wire;
    const { consumer, windowMessages, fromStart } = this.#options;
    const resumeAfter = this.#acked >= 0 ? { resumeAfter: this.#acked } : {};
    wire.write(new v1.UpdateSubscribeRequest({ subscribe: { consumer: consumer ?? '', windowMessages: windowMessages ?? 0, fromStart: fromStart ?? false, ...resumeAfter } }));
    try {
      for await (const response of wire as AsyncIterable<v1.UpdateSubscribeResponse>) {
        if (response.subscribed) this.#attempt = response.subscribed.attempt ?? 0;
        const { batch } = response;
        if (batch) yield [...(batch.mesh ?? []), ...(batch.nodes ?? []), ...(batch.database ?? [])];
      }
    } finally {
      this.#wire = null;
      wire.cancel();
    }
  }
}
