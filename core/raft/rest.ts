/**
 * Rest: an idle group has no timers and sends nothing. This file is the leader's offer of it; repose.ts knows who rests.
 *
 * When nothing has happened for `restAfterUs` the leader's heartbeats offer rest to every peer that holds all there is.
 * A follower that holds all, has applied all and has nothing to do stops its election timer and says so. Once every
 * peer that its host believes present has said so, the leader falls silent too. Whatever happens then ends the rest of
 * whom it reaches: an append, a vote, a proposal, a read, or `wake` from a follower that has something to propose. That
 * one arms its election timer as it wakes, so a lost wake, or a leader that is gone, costs an election timeout.
 *
 * Offers are numbered by an epoch that rises when one is made and when it is taken back. So a late heartbeat neither
 * sends a replica to rest nor wakes it, and a late answer confirms no newer offer.
 *
 * Absent members may lag. A rest without them is *partial*: everybody who takes part knows that, and wakes when a
 * member is believed present again or the leader is lost. So whoever lacks something is either awake itself, or is
 * brought up to date by somebody who is awake, or who will be woken when it returns.
 *
 * Voters without a leader whose majority is absent rest, too, and partially: an election could not succeed.
 *
 * A group that is `isAlwaysLed` (the mesh control group) lets only learners rest: its voters beat on, so that its leader's
 * end is noticed within an election timeout although nobody wants anything of it, and the state of the mesh is known.
 *
 * Invariants: a replica that takes an offer holds all that it knows to exist, committed, durable and applied; whoever
 * rests has no armed timer; nobody with something to do is at rest.
 * Sources: CockroachDB's quiescence. Differs: peers confirm their rest, so a lost message leaves nobody asleep or awake.
 */
import type { ReplicaId } from '../base/replica.js';
import type { Micros } from '../base/units.js';
import { REST_OFFERS } from '../wire/raft-messages.js';
import { isQuorum, isVoter } from './configuration.js';
import type { Progress } from './progress.js';
import type { ReplicaState } from './replica-state.js';

/** Everything that this replica knows of is durable, committed and applied, and nobody here waits for the group. */
export function isCalm({ log, commit, applied, durability, hasWork, isRecovering, isHalted }: ReplicaState): boolean {
  if (hasWork || isRecovering || isHalted || durability.isBusy) return false;
  return log.durableIndex === log.lastIndex && commit === log.lastIndex && applied === log.lastIndex;
}

/** What a heartbeat to a peer says of rest. */
export interface OfferedRest {
  readonly epoch: number;
  readonly offer: number;
}

/** A leader's offer of rest to its peers. */
export class RestOffer {
  readonly #state: ReplicaState;
  readonly #peers: ReadonlyMap<ReplicaId, Progress>;
  #epoch = 0;
  #offer: number = REST_OFFERS.none;
  /** Since when there is nothing to do; null while there is. */
  #calmSince: Micros | null = null;

  constructor(state: ReplicaState, peers: ReadonlyMap<ReplicaId, Progress>) {
    this.#state = state;
    this.#peers = peers;
  }

  get epoch(): number {
    return this.#epoch;
  }

  get stands(): boolean {
    return this.#offer !== REST_OFFERS.none;
  }

  /** Whether what is offered leaves out members that may lag. */
  get isPartial(): boolean {
    return this.#offer === REST_OFFERS.partial;
  }

  /** At each turn: takes the offer back when there is something to do. */
  review(now: Micros, isCalm: boolean): void {
    if (isCalm) {
      this.#calmSince ??= now;
      return;
    }
    this.#calmSince = null;
    this.#withdraw();
  }

  /** At a heartbeat: makes the offer once it has been calm for long enough, and anew when members come or go. */
  offer(now: Micros): void {
    const { config, isPresent } = this.#state;
    if (this.#calmSince === null || now - this.#calmSince < config.restAfterUs) return;
    let offer: number = REST_OFFERS.whole;
    for (const id of this.#peers.keys()) if (!isPresent(id)) offer = REST_OFFERS.partial;
    if (this.#offer === offer) return;
    this.#offer = offer;
    this.#epoch++;
  }

  /** Somebody stirs: no rest for a while. */
  disturb(now: Micros): void {
    this.#withdraw();
    this.#calmSince = now;
  }

  /** What a heartbeat says to that peer. */
  saidTo(id: ReplicaId, peer: Progress): OfferedRest {
    const { log, configuration, isAlwaysLed } = this.#state;
    const mayRest = peer.hasAll(log.lastIndex) && !(isAlwaysLed && isVoter(configuration, id));
    return { epoch: this.#epoch, offer: mayRest ? this.#offer : REST_OFFERS.none };
  }

  /** A peer has taken the offer of that epoch. */
  onTaken(peer: Progress, epoch: number): void {
    if (epoch <= this.#epoch && epoch > peer.restsIn) peer.restsIn = epoch;
  }

  /** Whether that peer needs no heartbeat. */
  isTakenBy(peer: Progress): boolean {
    return this.stands && peer.restsIn === this.#epoch;
  }

  /** Whether everybody rests who is present, a quorum among them: then the leader may, too. */
  get isTakenByAll(): boolean {
    const { configuration, self, isPresent, isAlwaysLed } = this.#state;
    if (!this.stands || isAlwaysLed) return false;
    for (const [id, peer] of this.#peers) {
      if (!this.isTakenBy(peer) && !(this.isPartial && !isPresent(id))) return false;
    }
    return isQuorum(configuration, (voter) => {
      const peer = this.#peers.get(voter);
      return peer === undefined ? voter === self : this.isTakenBy(peer);
    });
  }

  #withdraw(): void {
    if (!this.stands) return;
    this.#offer = REST_OFFERS.none;
    this.#epoch++;
  }
}
