/**
 * One call of SubscribeMeshUpdates, SubscribeNodeUpdates or SubscribeInternalDBUpdates. What the node may send is what the
 * client's window allows, so that nothing piles up in front of the socket.
 */
import type { ServerDuplexStream } from '@grpc/grpc-js';
import { type Reject, reject } from '../../core/base/reject.js';
import type { Result } from '../../core/base/result.js';
import type { UpdateFeed } from '../../core/groups/updates/feeds.js';
import type { Reply } from '../../core/node/commands.js';
import type { RequestId } from '../../core/node/inputs.js';
import type { NodeHost } from '../host/node-host.js';
import { CallEnding } from './call-ending.js';
import { v1 } from './messages.js';
import { subscribeUpdatesCommand, updateBatch } from './update-commands.js';

export type UpdateCall = ServerDuplexStream<v1.UpdateSubscribeRequest, v1.UpdateSubscribeResponse>;

export class UpdateSession {
  readonly #call: UpdateCall;
  readonly #host: NodeHost;
  readonly #feed: UpdateFeed;
  readonly #ending: CallEnding;

  constructor(call: UpdateCall, host: NodeHost, feed: UpdateFeed) {
    this.#call = call;
    this.#host = host;
    this.#feed = feed;
    this.#ending = new CallEnding(call, host);
    call.on('data', (request: v1.UpdateSubscribeRequest) => this.#onRequest(request));
    call.on('end', () => this.#ending.complete());
  }

  /** Ends the call from our side. */
  refuse(refusal: Reject): void {
    this.#ending.refuse(refusal);
  }

  #onRequest(request: v1.UpdateSubscribeRequest): void {
    if (this.#ending.isOver) return;
    if (this.#ending.request === null) return this.#subscribe(request);
    if (request.ack) return this.#onAck(this.#ending.request, request.ack);
    if (request.window) return this.#onWindow(this.#ending.request, request.window);
    this.refuse(reject('INVALID_ARGUMENT', 'request', 'after the first request only ack and window follow'));
  }

  #subscribe(request: v1.UpdateSubscribeRequest): void {
    if (!request.subscribe) return this.refuse(reject('INVALID_ARGUMENT', 'subscribe', 'the first request must subscribe'));
    const command = subscribeUpdatesCommand(this.#feed, request.subscribe);
    if (!command.ok) return this.refuse(command.reject);
    const windowMessages = Math.min(command.value.windowMessages, WINDOW_MAX.messages);
    const windowBytes = Math.min(command.value.windowBytes, WINDOW_MAX.bytes);
    this.#ending.request = this.#host.request({ ...command.value, windowMessages, windowBytes }, {
      onReply: (result) => this.#onReply(result),
      onUpdates: (attempt, updates) => {
        if (!this.#ending.isOver) this.#call.write(new v1.UpdateSubscribeResponse({ batch: updateBatch(this.#feed, attempt, updates) }));
      },
      onEnded: (result) => this.#ending.onEnded(result),
    });
  }

  #onReply(result: Result<Reply>): void {
    if (!result.ok) return this.refuse(result.reject);
    if (result.value.kind !== 'update-subscription' || this.#ending.isOver) return;
    const { resumeAfter, attempt } = result.value;
    this.#call.write(new v1.UpdateSubscribeResponse({ subscribed: { resumeAfter, attempt } }));
  }

  #onAck(request: RequestId, { attempt, seq }: v1.Ack.$Properties): void {
    const acked = { attempt: attempt ?? 0, seq: seq ?? 0 };
    if (!Number.isSafeInteger(acked.attempt) || !Number.isSafeInteger(acked.seq)) {
      return this.refuse(reject('INVALID_ARGUMENT', 'ack', 'attempt and seq must be below 2^53'));
    }
    this.#host.submit({ kind: 'updates-processed', request, ...acked, writes: [] });
  }

  /** A client that gives back more than it was sent would fill our own queues. */
  #onWindow(request: RequestId, { messages, bytes }: v1.WindowUpdate.$Properties): void {
    const given = { messages: Math.min(messages ?? 0, WINDOW_MAX.messages), bytes: Math.min(bytes ?? 0, WINDOW_MAX.bytes) };
    this.#host.submit({ kind: 'window', request, ...given });
  }

}

/** Of one subscription at once, whatever its client asks for. */
const WINDOW_MAX = { messages: 4096, bytes: 4 * 1024 * 1024 };
