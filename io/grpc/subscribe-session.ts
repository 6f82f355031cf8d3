/**
 * One SubscribeClientData call: batches out, acknowledgements and window updates in.
 *
 * Invariant: at most `OWN_WINDOW_BYTES` that the socket has not taken wait here. The core is given the client's window
 * bit by bit: so much that what it may deliver and what waits in the call stay below that bound. Everything else waits
 * in the log, where it costs no memory.
 */
import type { ServerDuplexStream } from '@grpc/grpc-js';
import { type Reject, reject } from '../../core/base/reject.js';
import type { Result } from '../../core/base/result.js';
import { streamSeq } from '../../core/base/units.js';
import type { Reply } from '../../core/node/commands.js';
import type { DeliveredChunk } from '../../core/node/effects.js';
import type { RequestId } from '../../core/node/inputs.js';
import type { NodeHost } from '../host/node-host.js';
import { subscribeCommand } from './commands.js';
import { v1 } from './messages.js';
import { BATCH_BYTES_MAX } from './publish-session.js';
import { toStatus } from './refusal.js';

export type SubscribeCall = ServerDuplexStream<v1.SubscribeRequest, v1.SubscribeResponse>;

export class SubscribeSession {
  readonly #call: SubscribeCall;
  readonly #host: NodeHost;
  #request: RequestId | null = null;
  #isOver = false;
  /** The client's credit that the core has not been given yet. */
  #heldBytes = 0;
  /** What the core was given and the socket has not taken yet. */
  #outstandingBytes = 0;

  constructor(call: SubscribeCall, host: NodeHost) {
    this.#call = call;
    this.#host = host;
    call.on('data', (request: v1.SubscribeRequest) => this.#onRequest(request));
    call.on('end', () => this.#onHalfClose());
    call.on('cancelled', () => this.#onGone());
  }

  /** Ends the call from our side, at a drain. */
  refuse(refusal: Reject): void {
    if (this.#isOver) return;
    this.#onGone();
    this.#call.emit('error', toStatus(refusal));
  }

  #onRequest(request: v1.SubscribeRequest): void {
    if (this.#isOver) return;
    if (this.#request === null) return this.#subscribe(request);
    if (request.ack) return this.#onAck(request.ack);
    if (request.window) return this.#onWindow(request.window);
    this.refuse(reject('INVALID_ARGUMENT', 'request', 'after the first request only ack and window follow'));
  }

  #subscribe(request: v1.SubscribeRequest): void {
    if (!request.subscribe) {
      return this.refuse(reject('INVALID_ARGUMENT', 'subscribe', 'the first request must subscribe'));
    }
    const command = subscribeCommand(request.subscribe);
    if (!command.ok) return this.refuse(command.reject);
    const windowBytes = Math.min(command.value.windowBytes, OWN_WINDOW_BYTES);
    this.#heldBytes = command.value.windowBytes - windowBytes;
    this.#outstandingBytes = windowBytes;
    this.#request = this.#host.request(
      { ...command.value, windowBytes },
      {
        onReply: (result) => this.#onReply(result),
        onDeliver: (attempt, chunks) => this.#onDeliver(attempt, chunks),
        onEnded: (result) => this.#onEnded(result),
      },
    );
  }

  #onReply(result: Result<Reply>): void {
    if (!result.ok) return this.refuse(result.reject);
    if (result.value.kind !== 'subscription' || this.#isOver) return;
    const { stream, source, resumeAfter, attempt } = result.value;
    this.#call.write(
      new v1.SubscribeResponse({ subscribed: { streamId: stream, sourceId: source, resumeAfter, attempt } }),
    );
  }

  #onDeliver(attempt: number, chunks: readonly DeliveredChunk[]): void {
    if (this.#isOver) return;
    let items: v1.ClientData.$Properties[] = [];
    let bytes = 0;
    for (const chunk of chunks) {
      if (items.length > 0 && bytes + chunk.payload.length + chunk.headers.length > BATCH_BYTES_MAX) {
        this.#write(attempt, items);
        items = [];
        bytes = 0;
      }
      items.push(chunk);
      bytes += chunk.payload.length + chunk.headers.length;
    }
    if (items.length > 0) this.#write(attempt, items);
  }

  #write(attempt: number, items: v1.ClientData.$Properties[]): void {
    let windowBytes = 0;
    for (const item of items) windowBytes += (item.payload?.length ?? 0) + (item.headers?.length ?? 0);
    this.#call.write(new v1.SubscribeResponse({ batch: { attempt, items } }), () => this.#onTaken(windowBytes));
  }

  #onTaken(bytes: number): void {
    this.#outstandingBytes -= bytes;
    this.#grant(0);
  }

  #onAck(ack: v1.Ack.$Properties): void {
    const attempt = ack.attempt ?? 0;
    const seq = ack.seq ?? 0;
    if (!Number.isSafeInteger(attempt) || !Number.isSafeInteger(seq)) {
      return this.refuse(reject('INVALID_ARGUMENT', 'ack', 'attempt and seq must be below 2^53'));
    }
    if (this.#request === null) return;
    this.#host.submit({ kind: 'processed', request: this.#request, attempt, seq: streamSeq(seq) });
  }

  #onWindow(window: v1.WindowUpdate.$Properties): void {
    this.#heldBytes = Math.min(this.#heldBytes + (window.bytes ?? 0), CLIENT_WINDOW_BYTES_MAX);
    this.#grant(window.messages ?? 0);
  }

  /** Gives the core what fits; small bits are gathered, unless messages go with them. */
  #grant(messages: number): void {
    if (this.#isOver || this.#request === null) return;
    const bytes = Math.max(0, Math.min(this.#heldBytes, OWN_WINDOW_BYTES - this.#outstandingBytes));
    const isWorthIt = messages > 0 || bytes >= GRANT_BYTES_MIN || (bytes > 0 && bytes === this.#heldBytes);
    if (!isWorthIt) return;
    this.#heldBytes -= bytes;
    this.#outstandingBytes += bytes;
    this.#host.submit({ kind: 'window', request: this.#request, messages, bytes });
  }

  #onEnded(result: Result<null>): void {
    if (this.#isOver) return;
    if (!result.ok) return this.refuse(result.reject);
    this.#isOver = true;
    this.#call.end();
  }

  /** The client has acknowledged all it wants to: the subscription ends well. */
  #onHalfClose(): void {
    if (this.#isOver) return;
    this.#onGone();
    this.#call.end();
  }

  #onGone(): void {
    this.#isOver = true;
    if (this.#request !== null) this.#host.cancel(this.#request);
  }
}

/** What one subscription may hold in this process. */
const OWN_WINDOW_BYTES = 1024 * 1024;
const GRANT_BYTES_MIN = 64 * 1024;
/** A client's window beyond this is as good as this. */
const CLIENT_WINDOW_BYTES_MAX = 1024 * 1024 * 1024;
