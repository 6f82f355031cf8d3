import { describe, expect, it } from 'vitest';
import { utf8Decode } from '../../base/bytes.js';
import { DEAD_LETTER_CHOICE, NO_FAILURE_CHOICE } from '../failure-policy.js';
import { type StreamSeat, type StreamWorld, TENANT, streamWorld } from '../testing/stream-seat.js';

const SECOND_US = 1_000_000;
const seat = ({ seats }: StreamWorld, at: number): StreamSeat => seats[at] as StreamSeat;
const seqsOf = (of: StreamSeat, request: number): number[] => of.delivered(request).map(({ seq }) => seq);
const payloadsOf = (of: StreamSeat, request: number): string[] => of.delivered(request).map(({ payload }) => utf8Decode(payload) ?? '?');
const refusalsOf = (of: StreamSeat, request: number): number[] =>
  of.host.factsOf('ack-refused').filter((fact) => fact.request === request).map(({ seq }) => seq);

/** `count` messages p/1, p/2, … at the source, and a subscriber at seat 1 that has them. */
function subscribed(of: StreamWorld, count: number): number {
  for (let n = 1; n <= count; n++) seat(of, 0).publish(of.stream, n);
  const request = seat(of, 1).subscribe('s');
  expect(of.world.runUntil(() => seat(of, 1).delivered(request).length === count)).toBe(true);
  return request;
}

/** Runs until `seq` was delivered under the attempt that counts now. */
function awaitDelivered(of: StreamWorld, request: number, seq: number, at = 1): void {
  const target = seat(of, at);
  const isHere = (): boolean =>
    target.host.factsOf('deliver').some((fact) => fact.request === request && fact.attempt === target.attemptOf(request) && fact.chunks.some((chunk) => chunk.seq === seq));
  expect(of.world.runUntil(isHere)).toBe(true);
}

/** Fails message `seq` until its stream gives up on it. */
function killMessage(of: StreamWorld, request: number, seq: number, at = 1): void {
  const target = seat(of, at);
  const isDead = (): boolean => of.at(at).log.state.deadLetters.get(target.host.node, seq) !== null;
  for (let tries = 0; tries < 20 && !isDead(); tries++) {
    awaitDelivered(of, request, seq, at);
    target.fail(request, seq);
    const attempt = target.attemptOf(request);
    expect(of.world.runUntil(() => isDead() || target.host.factsOf('deliver').some((fact) => fact.attempt === attempt))).toBe(true);
  }
  expect(isDead()).toBe(true);
}

