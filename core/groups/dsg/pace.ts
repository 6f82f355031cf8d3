/**
 * How fast a target delivers: paused, or at most so many messages and payload bytes a second, with what a second gives as
 * the largest burst. A chunk may overdraw the account, and what follows waits until that is made good.
 *
 * Amounts are in millionths, so that a microsecond of any whole rate is a whole number.
 */
import { assert } from '../../base/assert.js';
import { type Micros, micros } from '../../base/units.js';
import type { TargetPace } from '../../wire/target-steps.js';

export type PaceLimits = Pick<TargetPace, 'isPaused' | 'messagesPerSecond' | 'bytesPerSecond'>;

export class Pace {
  #limits: PaceLimits = UNLIMITED;
  #filledAt: Micros = micros(0);
  #messages = 0;
  #bytes = 0;

  get limits(): PaceLimits {
    return this.#limits;
  }

  /** A new pace begins with a second's worth, so that no change of it is felt as a stall. */
  set(now: Micros, limits: PaceLimits): void {
    if (isSamePace(limits, this.#limits)) return;
    this.#limits = limits;
    this.#filledAt = now;
    this.#messages = limits.messagesPerSecond * MILLION;
    this.#bytes = limits.bytesPerSecond * MILLION;
  }

  /** Whether something may be delivered now. */
  isOpen(now: Micros): boolean {
    const { isPaused, messagesPerSecond, bytesPerSecond } = this.#limits;
    if (isPaused) return false;
    this.#fill(now);
    return (messagesPerSecond === 0 || this.#messages > 0) && (bytesPerSecond === 0 || this.#bytes > 0);
  }

  /** Whether it may, within the same turn as the last question. */
  get hasLeft(): boolean {
    const { messagesPerSecond, bytesPerSecond } = this.#limits;
    return (messagesPerSecond === 0 || this.#messages > 0) && (bytesPerSecond === 0 || this.#bytes > 0);
  }

  /** What there is none left of; null while it is open, or paused. */
  get isShortOf(): 'messages' | 'bytes' | null {
    const { messagesPerSecond, bytesPerSecond } = this.#limits;
    if (messagesPerSecond > 0 && this.#messages <= 0) return 'messages';
    return bytesPerSecond > 0 && this.#bytes <= 0 ? 'bytes' : null;
  }

  spend(messages: number, bytes: number): void {
    if (this.#limits.messagesPerSecond > 0) this.#messages -= messages * MILLION;
    if (this.#limits.bytesPerSecond > 0) this.#bytes -= bytes * MILLION;
  }

  /** When it opens again by itself; null when that is not a matter of time. */
  opensAt(now: Micros): Micros | null {
    if (this.#limits.isPaused || this.hasLeft) return null;
    const { messagesPerSecond, bytesPerSecond } = this.#limits;
    const forMessages = messagesPerSecond === 0 ? 0 : Math.ceil((1 - this.#messages) / messagesPerSecond);
    const forBytes = bytesPerSecond === 0 ? 0 : Math.ceil((1 - this.#bytes) / bytesPerSecond);
    return micros(now + Math.max(1, forMessages, forBytes));
  }

  #fill(now: Micros): void {
    assert(now >= this.#filledAt, 'time does not run back');
    const elapsedUs = now - this.#filledAt;
    this.#filledAt = now;
    this.#messages = filled(this.#messages, this.#limits.messagesPerSecond, elapsedUs);
    this.#bytes = filled(this.#bytes, this.#limits.bytesPerSecond, elapsedUs);
  }
}

/** An account of `left` after a time: at most a second's worth. No product here is larger than what is lacking. */
function filled(left: number, perSecond: number, elapsedUs: number): number {
  const most = perSecond * MILLION;
  if (perSecond === 0 || elapsedUs >= Math.ceil((most - left) / perSecond)) return most;
  return left + elapsedUs * perSecond;
}

export function isSamePace(a: PaceLimits, b: PaceLimits): boolean {
  return a.isPaused === b.isPaused && a.messagesPerSecond === b.messagesPerSecond && a.bytesPerSecond === b.bytesPerSecond;
}

export const UNLIMITED: PaceLimits = { isPaused: false, messagesPerSecond: 0, bytesPerSecond: 0 };
/** The largest rate of either kind: a second of it is still counted exactly. */
export const RATE_MAX = 1_000_000_000;
const MILLION = 1_000_000;
