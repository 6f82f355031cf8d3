/**
 * One socket: what is known of it, what waits to leave on it, and the table of all of them. A lane's state says which
 * part of this folder it belongs to; what ends a lane passes through `Links`, which tells that part.
 */
import { assert } from '../base/assert.js';
import type { Deadline } from '../base/deadlines.js';
import type { NodeId } from '../base/ids.js';
import type { LaneId, Micros } from '../base/units.js';
import { NEVER } from '../base/units.js';
import { LaneQueue, type LaneQueueConfig } from '../egress/lane-queue.js';
import { TRAFFIC_CLASSES } from '../wire/frame.js';
import { MSG_TYPES } from '../wire/header.js';
import { LinkGoodbye } from '../wire/link-messages.js';
import type { LinkFact } from './facts.js';
import type { DiallerHandshake, ListenerHandshake, Verified } from './handshake.js';
import { linkLocalFrame } from './link-frame.js';
import { LANE_CODES, type LaneCode } from './refusal.js';

export type LaneState =
  | { readonly kind: 'hello-sent'; readonly handshake: DiallerHandshake; readonly sentAt: Micros }
  | { readonly kind: 'hello-awaited'; readonly handshake: ListenerHandshake }
  | { readonly kind: 'reply-sent'; readonly handshake: ListenerHandshake; readonly sentAt: Micros }
  /** Proven, and waiting for the linked holder of that identity to show whether it lives. */
  | { readonly kind: 'held'; readonly verified: Verified; readonly rttUs: number; readonly finish: Uint8Array | null }
  /** The dialler has proven itself and waits for the listener's first word. */
  | { readonly kind: 'finish-sent'; readonly verified: Verified; readonly rttUs: number }
  | { readonly kind: 'up'; readonly link: LinkOfLane }
  /** A member with a newcomer on the lane. */
  | { readonly kind: 'join-serving'; readonly verified: Verified; readonly isWaiting: boolean }
  /** A newcomer with a member on the lane. */
  | { readonly kind: 'join-asking' }
  | { readonly kind: 'closed' };

/** What a lane's traffic needs to know of the link that it belongs to. */
export interface LinkOfLane {
  readonly peer: NodeId;
  readonly isProvisional: boolean;
}

/** Who dialled a lane, and which of its dials it was: both ends order lanes by it. */
export interface LaneOrigin {
  readonly dialledByUs: boolean;
  readonly dialSeq: number;
}

export class Lane {
  readonly id: LaneId;
  readonly dialledByUs: boolean;
  /** What was dialled, or where the peer came from. */
  readonly remote: string;
  readonly queue: LaneQueue;
  /** Handshake timeout first, heartbeats later. */
  readonly deadline: Deadline;
  state: LaneState;
  /** The link of a lane that is up: the hot path's short cut to its state. */
  link: LinkOfLane | null = null;
  dialSeq = 0;
  openedAt: Micros;
  receivedAt: Micros;
  /** Before the lane is up. */
  receivedBytes = 0;
  nextBeatAt: Micros = NEVER;
  /** When the lane has to have proven itself; null when nobody doubts it. */
  probe: { readonly since: Micros; readonly until: Micros; readonly wantsAnswer: boolean } | null = null;
  isDirty = false;

  constructor(
    opened: { readonly id: LaneId; readonly dialledByUs: boolean; readonly remote: string; readonly now: Micros },
    parts: { readonly queue: LaneQueue; readonly deadline: Deadline; readonly state: LaneState },
  ) {
    this.id = opened.id;
    this.dialledByUs = opened.dialledByUs;
    this.remote = opened.remote;
    this.openedAt = opened.now;
    this.receivedAt = opened.now;
    this.queue = parts.queue;
    this.deadline = parts.deadline;
    this.state = parts.state;
  }

  get isClosed(): boolean {
    return this.state.kind === 'closed';
  }

  /** The peer, once it has proven membership in our mesh: nobody else can tell us that ours is over. */
  get provenMember(): NodeId | null {
    if (this.link !== null) return this.link.peer;
    const { state } = this;
    return state.kind === 'finish-sent' && state.verified.claims.purpose === 'member' ? state.verified.claims.nodeId : null;
  }

  /** Whether the peer is not admitted yet. */
  get isInHandshake(): boolean {
    const { kind } = this.state;
    return kind !== 'up' && kind !== 'join-serving' && kind !== 'join-asking' && kind !== 'closed';
  }
}

/** Who ends a lane: this side, the peer by a goodbye, or the network. */
export type LaneEnd = 'ours' | 'theirs' | 'socket-gone';

/** All lanes, and those with something to send. */
export class LaneTable {
  readonly #lanes = new Map<LaneId, Lane>();
  readonly #emit: (fact: LinkFact) => void;
  readonly #queueConfig: LaneQueueConfig;
  #dirty: Lane[] = [];
  #inHandshake = 0;

