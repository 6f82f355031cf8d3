import { describe, expect, it } from 'vitest';
import { PublishLog } from './publish-log.js';
import { StreamLedgers } from './stream-ledgers.js';
import { Violations } from './violations.js';

/** One stream of publishers `p` and `q`, targets 1 and 2; `p` has published digests 101, 102, … and `q` 201, 202, … */
function setup() {
  const violations = new Violations({ nowUs: 7 });
  const log = new PublishLog([
    { stream: 0, producer: 'p' },
    { stream: 0, producer: 'q' },
  ]);
  for (let i = 1; i <= 5; i++) {
    log.log(0).offer({ digest: 100 + i, bytes: 1 });
    log.log(1).offer({ digest: 200 + i, bytes: 1 });
  }
  const ledgers = new StreamLedgers([{ targets: [1, 2] }], log, violations);
  const handle = (target: number, seq: number, producer: 'p' | 'q', producerSeq: number, settledBefore = 0, digest?: number) => {
    const content = digest ?? (producer === 'p' ? 100 : 200) + producerSeq;
    ledgers.onHandled(0, target, { seq, producer, producerSeq, digest: content }, settledBefore);
  };
  return { log, ledgers, handle, found: () => violations.list.map(({ oracle }) => oracle), violations };
}

describe('StreamLedgers', () => {
  it('accepts two targets that handle the same interleaving, one ahead of the other', () => {
    const { handle, ledgers, found } = setup();
    handle(1, 1, 'p', 1);
    handle(1, 2, 'q', 1);
    handle(2, 1, 'p', 1);
    handle(1, 3, 'p', 2);
    handle(2, 2, 'q', 1);
    expect(found()).toEqual([]);
    expect([ledgers.lastSeq(0, 1), ledgers.lastSeq(0, 2), ledgers.delivered]).toEqual([3, 2, 5]);
    expect(ledgers.seqOf(0, 2)).toBe(3);
    expect(ledgers.isComplete(0)).toBe(false);
  });

  it('is complete when every target has everything that was offered, and not one message before', () => {
    const { handle, ledgers } = setup();
    for (const target of [1, 2]) {
      for (let i = 1; i <= 5; i++) handle(target, i, 'p', i);
      for (let i = 1; i <= 5; i++) {
        expect(ledgers.isComplete(0)).toBe(false);
        handle(target, 5 + i, 'q', i);
      }
    }
    expect(ledgers.isComplete(0)).toBe(true);
  });

  it('rejects a gap, at the first target or a later one', () => {
    const first = setup();
    first.handle(1, 1, 'p', 1);
    first.handle(1, 3, 'p', 2);
    expect(first.found()).toEqual(['stream-gap']);
    expect(first.ledgers.gaps).toBe(1);
    const later = setup();
    later.handle(1, 1, 'p', 1);
    later.handle(1, 2, 'p', 2);
    later.handle(2, 2, 'p', 2);
    expect(later.found()).toEqual(['stream-gap']);
  });

  it('rejects a message that comes again after it was settled, and accepts one that was not', () => {
    const { handle, ledgers, found } = setup();
    handle(1, 1, 'p', 1);
    handle(1, 2, 'p', 2);
    handle(1, 2, 'p', 2, 1);
    expect(found()).toEqual([]);
    expect(ledgers.redelivered).toBe(1);
    handle(1, 2, 'p', 2, 2);
    expect(found()).toEqual(['stream-duplicate']);
    expect(ledgers.duplicates).toBe(1);
    expect(ledgers.delivered).toBe(2);
  });

  it('rejects another message at a place, between targets and between times', () => {
    const targets = setup();
    targets.handle(1, 1, 'p', 1);
    targets.handle(2, 1, 'q', 1);
    expect(targets.found()).toEqual(['stream-order']);
    const times = setup();
    times.handle(1, 1, 'p', 1);
    times.handle(1, 1, 'q', 1);
    expect(times.found()).toEqual(['stream-order']);
  });

  it('rejects content that was not published: changed, from nobody, or from the future', () => {
    const changed = setup();
    changed.handle(1, 1, 'p', 1, 0, 999);
    expect(changed.found()).toEqual(['stream-content']);
    const nobody = setup();
    nobody.ledgers.onHandled(0, 1, { seq: 1, producer: 'x', producerSeq: 1, digest: 1 }, 0);
    expect(nobody.found()).toEqual(['stream-content']);
    const future = setup();
    future.handle(1, 1, 'p', 6);
    expect(future.found()).toEqual(['stream-content']);
  });

  it('rejects one message at two places', () => {
    const { handle, found } = setup();
    handle(1, 1, 'p', 1);
    handle(1, 2, 'p', 1);
    expect(found()).toEqual(['producer-order']);
  });

  it('calls a message that is left out lost only if it was acknowledged', () => {
    const silent = setup();
    silent.handle(1, 1, 'p', 1);
    silent.handle(1, 2, 'p', 3);
    expect(silent.found()).toEqual(['producer-order']);
    const told = setup();
    told.log.log(0).acknowledge(2);
    told.handle(1, 1, 'p', 1);
    told.handle(1, 2, 'p', 3);
    expect(told.found()).toEqual(['acknowledged-lost']);
    const earlier = setup();
    earlier.log.log(0).acknowledge(1);
    earlier.handle(1, 1, 'p', 1);
    earlier.handle(1, 2, 'p', 2);
    expect(earlier.found()).toEqual([]);
  });

  it('holds a publisher to the place it was told, before and after a target has it', () => {
    const { handle, ledgers, found } = setup();
    ledgers.onPublished(0, 1, 1);
    handle(1, 1, 'p', 1);
    ledgers.onPublished(0, 1, 1);
    expect(found()).toEqual([]);
    ledgers.onPublished(1, 1, 1);
    expect(found()).toEqual(['stream-order']);
    ledgers.onPublished(1, 1, 2);
    handle(1, 2, 'p', 2);
    expect(found()).toEqual(['stream-order', 'stream-order']);
  });

  it('says when and where', () => {
    const { handle, violations } = setup();
    handle(1, 2, 'p', 1);
    expect(violations.list[0]).toEqual({
      oracle: 'stream-gap',
      atUs: 7,
      detail: 'stream 0 seq 2 (p 1): target 1 has handled only up to 0',
    });
  });
});
