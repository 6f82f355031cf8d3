/**
 * When a broken call is tried again: after a delay with full jitter below a doubling cap, as long as the failure is one
 * that may pass and the node has not been away for too long.
 */
import { CallFailed, isServiceError } from './call-failed.js';

export interface RedialOptions {
  /** How long a node that is away is waited for; undefined: for ever. */
  readonly reconnectForMs?: number | undefined;
  /** The call broke and is tried again. */
  readonly onRetry?: ((failure: CallFailed) => void) | undefined;
}

export class Redial {
  readonly #options: RedialOptions;
  readonly #connect: () => void;
  #attempt = 0;
  #awaySince: number | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: RedialOptions, connect: () => void) {
    this.#options = options;
    this.#connect = connect;
  }

  get isPending(): boolean {
    return this.#timer !== null;
  }

  /** The node answers. */
  onUp(): void {
    this.#attempt = 0;
    this.#awaySince = null;
  }

  /** The call broke with `error`, or ended well without our wish (null). Null when it is tried again, else why not. */
  onDown(error: unknown): Error | null {
    if (error !== null && !isServiceError(error)) throw error;
    const failure = error === null ? null : new CallFailed(error);
    this.#awaySince ??= performance.now();
    const isTooLong = performance.now() - this.#awaySince > (this.#options.reconnectForMs ?? Infinity);
    const mayPass = failure === null || failure.retryAfterMs !== null;
    if (!mayPass || isTooLong) return failure ?? new Error('the node ended the call');
    if (failure !== null) this.#options.onRetry?.(failure);
    const least = failure?.refusal ? Math.min(failure.retryAfterMs ?? 0, RETRY_MS_MAX) : 0;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#connect();
    }, least + delayMs(this.#attempt++));
    return null;
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}

function delayMs(attempt: number): number {
  const cap = Math.min(RETRY_MS_MAX, RETRY_MS_MIN * 2 ** Math.min(attempt, 10));
  return RETRY_MS_MIN / 2 + Math.random() * cap;
}

const RETRY_MS_MIN = 50;
const RETRY_MS_MAX = 1_000;
