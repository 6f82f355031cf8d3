import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes } from '../base/bytes.js';
import { crc32c } from '../base/crc32c.js';
import { memberIndex } from '../base/units.js';
import {
  FRAME_BYTES_MAX,
  FRAME_FLAGS,
  FRAME_OVERHEAD_BYTES,
  type FramePrefix,
  FrameView,
  TRAFFIC_CLASSES,
  TRAFFIC_CLASS_COUNT,
  encodeFrame,
  splitFrames,
} from './frame.js';
import { loadProto } from './testing/proto-equality.js';
import { fixedRuns } from './testing/runs.js';

const PREFIX: FramePrefix = {
  trafficClass: TRAFFIC_CLASSES.BULK,
  flags: FRAME_FLAGS.SIGNED,
  ttl: 2,
  hopCount: 0,
  pathPosition: 7,
  generationTag: 0xfedc_ba98,
  source: memberIndex(0xffff_ffff),
  target: memberIndex(3),
  tenantIndex: 0x8000_0001,
};
const HEADER = Uint8Array.of(0x08, 0x0a);
const PAYLOAD = Uint8Array.of(1, 2, 3);

const u8 = fc.nat({ max: 255 });
const u32 = fc.nat({ max: 0xffff_ffff });
const frames = fc.record({
  prefix: fc.record({
    trafficClass: fc.nat({ max: TRAFFIC_CLASS_COUNT - 1 }),
    flags: u8,
    ttl: u8,
    hopCount: u8,
    pathPosition: u8,
    generationTag: u32,
    source: u32.map(memberIndex),
    target: u32.map(memberIndex),
    tenantIndex: u32,
  }),
  header: fc.uint8Array({ minLength: 1, maxLength: 400 }),
  payload: fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 3 }),
});

function parsed(bytes: Uint8Array, offset = 0): FrameView {
  const frame = FrameView.parse(bytes, offset);
  if (typeof frame === 'string') throw new Error(`not a frame: ${frame}`);
  return frame;
}

function prefixOf(frame: FrameView): FramePrefix {
  const { trafficClass, flags, ttl, hopCount, pathPosition, generationTag, source, target, tenantIndex } = frame;
  return { trafficClass, flags, ttl, hopCount, pathPosition, generationTag, source, target, tenantIndex };
}

