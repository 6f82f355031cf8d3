/**
 * The setting `tenants`: quotas by tenant, and under `default` that of every other one. What a tenant's entry leaves out is
 * as in `default`. A mapping in a file; the same as JSON in the environment.
 */
import { type TenantId, parseId } from '../../core/base/ids.js';
import { RATE_MAX } from '../../core/groups/dsg/pace.js';
import { type OwnQuota, type TenantQuota, NO_QUOTA, WEIGHT_MAX } from '../../core/groups/admission/quota.js';
import { type Reading, type ValueType, integerOf } from './value-type.js';

export interface TenantQuotas {
  readonly common: TenantQuota;
  readonly own: readonly OwnQuota[];
}

export const tenantQuotas: ValueType<TenantQuotas> = (raw) => {
  const tree = typeof raw === 'string' ? parsed(raw) : raw;
  if (!isMapping(tree)) return { ok: false, wanted: WANTED };
  const common = readQuota('default', tree['default'] ?? {}, NO_QUOTA);
  if (!common.ok) return common;
  const own: OwnQuota[] = [];
  for (const [name, entry] of Object.entries(tree)) {
    if (name === 'default') continue;
    const tenant = parseId(name);
    if (tenant === null) return { ok: false, wanted: `${WANTED}; "${name}" is no tenant` };
    const quota = readQuota(name, entry, common.value);
    if (!quota.ok) return quota;
    if (own.some((known) => known.tenant === (tenant as string))) return { ok: false, wanted: `${WANTED}; ${name} is named twice` };
    own.push({ tenant: tenant as string as TenantId, quota: quota.value });
  }
  if (own.length > TENANTS_MAX) return { ok: false, wanted: `${WANTED}; ${TENANTS_MAX} tenants at most` };
  return { ok: true, value: { common: common.value, own } };
};

function readQuota(name: string, raw: unknown, rest: TenantQuota): Reading<TenantQuota> {
  if (!isMapping(raw)) return { ok: false, wanted: `${WANTED}; ${name} is no mapping` };
  const quota: Record<string, number> = { ...rest };
  for (const [field, value] of Object.entries(raw)) {
    const read = Object.hasOwn(FIELDS, field) ? FIELDS[field as keyof TenantQuota] : null;
    if (read === null) return { ok: false, wanted: `${WANTED}; ${name}.${field} is none` };
    const reading = read(value);
    if (!reading.ok) return { ok: false, wanted: `a mapping in which ${name}.${field} is ${reading.wanted}` };
    quota[field] = reading.value;
  }
  return { ok: true, value: quota as unknown as TenantQuota };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function isMapping(raw: unknown): raw is Record<string, unknown> {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw);
}

const FIELDS: Record<keyof TenantQuota, ValueType<number>> = {
  streams: integerOf(0, 1_000_000),
  stagedBytes: integerOf(0, Number.MAX_SAFE_INTEGER),
  messagesPerSecond: integerOf(0, RATE_MAX),
  bytesPerSecond: integerOf(0, RATE_MAX),
  subscribers: integerOf(0, 1_000_000),
  weight: integerOf(1, WEIGHT_MAX),
};

const WANTED = `a mapping of tenants, or default, to ${Object.keys(FIELDS).join(', ')}`;
const TENANTS_MAX = 10_000;
