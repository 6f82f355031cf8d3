/**
 * Whether this replica rests, and what ends it; rest.ts says how a group comes to rest and why nobody is left behind.
 *
 * Every way out of a rest goes through `end`, which begins the waits of the role again, so that whoever is awake acts
 * by itself after an election timeout at the latest.
 */
import { assert } from '../base/assert.js';
import type { ReplicaId } from '../base/replica.js';
import type { Micros } from '../base/units.js';
import { REST_OFFERS, type RaftHeartbeat } from '../wire/raft-messages.js';
import { isMember, isQuorum, otherVoters } from './configuration.js';
import type { Leader } from './leader.js';
import type { ReplicaState } from './replica-state.js';
import { isCalm } from './rest.js';
import type { RoleClock } from './timers.js';

/** What a rest has to know of the role, and may ask of it. */
export interface RestingRole {
  readonly leadership: Leader | null;
  campaign(now: Micros): void;
}

export class Repose {
  readonly #state: ReplicaState;
  readonly #clock: RoleClock;
  readonly #role: RestingRole;
  /** Quiet: no timer, no message, until something comes. */
  #rest: { readonly isPartial: boolean } | null = null;
  /** The newest epoch of rest that this term's leader has spoken of. */
  #epoch = 0;

  constructor(state: ReplicaState, clock: RoleClock, role: RestingRole) {
    this.#state = state;
    this.#clock = clock;
    this.#role = role;
  }

  get isResting(): boolean {
    return this.#rest !== null;
  }

  /** Another term: its leader counts from the beginning. */
  onTerm(): void {
    this.#epoch = 0;
  }

