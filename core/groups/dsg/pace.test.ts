import { describe, expect, it } from 'vitest';
import { type Micros, micros } from '../../base/units.js';
import { type StreamSeat, type StreamWorld, TENANT, streamWorld } from '../testing/stream-seat.js';
import { Pace, RATE_MAX, UNLIMITED } from './pace.js';

const SECOND_US = 1_000_000;
const at = (us: number): Micros => micros(us);
const seat = ({ seats }: StreamWorld, of: number): StreamSeat => seats[of] as StreamSeat;

describe('a pace', () => {
  it('bounds nothing unless it is told to', () => {
    const pace = new Pace();
    pace.spend(1_000_000, 1_000_000_000);
    expect([pace.isOpen(at(0)), pace.opensAt(at(0))]).toEqual([true, null]);
  });

  it('gives a second of its rate at once, and then that rate', () => {
    const pace = new Pace();
    pace.set(at(0), { ...UNLIMITED, messagesPerSecond: 10 });
    let count = 0;
    for (let now = 0; now <= 3 * SECOND_US; now += 1_000) {
      while (pace.isOpen(at(now))) {
        pace.spend(1, 0);
        count++;
      }
    }
    expect(count).toBe(10 + 30);
  });

  it('lets a chunk overdraw and waits until that is made good, to the microsecond', () => {
    const pace = new Pace();
    pace.set(at(0), { ...UNLIMITED, bytesPerSecond: 1_000 });
    pace.spend(1, 5_000);
    const opensAt = pace.opensAt(at(0)) as number;
    expect(opensAt).toBe(4 * SECOND_US + 1);
    expect([pace.isOpen(at(opensAt - 1)), pace.isOpen(at(opensAt))]).toEqual([false, true]);
  });

  it('does not save up more than a second, and counts exactly at its largest rate', () => {
    const pace = new Pace();
    pace.set(at(0), { ...UNLIMITED, bytesPerSecond: RATE_MAX });
    expect(pace.isOpen(at(1_000 * SECOND_US))).toBe(true);
    pace.spend(1, RATE_MAX);
    expect(pace.isOpen(at(1_000 * SECOND_US))).toBe(false);
    expect(pace.isOpen(at(1_000 * SECOND_US + 1))).toBe(true);
  });

  it('opens by nothing but a resume when it is paused', () => {
    const pace = new Pace();
    pace.set(at(0), { ...UNLIMITED, isPaused: true });
    expect([pace.isOpen(at(99 * SECOND_US)), pace.opensAt(at(99 * SECOND_US))]).toEqual([false, null]);
    pace.set(at(99 * SECOND_US), UNLIMITED);
    expect(pace.isOpen(at(99 * SECOND_US))).toBe(true);
  });
});

describe('a target', () => {
  const NOTHING = { tenant: TENANT, stream: null, priority: null, isPaused: null, messagesPerSecond: null, bytesPerSecond: null };

  function setPace(of: StreamWorld, by: number, wish: object): number {
    const request = seat(of, by).nextRequest();
    seat(of, by).streams.paces.set(seat(of, by).host.now, request, { ...NOTHING, target: seat(of, 1).host.node, ...wish });
    of.world.runUntil(() => seat(of, by).reply(request) !== null || seat(of, by).refusal(request) !== null);
    return request;
  }

  function publish(of: StreamWorld, from: number, through: number): void {
    for (let n = from; n <= through; n++) seat(of, 0).publish(of.stream, n);
  }

  it('that is paused delivers nothing until it is resumed, restarts of all members between', () => {
    const of = streamWorld(['s', 't', 'u']);
    expect(seat(of, 0).reply(setPace(of, 0, { isPaused: true }))).toEqual({ kind: 'paced', streams: [of.stream] });
    expect(of.world.runUntil(() => of.at(1).log.state.paceOf(seat(of, 1).host.node).isPaused)).toBe(true);
    publish(of, 1, 5);
    of.world.runUntil(() => of.at(1).log.state.lastSeq === 5);
    for (const which of [0, 1, 2]) of.restart(which);
    const request = seat(of, 1).subscribe('s');
    expect(of.world.runUntil(() => seat(of, 1).delivered(request).length > 0, 5 * SECOND_US)).toBe(false);
    setPace(of, 1, { isPaused: false });
    expect(of.world.runUntil(() => seat(of, 1).delivered(request).length === 5)).toBe(true);
  });

  it('is named when it holds its stream up, with the reason', () => {
    const of = streamWorld(['s', 't'], { streamBytesMax: 20_000, publisherWindowBytes: 10_000, messageBytesMax: 20_000 });
    setPace(of, 0, { isPaused: true });
    let refused: number | null = null;
    for (let n = 1; n <= 40 && refused === null; n++) {
      const request = seat(of, 0).publish(of.stream, n, { payload: new Uint8Array(1_000) });
      of.world.runUntil(() => seat(of, 0).reply(request) !== null || seat(of, 0).refusal(request) !== null);
      if (seat(of, 0).refusal(request) === 'OUTBOX_FULL') refused = request;
    }
    const why = refused === null ? null : seat(of, 0).host.replyTo(refused);
    const target = seat(of, 1).host.node;
    expect(why?.ok === false ? [why.reject.subject, why.reject.detail.includes(`target ${target} is paused`)] : null).toEqual([`target ${target}`, true]);
  });

  it('that is throttled keeps to its rate', () => {
    const of = streamWorld(['s', 't']);
    setPace(of, 1, { messagesPerSecond: 10 });
    publish(of, 1, 50);
    const request = seat(of, 1).subscribe('s');
    const before = of.world.now;
    expect(of.world.runUntil(() => seat(of, 1).delivered(request).length === 50)).toBe(true);
    expect(of.world.now - before).toBeGreaterThanOrEqual(3_900_000);
    expect(of.world.now - before).toBeLessThanOrEqual(4_500_000);
  });

  it('that has no stream of that kind, a rate that is none, and a stream that is unknown, are refused', () => {
    const of = streamWorld(['s', 't']);
    expect(seat(of, 0).refusal(setPace(of, 0, { isPaused: true, priority: 7 }))).toBe('NOT_TARGET');
    expect(seat(of, 0).refusal(setPace(of, 0, { messagesPerSecond: -1 }))).toBe('INVALID_ARGUMENT');
    expect(seat(of, 0).refusal(setPace(of, 0, { isPaused: true, stream: seat(of, 0).host.node }))).toBe('STREAM_UNKNOWN');
  });
});
