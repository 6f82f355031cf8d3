/**
 * How news goes round: piggybacked on every message, pushed to a few members at random while there is any, and by
 * exchange of whole views now and then, which repairs whatever the rest has missed.
 *
 * Decides what a message carries beside its purpose. Invariant: while there is news and somebody to tell, the gossip
 * deadline is armed; without news nothing is sent.
 * Source: SWIM §4.1, memberlist (gossip, push-pull), Serf (user events).
 * Differs: a node that can reach nobody forgets the accusations that it has not passed on. They would be its first
 * words when it is back, and fail everybody everywhere for a moment.
 */
import { assert } from '../base/assert.js';
import type { Deadline, DeadlineHeap, DeadlineOwner } from '../base/deadlines.js';
import type { NodeId } from '../base/ids.js';
import type { Rng } from '../base/rng.js';
import type { Micros } from '../base/units.js';
import { CLAIM_STATES, type SwimClaim, type SwimMessage, type SwimUserEvent } from '../wire/swim-messages.js';
import { Broadcasts } from './broadcasts.js';
import { log10Ceil, log2Ceil } from './logarithm.js';
import type { MemberTable } from './member-table.js';
import type { OwnMember } from './own-member.js';
import type { OverlayPaths } from './probe-helpers.js';
import { CLAIM_BYTES, type SwimConfig } from './swim-config.js';
import { type UserEvents, eventBytes, eventKey } from './user-events.js';

/** What of a message its purpose gives; the rest is added to every message. */
export type SwimBody =
  | { readonly kind: 'ping'; readonly seq: number }
  | { readonly kind: 'ping-request'; readonly seq: number; readonly target: NodeId }
  | { readonly kind: 'ack'; readonly seq: number; readonly responder: NodeId; readonly responderIncarnation: number }
  | { readonly kind: 'nack'; readonly seq: number }
  | { readonly kind: 'gossip' };

export interface DisseminationOptions {
  readonly config: SwimConfig;
  readonly deadlines: DeadlineHeap;
  readonly rng: Rng;
  readonly paths: OverlayPaths;
  readonly own: OwnMember;
  readonly members: MemberTable;
  readonly userEvents: UserEvents;
  readonly transmit: (to: NodeId, message: SwimMessage) => void;
}

export class Dissemination implements DeadlineOwner {
  readonly #config: SwimConfig;
  readonly #rng: Rng;
  readonly #paths: OverlayPaths;
  readonly #own: OwnMember;
  readonly #members: MemberTable;
  readonly #userEvents: UserEvents;
  readonly #transmit: (to: NodeId, message: SwimMessage) => void;
  readonly #claims = new Broadcasts<SwimClaim>();
  readonly #events = new Broadcasts<SwimUserEvent>();
  readonly #gossipDeadline: Deadline;
  readonly #pushPullDeadline: Deadline;
  /** Whether this boot has had somebody’s whole view. */
  #isSynced = false;

  constructor({ config, deadlines, rng, paths, own, members, userEvents, transmit }: DisseminationOptions) {
    this.#config = config;
    this.#rng = rng;
    this.#paths = paths;
    this.#own = own;
    this.#members = members;
    this.#userEvents = userEvents;
    this.#transmit = transmit;
    this.#gossipDeadline = deadlines.allocate(this, 'gossip');
    this.#pushPullDeadline = deadlines.allocate(this, 'push-pull');
  }

  /** Whether more user events may wait to be sent. */
  get hasRoomForEvent(): boolean {
    return this.#events.size < this.#config.eventsQueued;
  }