describe('a message that fails', () => {
  it('voids what was delivered after it, settles what was before it, and comes again after a while', () => {
    const of = streamWorld(['s', 't']);
    const target = seat(of, 1);
    const request = subscribed(of, 5);
    const first = target.attemptOf(request);
    target.fail(request, 3, 'no space');
    expect(target.voided(request)).toMatchObject([{ attempt: first, seq: 3, failures: 1, reason: 'no space', retryAfterUs: SECOND_US }]);
    const before = of.world.now;
    expect(of.world.runUntil(() => seqsOf(target, request).length === 8)).toBe(true);
    expect(seqsOf(target, request)).toEqual([1, 2, 3, 4, 5, 3, 4, 5]);
    expect(of.world.now - before).toBeGreaterThanOrEqual(SECOND_US - 100_000);
    expect(of.world.runUntil(() => of.at(0).log.state.completed === 2)).toBe(true);
  });

  it('waits twice as long each time, up to a bound, and no longer than that', () => {
    const of = streamWorld(['s', 't'], { retryFirstUs: 10_000, retryMaxUs: 50_000, failuresMax: 3 });
    const target = seat(of, 1);
    const request = subscribed(of, 1);
    for (let n = 1; n <= 6; n++) {
      target.fail(request, 1);
      expect(of.world.runUntil(() => target.delivered(request).length === n + 1)).toBe(true);
    }
    expect(target.voided(request).map(({ retryAfterUs }) => retryAfterUs)).toEqual([10_000, 20_000, 40_000, 50_000, 50_000, 50_000]);
    expect(target.voided(request).map(({ failures }) => failures)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('blocks its stream by default, with one alarm, until the application takes it', () => {
    const of = streamWorld(['s', 't'], { retryFirstUs: 10_000, failuresMax: 2 });
    const target = seat(of, 1);
    const request = subscribed(of, 2);
    for (let n = 1; n <= 4; n++) {
      target.fail(request, 1);
      expect(of.world.runUntil(() => target.delivered(request).length === 2 + 2 * n)).toBe(true);
    }
    expect(target.host.factsOf('delivery-blocked')).toMatchObject([{ seq: 1, failures: 2, reason: 'poison' }]);
    target.acknowledge(request, 2);
    expect(of.world.runUntil(() => of.at(0).log.state.completed === 2)).toBe(true);
  });

  it('counts across a restart of its node: nothing is forgiven', () => {
    const of = streamWorld(['s', 't'], { retryFirstUs: 10_000 });
    seat(of, 1).fail(subscribed(of, 1), 1);
    of.world.runUntil(() => !seat(of, 1).host.journal.isDirty);
    of.restart(1);
    const again = seat(of, 1).subscribe('s');
    expect(of.world.runUntil(() => seat(of, 1).delivered(again).length === 1)).toBe(true);
    seat(of, 1).fail(again, 1);
    expect(seat(of, 1).voided(again)).toMatchObject([{ failures: 2 }]);
  });

  it('may be one whose handler does not answer in time', () => {
    const of = streamWorld(['s', 't'], {}, { kind: 'all' }, { ...NO_FAILURE_CHOICE, handlerLimitUs: SECOND_US, retryFirstUs: 10_000 });
    const target = seat(of, 1);
    const request = subscribed(of, 3);
    target.acknowledge(request, 1);
    expect(of.world.runUntil(() => target.voided(request).length > 0)).toBe(true);
    expect(target.voided(request)[0]).toMatchObject({ seq: 2, reason: 'the handler did not answer in time' });
    expect(of.world.runUntil(() => seqsOf(target, request).length === 5)).toBe(true);
    expect(seqsOf(target, request)).toEqual([1, 2, 3, 2, 3]);
  });
});

describe('an acknowledgement', () => {
  it('of a void attempt is refused, settles nothing, and does not end the subscription', () => {
    const of = streamWorld(['s', 't'], { retryFirstUs: 10_000 });
    const target = seat(of, 1);
    const request = subscribed(of, 3);
    const voided = target.attemptOf(request);
    target.fail(request, 2);
    target.streams.processed(target.host.now, request, voided, 3);
    target.fail(request, 2, 'late', voided);
    expect(refusalsOf(target, request)).toEqual([3, 2]);
    of.world.runUntil(() => target.delivered(request).length === 5);
    expect(of.at(0).log.state.completed).toBe(1);
    target.acknowledge(request, 3);
    expect(of.world.runUntil(() => of.at(0).log.state.completed === 3)).toBe(true);
    expect(target.isEnded(request)).toBe(false);
  });

  it('of a fenced subscriber counts for nothing', () => {
    const of = streamWorld(['s', 't']);
    const target = seat(of, 1);
    const old = subscribed(of, 2);
    const attempt = target.attemptOf(old);
    const newer = target.subscribe('s');
    expect(target.refusal(old)).toBe('FENCED');
    target.streams.processed(target.host.now, old, attempt, 2);
    expect(of.world.runUntil(() => target.delivered(newer).length === 2)).toBe(true);
    expect(of.at(0).log.state.completed).toBe(0);
    expect(target.attemptOf(newer)).toBeGreaterThan(attempt);
  });

  it('or failure of what is settled, or was not delivered, ends the subscription', () => {
    for (const [acked, failed, code] of [[2, 2, 'INVALID_ARGUMENT'], [0, 4, 'INVALID_ARGUMENT'], [0, 5, 'OFFSET_AHEAD']] as const) {
      const of = streamWorld(['s', 't']);
      const request = subscribed(of, 3);
      if (acked > 0) seat(of, 1).acknowledge(request, acked);
      seat(of, 1).fail(request, failed);
      expect(seat(of, 1).refusal(request)).toBe(code);
    }
  });
});

describe('a message that keeps failing, where the stream keeps dead letters', () => {
  const failing = (config: object = {}): StreamWorld =>
    streamWorld(['s', 't', 'u'], { retryFirstUs: 10_000, failuresMax: 3, ...config }, { kind: 'all' }, DEAD_LETTER_CHOICE);

  it('counts as settled where it died and nowhere else, and its subscriber is told in its place', () => {
    const of = failing();
    const target = seat(of, 1);
    const request = subscribed(of, 4);
    killMessage(of, request, 2);
    expect(of.world.runUntil(() => seqsOf(target, request).at(-1) === 4)).toBe(true);
    const marker = target.delivered(request).find(({ isDead }) => isDead === true);
    expect(marker).toMatchObject({ seq: 2, producer: 'p', producerSeq: 2 });
    expect(marker?.payload.length).toBe(0);
    target.acknowledge(request, 4);
    expect(of.world.runUntil(() => of.at(0).log.state.settledOf(target.host.node) === 4)).toBe(true);
    const other = seat(of, 2).subscribe('s');
    expect(of.world.runUntil(() => seat(of, 2).delivered(other).length === 4)).toBe(true);
    expect(seat(of, 2).delivered(other).every(({ isDead }) => isDead === undefined)).toBe(true);
    expect(target.host.factsOf('dead-lettered')).toMatchObject([{ seq: 2, failures: 3, reason: 'poison' }]);
  });

  it('moves with its payload: every member has it when the log has let it go', () => {
    const of = failing({ compactEntriesMin: 1 });
    const request = subscribed(of, 3);
    killMessage(of, request, 1);
    awaitDelivered(of, request, 3);
    seat(of, 1).acknowledge(request, 3);
    const other = seat(of, 2).subscribe('s');
    of.world.runUntil(() => seat(of, 2).delivered(other).length === 3);
    seat(of, 2).acknowledge(other, 3);
    expect(of.world.runUntil(() => [0, 1, 2].every((at) => of.at(at).log.releasedSeq === 3))).toBe(true);
    for (const at of [0, 1, 2]) {
      const asked = seat(of, at).nextRequest();
      seat(of, at).streams.letters.show(asked, { tenant: TENANT, stream: of.stream, target: seat(of, 1).host.node, seq: 1, chunkSeq: 0 });
      expect(of.world.runUntil(() => seat(of, at).reply(asked) !== null)).toBe(true);
      const reply = seat(of, at).reply(asked);
      expect(reply?.kind === 'dead-letter' ? utf8Decode(reply.payload) : null).toBe('p/1');
    }
  });

  it('is replayed to a subscriber of its own, with numbers of its own, and then leaves the list', () => {
    const of = failing();
    const target = seat(of, 1);
    const request = subscribed(of, 3);
    killMessage(of, request, 1);
    killMessage(of, request, 2);
    const replays = target.subscribe('s', { isOfLetters: true });
    const letter = { tenant: TENANT, stream: of.stream, target: target.host.node };
    for (const seq of [2, 1]) {
      const asked = seat(of, 0).nextRequest();
      seat(of, 0).streams.letters.change(seat(of, 0).host.now, asked, { ...letter, seq }, 'replay');
      expect(of.world.runUntil(() => seat(of, 0).reply(asked) !== null)).toBe(true);
    }
    expect(of.world.runUntil(() => target.delivered(replays).length === 1)).toBe(true);
    target.fail(replays, 1);
    expect(of.world.runUntil(() => target.delivered(replays).length === 2)).toBe(true);
    target.acknowledge(replays, 1);
    expect(of.world.runUntil(() => target.delivered(replays).length === 3)).toBe(true);
    target.acknowledge(replays, 2);
    expect(of.world.runUntil(() => of.at(0).log.state.deadLetters.count === 0)).toBe(true);
    expect(target.delivered(replays).map(({ seq, letterSeq }) => [seq, letterSeq])).toEqual([[1, 2], [1, 2], [2, 1]]);
    expect(payloadsOf(target, replays)).toEqual(['p/2', 'p/2', 'p/1']);
    expect(target.isEnded(request)).toBe(false);
  });

  it('is discarded for good when an operator says so, and a second time says that it is unknown', () => {
    const of = failing();
    const target = seat(of, 1);
    killMessage(of, subscribed(of, 1), 1);
    const discard = (): number => {
      const asked = seat(of, 2).nextRequest();
      seat(of, 2).streams.letters.change(seat(of, 2).host.now, asked, { tenant: TENANT, stream: of.stream, target: target.host.node, seq: 1 }, 'discard');
      of.world.runUntil(() => seat(of, 2).reply(asked) !== null || seat(of, 2).refusal(asked) !== null);
      return asked;
    };
    expect(seat(of, 2).reply(discard())).toEqual({ kind: 'dead-letter-changed' });
    expect(seat(of, 2).refusal(discard())).toBe('LETTER_UNKNOWN');
    expect(of.world.runUntil(() => [0, 1, 2].every((at) => seat(of, at).host.journal.blobOwners(`dead/${of.stream}/`).length === 0))).toBe(true);
  });

  it('blocks the stream with an alarm when the list is full', () => {
    const of = failing({ deadLettersMax: 1 });
    const target = seat(of, 1);
    const request = subscribed(of, 2);
    killMessage(of, request, 1);
    for (let n = 0; n < 4; n++) {
      awaitDelivered(of, request, 2);
      target.fail(request, 2);
    }
    awaitDelivered(of, request, 2);
    expect(target.host.factsOf('delivery-blocked').at(-1)).toMatchObject({ seq: 2 });
    expect(of.at(0).log.state.deadLetters.count).toBe(1);
    target.acknowledge(request, 2);
    expect(of.world.runUntil(() => of.at(0).log.state.settledOf(target.host.node) === 2)).toBe(true);
  });

  it('stays dead across restarts of everybody, also for an application that presents an older place', () => {
    const of = failing();
    const request = subscribed(of, 2);
    killMessage(of, request, 1);
    of.world.runUntil(() => [0, 1, 2].every((at) => of.at(at).log.state.deadLetters.count === 1));
    for (const at of [0, 1, 2]) of.restart(at);
    const again = seat(of, 1).subscribe('s', { resumeAfter: 0 });
    expect(of.world.runUntil(() => seat(of, 1).delivered(again).length === 2)).toBe(true);
    expect(seat(of, 1).delivered(again).map(({ seq, isDead }) => [seq, isDead ?? false])).toEqual([[1, true], [2, false]]);
    expect(of.at(0).log.state.deadLetters.count).toBe(1);
  });
});
