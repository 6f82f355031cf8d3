/**
 * One suspicion: how long it lasts before the suspect counts as failed. Each distinct member that accuses the suspect
 * too shortens it, on a logarithmic curve from the maximum to the minimum: one accuser may be wrong for its own
 * reasons, several hardly are.
 * Source: Lifeguard §IV-B (LHA-Suspicion); memberlist's suspicion.go. Differs: logarithms in integers.
 */
import type { Deadline } from '../base/deadlines.js';
import type { NodeId } from '../base/ids.js';
import type { Micros } from '../base/units.js';
import { log10Milli, log2Fixed } from './logarithm.js';
import type { SwimConfig } from './swim-config.js';

export interface SuspicionTimes {
  readonly minUs: number;
  readonly maxUs: number;
  /** Confirmations at which the minimum is reached. */
  readonly expectedCount: number;
}

/** For a mesh of `memberCount` nodes, this one included. */
export function suspicionTimes(config: SwimConfig, memberCount: number): SuspicionTimes {
  const { suspicionMult, suspicionMaxMult, probeIntervalUs } = config;
  const scaleMilli = Math.max(1000, log10Milli(Math.max(1, memberCount)));
  const minUs = Math.floor((suspicionMult * scaleMilli * probeIntervalUs) / 1000);
  const wanted = suspicionMult - 2;
  return { minUs, maxUs: suspicionMaxMult * minUs, expectedCount: memberCount - 2 < wanted ? 0 : wanted };
}

/** How long a suspicion with that many confirmations lasts from its start. */
export function suspicionTimeoutUs({ minUs, maxUs, expectedCount }: SuspicionTimes, confirmedCount: number): number {
  if (expectedCount < 1) return minUs;
  const share = Math.floor(((maxUs - minUs) * log2Fixed(confirmedCount + 1)) / log2Fixed(expectedCount + 1));
  return Math.max(minUs, maxUs - share);
}

export class Suspicion {
  readonly startedAt: Micros;
  readonly accuser: NodeId;
  readonly times: SuspicionTimes;
  readonly deadline: Deadline;
  /** Bounded by `times.expectedCount`. */
  readonly #confirmers = new Set<NodeId>();
  #dueAt: Micros;
  #extensionCount = 0;

  /** Starts it and arms `deadline`. */
  constructor(now: Micros, accuser: NodeId, times: SuspicionTimes, deadline: Deadline) {
    this.startedAt = now;
    this.accuser = accuser;
    this.times = times;
    this.deadline = deadline;
    this.#dueAt = (now + suspicionTimeoutUs(times, 0)) as Micros;
    deadline.arm(this.#dueAt);
  }

  get confirmedCount(): number {
    return this.#confirmers.size;
  }

  /** When it ends by itself. */
  get dueAt(): Micros {
    return this.#dueAt;
  }

  /** True when `from` is a new confirmer that counts: the confirmation is then worth passing on. */
  confirm(now: Micros, from: NodeId): boolean {
    if (from === this.accuser || this.#confirmers.has(from)) return false;
    if (this.#confirmers.size >= this.times.expectedCount) return false;
    this.#confirmers.add(from);
    const dueAt = this.startedAt + suspicionTimeoutUs(this.times, this.#confirmers.size);
    // Never earlier than now: an extension made for a stall stands.
    if (this.#extensionCount === 0) this.#rearm(Math.max(now, dueAt) as Micros);
    return true;
  }

  /** This node stood still for a while and may have missed the refutation: gives it the minimum anew. */
  extend(now: Micros, extensionsMax: number): boolean {
    if (this.#extensionCount >= extensionsMax) return false;
    this.#extensionCount++;
    this.#rearm(Math.max(this.#dueAt, now + this.times.minUs) as Micros);
    return true;
  }

  /** A live link speaks for the suspect: asks again after the minimum. */
  postpone(now: Micros): void {
    this.#rearm((now + this.times.minUs) as Micros);
  }

  end(): void {
    this.deadline.disarm();
  }

  #rearm(at: Micros): void {
    this.#dueAt = at;
    this.deadline.arm(at);
  }
}
