/**
 * Who takes updates at this node. A named consumer has a durable place in its feed: it gets every update after it, in
 * order, and moves it by acknowledging, together with the rows that it wants written in the same transaction. One
 * without a name follows the feed from now on and is remembered nowhere.
 *
 * This node has applied what all of its named consumers have; without any, what its log has applied.
 * Invariant: within a subscription updates leave in order, each once; a place never moves back.
 */
import { assert } from '../../base/assert.js';
import type { Deadline } from '../../base/deadlines.js';
import { type Reject, reject } from '../../base/reject.js';
import { accept, refuse } from '../../base/result.js';
import { type Micros, micros } from '../../base/units.js';
import { type UpdateRecord, UPDATE_FEEDS } from '../../wire/update-messages.js';
import { flag, message, uint } from '../../wire/schema.js';
import type { DeliveredUpdate, GroupContext, TableWrite } from '../context.js';
import type { UpdateFeed, UpdateLogName } from './feeds.js';
import type { UpdateState } from './update-state.js';

export interface SubscribeUpdates {
  readonly feed: UpdateFeed;
  /** '' follows from now on, or from `resumeAfter`. */
  readonly consumer: string;
  /** What the consumer has processed by its own account; null takes its durable place. */
  readonly resumeAfter: number | null;
  /** A consumer that is new here begins with the first update ever, or is told NEEDS_RESYNC; else with the oldest kept. */
  readonly isFromStart: boolean;
  /** Rows that a consumer which restored itself wants written together with its new place, `resumeAfter`. */
  readonly writes?: readonly TableWrite[];
  readonly windowMessages: number;
  /** In costs, see `windowCostOf`. */
  readonly windowBytes: number;
}

interface Consumer {
  readonly feed: UpdateFeed;
  readonly name: string;
  /** It began with the oldest update kept and was given none yet: what goes meanwhile is not missed by it. */
  isFresh: boolean;
  /** As acknowledged, and as durable. */
  acked: number;
  durable: number;
  subscription: Subscription | null;
}

interface Subscription {
  readonly request: number;
  readonly attempt: number;
  readonly feed: UpdateFeed;
  readonly consumer: Consumer | null;
  windowMessages: number;
  windowBytes: number;
  /** Its caller was told that it has begun. */
  isTold: boolean;
  /** Everything up to here was delivered or is of another feed. */
  passedSeq: number;
  /** The newest that was delivered. */
  deliveredSeq: number;
}

interface Early extends SubscribeUpdates {
  readonly resumeAfter: number;
  readonly request: number;
  readonly giveUpAt: Micros;
}

const PlaceRow = message('UpdatePlaceRow', { seq: uint(1), isFresh: flag(2) });

export class UpdateConsumers {
  readonly #context: GroupContext;
  readonly #log: UpdateLogName;
  readonly #state: UpdateState;
  readonly #onNeedsTurn: () => void;
  readonly #patience: Deadline;
  readonly #consumers = new Map<string, Consumer>();
  readonly #subscriptions = new Map<number, Subscription>();
  /** They claim more than exists here; after a start our own log may be behind. */
  readonly #early = new Map<number, Early>();
  #attempts = 0;

  constructor(context: GroupContext, log: UpdateLogName, entity: string, state: UpdateState, onNeedsTurn: () => void) {
    this.#context = context;
    this.#log = log;
    this.#state = state;
    this.#onNeedsTurn = onNeedsTurn;
    this.#patience = context.deadlines.allocate(this, 'updates-ahead-patience', entity);
    const prefix = placePrefix(log);
    for (const key of context.journal.keys(prefix)) {
      const row = PlaceRow.decode(context.journal.get(key) ?? new Uint8Array(0));
      const { seq, isFresh } = row ?? { seq: 0, isFresh: false };
      const [feed, name] = key.slice(prefix.length).split('/') as [UpdateFeed, string];
      this.#consumers.set(`${feed}/${name}`, { feed, name, isFresh, acked: seq, durable: seq, subscription: null });
    }
  }

