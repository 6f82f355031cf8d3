/**
 * Gives the updates of one feed to a handler in this process: in order, one at a time, each until it succeeds. The rows
 * that the handler writes travel with the acknowledgement and commit with it. A handler that fails is called again after
 * a while, with the same update; nothing behind it is given meanwhile.
 */
import type { Logger } from 'pino';
import { Fifo } from '../../core/base/fifo.js';
import type { Reject } from '../../core/base/reject.js';
import type { DeliveredUpdate, TableWrite } from '../../core/groups/context.js';
import { windowCostOf } from '../../core/groups/updates/consumers.js';
import type { UpdateFeed } from '../../core/groups/updates/feeds.js';
import type { RequestId } from '../../core/node/inputs.js';
import type { NodeHost } from '../host/node-host.js';
import type { EmbeddedTables } from './embedded-tables.js';
import { Retry, failureOf } from './retry.js';
import { StagedWrites } from './staged-writes.js';
import type { UpdateHandler } from './update-handler.js';

export interface UpdateRunnerOptions {
  readonly host: NodeHost;
  readonly tables: EmbeddedTables;
  readonly feed: UpdateFeed;
  /** The name of the consumer: its place survives restarts. */
  readonly consumer: string;
  readonly handler: UpdateHandler;
  /** Whether it must have had every update there ever was: what it makes of them is the sum of all. */
  readonly isFromStart: boolean;
  readonly log: Logger;
}

interface Subscription {
  readonly request: RequestId;
  attempt: number;
}

export class UpdateRunner {
  readonly #options: UpdateRunnerOptions;
  readonly #waiting = new Fifo<DeliveredUpdate>();
  #subscription: Subscription | null = null;
  #isHandling = false;
  readonly #retry = new Retry();
  #failures = 0;
  /** Where a handler that restored itself goes on. */
  #resumeAfter: number | null = null;
  /** Its rows, which commit with its new place. */
  #restored: readonly TableWrite[] = [];

  constructor(options: UpdateRunnerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#subscribe();
  }

  /** Nothing is handed to the handler any more. */
  stop(): void {
    this.#retry.stop();
    if (this.#subscription !== null) this.#options.host.cancel(this.#subscription.request);
    this.#subscription = null;
    this.#waiting.clear();
  }

  #subscribe(): void {
    if (this.#retry.isStopped) return;
    const { host, feed, consumer } = this.#options;
    const request: RequestId = host.request(
      {
        kind: 'subscribe-updates',
        feed,
        consumer,
        resumeAfter: this.#resumeAfter,
        isFromStart: this.#options.isFromStart,
        writes: this.#restored,
        windowMessages: WINDOW.messages,
        windowBytes: WINDOW.bytes,
      },
      {
        onReply: (result) => {
          if (!result.ok) return this.#onLost(result.reject);
          if (result.value.kind !== 'update-subscription' || this.#subscription?.request !== request) return;
          this.#subscription.attempt = result.value.attempt;
          this.#resumeAfter = null;
          this.#options.tables.apply(this.#restored);
          this.#restored = [];
        },
        onUpdates: (_attempt, updates) => {
          if (this.#subscription?.request !== request) return;
          for (const update of updates) this.#waiting.push(update);
          this.#next();
        },
        onEnded: (result) => this.#onLost(result.ok ? null : result.reject),
      },
    );
    this.#subscription = { request, attempt: 0 };
  }

  #onLost(why: Reject | null): void {
    this.#subscription = null;
    this.#waiting.clear();
    if (this.#retry.isStopped) return;
    if (why?.code === 'NEEDS_RESYNC') return this.#resync(why);
    this.#retry.after(why?.code === 'NOT_IN_MESH' ? RETRY_MS : RESUBSCRIBE_MS, () => this.#subscribe());
  }

  #next(): void {
    const subscription = this.#subscription;
    const update = this.#waiting.peek();
    if (this.#retry.isStopped || this.#isHandling || this.#retry.isWaiting || subscription === null || update === undefined) return;
    this.#isHandling = true;
    const staged = new StagedWrites(this.#options.tables);
    const { handler, feed } = this.#options;
    const { updateId, origin, sender, senderSeq, topic, changes, payload } = update.record;
    const received = { feed, seq: update.seq, updateId, origin, sender, senderSeq, topic, changes, payload };
    void failureOf(() => handler.onUpdate(received, staged)).then((failure) => {
      if (failure === null) this.#onHandled(subscription, update, staged);
      else this.#onFailed(update, failure);
    });
  }

  #onHandled(subscription: Subscription, update: DeliveredUpdate, staged: StagedWrites): void {
    this.#isHandling = false;
    // Its subscription ended meanwhile: the update comes again, and nothing of this time has happened.
    if (this.#subscription !== subscription || this.#retry.isStopped) return this.#next();
    const { writes } = staged;
    try {
      this.#options.tables.apply(writes);
    } catch (error) {
      // Expected: TablesFull.
      return this.#onFailed(update, (error as Error).message);
    }
    this.#failures = 0;
    this.#waiting.shift();
    const { host } = this.#options;
    const { request, attempt } = subscription;
    host.submit({ kind: 'updates-processed', request, attempt, seq: update.seq, writes });
    host.submit({ kind: 'window', request, messages: 1, bytes: windowCostOf(update.record) });
    this.#next();
  }

  #onFailed(update: DeliveredUpdate, failure: string): void {
    this.#isHandling = false;
    if (this.#retry.isStopped) return;
    this.#failures++;
    const waitMs = Math.min(RETRY_MS_MAX, RETRY_MS * 2 ** Math.min(this.#failures - 1, 10));
    const { log, feed, consumer } = this.#options;
    log.error({ event: 'update-handler-failed', feed, consumer, seq: update.seq, failures: this.#failures, waitMs }, failure);
    this.#retry.after(waitMs, () => this.#next());
  }

  #resync(why: Reject): void {
    const { handler, log, feed, consumer, host, tables } = this.#options;
    log.warn({ event: 'update-handler-needs-resync', feed, consumer, subject: why.subject }, why.detail);
    if (handler.onNeedsResync === undefined) return this.#retry.after(RETRY_MS_MAX, () => this.#subscribe());
    const restore = handler.onNeedsResync.bind(handler);
    host.request({ kind: 'get-status' }, {
      onReply: (result) => {
        const status = result.ok && result.value.kind === 'status' ? result.value.status : null;
        const log = feed === 'database' ? 'database' : 'system';
        const base = status?.updates.find((each) => each.log === log)?.baseSeq ?? 0;
        const staged = new StagedWrites(tables);
        const restoring = (async () => restore(base, staged))();
        restoring.then(
          (seq) => {
            this.#resumeAfter = seq;
            this.#restored = staged.writes;
            this.#subscribe();
          },
          () => this.#retry.after(RETRY_MS_MAX, () => this.#subscribe()),
        );
      },
    });
  }
}

const WINDOW = { messages: 256, bytes: 1024 * 1024 };
const RESUBSCRIBE_MS = 1_000;
const RETRY_MS = 100;
const RETRY_MS_MAX = 30_000;
