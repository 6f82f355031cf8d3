/**
 * What this node holds of every other member, and the order of precedence between claims.
 *
 * Decides which claim about a member replaces which: a greater incarnation, which only the subject itself can make,
 * beats every accusation; at one incarnation an accusation beats "alive", "confirm" beats "suspect", and "leave", which
 * only the subject can say, beats all. Members come from the mesh's log: no claim adds or removes one.
 * Source: SWIM §4.2; memberlist's state.go. Differs: failed members are kept for ever.
 */
import { assert } from '../base/assert.js';
import type { DeadlineHeap, DeadlineOwner } from '../base/deadlines.js';
import type { NodeId } from '../base/ids.js';
import type { MemberIndex, Micros } from '../base/units.js';
import { CLAIM_STATES, type SwimClaim } from '../wire/swim-messages.js';
import { Suspicion, suspicionTimes } from './suspicion.js';
import type { SwimConfig } from './swim-config.js';

export type Liveness = 'alive' | 'suspect' | 'failed' | 'left';

/** A member as others may read it. */
export interface MemberView {
  readonly node: NodeId;
  readonly index: MemberIndex;
  readonly liveness: Liveness;
  /** 0 while nothing was heard of it: then it is presumed alive. */
  readonly incarnation: number;
  readonly since: Micros;
  /** When a frame last came over a link from it. */
  readonly linkEvidenceAt: Micros | null;
}

interface Member extends MemberView {
  liveness: Liveness;
  incarnation: number;
  since: Micros;
  linkEvidenceAt: Micros | null;
  /** When it was last pinged out of turn. */
  nudgedAt: Micros | null;
  /** Who accused it first, of those that count now; null unless suspect or failed. */
  accuser: NodeId | null;
  suspicion: Suspicion | null;
}

/** `news` changed what is held; `confirmation` shortened a suspicion; `unknown` is not a member. */
export type ClaimOutcome = 'news' | 'confirmation' | 'stale' | 'unknown';

export class MemberTable {
  readonly #config: SwimConfig;
  readonly #deadlines: DeadlineHeap;
  readonly #owner: DeadlineOwner;
  readonly #members = new Map<NodeId, Member>();

  /** Suspicions wake `owner` with the reason `suspicion` and the suspect as entity. */
  constructor(config: SwimConfig, deadlines: DeadlineHeap, owner: DeadlineOwner) {
    this.#config = config;
    this.#deadlines = deadlines;
    this.#owner = owner;
  }

  get size(): number {
    return this.#members.size;
  }

  get(node: NodeId): MemberView | undefined {
    return this.#members.get(node);
  }

  suspicionOf(node: NodeId): Suspicion | null {
    return this.#members.get(node)?.suspicion ?? null;
  }

  views(): Iterable<MemberView> {
    return this.#members.values();
  }

  /** The nodes of members that `isWanted`, in the order in which they came. */
  select(isWanted: (member: MemberView) => boolean): NodeId[] {
    const nodes: NodeId[] = [];
    for (const member of this.#members.values()) if (isWanted(member)) nodes.push(member.node);
    return nodes;
  }

  /** A new member, presumed alive. */
  add(now: Micros, node: NodeId, index: MemberIndex, incarnation: number): void {
    assert(!this.#members.has(node), 'a member is added once');
    this.#members.set(node, {
      node,
      index,
      liveness: 'alive',
      incarnation,
      since: now,
      linkEvidenceAt: null,
      nudgedAt: null,
      accuser: null,
      suspicion: null,
    });
  }

  remove(node: NodeId): void {
    this.#members.get(node)?.suspicion?.end();
    this.#members.delete(node);
  }

  /** Judges a claim and takes what it says if that counts. */
  apply(now: Micros, claim: SwimClaim): ClaimOutcome {
    const member = this.#members.get(claim.subject);
    if (member === undefined) return 'unknown';
    switch (claim.state) {
      case CLAIM_STATES.JOIN:
      case CLAIM_STATES.ALIVE:
        return this.#onAlive(now, member, claim);
      case CLAIM_STATES.SUSPECT:
        return this.#onSuspect(now, member, claim);
      case CLAIM_STATES.CONFIRM:
        if (member.liveness === 'failed' || member.liveness === 'left') return 'stale';
        return this.#onEnd(now, member, claim, 'failed');
      case CLAIM_STATES.LEAVE:
        if (member.liveness === 'left' || claim.accuser !== claim.subject) return 'stale';
        return this.#onEnd(now, member, claim, 'left');
      default:
        return 'stale';
    }
  }

