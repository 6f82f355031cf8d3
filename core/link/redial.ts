/**
 * When to dial what: exponential backoff with full jitter and a cap per address, a rate and a number in flight over
 * all of them. An address whose node is linked already, by whatever lane, is parked until that link is down.
 *
 * Source: "Exponential Backoff And Jitter" (Brooker 2015), full jitter; the rate is a GCRA (virtual scheduling).
 */
import { assert } from '../base/assert.js';
import type { Deadline, DeadlineHeap, DeadlineOwner } from '../base/deadlines.js';
import type { NodeId } from '../base/ids.js';
import type { Rng } from '../base/rng.js';
import { type Micros, NEVER, type Ticket, micros } from '../base/units.js';
import type { LinkConfig } from './config.js';
import type { LaneCode } from './refusal.js';

type Config = Pick<
  LinkConfig,
  'redialBaseUs' | 'redialCapUs' | 'stableAfterUs' | 'dialSpacingUs' | 'dialBurst' | 'dialsInFlightMax' | 'dialTimeoutUs' | 'dialTargetsMax'
>;

export interface RedialHost {
  readonly config: Config;
  readonly rng: Rng;
  readonly deadlines: DeadlineHeap;
  readonly dial: (url: string) => Ticket;
  readonly isLinked: (node: NodeId) => boolean;
}

type TargetState =
  | { readonly kind: 'waiting'; readonly dueAt: Micros }
  | { readonly kind: 'dialling'; readonly ticket: Ticket; readonly expiresAt: Micros }
  /** Its lane exists, in whatever state. `upSince` is null before the lane is up. */
  | { readonly kind: 'open'; readonly upSince: Micros | null }
  | { readonly kind: 'parked' };

interface Target {
  readonly url: string;
  /** Failures in a row. */
  attempt: number;
  /** Who answered there last. */
  node: NodeId | null;
  state: TargetState;
  /** No longer wanted: forgotten once its lane ends. */
  isRetired: boolean;
}

export class Redial implements DeadlineOwner {
  readonly #host: RedialHost;
  readonly #targets = new Map<string, Target>();
  readonly #deadline: Deadline;
  /** GCRA's theoretical arrival time of the next dial. */
  #rateAt = 0;
  #inFlight = 0;
  #isStopped = false;

  constructor(host: RedialHost) {
    this.#host = host;
    this.#deadline = host.deadlines.allocate(this, 'link.redial');
  }

