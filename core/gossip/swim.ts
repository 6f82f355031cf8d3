/**
 * The membership machine: who of the mesh’s members is alive, suspected, failed or gone, by probes and gossip.
 *
 * Decides what to believe. It gates nothing: frames are forwarded whatever it holds. Invariants: only the subject
 * raises its incarnation; a member that this node fails had the whole of a suspicion to refute.
 * Source: SWIM (Das, Gupta, Motivala 2002), Lifeguard (Dadgar et al. 2018), memberlist and Serf for message set,
 * push-pull and user events. `swim-config.ts` says why the tunables are what they are.
 * Differs: probes travel the overlay’s routes, and a frame over a live link counts as the answer to a probe, so
 * neighbours are not pinged at all. Every message carries its sender’s incarnation, and a message to an accused
 * member carries the accusation: a refutation needs one round trip and no luck. Members come from the mesh’s log.
 * Leaves out: metadata of nodes (the log has it), encryption (the links have it), delegates.
 */
import { assert } from '../base/assert.js';
import type { Deadline, DeadlineHeap, DeadlineOwner } from '../base/deadlines.js';
import type { NodeId } from '../base/ids.js';
import type { Notice } from '../base/notice.js';
import { reject } from '../base/reject.js';
import { type Result, accept, refuse } from '../base/result.js';
import type { Rng } from '../base/rng.js';
import type { MemberIndex, Micros } from '../base/units.js';
import { CLAIM_STATES, type SwimClaim, type SwimMessage, type SwimUserEvent } from '../wire/swim-messages.js';
import { Dissemination } from './dissemination.js';
import { type Liveness, MemberTable, type MemberView } from './member-table.js';
import { INCARNATION_MAX, OwnMember } from './own-member.js';
import type { OverlayPaths } from './probe-helpers.js';
import { Prober } from './prober.js';
import { type SwimConfig, assertSwimConfig } from './swim-config.js';
import { type UserEventRead, UserEvents, eventBytes } from './user-events.js';

export type SwimFact =
  /** One routed frame of the control class; it may be lost. */
  | { readonly kind: 'swim-send'; readonly to: NodeId; readonly message: SwimMessage }
  /** Told when `liveness` changes; `setMembers` tells nothing. */
  | {
      readonly kind: 'member-liveness';
      readonly node: NodeId;
      readonly liveness: Liveness;
      readonly incarnation: number;
    }
  /** A new user event, this node’s own included; `eventsAfter` reads it again. */
  | { readonly kind: 'user-event'; readonly cursor: number; readonly event: SwimUserEvent }
  | { readonly kind: 'notice'; readonly notice: Notice };

export interface SwimOptions {
  readonly config: SwimConfig;
  readonly deadlines: DeadlineHeap;
  readonly rng: Rng;
  readonly emit: (fact: SwimFact) => void;
  readonly self: NodeId;
  /** Makes this boot’s user events unique. */
  readonly boot: { readonly replica: number; readonly bootCounter: number };
  readonly paths: OverlayPaths;
}

export class Swim implements DeadlineOwner {
  readonly #config: SwimConfig;
  readonly #emit: (fact: SwimFact) => void;
  readonly #boot: { readonly replica: number; readonly bootCounter: number };
  readonly #own: OwnMember;
  readonly #members: MemberTable;
  readonly #userEvents: UserEvents;
  readonly #dissemination: Dissemination;
  readonly #prober: Prober;
  /** Incarnations of nodes that are not members yet, for when they are. */
  readonly #strangers = new Map<NodeId, number>();