  constructor(queueConfig: LaneQueueConfig, emit: (fact: LinkFact) => void) {
    this.#queueConfig = queueConfig;
    this.#emit = emit;
  }

  get size(): number {
    return this.#lanes.size;
  }

  /** Lanes that the peer dialled and on which it is not admitted yet. */
  get acceptedInHandshake(): number {
    return this.#inHandshake;
  }

  get(id: LaneId): Lane | undefined {
    return this.#lanes.get(id);
  }

  /** A copy, so that the caller may close lanes while it goes through them. */
  all(): Lane[] {
    return [...this.#lanes.values()];
  }

  newQueue(): LaneQueue {
    return new LaneQueue(this.#queueConfig);
  }

  add(lane: Lane): void {
    assert(!this.#lanes.has(lane.id), 'a lane is opened once');
    this.#lanes.set(lane.id, lane);
    if (!lane.dialledByUs) this.#inHandshake++;
  }

  /** Moves the lane on. The count of lanes in handshake follows. */
  enter(lane: Lane, state: LaneState): void {
    const was = lane.isInHandshake;
    lane.state = state;
    lane.link = state.kind === 'up' ? state.link : null;
    if (was && !lane.isInHandshake && !lane.dialledByUs) this.#inHandshake--;
  }

  /** Queues a frame; it leaves at the next flush. False when the queue is full. */
  push(lane: Lane, frame: Uint8Array, trafficClass: number): boolean {
    if (!lane.queue.push(frame, trafficClass)) return false;
    this.markDirty(lane);
    return true;
  }

  /** Queues a message of the link's own. A full control queue drops it: its sender repeats or times out. */
  say(lane: Lane, msgType: number, payload: Uint8Array): void {
    if (this.push(lane, linkLocalFrame(msgType, payload, TRAFFIC_CLASSES.CONTROL), TRAFFIC_CLASSES.CONTROL)) return;
    this.#emit({ kind: 'notice', notice: { kind: 'count', name: 'link.control-queue-full', by: 1 } });
  }

  markDirty(lane: Lane): void {
    if (lane.isDirty) return;
    lane.isDirty = true;
    this.#dirty.push(lane);
  }

  /** One transmit a lane, as far as its socket's window has room. Tells `onTaken` which lanes gave something. */
  flush(onTaken: (lane: Lane) => void): void {
    if (this.#dirty.length === 0) return;
    const dirty = this.#dirty;
    this.#dirty = [];
    for (const lane of dirty) {
      lane.isDirty = false;
      if (lane.isClosed || !lane.queue.canTake) continue;
      this.#emit({ kind: 'effect', effect: { kind: 'transmit', lane: lane.id, parts: lane.queue.take() } });
      onTaken(lane);
    }
  }

  /**
   * Ends a lane in this table and forgets it. When the end is ours, the socket is given what is still queued (a
   * link has taken its frames back before) and a goodbye first. The lane is in state `closed` afterwards.
   */
  remove(lane: Lane, code: LaneCode, end: LaneEnd): void {
    lane.deadline.disarm();
    this.enter(lane, { kind: 'closed' });
    this.#lanes.delete(lane.id);
    if (end === 'socket-gone') return;
    if (end === 'ours') this.#sayGoodbye(lane.id, code, lane.queue.drain());
    this.#emit({ kind: 'effect', effect: { kind: 'close-lane', lane: lane.id, reason: code } });
  }

  /** Turns a socket away that never becomes a lane. */
  turnAway(id: LaneId, code: LaneCode): void {
    this.#sayGoodbye(id, code, []);
    this.#emit({ kind: 'effect', effect: { kind: 'close-lane', lane: id, reason: code } });
  }

  checkInvariants(): void {
    let inHandshake = 0;
    for (const [id, lane] of this.#lanes) {
      assert(lane.id === id && !lane.isClosed, 'the table holds open lanes under their ids');
      assert((lane.link !== null) === (lane.state.kind === 'up'), 'a lane that is up knows its link');
      assert(lane.deadline.isArmed, 'an open lane always waits for something in time');
      lane.queue.checkInvariants();
      if (lane.isInHandshake && !lane.dialledByUs) inHandshake++;
    }
    assert(inHandshake === this.#inHandshake, 'lanes in handshake are counted');
  }

  #sayGoodbye(id: LaneId, code: LaneCode, before: readonly Uint8Array[]): void {
    const payload = LinkGoodbye.encode({ code: LANE_CODES[code] });
    const goodbye = linkLocalFrame(MSG_TYPES.GOODBYE, payload, TRAFFIC_CLASSES.CONTROL);
    this.#emit({ kind: 'effect', effect: { kind: 'transmit', lane: id, parts: [...before, goodbye] } });
  }
}
