import { describe, expect, it } from 'vitest';
import { EMPTY_BYTES, utf8Decode, utf8Encode } from '../../base/bytes.js';
import type { UpdateChange } from '../../wire/update-messages.js';
import { CONFIG_BYTES_MAX, CONFIG_ROWS_MAX, ConfigStore } from './config-store.js';

const set = (key: string, value: string, ifRevision = 0): UpdateChange => ({ table: 'config_kv', key: utf8Encode(key), value: utf8Encode(value), isRemoval: false, ifRevision });
const remove = (key: string, ifRevision = 0): UpdateChange => ({ ...set(key, '', ifRevision), value: EMPTY_BYTES, isRemoval: true });
const shown = (store: ConfigStore, prefix = ''): string[] =>
  store.rows({ key: utf8Encode(prefix), isPrefix: true }).map(({ key, value, revision }) => `${utf8Decode(key)}=${utf8Decode(value)}@${revision}`);

describe('the rows of the configuration', () => {
  it('carry the number of the update that wrote them last, and are listed by prefix in the order of their keys', () => {
    const store = new ConfigStore();
    store.apply([set('b/2', 'x'), set('a', 'y')], 1);
    store.apply([set('b/1', 'z')], 2);
    store.apply([set('a', 'w')], 3);
    expect(shown(store)).toEqual(['a=w@3', 'b/1=z@2', 'b/2=x@1']);
    expect(shown(store, 'b/')).toEqual(['b/1=z@2', 'b/2=x@1']);
    expect(store.rows({ key: utf8Encode('b'), isPrefix: false })).toEqual([]);
    expect(store.rows({ key: utf8Encode('a'), isPrefix: false })).toHaveLength(1);
    store.checkInvariants(3);
  });

  it('let a change through only at the revision that it names, 0 being no row, and never again at one that has passed', () => {
    const store = new ConfigStore();
    expect(store.conflictOf([set('a', '1', 0 + 1)])).toBe(null);
    store.apply([set('a', '1')], 5);
    expect(store.conflictOf([set('a', '2', 0 + 1)])).toEqual({ kind: 'revision', key: 'a', revision: 5 });
    expect(store.conflictOf([set('a', '2', 4 + 1)])).toEqual({ kind: 'revision', key: 'a', revision: 5 });
    expect(store.conflictOf([set('a', '2', 5 + 1)])).toBe(null);
    store.apply([remove('a')], 6);
    expect(store.conflictOf([set('a', '2', 5 + 1)])).toEqual({ kind: 'revision', key: 'a', revision: 0 });
    expect(store.conflictOf([set('a', '2', 0 + 1)])).toBe(null);
    // Of several changes all are made, or none.
    expect(store.conflictOf([set('b', '1'), remove('a', 1 + 1)])).toEqual({ kind: 'revision', key: 'a', revision: 0 });
  });

  it('are bounded in number and bytes, and can always be made fewer', () => {
    const store = new ConfigStore();
    for (let i = 0; i < CONFIG_ROWS_MAX; i++) store.apply([set(`k${i}`, '')], i + 1);
    expect(store.conflictOf([set('one more', '')])).toEqual({ kind: 'full' });
    expect(store.conflictOf([set('k1', 'x')])).toBe(null);
    expect(store.conflictOf([set('one more', ''), remove('k1')])).toBe(null);
    const large = new ConfigStore();
    const value = 'v'.repeat(CONFIG_BYTES_MAX / 4);
    for (let i = 0; i < 3; i++) large.apply([set(`${i}`, value)], i + 1);
    expect(large.conflictOf([set('3', value)])).toEqual({ kind: 'full' });
    expect(large.conflictOf([set('2', 'small')])).toBe(null);
    store.checkInvariants(CONFIG_ROWS_MAX);
    large.checkInvariants(3);
  });
});
