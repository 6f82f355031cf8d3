/**
 * Finds out who does not answer: one probe round after the other, helpers when the direct way is silent, pings on
 * behalf of others, and a word to those who are accused.
 *
 * Decides whom to accuse. Invariants: one round at a time; an accusation follows a whole round without an answer, or a
 * lost route; nobody is accused for a time in which this node stood still.
 * Source: SWIM §3.1, §4.3; Lifeguard §IV-A, §IV-C.
 * Differs: a member that routing has lost for `unroutedUs` is suspect without a probe, so that a partition is told in
 * seconds whatever its size, and such a failure does not count against this node’s own health. Routing never listens
 * to gossip, so this closes no circle.
 */
import { assert } from '../base/assert.js';
import type { Deadline, DeadlineHeap, DeadlineOwner } from '../base/deadlines.js';
import type { NodeId } from '../base/ids.js';
import type { Rng } from '../base/rng.js';
import { type Micros, NEVER } from '../base/units.js';
import { CLAIM_STATES, type SwimClaim } from '../wire/swim-messages.js';
import type { SwimBody } from './dissemination.js';
import { LocalHealth } from './local-health.js';
import type { MemberTable } from './member-table.js';
import type { OwnMember } from './own-member.js';
import { type OverlayPaths, chooseHelpers } from './probe-helpers.js';
import { ProbeOrder } from './probe-order.js';
import { ProbeRelays } from './probe-relays.js';
import type { SwimConfig } from './swim-config.js';

export interface ProberOptions {
  readonly config: SwimConfig;
  readonly deadlines: DeadlineHeap;
  readonly rng: Rng;
  readonly paths: OverlayPaths;
  readonly own: OwnMember;
  readonly members: MemberTable;
  readonly send: (to: NodeId, body: SwimBody) => void;
  /** An accusation by this node. */
  readonly accuse: (now: Micros, claim: SwimClaim) => void;
  readonly count: (name: string) => void;
}

/** The round that goes on. */
interface ProbeRound {
  readonly target: NodeId;
  readonly seq: number;
  readonly startedAt: Micros;
  readonly helpers: Set<NodeId>;
  /** Helpers that have said that they work. */
  readonly nacked: Set<NodeId>;
}

export class Prober implements DeadlineOwner {
  readonly health: LocalHealth;
  readonly #config: SwimConfig;
  readonly #rng: Rng;
  readonly #paths: OverlayPaths;
  readonly #own: OwnMember;
  readonly #members: MemberTable;
  readonly #send: (to: NodeId, body: SwimBody) => void;
  readonly #accuse: (now: Micros, claim: SwimClaim) => void;
  readonly #count: (name: string) => void;
  readonly #order: ProbeOrder;
  readonly #relays: ProbeRelays;
  readonly #probeDeadline: Deadline;
  readonly #timeoutDeadline: Deadline;
  readonly #relayDeadline: Deadline;
  /** Members that had a route at the last look, with the time since when they have had none (null: they have one). */
  readonly #routed = new Map<NodeId, Micros | null>();
  #round: ProbeRound | null = null;
  /** When the next round is to begin, to notice a wake-up that comes far too late. */
  #dueAt: Micros = NEVER;
  #blindRetryAt: Micros = 0 as Micros;
  #seq: number;

  constructor({ config, deadlines, rng, paths, own, members, send, accuse, count }: ProberOptions) {
    this.#config = config;
    this.#rng = rng;
    this.#paths = paths;
    this.#own = own;
    this.#members = members;
    this.#send = send;
    this.#accuse = accuse;
    this.#count = count;
    this.health = new LocalHealth(config.healthLevels);
    this.#order = new ProbeOrder(rng.fork('order'));
    this.#relays = new ProbeRelays(config.relaysMax);
    this.#probeDeadline = deadlines.allocate(this, 'probe');
    this.#timeoutDeadline = deadlines.allocate(this, 'probe-timeout');
    this.#relayDeadline = deadlines.allocate(this, 'probe-relay');
    // An answer to a ping of an earlier boot must not count for one of this boot.
    this.#seq = rng.next32();
  }

  add(node: NodeId): void {
    this.#order.add(node);
  }

