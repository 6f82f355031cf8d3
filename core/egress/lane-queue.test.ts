import { describe, expect, it } from 'vitest';
import { Rng } from '../base/rng.js';
import { TRAFFIC_CLASSES } from '../wire/frame.js';
import { DEFAULT_LANE_QUEUE_CONFIG, LaneQueue, checkLaneQueueConfig } from './lane-queue.js';

const { CONTROL, SYSTEM, INTERNAL_DB, PRIORITY, BULK } = TRAFFIC_CLASSES;
const config = {
  classOrder: DEFAULT_LANE_QUEUE_CONFIG.classOrder,
  queueBytesMax: 1_000, controlReserveBytes: 200, highMarkBytes: 600, lowMarkBytes: 100, socketWindowBytes: 300,
};
const frame = (mark: number, length: number) => new Uint8Array(length).fill(mark);
const marks = (frames: readonly Uint8Array[]) => frames.map((bytes) => bytes[0]);

describe('lane queue', () => {
  it('hands out control before system, database, priority and bulk, in order within a class', () => {
    const queue = new LaneQueue(config);
    for (const trafficClass of [BULK, PRIORITY, INTERNAL_DB, SYSTEM, CONTROL]) {
      queue.push(frame(trafficClass * 10, 5), trafficClass);
      queue.push(frame(trafficClass * 10 + 1, 5), trafficClass);
    }
    expect(marks(queue.take())).toEqual([0, 1, 10, 11, 20, 21, 30, 31, 40, 41]);
    queue.checkInvariants();
  });

  it('hands out the classes in the order that is configured, of which control is always the first', () => {
    const classOrder = [CONTROL, PRIORITY, BULK, SYSTEM, INTERNAL_DB];
    checkLaneQueueConfig({ ...DEFAULT_LANE_QUEUE_CONFIG, classOrder });
    const queue = new LaneQueue({ ...config, classOrder });
    for (const trafficClass of [BULK, PRIORITY, INTERNAL_DB, SYSTEM, CONTROL]) queue.push(frame(trafficClass, 5), trafficClass);
    expect(marks(queue.take())).toEqual(classOrder);
    for (const wrong of [[SYSTEM, CONTROL, INTERNAL_DB, PRIORITY, BULK], [CONTROL, SYSTEM, PRIORITY, BULK], [CONTROL, SYSTEM, SYSTEM, PRIORITY, BULK]]) {
      expect(() => checkLaneQueueConfig({ ...DEFAULT_LANE_QUEUE_CONFIG, classOrder: wrong })).toThrow('every class has its place');
    }
  });

  it('never lets control wait behind bulk that is queued already', () => {
    const queue = new LaneQueue(config);
    for (let i = 0; i < 9; i++) queue.push(frame(40 + i, 100), BULK);
    expect(marks(queue.take())).toEqual([40, 41, 42]);
    queue.push(frame(1, 10), CONTROL);
    queue.onDrained(0);
    expect(marks(queue.take())).toEqual([1, 43, 44]);
  });

  it('gives the socket no more than its window until the socket has drained', () => {
    const queue = new LaneQueue(config);
    for (let i = 0; i < 8; i++) queue.push(frame(i, 100), BULK);
    expect(queue.take()).toHaveLength(3);
    expect(queue.canTake).toBe(false);
    expect(queue.take()).toHaveLength(0);
    queue.onDrained(150);
    expect(queue.take()).toHaveLength(1);
    queue.onDrained(0);
    expect(queue.take()).toHaveLength(3);
    expect(queue.bufferedBytes).toBe(300);
  });

  it('sends a frame larger than the window alone', () => {
    const queue = new LaneQueue(config);
    queue.push(frame(1, 900), BULK);
    queue.push(frame(2, 10), BULK);
    expect(marks(queue.take())).toEqual([1]);
    expect(queue.canTake).toBe(false);
  });

  it('refuses data at its bound and still takes control from the reserve, up to that bound', () => {
    const queue = new LaneQueue(config);
    expect(queue.push(frame(1, 1_000), BULK)).toBe(true);
    expect(queue.push(frame(2, 1), BULK)).toBe(false);
    expect(queue.push(frame(2, 1), PRIORITY)).toBe(false);
    expect(queue.push(frame(3, 150), CONTROL)).toBe(true);
    expect(queue.push(frame(4, 50), SYSTEM)).toBe(true);
    expect(queue.push(frame(5, 1), CONTROL)).toBe(false);
    expect(queue.queuedBytes).toBe(1_200);
    queue.checkInvariants();
  });

  it('says once that it is writable, after it was above the high mark and fell below the low one', () => {
    const queue = new LaneQueue(config);
    for (let i = 0; i < 6; i++) queue.push(frame(i, 100), BULK);
    expect(queue.isAboveHighMark).toBe(false);
    queue.push(frame(6, 100), BULK);
    expect(queue.isAboveHighMark).toBe(true);
    queue.take();
    expect(queue.takeWritable()).toBe(false);
    queue.onDrained(0);
    queue.take();
    queue.onDrained(0);
    queue.take();
    expect(queue.takeWritable()).toBe(true);
    expect(queue.takeWritable()).toBe(false);
  });

  it('returns everything that was not handed out, and moves it to another lane whole', () => {
    const queue = new LaneQueue(config);
    const other = new LaneQueue(config);
    other.push(frame(9, 900), BULK);
    queue.push(frame(1, 400), BULK);
    queue.push(frame(2, 10), CONTROL);
    queue.moveTo(other);
    expect(queue.queuedFrames).toBe(0);
    expect(marks(other.drain())).toEqual([2, 9, 1]);
    other.checkInvariants();
  });

  it('loses and doubles no frame under any sequence of pushes, takes and drains', () => {
    const rng = Rng.fromSeed('lane-queue');
    const queue = new LaneQueue(config);
    const out: Uint8Array[] = [];
    let pushed = 0;
    for (let i = 0; i < 5_000; i++) {
      if (rng.chance(600) && queue.push(frame(i & 255, rng.between(1, 400)), rng.below(5))) pushed++;
      if (rng.chance(300)) out.push(...queue.take());
      if (rng.chance(300)) queue.onDrained(rng.below(queue.bufferedBytes + 1));
      queue.checkInvariants();
    }
    out.push(...queue.drain());
    expect(out).toHaveLength(pushed);
    expect(new Set(out).size).toBe(pushed);
  });

  it('holds the relations between its numbers', () => {
    expect(() => checkLaneQueueConfig(DEFAULT_LANE_QUEUE_CONFIG)).not.toThrow();
    expect(() => checkLaneQueueConfig({ ...DEFAULT_LANE_QUEUE_CONFIG, lowMarkBytes: 3 << 20 })).toThrow('low mark');
    expect(() => checkLaneQueueConfig({ ...DEFAULT_LANE_QUEUE_CONFIG, socketWindowBytes: 1 << 10 })).toThrow('full window');
  });
});
