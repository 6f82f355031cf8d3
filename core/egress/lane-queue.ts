/**
 * What waits to leave on one lane: frames in strict order of traffic classes, as configured, first in first out within a class, bounded
 * in bytes. A host's socket is given no more than a window at a time, so that a control frame waits behind at most
 * that window, never behind queued bulk.
 *
 * Invariant: every frame pushed is handed out exactly once, by `take`, `drain` or `moveTo`; queued bytes stay within
 * `queueBytesMax` for data and within that plus `controlReserveBytes` for control and system frames, but for frames
 * that moved in from a lane that died (as many again at most).
 * Leaves out: fairness between streams and tenants, which acts where messages are admitted.
 */
import { assert } from '../base/assert.js';
import { Fifo } from '../base/fifo.js';
import { DRAIN_SILENCE_BYTES } from './drain-report.js';
import { TRAFFIC_CLASSES, TRAFFIC_CLASS_COUNT } from '../wire/frame.js';

export interface LaneQueueConfig {
  /** How much the queue holds before data is refused. */
  readonly queueBytesMax: number;
  /** How much more control and system frames may take. */
  readonly controlReserveBytes: number;
  /** Above this the lane asks its senders to hold back. */
  readonly highMarkBytes: number;
  /** Once below this after the high mark, or after a refusal, the lane says that it is writable. */
  readonly lowMarkBytes: number;
  /** How much the socket may hold unsent, and the size at which one WebSocket message is full. */
  readonly socketWindowBytes: number;
  /** Every traffic class once, the most urgent first. Control is first in any order: votes and acks wait for nothing. */
  readonly classOrder: readonly number[];
}

export const DEFAULT_LANE_QUEUE_CONFIG: LaneQueueConfig = {
  queueBytesMax: 4 << 20,
  controlReserveBytes: 1 << 20,
  highMarkBytes: 2 << 20,
  lowMarkBytes: 512 << 10,
  socketWindowBytes: 256 << 10,
  classOrder: [TRAFFIC_CLASSES.CONTROL, TRAFFIC_CLASSES.SYSTEM, TRAFFIC_CLASSES.INTERNAL_DB, TRAFFIC_CLASSES.PRIORITY, TRAFFIC_CLASSES.BULK],
};

/** Asserts the relations between the numbers of `config`. */
export function checkLaneQueueConfig(config: LaneQueueConfig): void {
  const isWhole = config.classOrder.length === TRAFFIC_CLASS_COUNT && new Set(config.classOrder).size === TRAFFIC_CLASS_COUNT;
  assert(isWhole && config.classOrder[0] === TRAFFIC_CLASSES.CONTROL, 'control is first, and every class has its place');
  assert(config.socketWindowBytes >= DRAIN_SILENCE_BYTES, 'a full window is reported when it empties');
  assert(config.lowMarkBytes < config.highMarkBytes, 'the low mark is below the high mark');
  assert(config.highMarkBytes <= config.queueBytesMax, 'the high mark is within the queue');
  assert(config.controlReserveBytes > 0, 'the reserve is positive');
}

export class LaneQueue {
  readonly #config: LaneQueueConfig;
  readonly #classes: readonly Fifo<Uint8Array>[] = Array.from({ length: TRAFFIC_CLASS_COUNT }, () => new Fifo());
  /** The same, the most urgent first. */
  readonly #inOrder: readonly Fifo<Uint8Array>[];
  #queuedBytes = 0;
  #queuedFrames = 0;
  /** Bytes that the socket was given and has not sent, as far as the host has told. */
  #bufferedBytes = 0;
  #wantsWritable = false;

