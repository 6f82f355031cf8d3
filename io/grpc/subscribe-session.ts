/**
 * One SubscribeClientData call: batches out, acknowledgements and window updates in.
 *
 * Invariant: at most `OWN_WINDOW` and one chunk that the socket has not taken wait here. The core is given the
 * client's window bit by bit: so much that what it may deliver and what waits in the call stay below that bound.
 * Everything else waits in the log, where it costs no memory. Bytes of a window are payload, everywhere; the headers
 * are bounded by the messages.
 */
import type { ServerDuplexStream } from '@grpc/grpc-js';
import { type Reject, reject } from '../../core/base/reject.js';
import type { Result } from '../../core/base/result.js';
import { streamSeq } from '../../core/base/units.js';
import type { Reply } from '../../core/node/commands.js';
import type { DeliveredChunk, Effect } from '../../core/node/effects.js';
import type { NodeHost } from '../host/node-host.js';
import { CallEnding } from './call-ending.js';
import { subscribeCommand } from './commands.js';
import { v1 } from './messages.js';
import { BATCH_BYTES_MAX } from './publish-session.js';

export type SubscribeCall = ServerDuplexStream<v1.SubscribeRequest, v1.SubscribeResponse>;

export class SubscribeSession {
  readonly #call: SubscribeCall;
  readonly #host: NodeHost;
  readonly #ending: CallEnding;
  /** The client's credit that the core has not been given yet. */
  #heldMessages = 0;
  #heldBytes = 0;
  /** What the core was given and the socket has not taken yet. */
  #outstandingMessages = 0;
  #outstandingBytes = 0;

  constructor(call: SubscribeCall, host: NodeHost) {
    this.#call = call;
    this.#host = host;
    this.#ending = new CallEnding(call, host);
    call.on('data', (request: v1.SubscribeRequest) => this.#onRequest(request));
    // The client has acknowledged all it wants to: the subscription ends well.
    call.on('end', () => this.#ending.complete());
  }

  /** Ends the call from our side. */
  refuse(refusal: Reject): void {
    this.#ending.refuse(refusal);
  }

  #onRequest(request: v1.SubscribeRequest): void {
    if (this.#ending.isOver) return;
    if (this.#ending.request === null) return this.#subscribe(request);
    if (request.ack) return this.#onAck(request.ack);
    if (request.window) return this.#onWindow(request.window);
    if (request.nack) return this.#onNack(request.nack);
    this.refuse(reject('INVALID_ARGUMENT', 'request', 'after the first request only ack, nack and window follow'));
  }

  #subscribe(request: v1.SubscribeRequest): void {
    if (!request.subscribe) {
      return this.refuse(reject('INVALID_ARGUMENT', 'subscribe', 'the first request must subscribe'));
    }
    const command = subscribeCommand(request.subscribe);
    if (!command.ok) return this.refuse(command.reject);
    const windowMessages = Math.min(command.value.windowMessages, OWN_WINDOW.messages);
    const windowBytes = Math.min(command.value.windowBytes, OWN_WINDOW.bytes);
    this.#heldMessages = command.value.windowMessages - windowMessages;
    this.#heldBytes = command.value.windowBytes - windowBytes;
    this.#outstandingMessages = windowMessages;
    this.#outstandingBytes = windowBytes;
    this.#ending.request = this.#host.request(
      { ...command.value, windowMessages, windowBytes },
      {
        onReply: (result) => this.#onReply(result),
        onDeliver: (attempt, chunks) => this.#onDeliver(attempt, chunks),
        onVoided: (voided) => this.#onVoided(voided),
        onAckRefused: (of, seq, why) => this.#onAckRefused(of, seq, why),
        onEnded: (result) => this.#ending.onEnded(result),
      },
    );
  }

  #onReply(result: Result<Reply>): void {
    if (!result.ok) return this.refuse(result.reject);
    if (result.value.kind !== 'subscription' || this.#ending.isOver) return;
    const { stream, source, resumeAfter, attempt } = result.value;
    this.#call.write(
      new v1.SubscribeResponse({ subscribed: { streamId: stream, sourceId: source, resumeAfter, attempt } }),
    );
  }

