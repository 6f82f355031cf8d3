import { describe, expect, it } from 'vitest';
import { Retry, failureOf } from './retry.js';

describe('the outcome of a handler', () => {
  it('is why it failed, at once or later, and nothing when it did not', async () => {
    const outcomes = [
      () => undefined,
      () => Promise.resolve(7),
      () => {
        throw new Error('at once');
      },
      () => Promise.reject(new Error('later')),
      () => {
        throw 'no error' as unknown as Error;
      },
    ].map((run) => failureOf(run));
    expect(await Promise.all(outcomes)).toEqual([null, null, 'at once', 'later', 'no error']);
  });
});

describe('a wait', () => {
  it('is one at a time, and ends with its runner', async () => {
    const retry = new Retry();
    const done = await new Promise<string>((resolve) => {
      retry.after(1, () => resolve('first'));
      retry.after(0, () => resolve('second'));
      expect(retry.isWaiting).toBe(true);
    });
    expect([done, retry.isWaiting]).toEqual(['first', false]);
    retry.after(0, () => expect.fail('it was stopped'));
    retry.stop();
    retry.after(0, () => expect.fail('it was stopped'));
    expect([retry.isStopped, retry.isWaiting]).toEqual([true, false]);
  });
});
