import { describe, expect, it } from 'vitest';
import { type MemberIndex, memberIndex } from '../base/units.js';
import { FRAME_FLAGS, FrameView, encodeFrame } from '../wire/frame.js';
import { EMPTY_HEADER, type Header, MSG_TYPES, encodeHeader } from '../wire/header.js';
import { forward } from './forward.js';
import { Routes } from './routes.js';
import { RandomMesh } from './testing/random-mesh.js';

/** A chain 1 – 2 – 3 – 4, read by node 2; node 5 is known and cut off. */
function chain() {
  const mesh = new RandomMesh('chain', { nodeCount: 5, linksPerNode: 0 });
  for (let from = 0; from < 5; from++) for (let to = 0; to < 5; to++) if (from !== to) mesh.advertise(from, to, 0);
  for (let number = 1; number < 4; number++) mesh.link(number - 1, number, 1_000);
  mesh.self = mesh.ids[1]!;
  const routes = new Routes(mesh);
  const self = { index: memberIndex(2), generationTag: 77 };
  const names = { indexOf: (node: string): MemberIndex | null => mesh.get(node as never)?.index ?? null };
  return { mesh, decide: (frame: FrameView) => forward(frame, self, routes, names) };
}

function frameTo(target: number, change: { flags?: number; ttl?: number; generationTag?: number; header?: Partial<Header> } = {}) {
  const header = encodeHeader({ ...EMPTY_HEADER, msgType: MSG_TYPES.SWIM, ...change.header });
  const prefix = {
    trafficClass: 0, flags: change.flags ?? 0, ttl: change.ttl ?? 8, hopCount: 0, pathPosition: 0,
    generationTag: change.generationTag ?? 77, source: memberIndex(1), target: memberIndex(target), tenantIndex: 0,
  };
  return FrameView.parse(encodeFrame(prefix, header, [Uint8Array.of(1, 2, 3)]), 0) as FrameView;
}

describe('forward', () => {
  it('delivers what is for this node, and leaves its ttl alone', () => {
    const { decide } = chain();
    const frame = frameTo(2, { ttl: 0 });
    expect(decide(frame)).toEqual({ kind: 'deliver' });
    expect(frame.ttl).toBe(0);
  });

  it('sends on towards the target, in place, with the checksum intact', () => {
    const { mesh, decide } = chain();
    const frame = frameTo(4);
    const { bytes } = frame;
    expect(decide(frame)).toEqual({ kind: 'forward', nextHop: mesh.ids[2] });
    expect([frame.ttl, frame.hopCount]).toEqual([7, 1]);
    expect(frame.bytes).toBe(bytes);
    expect(frame.checksumHolds()).toBe(true);
  });

  it('drops for a reason that can be counted', () => {
    const { decide } = chain();
    expect(decide(frameTo(4, { ttl: 0 }))).toEqual({ kind: 'drop', reason: 'ttl' });
    expect(decide(frameTo(5))).toEqual({ kind: 'drop', reason: 'no-route' });
    expect(decide(frameTo(6))).toEqual({ kind: 'drop', reason: 'unknown-index' });
    expect(decide(frameTo(0))).toEqual({ kind: 'drop', reason: 'unknown-index' });
    expect(decide(frameTo(4_000_000_000))).toEqual({ kind: 'drop', reason: 'unknown-index' });
    expect(decide(frameTo(4, { generationTag: 78 }))).toEqual({ kind: 'drop', reason: 'generation' });
    expect(decide(frameTo(4, { flags: FRAME_FLAGS.LINK_LOCAL }))).toEqual({ kind: 'drop', reason: 'link-local' });
  });

  it('finds the target by its full id when the index is unknown', () => {
    const { mesh, decide } = chain();
    const flags = FRAME_FLAGS.FULL_IDS;
    const stranger = new RandomMesh('stranger', { nodeCount: 1, linksPerNode: 0 }).self;
    expect(decide(frameTo(0, { flags, header: { targetId: mesh.ids[0]! } }))).toEqual({ kind: 'forward', nextHop: mesh.ids[0] });
    expect(decide(frameTo(0, { flags, header: { targetId: mesh.ids[1]! } }))).toEqual({ kind: 'deliver' });
    expect(decide(frameTo(3, { flags, header: { targetId: stranger } }))).toEqual({ kind: 'drop', reason: 'unknown-index' });
    expect(decide(frameTo(3, { flags }))).toEqual({ kind: 'drop', reason: 'malformed' });
  });

  it('decides the same for every frame to a target, with the same object', () => {
    const { decide } = chain();
    expect(decide(frameTo(4))).toBe(decide(frameTo(4)));
    expect(decide(frameTo(3))).toBe(decide(frameTo(4)));
  });
});
