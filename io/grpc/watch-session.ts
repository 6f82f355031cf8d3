/** One WatchMeshEvents call. A client that does not keep up is ended with OVERLOADED, and comes back by sequence. */
import { type ServerWritableStream, Metadata } from '@grpc/grpc-js';
import { type Reject, reject } from '../../core/base/reject.js';
import type { NodeHost } from '../host/node-host.js';
import { CallEnding } from './call-ending.js';
import { watchCommand } from './commands.js';
import type { v1 } from './messages.js';
import { eventAnswer } from './status-answer.js';

export type WatchCall = ServerWritableStream<v1.EventFilter, v1.MeshEvent>;

export class WatchSession {
  readonly #call: WatchCall;
  readonly #ending: CallEnding;
  #unsent = 0;

  constructor(call: WatchCall, host: NodeHost) {
    this.#call = call;
    this.#ending = new CallEnding(call, host);
    const command = watchCommand(call.request);
    if (!command.ok) {
      this.refuse(command.reject);
      return;
    }
    this.#ending.request = host.request(command.value, {
      onReply: (result) => {
        if (!result.ok) this.refuse(result.reject);
        // The headers tell the client that from here on it misses nothing.
        else if (!this.#ending.isOver) call.sendMetadata(new Metadata());
      },
      onEvent: (event) => this.#write(eventAnswer(event)),
      onEnded: (result) => this.#ending.onEnded(result),
    });
  }

  /** Ends the call from our side. */
  refuse(refusal: Reject): void {
    this.#ending.refuse(refusal);
  }

  #write(event: v1.MeshEvent): void {
    if (this.#ending.isOver) return;
    if (this.#unsent >= UNSENT_EVENTS_MAX) {
      const detail = `${UNSENT_EVENTS_MAX} events wait unread: watch again after_sequence ${event.sequence - this.#unsent - 1}`;
      return this.refuse(reject('OVERLOADED', 'events', detail));
    }
    this.#unsent++;
    this.#call.write(event, () => {
      this.#unsent--;
    });
  }
}

const UNSENT_EVENTS_MAX = 4096;
