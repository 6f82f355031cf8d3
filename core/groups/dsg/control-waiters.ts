/** Operators at the source who wait until the stream has admitted a change that they asked for. */
import type { Reject } from '../../base/reject.js';
import { accept, refuse } from '../../base/result.js';
import type { StreamId } from '../../base/ids.js';
import type { GroupContext } from '../context.js';

export class ControlWaiters {
  readonly #context: GroupContext;
  readonly #stream: StreamId;
  /** By request: the number of the control entry. At most as many as controls may be staged. */
  readonly #waiting = new Map<number, number>();

  constructor(context: GroupContext, stream: StreamId) {
    this.#context = context;
    this.#stream = stream;
  }

  wait(request: number, controlNo: number): void {
    this.#waiting.set(request, controlNo);
  }

  /** Everything up to `controlNo` is in the stream's state. */
  onAdmitted(controlNo: number): void {
    for (const [request, no] of this.#waiting) {
      if (no > controlNo) continue;
      this.#waiting.delete(request);
      this.#context.emit({ kind: 'reply', request, result: accept({ kind: 'changed', stream: this.#stream }) });
    }
  }

  forget(request: number): void {
    this.#waiting.delete(request);
  }

  endAll(why: Reject): void {
    for (const request of this.#waiting.keys()) this.#context.emit({ kind: 'reply', request, result: refuse(why) });
    this.#waiting.clear();
  }
}
