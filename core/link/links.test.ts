import { describe, expect, it } from 'vitest';
import { SECOND_US, memberIndex } from '../base/units.js';
import { FRAME_FLAGS, TRAFFIC_CLASSES, encodeFrame } from '../wire/frame.js';
import { EMPTY_HEADER, MSG_TYPES, encodeHeader } from '../wire/header.js';
import { LinkWorld, TestMesh, enroll } from './testing/link-world.js';
import { linkLocalFrame } from './link-frame.js';

const { CONTROL, SYSTEM, BULK } = TRAFFIC_CLASSES;

export function dataFrame(mark: number, length: number, trafficClass: number = BULK): Uint8Array {
  const prefix = {
    trafficClass, flags: 0, ttl: 8, hopCount: 0, pathPosition: 0, generationTag: 1,
    source: memberIndex(1), target: memberIndex(2), tenantIndex: 0,
  };
  return encodeFrame(prefix, encodeHeader({ ...EMPTY_HEADER, msgType: MSG_TYPES.FLOW_DATA }), [new Uint8Array(length).fill(mark)]);
}

function linkedPair() {
  const world = new LinkWorld();
  const mesh = new TestMesh('m');
  const a = world.start('a');
  const b = world.start('b');
  enroll(world, mesh, b);
  enroll(world, mesh, a, { dial: ['b'] });
  world.run(SECOND_US / 2);
  return { world, mesh, a, b };
}