  constructor({ config, deadlines, rng, emit, self, boot, paths }: SwimOptions) {
    assertSwimConfig(config);
    this.#config = config;
    this.#emit = emit;
    this.#boot = boot;
    this.#own = new OwnMember(self);
    this.#members = new MemberTable(config, deadlines, this);
    this.#userEvents = new UserEvents(config);
    const shared = { config, deadlines, paths, own: this.#own, members: this.#members };
    this.#dissemination = new Dissemination({
      ...shared,
      rng: rng.fork('dissemination'),
      userEvents: this.#userEvents,
      transmit: (to, message) => emit({ kind: 'swim-send', to, message }),
    });
    this.#prober = new Prober({
      ...shared,
      rng: rng.fork('prober'),
      send: (to, body) => this.#dissemination.send(to, body),
      accuse: (now, claim) => this.#onClaim(now, claim),
      count: (name) => this.#count(name),
    });
  }

  /**
   * The other members, by the mesh’s log; this node in the list is passed over. Whoever is missing is forgotten, and so
   * is what was heard of a node under another index: it went and came back, and may do so unseen from here.
   */
  setMembers(now: Micros, members: readonly { readonly id: NodeId; readonly index: MemberIndex }[]): void {
    const wanted = new Map(members.map(({ id, index }) => [id, index]));
    for (const node of this.#members.select((held) => wanted.get(held.node) !== held.index)) this.#forget(node);
    for (const { id, index } of members) {
      if (id === this.#own.node || this.#members.get(id) !== undefined) continue;
      this.#members.add(now, id, index, this.#strangers.get(id) ?? 0);
      this.#strangers.delete(id);
      this.#prober.add(id);
    }
    this.#arm(now);
  }

  /** Begins to probe and to speak. */
  start(now: Micros): void {
    if (this.#own.phase === 'started') return;
    this.#own.start();
    this.#dissemination.queueClaim(now, this.#own.claim(CLAIM_STATES.JOIN));
    this.#arm(now);
  }

  /** Falls silent. Suspicions end without a verdict. */
  stop(now: Micros): void {
    this.#own.stop();
    this.#dissemination.stop();
    this.#prober.stop();
    for (const { node, incarnation } of this.#members.endSuspicions(now)) {
      this.#emit({ kind: 'member-liveness', node, liveness: 'alive', incarnation });
    }
  }

  /** Tells the mesh that this node goes on purpose. It answers on until `stop`, but accuses nobody. */
  leave(now: Micros): void {
    if (this.#own.phase !== 'started') return;
    this.#own.leave();
    this.#dissemination.queueClaim(now, this.#own.claim(CLAIM_STATES.LEAVE));
    this.#arm(now);
    this.#dissemination.gossip(now, 2 * this.#config.gossipFanout);
  }

  /** A routed SWIM frame from `from`, whoever that is. Never throws, whatever it says. */
  onMessage(now: Micros, from: NodeId, message: SwimMessage): void {
    if (this.#own.phase === 'stopped') return this.#count('swim.stopped');
    if (from === this.#own.node || message.incarnation > INCARNATION_MAX) return this.#count('swim.malformed');
    this.#hear(now, from, message.incarnation);
    for (const claim of message.claims) {
      const isHearsay = message.kind === 'push-pull' && claim.state === CLAIM_STATES.CONFIRM;
      // Somebody’s old verdict is only a suspicion here: the subject can still refute it.
      this.#onClaim(now, isHearsay ? { ...claim, state: CLAIM_STATES.SUSPECT, accuser: from } : claim);
    }
    for (const event of message.events) this.#onEvent(now, event);
    switch (message.kind) {
      case 'ping':
        return this.#prober.onPing(from, message.seq);
      case 'ping-request':
        return this.#prober.onPingRequest(now, from, message.seq, message.target);
      case 'ack':
        return this.#onAck(now, message.seq, message.responder, message.responderIncarnation);
      case 'nack':
        return this.#prober.onNack(from, message.seq);
      case 'push-pull':
        return this.#dissemination.onPushPull(from, message.wantsReply, message.lamport);
      case 'gossip':
        return;
    }
  }

  /** A frame came over the link from `peer`: heartbeats suffice. About 100 ns. */
  onLinkEvidence(now: Micros, peer: NodeId): void {
    this.#members.noteLinkEvidence(now, peer);
    this.#nudgeIfAccused(now, peer);
  }

  /** The link to `peer` is down: its evidence is void, and it is probed next. */
  onLinkLost(_now: Micros, peer: NodeId): void {
    this.#members.dropLinkEvidence(peer);
    this.#prober.promote(peer);
  }

  /** Sends a user event to everybody; its cursor. Refuses: INVALID_ARGUMENT (size), MESH_STOPPED, OVERLOADED. */
  fireEvent(now: Micros, name: string, payload: Uint8Array): Result<number> {
    if (this.#own.phase !== 'started') {
      return refuse(reject('MESH_STOPPED', 'event', 'the mesh is not started on this node'));
    }
    const { replica, bootCounter } = this.#boot;
    const lamport = this.#userEvents.lamport + 1;
    const event: SwimUserEvent = { lamport, origin: this.#own.node, replica, bootCounter, name, payload };
    if (eventBytes(event) > this.#config.eventBytesMax) {
      return refuse(reject('INVALID_ARGUMENT', 'payload', `an event has at most ${this.#config.eventBytesMax} bytes`));
    }
    if (!this.#dissemination.hasRoomForEvent) {
      const { gossipIntervalUs } = this.#config;
      return refuse(reject('OVERLOADED', 'event', 'earlier events are still being sent', gossipIntervalUs));
    }
    this.#onEvent(now, event);
    return accept(this.#userEvents.readAfter(0).cursor);
  }

  /** User events of this boot after `cursor`; 0 reads from the oldest kept. */
  eventsAfter(cursor: number): UserEventRead {
    return this.#userEvents.readAfter(cursor);
  }

  /** A suspicion has run its time. */
  onDeadline(now: Micros, deadline: Deadline): void {
    assert(deadline.reason === 'suspicion', 'a deadline of the gossip is known');
    const node = deadline.entity as NodeId;
    const suspicion = this.#members.suspicionOf(node);
    const member = this.#members.get(node);
    assert(suspicion !== null && member !== undefined, 'only a suspect’s suspicion ends');
    const isStalled = now - suspicion.dueAt > this.#config.stallUs;
    if (isStalled && suspicion.extend(now, this.#config.stallExtensionsMax)) return this.#count('swim.stalled');
    if (this.#members.hasLinkEvidence(now, node)) {
      suspicion.postpone(now);
      return this.#prober.nudge(now, node);
    }
    const { incarnation } = member;
    this.#onClaim(now, { state: CLAIM_STATES.CONFIRM, subject: node, incarnation, accuser: this.#own.node });
  }

  /** Every other member. */
  members(): MemberView[] {
    return [...this.#members.views()];
  }

  livenessOf(node: NodeId): Liveness | null {
    return this.#members.get(node)?.liveness ?? null;
  }

  /** What is held of a member; null of whoever is none. */
  viewOf(node: NodeId): MemberView | null {
    return this.#members.get(node) ?? null;
  }

  get incarnation(): number {
    return this.#own.incarnation;
  }

  /** 0 is well. */
  get healthScore(): number {
    return this.#prober.health.score;
  }

  checkInvariants(): void {
    this.#own.checkInvariants();
    this.#members.checkInvariants();
    this.#userEvents.checkInvariants();
    this.#dissemination.checkInvariants();
    this.#prober.checkInvariants();
    assert(this.#members.get(this.#own.node) === undefined, 'a node does not watch itself');
    assert(this.#strangers.size <= this.#config.strangersMax, 'strangers are bounded');
    for (const node of this.#strangers.keys()) assert(this.#members.get(node) === undefined, 'a stranger is no member');
  }

  /** Whatever is heard from a node says that it is alive at its incarnation. */
  #hear(now: Micros, from: NodeId, incarnation: number): void {
    this.#onClaim(now, { state: CLAIM_STATES.ALIVE, subject: from, incarnation, accuser: from });
    this.#nudgeIfAccused(now, from);
  }

  /** It lives and does not know what is said of it: the accusation goes with the ping. */
  #nudgeIfAccused(now: Micros, node: NodeId): void {
    const liveness = this.#members.get(node)?.liveness;
    if (liveness === 'suspect' || liveness === 'failed') this.#prober.nudge(now, node);
  }

  #onAck(now: Micros, seq: number, responder: NodeId, responderIncarnation: number): void {
    if (responderIncarnation > INCARNATION_MAX || responder === this.#own.node) return this.#count('swim.malformed');
    this.#onClaim(now, {
      state: CLAIM_STATES.ALIVE,
      subject: responder,
      incarnation: responderIncarnation,
      accuser: responder,
    });
    this.#prober.onAck(seq, responder, responderIncarnation);
  }

  #onClaim(now: Micros, heard: SwimClaim): void {
    if (heard.incarnation > INCARNATION_MAX) return this.#count('swim.malformed');
    const isOwnEnd = heard.state === CLAIM_STATES.CONFIRM && heard.accuser === heard.subject;
    const claim = isOwnEnd ? { ...heard, state: CLAIM_STATES.LEAVE } : heard;
    if (claim.subject === this.#own.node) return this.#onClaimAboutSelf(now, claim);
    const before = this.#members.get(claim.subject)?.liveness;
    const outcome = this.#members.apply(now, claim);
    if (outcome === 'unknown') return this.#onStranger(claim);
    if (outcome === 'stale') return;
    this.#dissemination.queueClaim(now, claim);
    const member = this.#members.get(claim.subject);
    assert(member !== undefined, 'news is of a member');
    if (member.liveness === before) return;
    const { node, liveness, incarnation } = member;
    if (liveness === 'failed' || liveness === 'left') this.#prober.drop(node);
    this.#emit({ kind: 'member-liveness', node, liveness, incarnation });
    if (liveness === 'suspect' && this.#members.hasLinkEvidence(now, node)) this.#prober.nudge(now, node);
  }

  #onClaimAboutSelf(now: Micros, claim: SwimClaim): void {
    if (claim.incarnation >= INCARNATION_MAX) return this.#count('swim.malformed');
    const verdict = this.#own.judge(claim);
    if (verdict === 'harmless') return;
    if (verdict === 'refuted') {
      this.#prober.health.worsen(1);
      this.#emit({ kind: 'notice', notice: { kind: 'mark', name: 'swim.refuted' } });
    } else if (this.#dissemination.hasClaimAbout(this.#own.node)) return;
    this.#dissemination.queueClaim(now, this.#own.claim(CLAIM_STATES.ALIVE));
  }

  /** A member whose join this node has not applied yet: what it says of itself is kept for then. */
  #onStranger({ state, subject, incarnation }: SwimClaim): void {
    if (state !== CLAIM_STATES.ALIVE && state !== CLAIM_STATES.JOIN) return;
    const held = this.#strangers.get(subject);
    if (held === undefined && this.#strangers.size >= this.#config.strangersMax) {
      return this.#count('swim.strangers-full');
    }
    this.#strangers.set(subject, Math.max(held ?? 0, incarnation));
  }

  #onEvent(now: Micros, heard: SwimUserEvent): void {
    if (eventBytes(heard) > this.#config.eventBytesMax) return this.#count('swim.malformed');
    const admitted = this.#userEvents.admit(heard);
    if (admitted === null) return;
    this.#dissemination.queueEvent(now, admitted.event);
    this.#emit({ kind: 'user-event', ...admitted });
  }

  #forget(node: NodeId): void {
    this.#prober.remove(node);
    this.#dissemination.forget(node);
    this.#members.remove(node);
  }

  #arm(now: Micros): void {
    this.#prober.arm(now);
    this.#dissemination.arm(now);
  }

  #count(name: string): void {
    this.#emit({ kind: 'notice', notice: { kind: 'count', name, by: 1 } });
  }
}
