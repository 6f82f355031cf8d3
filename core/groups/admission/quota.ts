/**
 * What one tenant may have and do at this node: open streams as their source, bytes that are staged and not settled,
 * publishes a second, subscribers; and its weight where tenants compete. Every number but the weight may be 0: no limit.
 * A tenant without a quota of its own has the common one.
 */
import { assert } from '../../base/assert.js';
import type { TenantId } from '../../base/ids.js';
import { type Reject, reject } from '../../base/reject.js';
import { RATE_MAX } from '../dsg/pace.js';

export interface TenantQuota {
  /** Open streams of which this node is the source. */
  readonly streams: number;
  /** Accepted, or arriving, and not settled everywhere. A message that has begun goes through beyond it. */
  readonly stagedBytes: number;
  readonly messagesPerSecond: number;
  readonly bytesPerSecond: number;
  readonly subscribers: number;
  /** A tenant with twice the weight is given twice the bytes while both have something to admit. */
  readonly weight: number;
}

/** The quota of one tenant, in the place of the common one. */
export interface OwnQuota {
  readonly tenant: TenantId;
  readonly quota: TenantQuota;
}

export const NO_QUOTA: TenantQuota = { streams: 0, stagedBytes: 0, messagesPerSecond: 0, bytesPerSecond: 0, subscribers: 0, weight: 1 };

export function quotaOf(config: { readonly quota: TenantQuota; readonly ownQuotas: readonly OwnQuota[] }, tenant: TenantId): TenantQuota {
  return config.ownQuotas.find((own) => own.tenant === tenant)?.quota ?? config.quota;
}

/** Asserts that each number is one that is counted exactly. */
export function checkQuota(quota: TenantQuota): void {
  for (const most of [quota.streams, quota.stagedBytes, quota.subscribers]) assert(Number.isSafeInteger(most) && most >= 0, 'a quota is 0 or more');
  for (const rate of [quota.messagesPerSecond, quota.bytesPerSecond]) {
    assert(Number.isSafeInteger(rate) && rate >= 0 && rate <= RATE_MAX, 'a rate is counted exactly');
  }
  assert(Number.isSafeInteger(quota.weight) && quota.weight >= 1 && quota.weight <= WEIGHT_MAX, 'every tenant has a share');
}

/** QUOTA_EXCEEDED: says which quota, how much of it is used, and the way out. */
export function quotaExceeded(
  tenant: TenantId,
  quota: Exclude<keyof TenantQuota, 'weight'>,
  { used, most }: { readonly used: number; readonly most: number },
  retryAfterUs?: number,
): Reject {
  const [noun, wayOut] = WORDS[quota];
  return reject('QUOTA_EXCEEDED', quota, `tenant ${tenant} has ${used} of at most ${most} ${noun} at this node; ${wayOut}, or raise its quota`, retryAfterUs);
}

const WORDS: Record<Exclude<keyof TenantQuota, 'weight'>, readonly [string, string]> = {
  streams: ['open streams', 'close some'],
  stagedBytes: ['staged bytes', 'wait until targets have settled some'],
  messagesPerSecond: ['messages a second', 'publish more slowly'],
  bytesPerSecond: ['bytes a second', 'publish more slowly'],
  subscribers: ['subscribers', 'end some'],
};

export const WEIGHT_MAX = 1_000;
