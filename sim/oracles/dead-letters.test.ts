import { describe, expect, it } from 'vitest';
import { Completion } from './completion.js';
import { DeadLetterOracle } from './dead-letters.js';
import { PublishLog } from './publish-log.js';
import { StreamLedgers } from './stream-ledgers.js';
import { Violations } from './violations.js';

/** Stream 0 keeps dead letters after two failures, stream 1 blocks. Target 1 of both. */
function setup() {
  const violations = new Violations({ nowUs: 0 });
  const log = new PublishLog([{ stream: 0, producer: 'p' }, { stream: 1, producer: 'p' }]);
  for (let i = 1; i <= 9; i++) log.log(0).offer({ digest: i, bytes: 1 });
  const oracle = new DeadLetterOracle([{ failuresMax: 2 }, { failuresMax: null }], log, violations);
  const fail = (stream: number, seq: number, times: number): void => {
    for (let n = 0; n < times; n++) oracle.onFailed(stream, 1, seq);
  };
  const replay = (letterSeq: number, producerSeq = letterSeq, digest = producerSeq): void =>
    oracle.onReplayed(0, 1, { letterSeq, producer: 'p', producerSeq, digest });
  return { oracle, log, violations, fail, replay, found: () => violations.list.map((each) => each.oracle) };
}

describe('DeadLetterOracle', () => {
  it('accepts a death after enough failures, and its replay', () => {
    const { oracle, fail, replay, found } = setup();
    fail(0, 3, 2);
    oracle.onDead(0, 1, 3);
    expect(oracle.outstanding).toBe(1);
    replay(3);
    expect([oracle.outstanding, found()]).toEqual([0, []]);
  });

  it('accepts that the application is told again of a death, and that it hears of it after the replay', () => {
    const { oracle, fail, replay, found } = setup();
    fail(0, 3, 2);
    replay(3);
    oracle.onDead(0, 1, 3);
    oracle.onDead(0, 1, 3);
    expect([oracle.outstanding, found()]).toEqual([0, []]);
  });

  it('rejects a death one failure too early, or of a stream that blocks', () => {
    const { oracle, fail, found } = setup();
    fail(0, 3, 1);
    oracle.onDead(0, 1, 3);
    expect(found()).toEqual(['dead-letter-cause']);
    fail(1, 3, 9);
    oracle.onDead(1, 1, 3);
    expect(found()).toEqual(['dead-letter-cause', 'dead-letter-cause']);
  });

  it('rejects a dead message that is handled, and accepts its neighbours', () => {
    const { oracle, fail, found } = setup();
    fail(0, 3, 2);
    oracle.onDead(0, 1, 3);
    oracle.onHandled(0, 1, 2);
    oracle.onHandled(0, 1, 4);
    oracle.onHandled(0, 2, 3);
    expect(found()).toEqual([]);
    oracle.onHandled(0, 1, 3);
    expect(found()).toEqual(['dead-letter-settled-twice']);
  });

  it('rejects a replay that comes twice, of what did not die, or of another content', () => {
    const twice = setup();
    twice.fail(0, 3, 2);
    twice.replay(3);
    twice.replay(3);
    expect(twice.found()).toEqual(['dead-letter-settled-twice']);
    const alive = setup();
    alive.replay(3);
    expect(alive.found()).toEqual(['dead-letter-cause']);
    const other = setup();
    other.fail(0, 3, 2);
    other.replay(3, 3, 99);
    expect(other.found()).toEqual(['dead-letter-content']);
  });
});

describe('completion with dead letters', () => {
  it('accepts what may be dead before its application knows, and nothing beyond it', () => {
    const { oracle, log, violations, fail, found } = setup();
    const streams = [{ targets: [1], policy: { kind: 'all' as const } }];
    const ledgers = new StreamLedgers(streams, log, violations);
    for (const seq of [1, 2]) ledgers.onHandled(0, 1, { seq, producer: 'p', producerSeq: seq, digest: seq }, 0);
    const mayBeDead = (stream: number, target: number, seq: number): boolean => oracle.mayBeDead(stream, target, seq);
    const completion = new Completion({ streams, ledgers, durableOffset: () => 2, mayBeDead }, violations);
    fail(0, 3, 2);
    completion.onCompleted(0, 3, 0);
    expect(found()).toEqual([]);
    fail(0, 4, 1);
    completion.onCompleted(0, 4, 0);
    expect(found()).toEqual(['completed-ahead']);
  });

  it('places a message where its application failed it, and lets the next one follow its death', () => {
    const { log, violations, found } = setup();
    const ledgers = new StreamLedgers([{ targets: [1, 2] }], log, violations);
    ledgers.onHandled(0, 1, { seq: 1, producer: 'p', producerSeq: 1, digest: 1 }, 0);
    ledgers.onSeen(0, { seq: 2, producer: 'p', producerSeq: 2, digest: 2 });
    expect([ledgers.seqOf(0, 2), ledgers.lastSeq(0, 1)]).toEqual([2, 1]);
    ledgers.onDead(0, 1, { seq: 2, producer: '', producerSeq: 0 });
    ledgers.onHandled(0, 1, { seq: 3, producer: 'p', producerSeq: 3, digest: 3 }, 0);
    expect([ledgers.lastSeq(0, 1), found()]).toEqual([3, []]);
    ledgers.onDead(0, 2, { seq: 2, producer: 'p', producerSeq: 2 });
    expect(found()).toEqual(['stream-gap']);
  });
});
