import { describe, expect, it } from 'vitest';
import type { CompletionPolicy } from '../../core/groups/policy.js';
import { Completion } from './completion.js';
import { PublishLog } from './publish-log.js';
import { StreamLedgers } from './stream-ledgers.js';
import { Violations } from './violations.js';

/** A stream to targets 1, 2 and 3, with ledgers and durable offsets as given. */
function setup(policy: CompletionPolicy, handled: readonly number[], offsets: readonly number[]) {
  const violations = new Violations({ nowUs: 0 });
  const log = new PublishLog([{ stream: 0, producer: 'p' }]);
  for (let i = 1; i <= 9; i++) log.log(0).offer({ digest: i, bytes: 1 });
  const streams = [{ targets: [1, 2, 3], policy }];
  const ledgers = new StreamLedgers(streams, log, violations);
  for (const [i, last] of handled.entries()) {
    for (let seq = 1; seq <= last; seq++) ledgers.onHandled(0, i + 1, { seq, producer: 'p', producerSeq: seq, digest: seq }, 0);
  }
  const durableOffset = (_: number, target: number): number => offsets[target - 1] ?? 0;
  const completion = new Completion({ streams, ledgers, durableOffset }, violations);
  return { completion, found: () => violations.list.map(({ oracle }) => oracle) };
}

describe('Completion', () => {
  it('accepts what every target holds, and rejects one message more', () => {
    const { completion, found } = setup({ kind: 'all' }, [5, 6, 7], [5, 5, 7]);
    completion.onCompleted(0, 5, 0);
    expect(found()).toEqual([]);
    expect(completion.completed(0)).toBe(5);
    completion.onCompleted(0, 6, 0);
    expect(found()).toEqual(['completed-ahead']);
  });

  it('wants the offset on the disk, not only the effect', () => {
    const { completion, found } = setup({ kind: 'all' }, [5, 5, 5], [5, 4, 5]);
    completion.onCompleted(0, 5, 0);
    expect(found()).toEqual(['completed-ahead']);
  });

  it('wants the effect, not only the offset', () => {
    const { completion, found } = setup({ kind: 'all' }, [5, 4, 5], [5, 5, 5]);
    completion.onCompleted(0, 5, 0);
    expect(found()).toEqual(['completed-ahead']);
  });

  it('under k of n is content with any k, and not with fewer', () => {
    const { completion, found } = setup({ kind: 'quorum', count: 2 }, [5, 3, 6], [5, 3, 6]);
    completion.onCompleted(0, 5, 0);
    expect(found()).toEqual([]);
    completion.onCompleted(0, 6, 0);
    expect(found()).toEqual(['completed-ahead']);
  });

  it('holds what publishers are told to the same, by the place of their message', () => {
    const { completion, found } = setup({ kind: 'all' }, [5, 5, 5], [5, 5, 5]);
    completion.onPublisherCompleted(0, 0, 0, 0);
    completion.onPublisherCompleted(0, 0, 5, 0);
    expect(found()).toEqual([]);
    completion.onPublisherCompleted(0, 0, 6, 0);
    expect(found()).toEqual(['completed-ahead']);
  });
});
