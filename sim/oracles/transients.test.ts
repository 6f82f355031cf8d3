import { describe, expect, it } from 'vitest';
import { TransientOracle } from './transients.js';
import { Violations } from './violations.js';

function setup(optional: readonly number[] = []) {
  const violations = new Violations({ nowUs: 0 });
  const oracle = new TransientOracle('s', [1, 2], optional, violations);
  return { oracle, found: () => violations.list.map((each) => each.oracle) };
}

const put = (oracle: TransientOracle, node: number, what: string, record: number, isMore = false): void =>
  oracle.onDisk(node, { kind: 'held', what, record, isMore });

describe('TransientOracle', () => {
  it('accepts what comes again, a jump after an attachment, and a loss of who was not waited for', () => {
    const { oracle, found } = setup([2]);
    oracle.onSubscribed(1, 0);
    for (const seq of [1, 2, 2, 3]) oracle.onHandled(1, seq, seq);
    oracle.onSubscribed(1, 2);
    oracle.onHandled(1, 3, 3);
    oracle.onOutOfRange(2);
    oracle.onChangeAsked(1, true);
    oracle.onSubscribed(1, 7);
    oracle.onHandled(1, 8, 9);
    oracle.onOutOfRange(1);
    oracle.onCompleted(8, 0);
    oracle.onMayBeginAfter(12);
    oracle.onCompleted(12, 0);
    expect(found()).toEqual([]);
  });

  it('rejects gaps, other messages, losses of who is waited for, and what nobody has', () => {
    const { oracle, found } = setup();
    oracle.onSubscribed(1, 1);
    oracle.onHandled(1, 3, 3);
    oracle.onHandled(2, 3, 4);
    oracle.onOutOfRange(2);
    oracle.onChangeAsked(2, true);
    oracle.onRequired(2);
    oracle.onOutOfRange(2);
    oracle.onCompleted(4, 0);
    oracle.onMayBeginAfter(5);
    oracle.onCompleted(6, 0);
    expect(found()).toEqual([
      'stream-gap', 'stream-gap', 'stream-gap', 'stream-order', 'payload-lost', 'payload-lost', 'completed-ahead', 'completed-ahead',
    ]);
  });

  it('accepts that members drop a deleted stream one by one, and remember that there was one', () => {
    const { oracle, found } = setup();
    for (const node of [0, 1]) {
      put(oracle, node, 'stream/s', 1);
      put(oracle, node, 'log', 1, true);
      put(oracle, node, 'log', 2, true);
    }
    oracle.onDeleted();
    expect(oracle.remains()).toContain('node 0 still has stream/s');
    for (const node of [0, 1]) {
      oracle.onDisk(node, { kind: 'removed', what: 'stream/s' });
      put(oracle, node, 'deleted/s', 3);
      oracle.onDisk(node, { kind: 'dropped', from: 1, to: 1 });
      if (node === 0) expect(oracle.remains()).toContain('node 0 still has log');
      oracle.onDisk(node, { kind: 'dropped', from: 2, to: 2 });
    }
    put(oracle, 1, 'deleted/s', 4);
    expect([oracle.remains(), found()]).toEqual([null, []]);
  });

  it('rejects a deleted stream that takes a message, or is back on a disk', () => {
    const { oracle, found } = setup();
    oracle.onDeleted();
    oracle.onTakenLate();
    put(oracle, 1, 'deleted/s', 1);
    put(oracle, 1, 'stream/s', 2);
    expect(found()).toEqual(['deleted-returned', 'deleted-returned']);
  });
});
