/**
 * How a call that lasts ends, once, whoever wants it: the client goes away, or has sent all it wants to, the core ends the
 * request behind it, or the node drains. After that nothing is written to the call and nothing is asked of the core.
 */
import type { Reject } from '../../core/base/reject.js';
import type { Result } from '../../core/base/result.js';
import type { RequestId } from '../../core/node/inputs.js';
import type { NodeHost } from '../host/node-host.js';
import { toStatus } from './refusal.js';

/** What it needs of a call of grpc-js. */
export interface EndableCall {
  emit(event: 'error', status: ReturnType<typeof toStatus>): boolean;
  on(event: 'cancelled', listener: () => void): unknown;
  end(): unknown;
}

export class CallEnding {
  readonly #call: EndableCall;
  readonly #host: NodeHost;
  readonly #onOver: () => void;
  #request: RequestId | null = null;
  #isOver = false;

  /** `onOver`: the session drops what it holds. */
  constructor(call: EndableCall, host: NodeHost, onOver: () => void = () => undefined) {
    this.#call = call;
    this.#host = host;
    this.#onOver = onOver;
    call.on('cancelled', () => this.cancel());
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** The request of the core that this call is about; null before there is one. */
  get request(): RequestId | null {
    return this.#request;
  }

  set request(request: RequestId) {
    this.#request = request;
    // The core may have refused it before its number was known here.
    if (this.#isOver) this.#host.cancel(request);
  }

  /** Ends the call with why. */
  refuse(refusal: Reject): void {
    if (this.#isOver) return;
    this.cancel();
    this.#call.emit('error', toStatus(refusal));
  }

  /** Ends the call well: all is done that the client wanted. */
  complete(): void {
    if (this.#isOver) return;
    this.cancel();
    this.#call.end();
  }

  /** The core has ended the request. */
  onEnded(result: Result<null>): void {
    if (this.#isOver) return;
    if (!result.ok) return this.refuse(result.reject);
    this.#isOver = true;
    this.#onOver();
    this.#call.end();
  }

  /** Nobody is there any more; the core forgets the request. */
  cancel(): void {
    this.#isOver = true;
    this.#onOver();
    if (this.#request !== null) this.#host.cancel(this.#request);
  }
}
