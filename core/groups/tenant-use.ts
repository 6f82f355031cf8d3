/** What each tenant uses at this node of what its quota counts in streams and subscribers, and of the rest, to be shown. */
import type { TenantId } from '../base/ids.js';
import type { Reject } from '../base/reject.js';
import type { Admission } from './admission/admission.js';
import { type TenantQuota, quotaExceeded } from './admission/quota.js';
import type { Stream } from './dsg/stream.js';
import type { StreamLookup } from './letter-office.js';

export interface TenantStatus {
  readonly tenant: TenantId;
  /** Open, with this node as their source. */
  readonly streams: number;
  readonly subscribers: number;
  /** Accepted, or arriving, and not settled everywhere. */
  readonly stagedBytes: number;
  /** Offered by sessions, and waiting for their turn or their quota. */
  readonly waitingBytes: number;
  /** Since the start: calls that were refused by the quota, offers of sessions that had to wait. */
  readonly refused: number;
  readonly delayed: number;
  readonly quota: TenantQuota;
}

export class TenantUse {
  readonly #admission: Admission;
  readonly #streams: StreamLookup;

  constructor(admission: Admission, streams: StreamLookup) {
    this.#admission = admission;
    this.#streams = streams;
  }

  /** QUOTA_EXCEEDED when the tenant may open no more streams here. */
  refusalOfStream(tenant: TenantId): Reject | null {
    const { streams: most } = this.#admission.quotaOf(tenant);
    return most === 0 ? null : this.#refusal(tenant, 'streams', { used: this.#counts().get(tenant)?.streams ?? 0, most });
  }

  /** QUOTA_EXCEEDED when the tenant may have no more subscribers here. Who takes the place of another is none more. */
  refusalOfSubscriber(tenant: TenantId, stream: Stream | null, waiting: Iterable<{ readonly tenant: TenantId }>): Reject | null {
    const { subscribers: most } = this.#admission.quotaOf(tenant);
    if (most === 0 || stream?.sessions.isSubscribed === true) return null;
    let used = this.#counts().get(tenant)?.subscribers ?? 0;
    for (const wish of waiting) if (wish.tenant === tenant) used++;
    return this.#refusal(tenant, 'subscribers', { used, most });
  }

  /** Of each tenant that has, or had, a stream here since the start. */
  statuses(): TenantStatus[] {
    const counts = this.#counts();
    return [...this.#admission.accounts()].map(({ tenant, stagedBytes, waitingBytes, refusedCount, delayedCount, quota }) => {
      const { streams, subscribers } = counts.get(tenant) ?? NOTHING;
      return { tenant, streams, subscribers, stagedBytes, waitingBytes, refused: refusedCount, delayed: delayedCount, quota };
    });
  }

  #refusal(tenant: TenantId, quota: 'streams' | 'subscribers', use: { readonly used: number; readonly most: number }): Reject | null {
    if (use.used < use.most) return null;
    this.#admission.onRefused(tenant);
    return quotaExceeded(tenant, quota, use);
  }

  #counts(): Map<TenantId, { streams: number; subscribers: number }> {
    const counts = new Map<TenantId, { streams: number; subscribers: number }>();
    for (const { descriptor, source, log, sessions } of this.#streams.all()) {
      const count = counts.get(descriptor.tenant) ?? { ...NOTHING };
      counts.set(descriptor.tenant, count);
      if (source !== null && !source.staging.isClosing && !log.state.isClosed) count.streams++;
      if (sessions.isSubscribed) count.subscribers++;
    }
    return counts;
  }
}

const NOTHING = { streams: 0, subscribers: 0 };