  /** What is held of a member, as a claim to pass on. */
  claimOf(node: NodeId): SwimClaim | null {
    const member = this.#members.get(node);
    if (member === undefined) return null;
    const { incarnation, accuser } = member;
    return { state: STATE_OF[member.liveness], subject: node, incarnation, accuser: accuser ?? node };
  }

  /** A frame came over a link from it. */
  noteLinkEvidence(now: Micros, node: NodeId): void {
    const member = this.#members.get(node);
    if (member !== undefined) member.linkEvidenceAt = now;
  }

  dropLinkEvidence(node: NodeId): void {
    const member = this.#members.get(node);
    if (member !== undefined) member.linkEvidenceAt = null;
  }

  /** Whether a live link speaks for the member now. */
  hasLinkEvidence(now: Micros, node: NodeId): boolean {
    const at = this.#members.get(node)?.linkEvidenceAt ?? null;
    return at !== null && now - at <= this.#config.linkEvidenceUs;
  }

  /** True, at most once per probe interval, when the member may be pinged out of turn. */
  takeNudge(now: Micros, node: NodeId): boolean {
    const member = this.#members.get(node);
    if (member === undefined) return false;
    if (member.nudgedAt !== null && now - member.nudgedAt < this.#config.probeIntervalUs) return false;
    member.nudgedAt = now;
    return true;
  }

  /** This node stood still: no suspicion ends before its suspect had the minimum to refute. */
  extendSuspicions(now: Micros): void {
    for (const { suspicion } of this.#members.values()) suspicion?.extend(now, this.#config.stallExtensionsMax);
  }

  /** Suspicions are dropped without a verdict, for a gossip that stops; the members that were suspect. */
  endSuspicions(now: Micros): MemberView[] {
    const suspects = [...this.#members.values()].filter(({ suspicion }) => suspicion !== null);
    for (const member of suspects) this.#become(now, member, 'alive', null);
    return suspects;
  }

  checkInvariants(): void {
    for (const [node, member] of this.#members) {
      assert(member.node === node, 'a member stands under its id');
      assert((member.suspicion !== null) === (member.liveness === 'suspect'), 'who is suspect has a suspicion');
      assert(member.suspicion === null || member.suspicion.deadline.isArmed, 'a suspicion ends by itself');
      const isAccused = member.liveness === 'suspect' || member.liveness === 'failed';
      assert((member.accuser !== null) === isAccused, 'an accused member, and no other, has an accuser');
      assert(member.incarnation >= 0, 'an incarnation is not negative');
    }
  }

  #onAlive(now: Micros, member: Member, claim: SwimClaim): ClaimOutcome {
    if (claim.incarnation <= member.incarnation) return 'stale';
    member.incarnation = claim.incarnation;
    this.#become(now, member, 'alive', null);
    return 'news';
  }

  #onSuspect(now: Micros, member: Member, claim: SwimClaim): ClaimOutcome {
    if (member.liveness === 'failed' || member.liveness === 'left') return 'stale';
    if (claim.incarnation < member.incarnation) return 'stale';
    if (member.suspicion !== null && claim.incarnation === member.incarnation) {
      return member.suspicion.confirm(now, claim.accuser) ? 'confirmation' : 'stale';
    }
    member.incarnation = claim.incarnation;
    this.#become(now, member, 'suspect', claim.accuser);
    const times = suspicionTimes(this.#config, this.#members.size + 1);
    const deadline = this.#deadlines.allocate(this.#owner, 'suspicion', member.node);
    member.suspicion = new Suspicion(now, claim.accuser, times, deadline);
    return 'news';
  }

  #onEnd(now: Micros, member: Member, claim: SwimClaim, liveness: 'failed' | 'left'): ClaimOutcome {
    if (claim.incarnation < member.incarnation) return 'stale';
    member.incarnation = claim.incarnation;
    this.#become(now, member, liveness, liveness === 'failed' ? claim.accuser : null);
    return 'news';
  }

  #become(now: Micros, member: Member, liveness: Liveness, accuser: NodeId | null): void {
    member.suspicion?.end();
    member.suspicion = null;
    member.accuser = accuser;
    if (member.liveness !== liveness) member.since = now;
    member.liveness = liveness;
  }
}

const STATE_OF: Readonly<Record<Liveness, number>> = {
  alive: CLAIM_STATES.ALIVE,
  suspect: CLAIM_STATES.SUSPECT,
  failed: CLAIM_STATES.CONFIRM,
  left: CLAIM_STATES.LEAVE,
};
