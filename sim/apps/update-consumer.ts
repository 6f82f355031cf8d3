/**
 * A simulated consumer of updates: it handles them in order and writes a row for each, in one transaction with its place.
 * After whatever ends its subscription it subscribes again and goes on from where its node says that it is.
 */
import { utf8Decode, utf8Encode } from '../../core/base/bytes.js';
import type { UpdateFeed } from '../../core/groups/updates/feeds.js';
import { windowCostOf } from '../../core/groups/updates/consumers.js';
import type { DeliveredUpdate } from '../../core/groups/context.js';
import type { RequestId } from '../../core/node/inputs.js';
import { Draws } from '../base/draw.js';
import type { NodeProcess, Session, SessionEffect } from '../world/process.js';
import { type Environment, after, noteRefusal, retryDelayUs } from './environment.js';

/** Rows of this table are the ledger: the key is the update. */
export const APPLIED_TABLE = 'applied';

interface Subscription {
  readonly process: NodeProcess;
  readonly request: RequestId;
}

export class UpdateConsumer implements Session {
  readonly #environment: Environment;
  readonly #node: number;
  readonly #feed: UpdateFeed;
  readonly #draws: Draws;
  #subscription: Subscription | null = null;
  #ackAtUs = 0;

  constructor(environment: Environment, node: number, feed: UpdateFeed) {
    this.#environment = environment;
    this.#node = node;
    this.#feed = feed;
    this.#draws = new Draws(environment.plan.seed, 'application', CONSUMER_ENTITY + node * 10 + feed.length);
    this.#subscribeLater();
  }

  onEffect(effect: SessionEffect): void {
    const subscription = this.#subscription;
    if (subscription === null || effect.request !== subscription.request) return;
    if (effect.kind === 'deliver-updates') {
      for (const update of effect.updates) this.#handle(subscription, effect.attempt, update);
    } else if ((effect.kind === 'reply' || effect.kind === 'ended') && !effect.result.ok) {
      this.#subscription = null;
      noteRefusal(this.#environment, `consumer of ${this.#feed} updates at n${this.#node}`, effect.result.reject);
      this.#subscribeLater(effect.result.reject.retryAfterUs);
    }
  }

  onDisconnected(): void {
    if (this.#subscription === null) return;
    this.#subscription = null;
    this.#subscribeLater();
  }

  #subscribeLater(retryAfterUs = 0): void {
    after(this.#environment, retryDelayUs(this.#draws, retryAfterUs), () => this.#subscribe());
  }

  #subscribe(): void {
    const process = this.#environment.machines[this.#node]?.process ?? null;
    if (process === null) return this.#subscribeLater();
    const request = process.open(this, {
      kind: 'subscribe-updates',
      feed: this.#feed,
      consumer: 'app',
      resumeAfter: null,
      isFromStart: false,
      windowMessages: WINDOW_MESSAGES,
      windowBytes: WINDOW_BYTES,
    });
    this.#subscription = { process, request };
  }

  /** The calls between a consumer and its node are one ordered stream. */
  #handle(subscription: Subscription, attempt: number, { seq, record }: DeliveredUpdate): void {
    const { timeline } = this.#environment;
    const { process, request } = subscription;
    this.#ackAtUs = Math.max(timeline.nowUs, this.#ackAtUs) + this.#draws.between(HANDLE_US, 20 * HANDLE_US);
    after(this.#environment, this.#ackAtUs - timeline.nowUs, () => {
      if (this.#subscription !== subscription) return;
      const update = utf8Decode(record.payload) ?? '';
      const writes = [{ table: APPLIED_TABLE, key: utf8Encode(update), value: utf8Encode(String(seq)) }];
      process.tell({ kind: 'updates-processed', request, attempt, seq, writes });
      process.tell({ kind: 'window', request, messages: 1, bytes: windowCostOf(record) });
    });
  }
}

const CONSUMER_ENTITY = 8_500_000;
const WINDOW_MESSAGES = 8;
const WINDOW_BYTES = 64 * 1024;
const HANDLE_US = 100;