describe('a frame', () => {
  it('has the documented layout', () => {
    const bytes = encodeFrame(PREFIX, HEADER, [PAYLOAD]);
    const withoutChecksum = [
      ...[1, 4, 4, 2, 0, 7, 2, 0],
      ...[0x98, 0xba, 0xdc, 0xfe],
      ...[0xff, 0xff, 0xff, 0xff],
      ...[3, 0, 0, 0],
      ...[1, 0, 0, 0x80],
      ...[3, 0, 0, 0],
      ...[0x08, 0x0a],
      ...[1, 2, 3],
    ];
    expect(Array.from(bytes.subarray(0, -4))).toEqual(withoutChecksum);
    const covered = Uint8Array.from(withoutChecksum.filter((_, at) => at < 3 || at > 5));
    expect(new DataView(bytes.buffer).getUint32(bytes.length - 4, true)).toBe(crc32c(covered));
    expect(bytes.length).toBe(FRAME_OVERHEAD_BYTES + 5);
  });

  it('gives back what was put in, wherever in a message it stands', () => {
    fc.assert(
      fc.property(frames, fc.nat({ max: 9 }), fc.nat({ max: 9 }), ({ prefix, header, payload }, before, after) => {
        const bytes = encodeFrame(prefix, header, payload);
        const message = concatBytes([new Uint8Array(before), bytes, new Uint8Array(after)]);
        const frame = parsed(message, before);
        expect(frame.bytes).toEqual(bytes);
        expect(prefixOf(frame)).toEqual(prefix);
        expect(frame.header()).toEqual(header);
        expect(frame.payload()).toEqual(Uint8Array.from(concatBytes([...payload, new Uint8Array(0)])));
        expect(frame.checksumHolds()).toBe(true);
      }),
      fixedRuns(2_000),
    );
  });

  it('keeps its checksum while relays rewrite it, and they touch two bytes only', () => {
    const bytes = encodeFrame(PREFIX, HEADER, [PAYLOAD]);
    const before = bytes.slice();
    const frame = parsed(bytes);
    expect(frame.rewriteForNextHop()).toBe(true);
    expect([frame.ttl, frame.hopCount, frame.checksumHolds()]).toEqual([1, 1, true]);
    expect(frame.rewriteForNextHop()).toBe(true);
    const spent = bytes.slice();
    expect(frame.rewriteForNextHop()).toBe(false);
    expect(bytes).toEqual(spent);
    const changed = [...bytes.keys()].filter((at) => bytes[at] !== before[at]);
    expect(changed).toEqual([3, 4]);
    frame.rewritePathPosition(9);
    expect([frame.pathPosition, frame.checksumHolds()]).toEqual([9, true]);
  });

  it('counts hops up to 255 and no further', () => {
    const frame = parsed(encodeFrame({ ...PREFIX, hopCount: 255 }, HEADER, []));
    expect(frame.rewriteForNextHop()).toBe(true);
    expect(frame.hopCount).toBe(255);
  });

  it('shows any other changed bit', () => {
    const bytes = encodeFrame(PREFIX, HEADER, [PAYLOAD]);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const at = bit >>> 3;
      if (at >= 3 && at <= 5) continue;
      const damaged = bytes.slice();
      damaged[at] = (damaged[at] as number) ^ (1 << (bit & 7));
      const frame = FrameView.parse(damaged, 0);
      if (typeof frame !== 'string') expect(frame.checksumHolds(), `bit ${bit}`).toBe(false);
    }
  });

  it('is refused with its reason', () => {
    const bytes = encodeFrame(PREFIX, HEADER, [PAYLOAD]);
    const changed = (at: number, value: number): Uint8Array => {
      const copy = bytes.slice();
      copy[at] = value;
      return copy;
    };
    for (let size = 0; size < bytes.length; size++) expect(FrameView.parse(bytes.subarray(0, size))).toBe('truncated');
    expect(FrameView.parse(changed(0, 2))).toBe('version');
    expect(FrameView.parse(changed(1, 5))).toBe('version');
    expect(FrameView.parse(changed(6, 0))).toBe('lengths');
    expect(FrameView.parse(changed(24, 4))).toBe('truncated');
    expect(FrameView.parse(changed(27, 255))).toBe('oversize');
    expect(FrameView.parse(bytes, bytes.length - 20)).toBe('truncated');
  });

  it('may be as large as the bound and not larger', () => {
    const room = FRAME_BYTES_MAX - FRAME_OVERHEAD_BYTES - HEADER.length;
    expect(parsed(encodeFrame(PREFIX, HEADER, [new Uint8Array(room)])).payloadLength).toBe(room);
    expect(() => encodeFrame(PREFIX, HEADER, [new Uint8Array(room + 1)])).toThrow('bound');
    expect(() => encodeFrame(PREFIX, new Uint8Array(0), [])).toThrow('header');
  });

  it('has the numbers of frame.proto', () => {
    const root = loadProto('frame.proto');
    expect(TRAFFIC_CLASSES).toEqual(root.lookupEnum('mesh.wire.v1.TrafficClass').values);
    expect({ FRAME_FLAG_NONE: 0, ...FRAME_FLAGS }).toEqual(root.lookupEnum('mesh.wire.v1.FrameFlag').values);
  });
});

describe('a message of many frames', () => {
  it('is split in order, as views', () => {
    const parts = [0, 1, 2].map((n) => encodeFrame({ ...PREFIX, hopCount: n }, HEADER, [new Uint8Array(n * 10)]));
    const message = concatBytes(parts);
    const { frames: found, refusal } = splitFrames(message);
    expect(refusal).toBe(null);
    expect(found.map((frame) => frame.bytes)).toEqual(parts);
    expect(found.every((frame) => frame.bytes.buffer === message.buffer)).toBe(true);
  });

  it('gives the frames before the damage and the reason for the rest', () => {
    const one = encodeFrame(PREFIX, HEADER, [PAYLOAD]);
    const { frames: found, refusal } = splitFrames(concatBytes([one, one, one.subarray(0, 20)]));
    expect([found.length, refusal]).toEqual([2, 'truncated']);
    expect(splitFrames(new Uint8Array(0))).toEqual({ frames: [], refusal: null });
  });
});