  remove(node: NodeId): void {
    this.drop(node);
    this.#order.remove(node);
    this.#routed.delete(node);
  }

  /** Makes a member the next one to be probed. */
  promote(node: NodeId): void {
    this.#order.promote(node);
  }

  /** Ends the round if it is about `node`, without a verdict. */
  drop(node: NodeId): void {
    if (this.#round?.target === node) this.#endRound();
  }

  /** Probes while the node takes part and has others to probe, else rests. */
  arm(now: Micros): void {
    if (this.#own.phase !== 'started' || this.#members.size === 0) {
      this.#endRound();
      this.#probeDeadline.disarm();
      return;
    }
    if (this.#probeDeadline.isArmed) return;
    this.#dueAt = (now + this.#rng.below(this.#config.probeIntervalUs)) as Micros;
    this.#probeDeadline.arm(this.#dueAt);
  }

  stop(): void {
    this.#endRound();
    this.#probeDeadline.disarm();
    this.#relays.clear();
    this.#relayDeadline.disarm();
    this.#routed.clear();
  }

  onPing(from: NodeId, seq: number): void {
    const { node, incarnation } = this.#own;
    this.#send(from, { kind: 'ack', seq, responder: node, responderIncarnation: incarnation });
  }

  onPingRequest(now: Micros, origin: NodeId, originSeq: number, target: NodeId): void {
    if (target === this.#own.node) return this.onPing(origin, originSeq);
    const seq = this.#nextSeq();
    const nackAt = (now + this.#config.nackTimeoutUs) as Micros;
    const expiresAt = (now + 2 * this.#config.probeIntervalUs) as Micros;
    const isKnown = this.#members.get(target) !== undefined;
    if (!isKnown || !this.#relays.add(seq, { origin, originSeq, target, nackAt, expiresAt })) {
      return this.#send(origin, { kind: 'nack', seq: originSeq });
    }
    this.#send(target, { kind: 'ping', seq });
    this.#armRelays();
  }

  /** `responder` answers a ping of ours, or a helper passes its answer on. */
  onAck(seq: number, responder: NodeId, responderIncarnation: number): void {
    if (this.#round?.seq === seq && this.#round.target === responder) {
      this.#endRound();
      return this.health.improve();
    }
    const relay = this.#relays.settle(seq, responder);
    if (relay === null) return;
    this.#send(relay.origin, { kind: 'ack', seq: relay.originSeq, responder, responderIncarnation });
    this.#armRelays();
  }

  onNack(from: NodeId, seq: number): void {
    if (this.#round?.seq === seq && this.#round.helpers.has(from)) this.#round.nacked.add(from);
  }

  /** A ping out of turn, which tells an accused member what is said of it: at most one per member and interval. */
  nudge(now: Micros, node: NodeId): void {
    if (this.#own.phase !== 'started' || !this.#members.takeNudge(now, node)) return;
    this.#send(node, { kind: 'ping', seq: this.#nextSeq() });
  }

  onDeadline(now: Micros, deadline: Deadline): void {
    if (deadline === this.#probeDeadline) return this.#onTick(now);
    if (deadline === this.#timeoutDeadline) return this.#askHelpers();
    assert(deadline === this.#relayDeadline, 'a deadline of the prober is known');
    for (const { origin, originSeq } of this.#relays.takeNacks(now)) {
      this.#send(origin, { kind: 'nack', seq: originSeq });
    }
    this.#armRelays();
  }

  checkInvariants(): void {
    this.#order.checkInvariants();
    this.health.checkInvariants();
    this.#relays.checkInvariants();
    assert(this.#order.size === this.#members.size, 'every member has its place in the probe order');
    assert(this.#relays.size === 0 || this.#relayDeadline.isArmed, 'a relay that waits has its deadline');
    const isProbing = this.#own.phase === 'started' && this.#members.size > 0;
    assert(this.#probeDeadline.isArmed === isProbing, 'members are probed while this node takes part');
    assert(this.#round === null || isProbing, 'a round gets its verdict');
    assert(this.#round === null || this.#members.get(this.#round.target) !== undefined, 'a member is probed');
    for (const node of this.#routed.keys()) assert(this.#members.get(node) !== undefined, 'routes are to members');
  }

  #onTick(now: Micros): void {
    if (now - this.#dueAt > this.#config.stallUs) {
      // The answers may lie unread in our own queues: no verdict, and time to read them.
      this.#endRound();
      this.health.worsen(1);
      this.#members.extendSuspicions(now);
      this.#count('swim.stalled');
    }
    this.#conclude(now);
    this.#dueAt = (now + this.health.stretch(this.#config.probeIntervalUs)) as Micros;
    this.#probeDeadline.arm(this.#dueAt);
    this.#accuseUnrouted(now);
    this.#begin(now);
    this.#nudgeOne(now);
  }

  #begin(now: Micros): void {
    const target = this.#order.take((node) => {
      const liveness = this.#members.get(node)?.liveness;
      return (liveness === 'alive' || liveness === 'suspect') && !this.#members.hasLinkEvidence(now, node);
    });
    if (target === null) return this.health.improve();
    const seq = this.#nextSeq();
    this.#round = { target, seq, startedAt: now, helpers: new Set(), nacked: new Set() };
    this.#timeoutDeadline.arm((now + this.#config.probeTimeoutUs) as Micros);
    this.#send(target, { kind: 'ping', seq });
  }

  #askHelpers(): void {
    const round = this.#round;
    if (round === null) return;
    const { target, seq, helpers } = round;
    const candidates = this.#members.select(({ node, liveness }) => liveness === 'alive' && node !== target);
    const options = { count: this.#config.indirectChecks, paths: this.#paths, rng: this.#rng };
    for (const helper of chooseHelpers(candidates, target, options)) {
      helpers.add(helper);
      this.#send(helper, { kind: 'ping-request', seq, target });
    }
  }

  /** The round is over. Without an answer, and without a word over a link, its target is suspect. */
  #conclude(now: Micros): void {
    const round = this.#round;
    if (round === null) return;
    this.#endRound();
    const { target, helpers, nacked, startedAt } = round;
    const evidenceAt = this.#members.get(target)?.linkEvidenceAt ?? null;
    if (evidenceAt !== null && evidenceAt >= startedAt) return this.health.improve();
    const isRouted = this.#paths.nextHop(target) !== null;
    if (isRouted) this.health.worsen(helpers.size === 0 ? 1 : helpers.size - nacked.size);
    this.#suspect(now, target);
  }

  /** Whoever had a route and has lost it for long enough is suspect. Once per loss: the suspicion does the rest. */
  #accuseUnrouted(now: Micros): void {
    for (const { node } of this.#members.views()) {
      if (this.#paths.nextHop(node) !== null) {
        this.#routed.set(node, null);
        continue;
      }
      const since = this.#routed.get(node);
      if (since === undefined) continue;
      if (since === null) this.#routed.set(node, now);
      else if (now - since >= this.#config.unroutedUs) {
        this.#routed.delete(node);
        this.#suspect(now, node);
      }
    }
  }

  #suspect(now: Micros, node: NodeId): void {
    const member = this.#members.get(node);
    assert(member !== undefined, 'a member is accused');
    if (member.liveness === 'failed' || member.liveness === 'left') return;
    const { incarnation } = member;
    this.#accuse(now, { state: CLAIM_STATES.SUSPECT, subject: node, incarnation, accuser: this.#own.node });
    this.nudge(now, node);
  }

  /** One accused member per interval is told what is said of it: so suspects refute and failed members return. */
  #nudgeOne(now: Micros): void {
    const isBlindDue = now >= this.#blindRetryAt;
    const accused = this.#members.select(
      ({ node, liveness }) =>
        (liveness === 'suspect' || liveness === 'failed') && (isBlindDue || this.#paths.nextHop(node) !== null),
    );
    if (accused.length === 0) return;
    if (isBlindDue) this.#blindRetryAt = (now + this.#config.blindRetryUs) as Micros;
    this.nudge(now, this.#rng.pick(accused));
  }

  #endRound(): void {
    this.#round = null;
    this.#timeoutDeadline.disarm();
  }

  #armRelays(): void {
    const at = this.#relays.nextAt();
    if (at === null) this.#relayDeadline.disarm();
    else this.#relayDeadline.arm(at);
  }

  #nextSeq(): number {
    this.#seq++;
    return this.#seq;
  }
}
