/** What one tenant uses of its quota at this node, and whether it may publish now. */
import type { TenantId } from '../../base/ids.js';
import { type Micros, micros } from '../../base/units.js';
import type { Reject } from '../../base/reject.js';
import { Pace } from '../dsg/pace.js';
import { type TenantQuota, quotaExceeded } from './quota.js';

export class TenantAccount {
  readonly tenant: TenantId;
  readonly quota: TenantQuota;
  /** Whether anything of its publishes is limited: one test for those who are not. */
  readonly isLimited: boolean;
  /** Of all of its streams here: accepted, or arriving, and not settled everywhere. */
  stagedBytes = 0;
  /** Offered by its sessions, in memory, and not taken yet. */
  waitingBytes = 0;
  /** Calls refused, and offers of sessions that had to wait, since the start. */
  refusedCount = 0;
  delayedCount = 0;
  readonly #pace = new Pace();

  constructor(tenant: TenantId, quota: TenantQuota) {
    this.tenant = tenant;
    this.quota = quota;
    const { stagedBytes, messagesPerSecond, bytesPerSecond } = quota;
    this.isLimited = stagedBytes > 0 || messagesPerSecond > 0 || bytesPerSecond > 0;
    this.#pace.set(micros(0), { isPaused: false, messagesPerSecond, bytesPerSecond });
  }

  /** Whether a message, or a further chunk of one (`isContinued`), may be taken now. */
  mayPublish(now: Micros, isContinued: boolean): boolean {
    return (isContinued || !this.#isFull) && this.#pace.isOpen(now);
  }

  /** As `mayPublish`, for a caller who is told. */
  refusal(now: Micros, isContinued: boolean, retryUs: number): Reject | null {
    if (this.mayPublish(now, isContinued)) return null;
    this.refusedCount++;
    const { tenant, quota, stagedBytes: used } = this;
    if (!isContinued && this.#isFull) return quotaExceeded(tenant, 'stagedBytes', { used, most: quota.stagedBytes }, retryUs);
    const which = this.#pace.isShortOf === 'messages' ? 'messagesPerSecond' : 'bytesPerSecond';
    const afterUs = (this.opensAt(now) ?? now) - now;
    return quotaExceeded(tenant, which, { used: quota[which], most: quota[which] }, afterUs);
  }

  /** When its rate lets it publish again; null when that is not a matter of time. */
  opensAt(now: Micros): Micros | null {
    return this.#pace.opensAt(now);
  }

  /** Something of it was taken. */
  spend(messages: number, bytes: number): void {
    if (this.isLimited) this.#pace.spend(messages, bytes);
  }

  get #isFull(): boolean {
    return this.quota.stagedBytes > 0 && this.stagedBytes >= this.quota.stagedBytes;
  }
}
