import { describe, expect, it } from 'vitest';
import { AssertionFailed, assert, present } from './assert.js';
import { REJECT_CODES, reject, rejectCodeOf } from './reject.js';
import { accept, refuse } from './result.js';

describe('refusals', () => {
  it('have a number of their own, from 1 without gaps, that leads back to the code', () => {
    const entries = Object.entries(REJECT_CODES);
    expect(entries.map(([, [number]]) => number)).toEqual(entries.map((_, at) => at + 1));
    for (const [code, [number]] of entries) expect(rejectCodeOf(number)).toBe(code);
    expect(rejectCodeOf(0)).toBe(null);
    expect(rejectCodeOf(entries.length + 1)).toBe(null);
  });

  it('say when to try again only if that is known', () => {
    expect(reject('OVERLOADED', 'queue', 'wait')).toEqual({ code: 'OVERLOADED', subject: 'queue', detail: 'wait' });
    expect(reject('OVERLOADED', 'queue', 'wait', 5).retryAfterUs).toBe(5);
    expect(accept(1)).toEqual({ ok: true, value: 1 });
    expect(refuse(reject('TIMED_OUT', 'a', 'b')).ok).toBe(false);
  });
});

describe('assertions', () => {
  it('throw their literal message, and pass values through', () => {
    expect(() => assert(false, 'one holds')).toThrow(new AssertionFailed('one holds'));
    expect(() => present(null, 'there is one')).toThrow('there is one');
    expect(() => present(undefined, 'there is one')).toThrow(AssertionFailed);
    expect([present(0, 'zero is a value'), present('', 'empty is a value')]).toEqual([0, '']);
  });
});
