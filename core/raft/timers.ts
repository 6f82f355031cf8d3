/**
 * The two timers of a replica. Hearing a leader must cost nothing, so the election timer only notes when it is really
 * due and lets the armed deadline come early. A deadline that comes late says that this process stood still: its
 * messages wait behind the deadline, so it is given one grace before it means anything (rule 43).
 */
import type { Deadline, DeadlineHeap, DeadlineOwner } from '../base/deadlines.js';
import { type Micros, micros } from '../base/units.js';
import type { ReplicaState } from './replica-state.js';

/** Whose deadlines they are, and on which heap they hang. */
export interface Wakes {
  readonly owner: DeadlineOwner;
  readonly deadlines: DeadlineHeap;
}

/** When this replica acts by itself: its election timer (a leader's: check-quorum) and a leader's beat. */
export class RoleClock {
  readonly #state: ReplicaState;
  readonly #timer: ElectionTimer;
  readonly #beat: Deadline;
  #timeoutUs = 0;
  /** When this term's leader was heard last, or the benefit of the doubt given to it. */
  heardAt = Number.NEGATIVE_INFINITY;

  constructor(state: ReplicaState, { owner, deadlines }: Wakes) {
    this.#state = state;
    const election = deadlines.allocate(owner, 'election', state.group);
    this.#timer = new ElectionTimer(election, state.config.heartbeatIntervalUs);
    this.#beat = deadlines.allocate(owner, 'heartbeat', state.group);
  }

  /** An election timeout, or that of check-quorum, is awaited. */
  get isWaiting(): boolean {
    return this.#timer.isArmed;
  }

  get isSilent(): boolean {
    return !this.#timer.isArmed && !this.#beat.isArmed;
  }

  isBeat(deadline: Deadline): boolean {
    return deadline === this.#beat;
  }

  /** The election timer came, and is really due. */
  isTimeout(now: Micros, deadline: Deadline): boolean {
    return this.#timer.owns(deadline) && this.#timer.isDue(now);
  }

  /** Begins a new wait: a leader's for check-quorum, an eligible replica's for its election. */
  restart(now: Micros, isLeading: boolean): void {
    const { config, rng, isEligible, isSealed, hasWork } = this.#state;
    const { electionTimeoutMinUs, electionTimeoutMaxUs } = config;
    if (isLeading) return this.#timer.restart(now, electionTimeoutMinUs);
    if (isSealed) return this.#timer.stop();
    if (!isEligible) {
      this.#timeoutUs = electionTimeoutMaxUs;
      // Who cannot elect a leader can only ask for one, and does so only if it has something to do.
      return hasWork ? this.#timer.restart(now, this.#timeoutUs) : this.#timer.stop();
    }
    this.#timeoutUs = rng.between(electionTimeoutMinUs, electionTimeoutMaxUs);
    this.#timer.restart(now, this.#timeoutUs);
  }

  /** The election comes sooner: those of many groups at once are spread over the shortest timeout. */
  hasten(now: Micros): void {
    const { rng, isEligible, isSealed, config } = this.#state;
    if (isEligible && !isSealed) this.#timer.restart(now, rng.between(0, config.electionTimeoutMinUs));
  }

  onLeaderHeard(now: Micros): void {
    this.heardAt = now;
    if (this.#timer.isArmed) this.#timer.restart(now, this.#timeoutUs);
  }

  armBeat(now: Micros): void {
    this.#beat.arm(nextBeat(now, this.#state.config.heartbeatIntervalUs));
  }

  stopBeat(): void {
    this.#beat.disarm();
  }

  stop(): void {
    this.#timer.stop();
    this.#beat.disarm();
  }
}

class ElectionTimer {
  readonly #deadline: Deadline;
  /** Later than this is late; as much is the grace. */
  readonly #lateUs: number;
  #dueAt = 0;
  #hasForgiven = false;

  constructor(deadline: Deadline, lateUs: number) {
    this.#deadline = deadline;
    this.#lateUs = lateUs;
  }

  get isArmed(): boolean {
    return this.#deadline.isArmed;
  }

  owns(deadline: Deadline): boolean {
    return this.#deadline === deadline;
  }

  /** Due after `delayUs` from now, whatever was before. */
  restart(now: Micros, delayUs: number): void {
    this.#dueAt = now + delayUs;
    this.#hasForgiven = false;
    this.#deadline.armNoLater(micros(this.#dueAt));
  }

  stop(): void {
    this.#deadline.disarm();
  }

  /** The deadline came: true when it is really due. */
  isDue(now: Micros): boolean {
    if (now < this.#dueAt) {
      this.#deadline.arm(micros(this.#dueAt));
      return false;
    }
    if (now - this.#dueAt > this.#lateUs && !this.#hasForgiven) {
      this.#hasForgiven = true;
      this.#dueAt = now + this.#lateUs;
      this.#deadline.arm(micros(this.#dueAt));
      return false;
    }
    this.#hasForgiven = false;
    return true;
  }
}

/** The next multiple of the interval: the heartbeats of all groups of a node fall together and share frames. */
const nextBeat = (now: Micros, intervalUs: number): Micros =>
  micros((Math.floor(now / intervalUs) + 1) * intervalUs);
