/**
 * Gives the messages of one stream to a handler in this process: whole, in order, one at a time. Success settles a
 * message; a failure is told to the node, which delivers it again, blocks the stream or puts it among the dead letters,
 * as the stream's choice says.
 */
import type { Logger } from 'pino';
import { concatBytes } from '../../core/base/bytes.js';
import { streamSeq } from '../../core/base/units.js';
import type { NodeId, StreamId } from '../../core/base/ids.js';
import type { DeliveredChunk } from '../../core/node/effects.js';
import type { RequestId } from '../../core/node/inputs.js';
import type { NodeHost } from '../host/node-host.js';
import type { ClientDataHandler, Handlers, ReceivedMessage } from './handlers.js';
import { Retry, failureOf } from './retry.js';

export interface ClientDataRunnerOptions {
  readonly host: NodeHost;
  readonly log: Logger;
  readonly handler: ClientDataHandler;
  readonly check: Handlers['onMessageReceived'];
}

interface Subscription {
  readonly request: RequestId;
  stream: StreamId | null;
  source: NodeId | null;
  attempt: number;
}

export class ClientDataRunner {
  readonly #options: ClientDataRunnerOptions;
  #subscription: Subscription | null = null;
  #chunks: DeliveredChunk[] = [];
  #messages: (readonly DeliveredChunk[])[] = [];
  #isHandling = false;
  readonly #retry = new Retry();

  constructor(options: ClientDataRunnerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#subscribe();
  }

  stop(): void {
    this.#retry.stop();
    if (this.#subscription !== null) this.#options.host.cancel(this.#subscription.request);
    this.#drop();
  }

  #subscribe(): void {
    if (this.#retry.isStopped) return;
    const { host, handler } = this.#options;
    const resumeAfter = handler.resumeAfter?.() ?? null;
    const request: RequestId = host.request(
      {
        kind: 'subscribe',
        tenant: handler.tenant,
        selector: { kind: 'name', name: handler.streamName },
        resumeAfter: resumeAfter === null ? null : streamSeq(resumeAfter),
        windowMessages: WINDOW.messages,
        windowBytes: WINDOW.bytes,
      },
      {
        onReply: (result) => {
          if (!result.ok) return this.#onLost();
          if (result.value.kind !== 'subscription' || this.#subscription?.request !== request) return;
          const { stream, source, attempt } = result.value;
          this.#subscription = { request, stream, source, attempt };
        },
        onDeliver: (attempt, chunks) => {
          if (this.#subscription?.request === request) this.#onDelivered(this.#subscription, attempt, chunks);
        },
        onEnded: () => this.#onLost(),
      },
    );
    this.#subscription = { request, stream: null, source: null, attempt: 0 };
  }

  #onLost(): void {
    this.#drop();
    this.#retry.after(RESUBSCRIBE_MS, () => this.#subscribe());
  }

  #drop(): void {
    this.#subscription = null;
    this.#chunks = [];
    this.#messages = [];
  }

  #onDelivered(subscription: Subscription, attempt: number, chunks: readonly DeliveredChunk[]): void {
    if (attempt !== subscription.attempt) {
      // What was delivered under the attempt before and not begun is void.
      subscription.attempt = attempt;
      this.#chunks = [];
      this.#messages = [];
    }
    for (const chunk of chunks) {
      this.#chunks.push(chunk);
      if (chunk.chunkSeq + 1 < chunk.chunkCount) continue;
      this.#messages.push(this.#chunks);
      this.#chunks = [];
    }
    if (!this.#isHandling) void this.#handleAll();
  }

  async #handleAll(): Promise<void> {
    this.#isHandling = true;
    for (;;) {
      const subscription = this.#subscription;
      const chunks = this.#messages.shift();
      if (subscription === null || chunks === undefined) break;
      const { attempt } = subscription;
      const message = this.#assemble(subscription, chunks);
      const reason = await this.#refusalOf(message);
      if (this.#subscription !== subscription || subscription.attempt !== attempt) continue;
      const { host } = this.#options;
      const { request } = subscription;
      const seq = streamSeq(message.seq);
      if (reason === null) host.submit({ kind: 'processed', request, attempt, seq });
      else host.submit({ kind: 'failed', request, attempt, seq, reason });
      host.submit({ kind: 'window', request, messages: 1, bytes: message.payload.length });
      // What follows a failure is void, and comes again.
      if (reason !== null) this.#messages = [];
    }
    this.#isHandling = false;
  }

  /** Null when the handler has succeeded. */
  async #refusalOf(message: ReceivedMessage): Promise<string | null> {
    const { handler, check, log } = this.#options;
    let refused: string | null = null;
    const failure = await failureOf(async () => {
      refused = check === undefined ? null : await check(message);
      if (refused === null) await handler.onClientData(message);
    });
    if (failure !== null) log.error({ event: 'client-data-handler-failed', stream: message.streamName, seq: message.seq }, failure);
    return failure ?? refused;
  }

  #assemble(subscription: Subscription, chunks: readonly DeliveredChunk[]): ReceivedMessage {
    const first = chunks[0] as DeliveredChunk;
    const { tenant, streamName } = this.#options.handler;
    return {
      tenant,
      stream: subscription.stream as StreamId,
      streamName,
      source: subscription.source as NodeId,
      seq: first.seq,
      messageId: first.messageId,
      producer: first.producer,
      producerSeq: first.producerSeq,
      payload: concatBytes(chunks.map(({ payload }) => payload)),
      headers: first.headers,
    };
  }
}

const WINDOW = { messages: 256, bytes: 1024 * 1024 };
const RESUBSCRIBE_MS = 1_000;