  #onDeliver(attempt: number, chunks: readonly DeliveredChunk[]): void {
    if (this.#ending.isOver) return;
    let items: v1.ClientData.$Properties[] = [];
    let bytes = 0;
    for (const chunk of chunks) {
      if (items.length > 0 && bytes + chunk.payload.length + chunk.headers.length > BATCH_BYTES_MAX) {
        this.#write(attempt, items);
        items = [];
        bytes = 0;
      }
      items.push(chunk.digest === undefined ? chunk : { ...chunk, blake3: chunk.digest });
      bytes += chunk.payload.length + chunk.headers.length;
    }
    if (items.length > 0) this.#write(attempt, items);
  }

  #write(attempt: number, items: v1.ClientData.$Properties[]): void {
    let messages = 0;
    let bytes = 0;
    for (const { chunkSeq, chunkCount, payload } of items) {
      bytes += payload?.length ?? 0;
      if ((chunkSeq ?? 0) + 1 === chunkCount) messages++;
    }
    this.#call.write(new v1.SubscribeResponse({ batch: { attempt, items } }), () => {
      this.#outstandingMessages -= messages;
      this.#outstandingBytes -= bytes;
      this.#grant();
    });
  }

  #onAck(ack: v1.Ack.$Properties): void {
    const attempt = ack.attempt ?? 0;
    const seq = ack.seq ?? 0;
    if (!Number.isSafeInteger(attempt) || !Number.isSafeInteger(seq)) {
      return this.refuse(reject('INVALID_ARGUMENT', 'ack', 'attempt and seq must be below 2^53'));
    }
    if (this.#ending.request === null) return;
    this.#host.submit({ kind: 'processed', request: this.#ending.request, attempt, seq: streamSeq(seq) });
  }

  #onNack(nack: v1.Nack.$Properties): void {
    const attempt = nack.attempt ?? 0;
    const seq = nack.seq ?? 0;
    if (!Number.isSafeInteger(attempt) || !Number.isSafeInteger(seq) || seq < 1) {
      return this.refuse(reject('INVALID_ARGUMENT', 'nack', 'attempt and seq must be below 2^53, seq from 1'));
    }
    if (this.#ending.request === null) return;
    const reason = nack.reason || 'the application gave no reason';
    this.#host.submit({ kind: 'failed', request: this.#ending.request, attempt, seq: streamSeq(seq), reason });
  }

  #onVoided({ attempt, next, seq, failures, reason, retryAfterUs }: Extract<Effect, { kind: 'attempt-voided' }>): void {
    if (this.#ending.isOver) return;
    const retryAfterMs = Math.ceil(retryAfterUs / 1000);
    this.#call.write(new v1.SubscribeResponse({ voided: { attempt, nextAttempt: next, seq, failures, reason, retryAfterMs } }));
  }

  #onAckRefused(attempt: number, seq: number, { code, detail }: Reject): void {
    if (!this.#ending.isOver) this.#call.write(new v1.SubscribeResponse({ ackRefused: { attempt, seq, code, detail } }));
  }

  #onWindow(window: v1.WindowUpdate.$Properties): void {
    this.#heldMessages = Math.min(this.#heldMessages + (window.messages ?? 0), CLIENT_WINDOW_MAX);
    this.#heldBytes = Math.min(this.#heldBytes + (window.bytes ?? 0), CLIENT_WINDOW_MAX);
    this.#grant();
  }

  /** Gives the core what fits. Small bits are gathered, unless they are all there is. */
  #grant(): void {
    if (this.#ending.isOver || this.#ending.request === null) return;
    const messages = Math.max(0, Math.min(this.#heldMessages, OWN_WINDOW.messages - this.#outstandingMessages));
    const bytes = Math.max(0, Math.min(this.#heldBytes, OWN_WINDOW.bytes - this.#outstandingBytes));
    const areWorthIt = messages >= GRANT_MIN.messages || (messages > 0 && messages === this.#heldMessages);
    const isWorthIt = bytes >= GRANT_MIN.bytes || (bytes > 0 && bytes === this.#heldBytes);
    if (!areWorthIt && !isWorthIt) return;
    this.#heldMessages -= messages;
    this.#outstandingMessages += messages;
    this.#heldBytes -= bytes;
    this.#outstandingBytes += bytes;
    this.#host.submit({ kind: 'window', request: this.#ending.request, messages, bytes });
  }

}

/** What one subscription may hold in this process: 1 MiB of payload, and headers of up to 8 KiB a message. */
const OWN_WINDOW = { messages: 2048, bytes: 1024 * 1024 };
const GRANT_MIN = { messages: 256, bytes: 64 * 1024 };
/** A client's window beyond this is as good as this. */
const CLIENT_WINDOW_MAX = 1024 * 1024 * 1024;
