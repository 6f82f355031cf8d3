import { describe, expect, it } from 'vitest';
import { utf8Encode } from '../../base/bytes.js';
import type { UpdateChange } from '../../wire/update-messages.js';
import { CONFIG_VALUE_BYTES_MAX, policyOf, refusalOfConfiguration } from './config-rules.js';
import { ConfigStore } from './config-store.js';

const set = (key: string, value: string | Uint8Array): UpdateChange => ({
  table: 'config_kv',
  key: utf8Encode(key),
  value: typeof value === 'string' ? utf8Encode(value) : value,
  isRemoval: false,
  ifRevision: 0,
});

describe('what may stand in the configuration', () => {
  it.each([
    [[set('policy.voters', '4')], 'INVALID_ARGUMENT', /1, 3, 5, 7/],
    [[set('policy.voters', '')], 'INVALID_ARGUMENT', /1, 3, 5, 7/],
    [[set('policy.criticalStreams', 'Continue')], 'INVALID_ARGUMENT', /refuse, continue/],
    [[set('policy.unheardOf', '1')], 'INVALID_ARGUMENT', /criticalStreams, voters/],
    [[set('policy.constructor', '1')], 'INVALID_ARGUMENT', /no such policy/],
    [[set('a', '1'), set('a', '2')], 'INVALID_ARGUMENT', /once/],
    [[set('a', Uint8Array.of(0xff))], 'INVALID_ARGUMENT', /UTF-8/],
    [[set('a', new Uint8Array(CONFIG_VALUE_BYTES_MAX + 1))], 'PAYLOAD_TOO_LARGE', /at most/],
  ] as const)('is refused with what would do: %#', (changes, code, detail) => {
    const why = refusalOfConfiguration(changes);
    expect(why?.code).toBe(code);
    expect(why?.detail).toMatch(detail);
  });

  it('is any text elsewhere, and the removal of whatever is there', () => {
    expect(refusalOfConfiguration([set('log.level', 'debug'), set('policy.voters', '7'), set('policy.criticalStreams', 'continue')])).toBe(null);
    expect(refusalOfConfiguration([{ ...set('policy.gone', ''), isRemoval: true }])).toBe(null);
  });

  it('says a policy, or its default where nothing or something unknown is set', () => {
    const store = new ConfigStore();
    expect([policyOf(store, 'criticalStreams'), policyOf(store, 'voters')]).toEqual(['refuse', '']);
    store.apply([set('policy.criticalStreams', 'continue'), set('policy.voters', '9')], 1);
    expect([policyOf(store, 'criticalStreams'), policyOf(store, 'voters')]).toEqual(['continue', '']);
  });
});