describe('links', () => {
  it('come up on both ends, with the peer proven and a round trip measured', () => {
    const { a, b } = linkedPair();
    expect(a.of('link-up')).toMatchObject([{ peer: b.id, replica: 1, bootCounter: 1, isProvisional: false, dialledByUs: true }]);
    expect(b.of('link-up')).toMatchObject([{ peer: a.id, isProvisional: false, dialledByUs: false }]);
    for (const node of [a, b]) expect(node.links.links()[0]?.rttUs).toBe(10_000);
    expect(a.of('link-up')[0]?.chain[0]?.nodeId).toBe(b.id);
  });

  it('carry frames both ways as views, in order of class, many in one message', () => {
    const { world, a, b } = linkedPair();
    const before = a.effects.length;
    world.step(a, () => {
      for (let i = 0; i < 20; i++) expect(a.links.send(world.now, b.id, dataFrame(i, 100), BULK)).toBe(true);
      expect(a.links.send(world.now, b.id, dataFrame(99, 10, CONTROL), CONTROL)).toBe(true);
    });
    const sent = a.effects.slice(before);
    expect(sent).toMatchObject([{ kind: 'transmit' }]);
    world.run(SECOND_US / 10);
    expect(b.frames.map(({ frame }) => frame.payload()[0])).toEqual([99, ...Array.from({ length: 20 }, (_, i) => i)]);
    const buffers = new Set(b.frames.map(({ frame }) => frame.bytes.buffer));
    expect(buffers.size).toBe(1);
    world.step(b, () => b.links.send(world.now, a.id, dataFrame(7, 3), BULK));
    world.run(SECOND_US / 10);
    expect(a.frames.map(({ peer }) => peer)).toEqual([b.id]);
  });

  it('hand LSAs to the node and refuse to send where there is no link', () => {
    const { world, a, b } = linkedPair();
    world.step(a, () => a.links.sendLinkLocal(world.now, b.id, MSG_TYPES.LSA, Uint8Array.of(1, 2, 3), CONTROL));
    world.run(SECOND_US / 10);
    expect(b.of('lsa').map(({ payload }) => [...payload])).toEqual([[1, 2, 3]]);
    expect(a.links.send(world.now, a.id, dataFrame(1, 1), BULK)).toBe(false);
  });

  it('return whole what no socket had taken when the link goes down', () => {
    const { world, a, b } = linkedPair();
    const socket = world.sockets[0];
    if (socket === undefined) throw new Error('no socket');
    socket.isStuck[0] = true;
    const frames = Array.from({ length: 30 }, (_, i) => dataFrame(i, 50_000));
    world.step(a, () => {
      for (const frame of frames) a.links.send(world.now, b.id, frame, BULK);
    });
    world.step(a, () => a.links.sendLinkLocal(world.now, b.id, MSG_TYPES.LSA, Uint8Array.of(1), CONTROL));
    const given = a.effects.flatMap((effect) => (effect.kind === 'transmit' ? effect.parts : [])).filter((part) => frames.includes(part));
    expect(given).toHaveLength(5);
    world.cut(socket);
    world.run(SECOND_US / 100);
    const [down] = a.of('link-down');
    expect(down?.reason).toBe('lost');
    expect(down?.undelivered).toHaveLength(25);
    expect(down?.undelivered.every((frame, i) => frame === frames[i + 5])).toBe(true);
  });

  it('refuse data at the bound, still take control, and say when they are writable again', () => {
    const { world, a, b } = linkedPair();
    const socket = world.sockets[0];
    if (socket === undefined) throw new Error('no socket');
    socket.isStuck[0] = true;
    let accepted = 0;
    world.step(a, () => {
      while (a.links.send(world.now, b.id, dataFrame(1, 100_000), BULK)) accepted++;
      expect(a.links.send(world.now, b.id, dataFrame(2, 1_000, CONTROL), CONTROL)).toBe(true);
    });
    expect(accepted).toBe(41);
    expect(a.links.link(b.id)?.backpressure()[0]?.isAboveHighMark).toBe(true);
    expect(a.of('link-writable')).toHaveLength(0);
    socket.isStuck[0] = false;
    const lane = socket.ends[0].lane;
    // The socket reports the end of its jam; from then on it drains as it sends.
    world.step(a, () => a.links.onLaneDrained(world.now, lane, 0));
    world.run(SECOND_US / 2);
    expect(a.of('link-writable')).toEqual([{ kind: 'link-writable', peer: b.id }]);
    expect(b.frames.length).toBeGreaterThan(30);
  });

  it('give a stream a place that outlives lanes', () => {
    const { world, a, b } = linkedPair();
    const stream = a.links.link(b.id)?.openStream({ trafficClass: SYSTEM });
    expect(stream?.lane).toBe(world.sockets[0]?.ends[0].lane);
    world.step(a, () => stream?.send(world.now, dataFrame(5, 5, SYSTEM)));
    world.run(SECOND_US / 10);
    expect(b.frames).toHaveLength(1);
    expect(a.links.link(b.id)?.stats(world.now)).toMatchObject([{ isHealthy: true, rttUs: 10_000, dialledByUs: true }]);
  });

  it('end with a goodbye when stopped, let nobody in, and come back when started', () => {
    const { world, a, b } = linkedPair();
    world.step(b, () => b.links.stop(world.now));
    world.run(2 * SECOND_US);
    expect(a.of('link-down')).toMatchObject([{ peer: b.id, reason: 'stopping' }]);
    expect(b.of('link-down')).toMatchObject([{ peer: a.id, reason: 'stopping' }]);
    expect(a.linkedTo(b)).toBe(false);
    world.step(b, () => b.links.start(world.now));
    world.run(6 * SECOND_US);
    expect(a.linkedTo(b) && b.linkedTo(a)).toBe(true);
  });

  it('close a lane that carries what is no frame, and count a frame for a closed lane', () => {
    const { world, a, b } = linkedPair();
    const lane = world.sockets[0]?.ends[1].lane;
    if (lane === undefined) throw new Error('no lane');
    world.step(b, () => b.links.onReceived(world.now, lane, Uint8Array.of(1, 2, 3)));
    expect(b.of('link-down')).toMatchObject([{ reason: 'malformed' }]);
    world.step(b, () => b.links.onReceived(world.now, lane, dataFrame(1, 1)));
    expect(b.counted('link.received-on-closed-lane')).toBe(1);
    world.run(SECOND_US);
    expect(a.linkedTo(b)).toBe(true);
  });

  it('close a lane whose own message is damaged, and ignore types they do not know', () => {
    const { world, b } = linkedPair();
    const lane = world.sockets[0]?.ends[1].lane;
    if (lane === undefined) throw new Error('no lane');
    world.step(b, () => b.links.onReceived(world.now, lane, linkLocalFrame(77, Uint8Array.of(1), CONTROL)));
    expect(b.counted('link.unknown-message')).toBe(1);
    expect(b.of('link-down')).toHaveLength(0);
    const damaged = linkLocalFrame(MSG_TYPES.LSA, new Uint8Array(50), CONTROL);
    damaged[40] = 1;
    expect((damaged[2] as number) & FRAME_FLAGS.LINK_LOCAL).toBe(1);
    world.step(b, () => b.links.onReceived(world.now, lane, damaged));
    expect(b.of('lsa')).toHaveLength(0);
    expect(b.of('link-down')).toMatchObject([{ reason: 'malformed' }]);
  });
});