  /** Replaces the addresses to hold links to. Lanes to dropped ones stay until they end. */
  setTargets(now: Micros, urls: readonly string[]): void {
    const wanted = new Set(urls.slice(0, this.#host.config.dialTargetsMax));
    for (const [url, target] of this.#targets) {
      if (wanted.has(url)) continue;
      if (target.state.kind === 'open' || target.state.kind === 'dialling') target.isRetired = true;
      else this.#targets.delete(url);
    }
    for (const url of wanted) {
      const target = this.#targets.get(url);
      if (target !== undefined) target.isRetired = false;
      else this.#targets.set(url, { url, attempt: 0, node: null, state: { kind: 'waiting', dueAt: now }, isRetired: false });
    }
    this.#dialDue(now);
  }

  /** The address whose dial that was, which now has a lane; null when nobody waits for it any more. */
  onOpened(ticket: Ticket): string | null {
    const target = this.#dialled(ticket);
    if (target === undefined) return null;
    this.#enter(target, { kind: 'open', upSince: null });
    return target.url;
  }

  /** False when the dial is not one of ours. */
  onDialFailed(now: Micros, ticket: Ticket): boolean {
    const target = this.#dialled(ticket);
    if (target === undefined) return false;
    this.#retry(now, target);
    this.#dialDue(now);
    return true;
  }

  /** Who lives at that address. */
  onIdentified(url: string, node: NodeId): void {
    const target = this.#targets.get(url);
    if (target !== undefined) target.node = node;
  }

  /** The lane to that address is up. */
  onUp(now: Micros, url: string): void {
    const target = this.#targets.get(url);
    if (target?.state.kind === 'open') target.state = { kind: 'open', upSince: now };
  }

  /** The lane to that address has ended. */
  onLaneGone(now: Micros, url: string, code: LaneCode): void {
    const target = this.#targets.get(url);
    if (target === undefined || target.state.kind !== 'open') return;
    const { upSince } = target.state;
    if (upSince !== null && now - upSince >= this.#host.config.stableAfterUs) target.attempt = 0;
    const isLinked = target.node !== null && this.#host.isLinked(target.node);
    if (target.isRetired) this.#targets.delete(url);
    else if (code === 'self' || isLinked) this.#enter(target, { kind: 'parked' });
    else this.#retry(now, target);
    this.#dialDue(now);
  }

  /** Addresses of that node are dialled again. */
  onLinkDown(now: Micros, node: NodeId): void {
    for (const target of this.#targets.values()) {
      if (target.node !== node || target.state.kind !== 'parked') continue;
      target.attempt = 0;
      this.#retry(now, target);
    }
    this.#dialDue(now);
  }

  /** Dials nothing until `start`; dials in flight are forgotten. */
  stop(): void {
    this.#isStopped = true;
    this.#deadline.disarm();
    for (const target of this.#targets.values()) {
      if (target.state.kind === 'dialling') this.#enter(target, { kind: 'waiting', dueAt: NEVER });
    }
  }

  /** After a stop: dials everything that has no lane, its backoff forgotten. */
  start(now: Micros): void {
    if (!this.#isStopped) return;
    this.#isStopped = false;
    for (const target of this.#targets.values()) {
      if (target.state.kind === 'open') continue;
      target.attempt = 0;
      this.#enter(target, { kind: 'waiting', dueAt: now });
    }
    this.#dialDue(now);
  }

  onDeadline(now: Micros): void {
    for (const target of this.#targets.values()) {
      if (target.state.kind === 'dialling' && target.state.expiresAt <= now) this.#retry(now, target);
    }
    this.#dialDue(now);
  }

  checkInvariants(): void {
    let inFlight = 0;
    for (const [url, target] of this.#targets) {
      assert(target.url === url, 'targets stand under their addresses');
      if (target.state.kind === 'dialling') inFlight++;
    }
    assert(inFlight === this.#inFlight && inFlight <= this.#host.config.dialsInFlightMax, 'dials in flight are counted');
  }

  /** Full jitter: anything between nothing and a bound that doubles up to the cap. */
  #retry(now: Micros, target: Target): void {
    if (target.isRetired) {
      this.#enter(target, { kind: 'parked' });
      this.#targets.delete(target.url);
      return;
    }
    const { redialBaseUs, redialCapUs } = this.#host.config;
    const doublings = Math.min(target.attempt, DOUBLINGS_MAX);
    const boundUs = Math.min(redialCapUs, redialBaseUs * (1 << doublings));
    target.attempt++;
    this.#enter(target, { kind: 'waiting', dueAt: micros(now + this.#host.rng.below(boundUs + 1)) });
  }

  #dialDue(now: Micros): void {
    if (this.#isStopped) return;
    for (const target of this.#targets.values()) {
      if (target.state.kind !== 'waiting' || target.state.dueAt > now) continue;
      if (target.node !== null && this.#host.isLinked(target.node)) this.#enter(target, { kind: 'parked' });
      else if (this.#inFlight < this.#host.config.dialsInFlightMax && this.#isWithinRate(now)) this.#dial(now, target);
    }
    this.#arm(now);
  }

  #dial(now: Micros, target: Target): void {
    this.#rateAt = Math.max(this.#rateAt, now) + this.#host.config.dialSpacingUs;
    const expiresAt = micros(now + this.#host.config.dialTimeoutUs);
    this.#enter(target, { kind: 'dialling', ticket: this.#host.dial(target.url), expiresAt });
  }

  #isWithinRate(now: Micros): boolean {
    return this.#rateAllowsAt() <= now;
  }

  #rateAllowsAt(): number {
    const { dialSpacingUs, dialBurst } = this.#host.config;
    return this.#rateAt - (dialBurst - 1) * dialSpacingUs;
  }

  #arm(now: Micros): void {
    let next: number = NEVER;
    for (const { state } of this.#targets.values()) {
      if (state.kind === 'dialling') next = Math.min(next, state.expiresAt);
      if (state.kind !== 'waiting') continue;
      // What is due and not dialled waits for the rate, or for one in flight to end.
      if (state.dueAt > now) next = Math.min(next, state.dueAt);
      else if (this.#inFlight < this.#host.config.dialsInFlightMax) next = Math.min(next, this.#rateAllowsAt());
    }
    if (next >= NEVER) this.#deadline.disarm();
    else this.#deadline.arm(micros(Math.max(next, now + 1)));
  }

  #enter(target: Target, state: TargetState): void {
    if (target.state.kind === 'dialling') this.#inFlight--;
    target.state = state;
    if (state.kind === 'dialling') this.#inFlight++;
  }

  #dialled(ticket: Ticket): Target | undefined {
    for (const target of this.#targets.values()) {
      if (target.state.kind === 'dialling' && target.state.ticket === ticket) return target;
    }
    return undefined;
  }
}

const DOUBLINGS_MAX = 20;