  /** How far this node has applied for good. */
  get durableSeq(): number {
    let least = this.#state.lastSeq;
    for (const { durable } of this.#consumers.values()) least = Math.min(least, durable);
    return least;
  }

  /** The named consumers with their durable places. */
  places(): readonly { readonly feed: UpdateFeed; readonly name: string; readonly seq: number; readonly isSubscribed: boolean }[] {
    return [...this.#consumers.values()].map(({ feed, name, durable, subscription }) => ({
      feed,
      name,
      seq: durable,
      isSubscribed: subscription !== null,
    }));
  }

  /**
   * Replies `update-subscription`. The newest subscriber of a consumer ends older ones with FENCED. INVALID_ARGUMENT,
   * TOO_MANY; OFFSET_AHEAD, after a while; NEEDS_RESYNC: what comes next is not kept any more.
   */
  subscribe(now: Micros, request: number, wish: SubscribeUpdates): void {
    const { updates, aheadPatienceUs } = this.#context.config;
    if (wish.consumer !== '' && !NAME.test(wish.consumer)) {
      return this.#refuse(request, reject('INVALID_ARGUMENT', 'consumer', 'a consumer has a name of 1 to 64 letters, digits, points, dashes'));
    }
    if (this.#subscriptions.size + this.#early.size >= updates.subscriptionsMax) {
      return this.#refuse(request, reject('TOO_MANY', 'subscribe', 'too many subscriptions to updates; end some', RETRY_US));
    }
    const isNew = wish.consumer !== '' && !this.#consumers.has(`${wish.feed}/${wish.consumer}`);
    if (isNew && this.#consumers.size >= updates.consumersMax) {
      return this.#refuse(request, reject('TOO_MANY', wish.consumer, `a node remembers ${updates.consumersMax} consumers; forget one`));
    }
    const { resumeAfter } = wish;
    if (resumeAfter !== null && resumeAfter > this.#state.lastSeq) {
      const giveUpAt = micros(now + aheadPatienceUs);
      this.#early.set(request, { ...wish, resumeAfter, request, giveUpAt });
      this.#patience.armNoLater(giveUpAt);
    } else this.#begin(request, wish);
    this.#onNeedsTurn();
  }

  /** Everything up to `seq` is processed; `writes` become durable in the same moment as that, or neither does. */
  processed(request: number, attempt: number, seq: number, writes: readonly TableWrite[]): void {
    const subscription = this.#subscriptions.get(request);
    if (subscription === undefined) return;
    const why = refusalOfAck(subscription, attempt, seq);
    if (why !== null) return this.#end(subscription, why);
    const { consumer } = subscription;
    if (consumer === null || seq <= consumer.acked) return;
    if (writes.length > 0) this.#context.emit({ kind: 'table-writes', writes });
    consumer.isFresh = false;
    this.#advance(consumer, seq);
    this.#onNeedsTurn();
  }

  window(request: number, messages: number, bytes: number): void {
    const early = this.#early.get(request);
    if (early !== undefined) {
      const { windowMessages, windowBytes } = early;
      this.#early.set(request, { ...early, windowMessages: windowMessages + messages, windowBytes: windowBytes + bytes });
    }
    const subscription = this.#subscriptions.get(request);
    if (subscription === undefined) return;
    subscription.windowMessages += messages;
    subscription.windowBytes += bytes;
    this.#onNeedsTurn();
  }

  cancel(request: number): void {
    this.#early.delete(request);
    const subscription = this.#subscriptions.get(request);
    if (subscription !== undefined) this.#drop(subscription);
  }

  /** The consumer will not come back: it holds nothing up any more. False when it is not known. */
  forget(feed: UpdateFeed, name: string): boolean {
    const consumer = this.#consumers.get(`${feed}/${name}`);
    if (consumer === undefined) return false;
    if (consumer.subscription !== null) {
      this.#end(consumer.subscription, reject('FENCED', name, 'the consumer was told to be forgotten; do not retry'));
    }
    this.#consumers.delete(`${feed}/${name}`);
    this.#context.journal.remove(placeKey(this.#log, feed, name));
    this.#onNeedsTurn();
    return true;
  }

  endAll(why: Reject): void {
    for (const subscription of this.#subscriptions.values()) this.#end(subscription, why);
    for (const request of this.#early.keys()) this.#refuse(request, why);
    this.#early.clear();
  }

  onDeadline(_now: Micros, _deadline: Deadline): void {
    this.#onNeedsTurn();
  }

  /** At the turn: begins who has waited, moves places past what is of no concern, delivers. */
  onTurn(now: Micros): void {
    if (this.#early.size > 0) this.#beginEarly(now);
    for (const consumer of this.#consumers.values()) {
      this.#passGone(consumer);
      this.#passOthers(consumer);
    }
    for (const subscription of this.#subscriptions.values()) this.#pump(subscription);
  }

  close(): void {
    this.#patience.disarm();
  }

  checkInvariants(): void {
    for (const { acked, durable } of this.#consumers.values()) assert(durable <= acked, 'a place is acknowledged before it is durable');
    for (const { passedSeq, deliveredSeq } of this.#subscriptions.values()) {
      assert(deliveredSeq <= passedSeq, 'what was delivered was passed');
    }
  }

  #beginEarly(now: Micros): void {
    for (const early of [...this.#early.values()]) {
      if (early.resumeAfter <= this.#state.lastSeq) {
        this.#early.delete(early.request);
        this.#begin(early.request, early);
      } else if (now >= early.giveUpAt) {
        this.#early.delete(early.request);
        const detail = `the log has only ${this.#state.lastSeq} updates here; resume after that or less`;
        this.#refuse(early.request, reject('OFFSET_AHEAD', `seq ${early.resumeAfter}`, detail));
      } else this.#patience.armNoLater(early.giveUpAt);
    }
  }

  #begin(request: number, wish: SubscribeUpdates): void {
    const { feed } = wish;
    const known = wish.consumer === '' ? null : (this.#consumers.get(`${feed}/${wish.consumer}`) ?? null);
    if (known !== null) this.#passGone(known);
    const place = wish.resumeAfter ?? known?.acked ?? this.#firstPlace(wish);
    if (place < this.#state.baseSeq) {
      this.#mark('updates.needs-resync');
      return this.#refuse(request, this.#needsResync(place));
    }
    if (known !== null && known.subscription !== null) {
      this.#end(known.subscription, reject('FENCED', known.name, 'a newer subscriber has taken its place; do not retry'));
    }
    const consumer = wish.consumer === '' ? null : (known ?? this.#enroll(wish, place));
    const subscription: Subscription = {
      request,
      attempt: ++this.#attempts,
      feed,
      consumer,
      isTold: false,
      windowMessages: wish.windowMessages,
      windowBytes: wish.windowBytes,
      passedSeq: place,
      deliveredSeq: place,
    };
    this.#subscriptions.set(request, subscription);
    if (consumer !== null) {
      consumer.subscription = subscription;
      const writes = wish.writes ?? [];
      if (writes.length > 0) this.#context.emit({ kind: 'table-writes', writes });
      if (place > consumer.acked) this.#advance(consumer, place);
    }
    const { attempt } = subscription;
    // Nobody may rely on a place that a crash could take back.
    this.#context.afterDurable(() => {
      if (this.#subscriptions.get(request) !== subscription) return;
      subscription.isTold = true;
      const begun = { kind: 'update-subscription', feed, consumer: wish.consumer, resumeAfter: place, attempt } as const;
      this.#context.emit({ kind: 'reply', request, result: accept(begun) });
      this.#onNeedsTurn();
    });
  }

  #firstPlace({ consumer, isFromStart }: SubscribeUpdates): number {
    if (isFromStart) return 0;
    return consumer === '' ? this.#state.lastSeq : this.#state.baseSeq;
  }

  #enroll({ feed, consumer: name, isFromStart, resumeAfter }: SubscribeUpdates, place: number): Consumer {
    const isFresh = !isFromStart && resumeAfter === null;
    const consumer: Consumer = { feed, name, isFresh, acked: place, durable: place, subscription: null };
    this.#consumers.set(`${feed}/${name}`, consumer);
    this.#context.journal.put(placeKey(this.#log, feed, name), PlaceRow.encode({ seq: place, isFresh }));
    return consumer;
  }

  #advance(consumer: Consumer, seq: number): void {
    consumer.acked = seq;
    const row = PlaceRow.encode({ seq, isFresh: consumer.isFresh });
    this.#context.journal.put(placeKey(this.#log, consumer.feed, consumer.name), row);
    this.#context.afterDurable(() => {
      consumer.durable = Math.max(consumer.durable, seq);
      this.#onNeedsTurn();
    });
  }

  /** This node may have joined, or caught up, after a consumer was made: what was gone before is not for it. */
  #passGone(consumer: Consumer): void {
    const { baseSeq } = this.#state;
    if (!consumer.isFresh || consumer.acked >= baseSeq) return;
    this.#advance(consumer, baseSeq);
    const { subscription } = consumer;
    if (subscription === null) return;
    subscription.passedSeq = Math.max(subscription.passedSeq, baseSeq);
  }

  /** Updates of other feeds are nothing to this consumer: its place moves over them. */
  #passOthers(consumer: Consumer): void {
    let seq = consumer.acked;
    for (let next = this.#state.at(seq + 1); next !== null; next = this.#state.at(seq + 1)) {
      if (next.record.feed === UPDATE_FEEDS[consumer.feed]) break;
      seq++;
    }
    if (seq > consumer.acked) this.#advance(consumer, seq);
  }

  #pump(subscription: Subscription): void {
    if (!subscription.isTold) return;
    if (subscription.passedSeq < this.#state.baseSeq) {
      this.#mark('updates.needs-resync');
      return this.#end(subscription, this.#needsResync(subscription.passedSeq));
    }
    const wanted = UPDATE_FEEDS[subscription.feed];
    let updates: DeliveredUpdate[] = [];
    let bytes = 0;
    while (subscription.windowMessages > 0 && subscription.windowBytes > 0) {
      const next = this.#state.at(subscription.passedSeq + 1);
      if (next === null) break;
      subscription.passedSeq = next.seq;
      if (next.record.feed !== wanted) continue;
      updates.push({ seq: next.seq, record: next.record });
      subscription.deliveredSeq = next.seq;
      if (subscription.consumer !== null) subscription.consumer.isFresh = false;
      subscription.windowMessages--;
      subscription.windowBytes -= windowCostOf(next.record);
      bytes += next.bytes;
      if (bytes < this.#context.config.updates.deliverBytesMax) continue;
      this.#deliver(subscription, updates);
      updates = [];
      bytes = 0;
    }
    if (updates.length > 0) this.#deliver(subscription, updates);
  }

  #deliver({ request, attempt }: Subscription, updates: readonly DeliveredUpdate[]): void {
    this.#context.emit({ kind: 'deliver-updates', request, attempt, updates });
  }

  #end(subscription: Subscription, why: Reject): void {
    this.#drop(subscription);
    this.#context.emit({ kind: 'ended', request: subscription.request, result: refuse(why) });
  }

  #drop(subscription: Subscription): void {
    this.#subscriptions.delete(subscription.request);
    if (subscription.consumer?.subscription === subscription) subscription.consumer.subscription = null;
  }

  #needsResync(place: number): Reject {
    const { baseSeq } = this.#state;
    const detail = `updates up to ${baseSeq} are not kept any more; restore a snapshot and resume after its number, ${baseSeq} or above`;
    return reject('NEEDS_RESYNC', `seq ${place}`, detail);
  }

  #mark(name: string): void {
    this.#context.emit({ kind: 'notice', notice: { kind: 'mark', name } });
  }

  #refuse(request: number, why: Reject): void {
    this.#context.emit({ kind: 'reply', request, result: refuse(why) });
  }
}

/** What an update takes of a window in bytes: its payload, and the keys and values of its changes. */
export function windowCostOf({ payload, changes }: UpdateRecord): number {
  let bytes = payload.length;
  for (const { key, value } of changes) bytes += key.length + value.length;
  return bytes;
}

/** STALE_ATTEMPT for an ack of another attempt, OFFSET_AHEAD for one beyond what was delivered. */
function refusalOfAck({ attempt: current, deliveredSeq }: Subscription, attempt: number, seq: number): Reject | null {
  if (attempt !== current) return reject('STALE_ATTEMPT', `attempt ${attempt}`, 'a newer subscription has replaced it; subscribe again');
  if (seq > deliveredSeq) return reject('OFFSET_AHEAD', `seq ${seq}`, `only ${deliveredSeq} was delivered`);
  return null;
}

export const placePrefix = (log: UpdateLogName): string => `updates/${log}/`;
const placeKey = (log: UpdateLogName, feed: UpdateFeed, name: string): string => `${placePrefix(log)}${feed}/${name}`;

const NAME = /^[A-Za-z0-9._-]{1,64}$/;
const RETRY_US = 1_000_000;