  /**
   * A heartbeat of this term's leader, its commit taken; `isSettled`: nothing else is under way here. The epoch of the
   * offer that is taken, 0 for none.
   */
  onOffer(now: Micros, beat: RaftHeartbeat, isSettled: boolean): number {
    const { isAlwaysLed, isVoter, log } = this.#state;
    // A late one neither sends to rest nor wakes.
    if (beat.epoch < this.#epoch) return 0;
    this.#epoch = beat.epoch;
    const isOffered = beat.offer !== REST_OFFERS.none && beat.commit === log.lastIndex;
    const mayRest = isSettled && isCalm(this.#state) && !(isAlwaysLed && isVoter);
    if (isOffered && mayRest) this.#begin(beat.offer === REST_OFFERS.partial);
    else this.end(now);
    return this.#rest === null ? 0 : beat.epoch;
  }

  /** At the end of every input: a leader whose offer all have taken rests as well. */
  settle(): void {
    const offer = this.#role.leadership?.rest;
    if (offer?.isTakenByAll === true && isCalm(this.#state)) this.#begin(offer.isPartial);
  }

  /** At the turn, before anything is sent: a leader with something to do rests no longer. */
  review(now: Micros): void {
    const { leadership } = this.#role;
    if (leadership === null) return;
    leadership.reviewRest(now);
    if (!leadership.rest.stands) this.end(now);
  }

  /** Nobody here waits for a leader, none is known, and those who would have to elect one are absent: true, and rests. */
  onHopeless(): boolean {
    const { leader, hasWork, isAlwaysLed, configuration, self, isPresent } = this.#state;
    if (leader !== null || hasWork || isAlwaysLed) return false;
    if (isQuorum(configuration, (voter) => voter === self || isPresent(voter))) return false;
    this.#begin(true);
    return true;
  }

  /** The waits of the role begin again. Nothing for who is awake. */
  end(now: Micros): void {
    if (this.#rest === null) return;
    this.#rest = null;
    this.#state.mark('raft.woken');
    const { leadership } = this.#role;
    this.#clock.restart(now, leadership !== null);
    if (leadership === null) return;
    leadership.onWoken(now);
    this.#clock.armBeat(now);
  }

  /** The host has something to propose or waits for the group, or no longer does. */
  setWork(now: Micros, hasWork: boolean): void {
    const state = this.#state;
    state.hasWork = hasWork;
    if (!state.isEligible) this.#clock.restart(now, false);
    if (hasWork) this.onWork(now);
  }

  /** Something is to be done here: ends the rest of this replica and of those who have to help. */
  onWork(now: Micros): void {
    const { leader, isPresent, self } = this.#state;
    if (this.#rest === null) return;
    this.end(now);
    if (leader === self) return;
    // A leader that is there gets the time to answer: it may have rested as well.
    if (leader === null || !isPresent(leader)) return this.#role.campaign(now);
    this.#clock.heardAt = now;
    this.askForLeader();
  }

  askForLeader(): void {
    const { generation, term, configuration, self } = this.#state;
    for (const voter of otherVoters(configuration, self)) this.#state.send(voter, { kind: 'wake', generation, term });
  }

  /** `from` has something to do and asks for a leader. */
  onAskedForLeader(now: Micros, from: ReplicaId): void {
    // The leader itself would not ask: it has begun anew and leads no more.
    if (this.#state.leader === from && this.#role.leadership === null) this.#forsake(now);
    this.onStir(now, from);
  }

  /** Another member is awake: a leader shows itself, and who rests gives it the time to. */
  onStir(now: Micros, member: ReplicaId): void {
    const { leader, isPresent, configuration } = this.#state;
    // Whoever was removed and has not been told keeps nobody awake.
    if (!isMember(configuration, member)) return;
    const { leadership } = this.#role;
    const isQuiet = this.#rest !== null || leadership?.rest.stands === true;
    leadership?.rest.disturb(now);
    if (!isQuiet) return;
    this.end(now);
    if (leadership !== null) leadership.heartbeat(now);
    else if (leader !== null && isPresent(leader)) this.#clock.heardAt = now;
  }

  /** The host believes that `member` is gone, or has begun anew and leads nothing. */
  onMemberLost(now: Micros, member: ReplicaId): void {
    // Whoever is awake has a timer of its own. Of those that rest, the ones that left nobody behind rest on.
    const isLed = this.#state.leader === member && this.#role.leadership === null;
    if (isLed && this.#rest?.isPartial === true) this.#forsake(now);
  }

  /** The host believes that `member` is there again: a rest without it may have left it behind. */
  onMemberBack(now: Micros, member: ReplicaId): void {
    const { leader, self, isPresent, configuration } = this.#state;
    if (this.#rest?.isPartial !== true || member === self || !isMember(configuration, member)) return;
    // A leader that is there wakes by itself.
    if (leader !== null && leader !== self && isPresent(leader)) return;
    this.onStir(now, member);
    if (this.#role.leadership === null) this.#clock.hasten(now);
  }

  /**
   * Loyal to a leader that was heard lately, or rests together with this replica; a leader is loyal to itself as long
   * as it leads. A leader that asks for votes leads no more.
   */
  isLoyal(now: Micros, asker: ReplicaId): boolean {
    if (this.#role.leadership !== null) return true;
    const { leader, config, isPresent } = this.#state;
    if (leader === null || leader === asker) return false;
    return now - this.#clock.heardAt < config.electionTimeoutMinUs || (this.#rest !== null && isPresent(leader));
  }

  checkInvariants(): void {
    assert(this.#rest === null || this.#clock.isSilent, 'whoever rests has no timers');
    assert(this.#rest === null || !this.#state.hasWork, 'nobody rests with something to do');
  }

  #begin(isPartial: boolean): void {
    const isNews = this.#rest === null;
    this.#rest = { isPartial };
    if (!isNews) return;
    this.#clock.stop();
    this.#state.mark('raft.quieted');
  }

  /** The leader is gone: whoever asks first may have this replica's vote. */
  #forsake(now: Micros): void {
    this.#clock.heardAt = Number.NEGATIVE_INFINITY;
    this.end(now);
    this.#clock.hasten(now);
  }
}