  /** Sends one message with what every message carries: the incarnation, what is held against the receiver, news. */
  send(to: NodeId, body: SwimBody): void {
    const member = this.#members.get(to);
    const accusation = member === undefined || member.liveness === 'alive' ? null : this.#members.claimOf(to);
    const sendsMax = this.#config.retransmitMult * Math.max(1, log10Ceil(this.#members.size + 2));
    const claims: SwimClaim[] = accusation === null ? [] : [accusation];
    claims.push(...this.#claims.take(this.#config.piggybackBytesMax - claims.length * CLAIM_BYTES, sendsMax, to));
    const events = this.#events.take(this.#config.piggybackBytesMax - claims.length * CLAIM_BYTES, sendsMax);
    this.#transmit(to, { ...body, incarnation: this.#own.incarnation, claims, events });
  }

  /** Passes a claim on, in place of any earlier one about its subject. */
  queueClaim(now: Micros, claim: SwimClaim): void {
    this.#claims.queue(claim.subject, claim, CLAIM_BYTES);
    this.#armGossip(now);
  }

  hasClaimAbout(node: NodeId): boolean {
    return this.#claims.has(node);
  }

  /** Passes a user event on; when too many wait, leaves that to others and to push-pull. */
  queueEvent(now: Micros, event: SwimUserEvent): void {
    if (this.hasRoomForEvent) this.#events.queue(eventKey(event), event, eventBytes(event));
    this.#armGossip(now);
  }

  forget(node: NodeId): void {
    this.#claims.remove(node);
  }

  /** Tells `fanout` members the news at once. */
  gossip(now: Micros, fanout: number): void {
    if (!this.#hasNews) return;
    const targets = this.#members.select(
      ({ node, liveness, since }) =>
        liveness !== 'left' &&
        (liveness !== 'failed' || now - since <= this.#config.gossipToFailedUs) &&
        this.#paths.nextHop(node) !== null,
    );
    this.#rng.shuffle(targets);
    for (const node of targets.slice(0, fanout)) if (this.#hasNews) this.send(node, { kind: 'gossip' });
    if (targets.length > 0) return this.#armGossip(now);
    this.#claims.removeWhere(({ state }) => state === CLAIM_STATES.SUSPECT || state === CLAIM_STATES.CONFIRM);
    if (this.#hasNews) this.#gossipDeadline.arm((now + this.#config.probeIntervalUs) as Micros);
  }

  /** A part of somebody’s view has come. */
  onPushPull(from: NodeId, wantsReply: boolean, lamport: number): void {
    this.#userEvents.witness(lamport);
    if (wantsReply) this.#sendView(from, false);
    else this.#isSynced = true;
  }

  /** Arms what should be armed, and nothing else, for the present phase and members. */
  arm(now: Micros): void {
    if (this.#members.size === 0 || this.#own.phase === 'stopped') {
      this.#gossipDeadline.disarm();
      this.#pushPullDeadline.disarm();
      return;
    }
    this.#armGossip(now);
    if (this.#own.phase === 'leaving') this.#pushPullDeadline.disarm();
    else if (!this.#pushPullDeadline.isArmed) this.#armPushPull(now);
  }

  /** Forgets all news. */
  stop(): void {
    this.#claims.clear();
    this.#events.clear();
    this.#gossipDeadline.disarm();
    this.#pushPullDeadline.disarm();
    this.#isSynced = false;
  }

  onDeadline(now: Micros, deadline: Deadline): void {
    if (deadline === this.#gossipDeadline) return this.gossip(now, this.#config.gossipFanout);
    assert(deadline === this.#pushPullDeadline, 'a deadline of the dissemination is known');
    const targets = this.#members.select(
      ({ node, liveness }) => liveness === 'alive' && this.#paths.nextHop(node) !== null,
    );
    if (targets.length > 0) this.#sendView(this.#rng.pick(targets), true);
    this.#armPushPull(now);
  }

  checkInvariants(): void {
    for (const node of this.#claims.keys()) {
      assert(node === this.#own.node || this.#members.get(node as NodeId) !== undefined, 'news is of members');
    }
    assert(this.#events.size <= this.#config.eventsQueued, 'queued events are bounded');
    const isSpeaking = this.#own.phase !== 'stopped' && this.#members.size > 0;
    assert(!isSpeaking || !this.#hasNews || this.#gossipDeadline.isArmed, 'news is passed on');
    const isExchanging = this.#own.phase === 'started' && this.#members.size > 0;
    assert(this.#pushPullDeadline.isArmed === isExchanging, 'views are exchanged while there are others');
  }

  get #hasNews(): boolean {
    return this.#claims.size + this.#events.size > 0;
  }

  /** Everything that this node holds, in parts; the last one asks for the other’s view. */
  #sendView(to: NodeId, wantsReply: boolean): void {
    const claims: SwimClaim[] = [];
    if (this.#own.phase === 'leaving') claims.push(this.#own.claim(CLAIM_STATES.LEAVE));
    for (const { node, incarnation, liveness } of this.#members.views()) {
      const claim = incarnation === 0 && liveness === 'alive' ? null : this.#members.claimOf(node);
      if (claim !== null) claims.push(claim);
    }
    const { lamport } = this.#userEvents;
    const { incarnation } = this.#own;
    const partSize = this.#config.pushPullPartMax;
    for (let at = 0; at === 0 || at < claims.length; at += partSize) {
      const events = at === 0 ? this.#userEvents.latest(PUSH_PULL_EVENTS_MAX, PUSH_PULL_EVENT_BYTES_MAX) : [];
      const part = claims.slice(at, at + partSize);
      const isLast = at + partSize >= claims.length;
      this.#transmit(to, {
        kind: 'push-pull',
        incarnation,
        claims: part,
        events,
        wantsReply: wantsReply && isLast,
        lamport,
      });
    }
  }

  #armGossip(now: Micros): void {
    if (this.#gossipDeadline.isArmed || !this.#hasNews) return;
    if (this.#own.phase === 'stopped' || this.#members.size === 0) return;
    this.#gossipDeadline.arm((now + this.#config.gossipIntervalUs) as Micros);
  }

  /** Spread at random by a tenth; above 32 nodes the interval grows with their logarithm. */
  #armPushPull(now: Micros): void {
    const { pushPullIntervalUs, firstSyncIntervalUs } = this.#config;
    const factor = Math.max(1, log2Ceil(this.#members.size + 1) - 4);
    const interval = this.#isSynced ? pushPullIntervalUs * factor : firstSyncIntervalUs;
    const spread = this.#rng.below(Math.floor(interval / 5) + 1) - Math.floor(interval / 10);
    this.#pushPullDeadline.arm((now + interval + spread) as Micros);
  }
}

const PUSH_PULL_EVENTS_MAX = 64;
const PUSH_PULL_EVENT_BYTES_MAX = 8192;
