/**
 * A simulated sender of updates: one after the other, each again and again until it is acknowledged, through crashes of
 * its node, refusals and silence. It counts what it sends, so a repeat is recognised.
 */
import { EMPTY_BYTES, utf8Encode } from '../../core/base/bytes.js';
import type { UpdateFeed } from '../../core/groups/updates/feeds.js';
import { type Environment } from './environment.js';
import { PersistentCall } from './persistent-call.js';

export class UpdateSender {
  readonly #environment: Environment;
  readonly #node: number;
  readonly #feed: UpdateFeed;
  readonly #times: readonly number[];
  #sent = 0;

  /** Sends one update at each of `times`, ascending, or as soon after it as those before are acknowledged. */
  constructor(environment: Environment, node: number, feed: UpdateFeed, times: readonly number[]) {
    this.#environment = environment;
    this.#node = node;
    this.#feed = feed;
    this.#times = times;
    this.#next();
  }

  get isDone(): boolean {
    return this.#sent === this.#times.length;
  }

  #next(): void {
    const atUs = this.#times[this.#sent];
    if (atUs === undefined) return;
    const { timeline, updates } = this.#environment;
    const sender = `n${this.#node}`;
    const senderSeq = this.#sent + 1;
    const update = `${this.#feed}/${sender}/${senderSeq}`;
    const feed = this.#feed;
    const call = {
      node: this.#node,
      entity: UPDATE_ENTITY + this.#node * 100_000 + (feed === 'database' ? 50_000 : 0) + senderSeq,
      command: () => {
        updates.onOffered(update);
        return {
          kind: 'send-update',
          feed,
          sender: `${feed}/${sender}`,
          senderSeq,
          updateId: null,
          topic: 'simulated',
          changes: feed === 'database' ? [{ table: 'accounts', key: utf8Encode(update), value: EMPTY_BYTES, isRemoval: false, ifRevision: 0 }] : [],
          payload: utf8Encode(update),
          level: 'committed',
        } as const;
      },
      onAccepted: () => {
        updates.onAcknowledged(update);
        this.#sent++;
        this.#next();
      },
      isAcceptance: () => false,
    };
    new PersistentCall(this.#environment, call, Math.max(0, atUs - timeline.nowUs));
  }
}

const UPDATE_ENTITY = 7_000_000;
