import { describe, expect, it } from 'vitest';
import { DeadlineHeap } from '../base/deadlines.js';
import { type NodeId, type StreamId, type TenantId, idFromBytes } from '../base/ids.js';
import { micros, streamSeq } from '../base/units.js';
import type { Effect } from './effects.js';
import { EventFeed } from './events.js';
import { HOST } from './viewer.js';
import { type StreamWatermarks, WatermarkWatch } from './watermark-watch.js';

const TENANT = idFromBytes<TenantId>(new Uint8Array(16).fill(2));
const STREAM = idFromBytes<StreamId>(new Uint8Array(16).fill(4));
const NODE = idFromBytes<NodeId>(new Uint8Array(16).fill(1));
const at = (accepted: number, replicated: number, settled: number): StreamWatermarks => ({
  stream: STREAM,
  accepted: streamSeq(accepted),
  replicated: streamSeq(replicated),
  completed: streamSeq(settled),
  settled: [{ node: NODE, seq: streamSeq(settled) }],
});

function setup() {
  const effects: Effect[] = [];
  const deadlines = new DeadlineHeap();
  const events = new EventFeed(8, { push: (effect) => void effects.push(effect), ownerOf: () => TENANT });
  let streams: readonly StreamWatermarks[] = [at(5, 3, 1)];
  let readCount = 0;
  const watch = new WatermarkWatch({
    deadlines,
    everyUs: 100,
    events,
    read: () => {
      readCount++;
      return streams;
    },
  });
  const begin = (request: number, now = 0, tenant: TenantId | null = TENANT): void => {
    events.watch(request, ['stream-watermarks'], 0, tenant === null ? HOST : { kind: 'caller', tenant });
    watch.onWatched(micros(now), request);
  };
  const tick = (now: number): void => {
    for (let due = deadlines.popDue(micros(now)); due !== null; due = deadlines.popDue(micros(now))) due.owner.onDeadline(micros(now), due);
  };
  const told = (): string[] =>
    effects.splice(0).flatMap((effect) => (effect.kind === 'event' && effect.event.kind === 'stream-watermarks' ? [`${effect.request}: ${effect.event.accepted}/${effect.event.replicated}/${effect.event.completed}`] : []));
  return { events, begin, tick, told, move: (...next: StreamWatermarks[]) => void (streams = next), reads: () => readCount };
}

describe('the watermarks of streams, watched', () => {
  it('begin with the present, also for who comes back, and then tell what has moved, once in a while', () => {
    const { begin, tick, told, move } = setup();
    begin(1);
    expect(told()).toEqual(['1: 5/3/1']);
    tick(100);
    told();
    move(at(6, 3, 1));
    move(at(9, 8, 2));
    expect(told()).toEqual([]);
    tick(200);
    tick(300);
    expect(told()).toEqual(['1: 9/8/2']);
    begin(2, 350);
    expect(told()).toEqual(['2: 9/8/2']);
  });

  it('are not looked at when nobody watches, nor told to who did not name them or may not see the stream', () => {
    const { events, begin, tick, told, reads, move } = setup();
    events.watch(7, [], 0, HOST);
    begin(1, 0, idFromBytes<TenantId>(new Uint8Array(16).fill(9)));
    expect(told()).toEqual([]);
    move(at(6, 6, 6));
    tick(100);
    expect(told()).toEqual([]);
    events.cancel(1);
    const before = reads();
    for (let now = 200; now < 1_000; now += 100) tick(now);
    expect(reads()).toBe(before);
  });
});
