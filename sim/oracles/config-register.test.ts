import { describe, expect, it } from 'vitest';
import { ConfigRegisters } from './config-register.js';
import { Violations } from './violations.js';

function setup() {
  const violations = new Violations({ nowUs: 0 });
  const registers = new ConfigRegisters(violations);
  const put = (value: string | null, revision: number, expected: number | null = null): void =>
    registers.onChanged(registers.begin(), { key: 'k', value, expected }, revision);
  const get = (place: number, revision: number, value: string | null): void => registers.onRead(registers.begin(), 'k', { place, revision, value });
  return { registers, put, get, found: () => (registers.judge(), violations.list.map(({ detail }) => detail)) };
}

describe('ConfigRegisters accepts', () => {
  it('calls one after the other, at rising places', () => {
    const { put, get, found } = setup();
    get(0, 0, null);
    put('a', 1);
    get(1, 1, 'a');
    put('b', 4, 1);
    get(6, 4, 'b');
    put(null, 7, 4);
    get(7, 0, null);
    put('c', 8, 0);
    expect(found()).toEqual([]);
  });

  it('calls that overlap in any order of their places', () => {
    const { registers, found } = setup();
    const [first, second, read] = [registers.begin(), registers.begin(), registers.begin()];
    registers.onChanged(second, { key: 'k', value: 'b', expected: null }, 2);
    registers.onChanged(first, { key: 'k', value: 'a', expected: null }, 1);
    registers.onRead(read, 'k', { place: 1, revision: 1, value: 'a' });
    expect(found()).toEqual([]);
  });

  it('a change without an answer, seen or never seen', () => {
    const { registers, put, get, found } = setup();
    put('a', 1);
    registers.onUnknown({ key: 'k', value: 'lost', expected: 1 });
    get(3, 3, 'lost');
    registers.onUnknown({ key: 'k', value: null, expected: null });
    get(5, 0, null);
    put('b', 6, 0);
    expect(found()).toEqual([]);
  });

  it('no row where a removal is not answered yet', () => {
    const { registers, put, get, found } = setup();
    put('a', 1);
    const removal = registers.begin();
    get(2, 0, null);
    registers.onChanged(removal, { key: 'k', value: null, expected: null }, 2);
    expect(found()).toEqual([]);
  });

  it('a refusal that names a revision which was present since it was asked for', () => {
    const { registers, put, found } = setup();
    put('a', 1);
    const open = registers.begin();
    put('b', 2);
    registers.onRefused(open, { key: 'k', value: 'x', expected: 7 }, 1);
    registers.onRefused(open, { key: 'k', value: 'y', expected: 1 }, 2);
    expect(found()).toEqual([]);
  });

  it('a local read that is behind, of one moment', () => {
    const { registers, put, found } = setup();
    put('a', 1);
    put('b', 2);
    registers.onLocalRead('k', { place: 1, revision: 1, value: 'a' });
    expect(found()).toEqual([]);
  });
});

describe('ConfigRegisters rejects', () => {
  it('a read that is behind what had been answered', () => {
    const { put, get, found } = setup();
    put('a', 1);
    put('b', 2);
    get(1, 1, 'a');
    expect(found()).toEqual([expect.stringContaining('after a call that had ended at 2')]);
  });

  it('a read behind another read', () => {
    const { get, found } = setup();
    get(5, 3, 'a');
    get(4, 3, 'a');
    expect(found()).toHaveLength(1);
  });

  it('a change that lands before what had been answered when it was asked for', () => {
    const { registers, put, get, found } = setup();
    get(4, 0, null);
    registers.onUnknown({ key: 'k', value: null, expected: null });
    put('a', 4);
    expect(found()).toEqual([expect.stringContaining('took place at 4, before a call that had ended at 4')]);
  });

  it('a read that misses a change up to its place, whichever is heard of first', () => {
    const one = setup();
    const late = one.registers.begin();
    one.put('a', 1);
    one.get(3, 1, 'a');
    one.registers.onChanged(late, { key: 'k', value: 'b', expected: null }, 2);
    expect(one.found()).toEqual([expect.stringContaining('within (1, 3]')]);
    const other = setup();
    const open = other.registers.begin();
    other.put('a', 1);
    other.put('b', 2);
    other.registers.onLocalRead('k', { place: 2, revision: 1, value: 'a' });
    expect([open.floor, other.found().length]).toEqual([0, 1]);
  });

  it('another value than the one that was written at that revision', () => {
    const { put, get, found } = setup();
    put('a', 1);
    get(1, 1, 'b');
    expect(found()).toEqual([expect.stringContaining('where a was written')]);
  });

  it('no row where one was set, and a row that is new where one was there', () => {
    const { put, get, found } = setup();
    put('a', 1);
    get(1, 0, null);
    put('b', 2, 0);
    expect(found()).toHaveLength(2);
  });

  it('a change that was made twice', () => {
    const { registers, put, get, found } = setup();
    const open = registers.begin();
    get(1, 1, 'a');
    put('b', 2);
    registers.onChanged(open, { key: 'k', value: 'a', expected: null }, 3);
    expect(found()).toEqual(['a was written at 1 and again at 3']);
  });

  it('a change made on top of a revision that had passed', () => {
    const { registers, put, found } = setup();
    const open = registers.begin();
    put('a', 1);
    put('b', 2);
    registers.onChanged(open, { key: 'k', value: 'c', expected: 1 }, 3);
    expect(found()).toEqual([expect.stringContaining('was to replace 1')]);
  });

  it('a refused change that was made all the same, whichever is heard of first', () => {
    const one = setup();
    one.put('a', 1);
    one.registers.onRefused(one.registers.begin(), { key: 'k', value: 'x', expected: 9 }, 1);
    one.get(2, 2, 'x');
    expect(one.found().filter((detail) => detail.includes('refused')).length).toBeGreaterThan(0);
    const other = setup();
    const open = other.registers.begin();
    other.get(2, 2, 'x');
    other.registers.onRefused(open, { key: 'k', value: 'x', expected: 1 }, 2);
    expect(other.found()).toEqual([expect.stringContaining('a read has shown it at 2')]);
  });

  it('a refusal that names a revision which had passed, or the one that was named', () => {
    const { registers, put, found } = setup();
    put('a', 1);
    put('b', 2);
    registers.onRefused(registers.begin(), { key: 'k', value: 'x', expected: 9 }, 1);
    registers.onRefused(registers.begin(), { key: 'k', value: 'y', expected: 2 }, 2);
    expect(found()).toHaveLength(2);
  });

  it('two changes of a key at one revision', () => {
    const { registers, found } = setup();
    const [a, b] = [registers.begin(), registers.begin()];
    registers.onChanged(a, { key: 'k', value: 'a', expected: null }, 1);
    registers.onChanged(b, { key: 'k', value: 'b', expected: null }, 1);
    expect(found()).toEqual([expect.stringContaining('the revision 1 of another change')]);
  });
});
