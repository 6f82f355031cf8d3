/**
 * What this node's applications have open at a stream: a subscription as its target, another one of its dead letters,
 * and publisher sessions at its source. Who asks is found by its request.
 */
import type { Reject } from '../../base/reject.js';
import { refuse } from '../../base/result.js';
import type { StreamId } from '../../base/ids.js';
import type { Micros } from '../../base/units.js';
import type { GroupContext } from '../context.js';
import type { StreamLetters } from './stream-letters.js';
import type { StreamSource } from './source.js';
import type { StreamState } from './stream-state.js';
import { type Subscriber, notTarget } from './subscriber.js';
import type { StreamTarget } from './target.js';

export interface StreamParts {
  /** Null at the source. */
  readonly target: StreamTarget | null;
  readonly letters: StreamLetters;
  /** Null at all others. */
  readonly source: StreamSource | null;
}

export class StreamSessions {
  readonly #context: GroupContext;
  readonly #stream: StreamId;
  readonly #state: StreamState;
  readonly #parts: StreamParts;

  constructor(context: GroupContext, stream: StreamId, state: StreamState, parts: StreamParts) {
    this.#context = context;
    this.#stream = stream;
    this.#state = state;
    this.#parts = parts;
  }

  /** Whether `request` is an open session or subscription here. */
  holds(request: number): boolean {
    const { target, letters, source } = this.#parts;
    return target?.holds(request) === true || letters.replay?.request === request || (source !== null && source.publishers.producerOf(request) !== null);
  }

  get isSubscribed(): boolean {
    return this.#parts.target?.isSubscribed ?? false;
  }

  /** NOT_TARGET, or as `StreamTarget.subscribe`. */
  subscribe(now: Micros, wish: Subscriber): void {
    const { target, letters } = this.#parts;
    if (wish.isOfLetters && letters.replay !== null) return letters.replay.subscribe(now, wish);
    if (target !== null && this.#state.targets.attached(this.#context.node) !== null) return target.subscribe(now, wish);
    this.#context.emit({ kind: 'reply', request: wish.request, result: refuse(notTarget(this.#stream)) });
  }

  acknowledge(now: Micros, request: number, attempt: number, seq: number): void {
    const { target, letters } = this.#parts;
    if (letters.replay?.request === request) letters.replay.acknowledge(now, attempt, seq);
    else target?.acknowledge(now, request, attempt, seq);
  }

  fail(now: Micros, request: number, attempt: number, seq: number, reason: string): void {
    const { target, letters } = this.#parts;
    if (letters.replay?.request === request) letters.replay.fail(now, attempt, seq, reason);
    else target?.fail(now, request, attempt, seq, reason);
  }

  grant(request: number, messages: number, bytes: number): void {
    const { target, letters } = this.#parts;
    if (letters.replay?.request === request) letters.replay.grant(messages, bytes);
    else target?.grant(request, messages, bytes);
  }

  /** The caller of `request` is gone, whatever it was here. */
  cancel(request: number): void {
    const { target, letters, source } = this.#parts;
    target?.cancel(request);
    if (letters.replay?.request === request) letters.replay.cancel();
    source?.publishers.detach(request);
    source?.forget(request);
  }

  /** By the log this node is a target from now on, of what comes after `seq`. */
  onAttached(seq: number): void {
    this.#parts.target?.startAfter(seq);
  }

  /** By the log this node is no target any more. */
  onDetached(isLapsed: boolean): void {
    this.#parts.target?.leave(isLapsed);
    this.#parts.letters.replay?.end(notTarget(this.#stream));
  }

  /** The node stops, or the stream is gone: applications are told why. */
  end(why: Reject): void {
    const { target, letters, source } = this.#parts;
    target?.end(why);
    letters.replay?.end(why);
    source?.publishers.endAll(why);
    source?.waiters.endAll(why);
  }
}
