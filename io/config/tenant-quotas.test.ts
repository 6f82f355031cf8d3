import { describe, expect, it } from 'vitest';
import { NO_QUOTA } from '../../core/groups/admission/quota.js';
import { DEFAULT_NODE_CONFIG, checkNodeConfig } from '../../core/node/config.js';
import { loadConfig } from './load.js';
import { nodeConfigOf } from './node-config.js';
import { tenantQuotas } from './tenant-quotas.js';
import type { TunableTree } from './tunables.js';

const TENANT = '00000000000000000000000001';

describe('the quotas of tenants', () => {
  it('are those of the default, but for what a tenant has of its own', () => {
    const read = tenantQuotas({ default: { streams: 10, weight: 2 }, [TENANT.toLowerCase()]: { streams: 20, bytesPerSecond: '1000' } });
    const common = { ...NO_QUOTA, streams: 10, weight: 2 };
    expect(read).toEqual({ ok: true, value: { common, own: [{ tenant: TENANT, quota: { ...common, streams: 20, bytesPerSecond: 1000 } }] } });
    expect(tenantQuotas(`{"${TENANT}": {"subscribers": 3}}`)).toMatchObject({ ok: true, value: { common: NO_QUOTA, own: [{ quota: { subscribers: 3 } }] } });
  });

  it.each([
    ['no mapping', 7],
    ['no JSON', '{'],
    ['a list', [TENANT]],
    ['no tenant', { nobody: {} }],
    ['an unknown quota', { default: { stream: 1 } }],
    ['a negative one', { default: { streams: -1 } }],
    ['a weight of nothing', { [TENANT]: { weight: 0 } }],
    ['a rate that is not counted exactly', { default: { bytesPerSecond: 2_000_000_000 } }],
    ['a tenant twice', { ['0000000000000000000000000a']: {}, ['0000000000000000000000000A']: {} }],
    ['an entry that is none', { [TENANT]: 5 }],
  ])('are refused with what is wrong: %s', (_what, raw) => {
    const reading = tenantQuotas(raw);
    expect(reading.ok ? '' : reading.wanted).toContain('a mapping');
  });

  it('reach the core, and nothing changes without them', () => {
    const load = (flags: Map<string, unknown>) => loadConfig({ file: null, environment: {}, flags }, DEFAULT_NODE_CONFIG as unknown as TunableTree);
    expect(nodeConfigOf(load(new Map()))).toEqual(DEFAULT_NODE_CONFIG);
    const config = nodeConfigOf(load(new Map([['tenants', { default: { streams: 1 } }]])));
    checkNodeConfig(config);
    expect(config.groups.quota.streams).toBe(1);
  });
});