  constructor(config: LaneQueueConfig) {
    this.#config = config;
    this.#inOrder = config.classOrder.map((trafficClass) => this.#classes[trafficClass] as Fifo<Uint8Array>);
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  get queuedFrames(): number {
    return this.#queuedFrames;
  }

  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  /** Whether senders had better hold back. Does not refuse by itself. */
  get isAboveHighMark(): boolean {
    return this.#queuedBytes > this.#config.highMarkBytes;
  }

  /** Queues a whole frame. False when that class's bound is reached; then nothing was taken. O(1), about 20 ns. */
  push(frame: Uint8Array, trafficClass: number): boolean {
    const reserve = trafficClass <= TRAFFIC_CLASSES.SYSTEM ? this.#config.controlReserveBytes : 0;
    if (this.#queuedBytes + frame.length > this.#config.queueBytesMax + reserve) {
      this.#wantsWritable = true;
      return false;
    }
    this.#put(frame, trafficClass);
    return true;
  }

  /** Whether `take` would give anything now. */
  get canTake(): boolean {
    return this.#queuedFrames > 0 && this.#bufferedBytes < this.#config.socketWindowBytes;
  }

  /**
   * The frames for one WebSocket message, urgent classes first: as many as the socket's window has room for, and at
   * least one when it has any room. They count as buffered from here on.
   */
  take(): Uint8Array[] {
    const room = this.#config.socketWindowBytes - this.#bufferedBytes;
    const parts: Uint8Array[] = [];
    if (room <= 0) return parts;
    let taken = 0;
    for (const fifo of this.#inOrder) {
      for (let frame = fifo.peek(); frame !== undefined; frame = fifo.peek()) {
        if (taken > 0 && taken + frame.length > room) return this.#handOut(parts, taken);
        fifo.shift();
        parts.push(frame);
        taken += frame.length;
      }
    }
    return this.#handOut(parts, taken);
  }

  /** The host's word on what its socket still holds. */
  onDrained(bufferedBytes: number): void {
    this.#bufferedBytes = Math.max(0, bufferedBytes);
  }

  /** Whether the queue has fallen below its low mark since it was high or refused; true once for each time. */
  takeWritable(): boolean {
    if (!this.#wantsWritable || this.#queuedBytes > this.#config.lowMarkBytes) return false;
    this.#wantsWritable = false;
    return true;
  }

  /** Takes everything, urgent classes first: what a dying lane had not sent. */
  drain(): Uint8Array[] {
    const frames: Uint8Array[] = [];
    for (const fifo of this.#inOrder) {
      for (const frame of fifo) frames.push(frame);
      fifo.clear();
    }
    this.#queuedBytes = 0;
    this.#queuedFrames = 0;
    return frames;
  }

  /** Gives everything to the queue of another lane of the same link, class by class, bounds aside. */
  moveTo(other: LaneQueue): void {
    for (let trafficClass = 0; trafficClass < TRAFFIC_CLASS_COUNT; trafficClass++) {
      const fifo = this.#classes[trafficClass] as Fifo<Uint8Array>;
      for (const frame of fifo) other.#put(frame, trafficClass);
      fifo.clear();
    }
    other.#wantsWritable ||= this.#wantsWritable;
    this.#queuedBytes = 0;
    this.#queuedFrames = 0;
  }

  checkInvariants(): void {
    let bytes = 0;
    let frames = 0;
    for (const fifo of this.#classes) {
      for (const frame of fifo) bytes += frame.length;
      frames += fifo.length;
    }
    assert(bytes === this.#queuedBytes, 'queued bytes are the sum of the queued frames');
    assert(frames === this.#queuedFrames, 'queued frames are counted');
    assert(this.#bufferedBytes >= 0, 'buffered bytes are not negative');
  }

  #put(frame: Uint8Array, trafficClass: number): void {
    (this.#classes[trafficClass] as Fifo<Uint8Array>).push(frame);
    this.#queuedBytes += frame.length;
    this.#queuedFrames++;
    if (this.#queuedBytes > this.#config.highMarkBytes) this.#wantsWritable = true;
  }

  #handOut(parts: Uint8Array[], taken: number): Uint8Array[] {
    this.#queuedBytes -= taken;
    this.#queuedFrames -= parts.length;
    this.#bufferedBytes += taken;
    return parts;
  }
}
