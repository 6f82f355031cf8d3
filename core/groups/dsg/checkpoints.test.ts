import { describe, expect, it } from 'vitest';
import type { TargetAction } from '../operations.js';
import { type StreamSeat, type StreamWorld, TENANT, streamWorld } from '../testing/stream-seat.js';
import { CHECKPOINTS_MAX } from './checkpoints.js';

const seat = (of: StreamWorld, at: number): StreamSeat => of.seats[at] as StreamSeat;

function publish(of: StreamWorld, through: number): void {
  for (let n = of.at(0).log.state.lastSeq + 1; n <= through; n++) seat(of, 0).publish(of.stream, n);
  if (!of.world.runUntil(() => of.at(1).log.state.lastSeq === through)) throw new Error(`${through} arrive`);
}

function read(of: StreamWorld, at: number, through: number): void {
  const request = seat(of, at).subscribe('s');
  if (!of.world.runUntil(() => seat(of, at).delivered(request).some(({ seq }) => seq === through))) throw new Error('they are delivered');
  seat(of, at).acknowledge(request, through);
  of.world.runUntil(() => of.at(0).log.state.settledOf(seat(of, at).host.node) === through);
}

function answer(of: StreamWorld, at: number, ask: (request: number) => void): unknown {
  const request = seat(of, at).nextRequest();
  ask(request);
  of.world.runUntil(() => seat(of, at).host.replyTo(request) !== null, 15_000_000);
  return seat(of, at).refusal(request) ?? seat(of, at).reply(request);
}

const set = (of: StreamWorld, at: number, name: string, seq: number | null = null): unknown =>
  answer(of, at, (request) => seat(of, at).streams.checkpoints.set(seat(of, at).host.now, request, { tenant: TENANT, stream: of.stream, name, seq }));
const remove = (of: StreamWorld, at: number, name: string): unknown =>
  answer(of, at, (request) => seat(of, at).streams.checkpoints.remove(seat(of, at).host.now, request, { tenant: TENANT, stream: of.stream, name }));
const attach = (of: StreamWorld, target: number, name: string): unknown => {
  const action: TargetAction = { kind: 'attach', start: { kind: 'checkpoint', name }, isOptional: false };
  return answer(of, 0, (request) => seat(of, 0).streams.operations.changeTarget(request, { tenant: TENANT, stream: of.stream, target: seat(of, target).host.node, action }));
};
const placeOf = (of: StreamWorld, at: number, name: string): number | null => of.at(at).log.state.checkpoints.get(name)?.seq ?? null;

describe('a checkpoint', () => {
  it('is what the application has settled where it is set, at the source what is completed, or what is said', () => {
    const of = streamWorld(['s', 't', 'u']);
    publish(of, 5);
    read(of, 1, 4);
    read(of, 2, 2);
    expect([set(of, 1, 'a'), set(of, 0, 'b'), set(of, 2, 'c', 5)]).toMatchObject([{ seq: 4 }, { seq: 2 }, { seq: 5 }]);
    expect(of.world.runUntil(() => [0, 1, 2].every((at) => ['a', 'b', 'c'].map((name) => placeOf(of, at, name)).join() === '4,2,5'))).toBe(true);
  });

  it('survives the restart of everybody, and snapshots', () => {
    const of = streamWorld(['s', 't'], { compactEntriesMin: 1 });
    publish(of, 3);
    expect(set(of, 1, 'a', 2)).toMatchObject({ seq: 2 });
    read(of, 1, 3);
    of.world.runFor(1_000_000);
    for (const at of [0, 1]) of.restart(at);
    expect(of.world.runUntil(() => placeOf(of, 0, 'a') === 2 && placeOf(of, 1, 'a') === 2, 20_000_000)).toBe(true);
  });

  it('moves with the name, in either direction, whoever asks, and goes for good when it is removed', () => {
    const of = streamWorld(['s', 't']);
    publish(of, 4);
    set(of, 1, 'a', 3);
    set(of, 0, 'a', 1);
    expect(of.world.runUntil(() => placeOf(of, 1, 'a') === 1)).toBe(true);
    expect(remove(of, 1, 'a')).toMatchObject({ kind: 'checkpoint' });
    expect(remove(of, 1, 'a')).toBe('CHECKPOINT_UNKNOWN');
    expect(set(of, 1, 'a', 4)).toMatchObject({ seq: 4 });
  });

  it('comes late or twice and changes nothing', () => {
    const of = streamWorld(['s', 't']);
    publish(of, 4);
    set(of, 0, 'a', 3);
    const { state } = of.at(0).log;
    const late = { ...(state.checkpoints.get('a') as NonNullable<ReturnType<typeof state.checkpoints.get>>) };
    remove(of, 0, 'a');
    state.applyTarget({ kind: 'checkpoint', ...late });
    expect(placeOf(of, 0, 'a')).toBe(null);
  });

  it('is where a target that comes late may begin, and a subscriber', () => {
    const of = streamWorld(['s', 't', 'u'], {}, { kind: 'all' }, undefined, 1);
    publish(of, 5);
    set(of, 0, 'a', 3);
    expect(attach(of, 2, 'b')).toBe('CHECKPOINT_UNKNOWN');
    expect(attach(of, 2, 'a')).toMatchObject({ kind: 'changed' });
    const request = seat(of, 2).subscribe('s');
    of.world.runUntil(() => seat(of, 2).delivered(request).length === 2);
    expect(seat(of, 2).delivered(request).map(({ seq }) => seq)).toEqual([4, 5]);
    read(of, 1, 5);
    const again = seat(of, 1).nextRequest();
    const wish = { tenant: TENANT, selector: { kind: 'id', stream: of.stream }, resumeAfter: null, windowMessages: 9, windowBytes: 9_000 } as const;
    seat(of, 1).streams.subscribe(seat(of, 1).host.now, again, { ...wish, fromCheckpoint: 'a' });
    of.world.runFor(10_000);
    expect(seat(of, 1).delivered(again).map(({ seq }) => seq)).toEqual([4, 5]);
    const unknown = seat(of, 1).nextRequest();
    seat(of, 1).streams.subscribe(seat(of, 1).host.now, unknown, { ...wish, fromCheckpoint: 'b' });
    expect(seat(of, 1).refusal(unknown)).toBe('CHECKPOINT_UNKNOWN');
  });

  it('holds nothing back: who begins there when that is gone is told so', () => {
    const of = streamWorld(['s', 't', 'u'], { compactEntriesMin: 1 }, { kind: 'all' }, undefined, 1);
    publish(of, 4);
    set(of, 0, 'a', 1);
    read(of, 1, 4);
    of.world.runFor(1_000_000);
    expect(attach(of, 2, 'a')).toBe('OFFSET_OUT_OF_RANGE');
  });

  it('is refused beyond the end, without a name, when there are too many, and without a leader', () => {
    const of = streamWorld(['s', 't']);
    publish(of, 2);
    expect([set(of, 0, 'a', 3), set(of, 0, '', 1), set(of, 0, 'a', -1)]).toEqual(['OFFSET_AHEAD', 'INVALID_ARGUMENT', 'INVALID_ARGUMENT']);
    for (let n = 0; n < CHECKPOINTS_MAX; n++) set(of, n % 2, `c${n}`, 1);
    expect([set(of, 0, 'a', 1), set(of, 0, 'c0', 2)]).toMatchObject(['TOO_MANY', { seq: 2 }]);
    of.world.cut(seat(of, 0).host, seat(of, 1).host);
    expect(['NO_QUORUM', 'TIMED_OUT']).toContain(set(of, 1, 'c1', 2));
  });
});
