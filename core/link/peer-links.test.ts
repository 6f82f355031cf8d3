import { describe, expect, it } from 'vitest';
import { Rng } from '../base/rng.js';
import { SECOND_US } from '../base/units.js';
import { TRAFFIC_CLASSES } from '../wire/frame.js';
import { MSG_TYPES } from '../wire/header.js';
import { linkLocalFrame } from './link-frame.js';
import { LinkWorld, TestMesh, type TestNode, enroll } from './testing/link-world.js';

function pair(dials: { a: readonly string[]; b: readonly string[] }) {
  const world = new LinkWorld();
  const mesh = new TestMesh('m');
  const a = world.start('a');
  const b = world.start('b');
  enroll(world, mesh, a, { dial: dials.a });
  enroll(world, mesh, b, { dial: dials.b });
  return { world, mesh, a, b };
}

/** The lane that each end of the one link between the nodes uses, as socket numbers. */
function lanesInUse(world: LinkWorld, a: TestNode, b: TestNode): (number | null)[] {
  return [a, b].map((node, i) => {
    const peer = i === 0 ? b : a;
    const lane = node.links.link(peer.id)?.backpressure()[0]?.lane;
    const at = world.sockets.findIndex((socket) => socket.ends.some((end) => end.node === node && end.lane === lane));
    return at < 0 ? null : at;
  });
}

function expectOneSharedLane(world: LinkWorld, a: TestNode, b: TestNode): number {
  for (const node of [a, b]) expect(node.links.links().map(({ laneCount }) => laneCount)).toEqual([1]);
  const [ofA, ofB] = lanesInUse(world, a, b);
  expect(ofA).not.toBeNull();
  expect(ofA).toBe(ofB);
  return ofA ?? -1;
}

describe('two lanes between two nodes', () => {
  it('become one and the same lane on both ends, without the link going down', () => {
    const { world, a, b } = pair({ a: ['b'], b: ['a'] });
    world.run(SECOND_US);
    const socket = world.sockets[expectOneSharedLane(world, a, b)];
    expect(world.sockets).toHaveLength(2);
    const lower = a.id < b.id ? a : b;
    expect(socket?.ends[0].node).toBe(lower);
    for (const node of [a, b]) {
      expect(node.of('link-up')).toHaveLength(1);
      expect(node.of('link-down')).toHaveLength(0);
    }
    expect(a.endings.concat(b.endings)).toContain('duplicate-lane');
  });

  it('are not dialled again while the link that stays is up, and are once it is down', () => {
    const { world, a, b } = pair({ a: ['b'], b: ['a'] });
    world.run(60 * SECOND_US);
    expect(world.sockets).toHaveLength(2);
    const at = expectOneSharedLane(world, a, b);
    const socket = world.sockets[at];
    if (socket !== undefined) world.cut(socket);
    world.run(5 * SECOND_US);
    expect(world.sockets.length).toBeGreaterThan(2);
    expectOneSharedLane(world, a, b);
  });

  it('end as one shared lane after any number of flaps, at any latency', () => {
    for (let seed = 0; seed < 60; seed++) {
      const rng = Rng.fromSeed(`flaps ${seed}`);
      const { world, a, b } = pair({ a: ['b', 'b again'], b: ['a'] });
      world.listen('b again', b);
      for (let flap = rng.between(1, 12); flap > 0; flap--) {
        world.latencyUs = rng.between(200, 250_000);
        world.run(rng.below(2 * SECOND_US));
        const open = world.openSockets(a, b);
        if (open.length === 0) continue;
        const socket = rng.pick(open);
        const fault = rng.below(4);
        if (fault === 0) world.cut(socket);
        else if (fault === 1) socket.isDeaf[0] = true;
        else if (fault === 2) socket.isDeaf[1] = true;
        else socket.isDeaf[0] = socket.isDeaf[1] = true;
      }
      world.latencyUs = 20_000;
      world.run(30 * SECOND_US);
      expectOneSharedLane(world, a, b);
    }
  });

  it('let the good one carry on when the preferred one is half-open', () => {
    const { world, a, b } = pair({ a: [], b: [] });
    const [lower, upper] = a.id < b.id ? [a, b] : [b, a];
    world.step(lower, () => lower.links.setDialTargets(world.now, [upper.name]));
    world.run(SECOND_US / 2);
    const first = world.sockets[0];
    if (first === undefined) throw new Error('no socket');
    // The upper end loses the lane, the lower one does not notice and has it as its preferred one.
    first.isDeaf[0] = first.isDeaf[1] = true;
    world.step(upper, () => upper.links.onLaneClosed(world.now, first.ends[1].lane, 'reset'));
    world.step(upper, () => upper.links.setDialTargets(world.now, [lower.name]));
    world.run(SECOND_US / 10);
    expect(lower.links.links()[0]?.laneCount).toBe(2);
    // Traffic goes over the lane that has just proven itself.
    const frame = linkLocalFrame(MSG_TYPES.LSA, Uint8Array.of(1), TRAFFIC_CLASSES.CONTROL);
    world.step(lower, () => lower.links.send(world.now, upper.id, frame, TRAFFIC_CLASSES.CONTROL));
    world.run(SECOND_US / 10);
    expect(upper.of('lsa')).toHaveLength(1);
    world.run(2 * SECOND_US);
    expectOneSharedLane(world, a, b);
    expect(lower.of('link-down')).toHaveLength(0);
    expect(lower.endings).toEqual(['silent']);
  });

  it('are not decided by an answer from before the contest', () => {
    const { world, a, b } = pair({ a: [], b: [] });
    const [lower, upper] = a.id < b.id ? [a, b] : [b, a];
    world.step(lower, () => lower.links.setDialTargets(world.now, [upper.name]));
    world.run(SECOND_US / 2);
    const first = world.sockets[0];
    if (first === undefined) throw new Error('no socket');
    world.latencyUs = 90_000;
    world.step(lower, () => lower.links.probe(world.now, upper.id));
    world.run(100_000);
    // The answer is under way when the upper end loses the lane and dials back.
    world.latencyUs = 5_000;
    world.step(upper, () => upper.links.onLaneClosed(world.now, first.ends[1].lane, 'reset'));
    world.step(upper, () => upper.links.setDialTargets(world.now, [lower.name]));
    world.run(10 * SECOND_US);
    expectOneSharedLane(world, a, b);
    expect(lower.of('link-down')).toHaveLength(0);
    expect(lower.endings).toEqual(['silent']);
  });

  it('stay within their bound for a peer that opens ever more, and end as one', () => {
    const { world, a, b } = pair({ a: [], b: [] });
    const urls = Array.from({ length: 12 }, (_, i) => `b at ${i}`);
    for (const url of urls) world.listen(url, b);
    world.step(a, () => a.links.setDialTargets(world.now, urls));
    let laneCountMax = 0;
    for (let i = 0; i < 400; i++) {
      world.run(1_000);
      laneCountMax = Math.max(laneCountMax, b.links.links()[0]?.laneCount ?? 0);
    }
    expect(laneCountMax).toBe(4);
    world.run(5 * SECOND_US);
    expectOneSharedLane(world, a, b);
    expect(a.of('link-down').length + b.of('link-down').length).toBe(0);
  });
});

describe('a second holder of an identity', () => {
  it('takes over as a later boot from a lane that is half-open', () => {
    const { world, mesh, a, b } = pair({ a: ['b'], b: [] });
    world.run(SECOND_US / 2);
    world.kill(a, true);
    const again = world.start('a', { boot: 2 });
    enroll(world, mesh, again, { dial: ['b'] });
    world.run(SECOND_US);
    expect(b.of('link-up').map(({ bootCounter }) => bootCounter)).toEqual([1, 2]);
    expect(b.of('link-down')).toMatchObject([{ reason: 'superseded' }]);
    expect(b.facts.findIndex(({ kind }) => kind === 'link-down')).toBeLessThan(b.facts.map(({ kind }) => kind).lastIndexOf('link-up'));
    expect(again.linkedTo(b)).toBe(true);
    expect(b.marked('link.taken-over')).toBe(true);
    expect(b.of('identity-conflict')).toHaveLength(0);
  });

  it('takes over though an answer of the dead process is still under way', () => {
    const { world, mesh, a, b } = pair({ a: ['b'], b: [] });
    world.run(SECOND_US / 2);
    world.latencyUs = 90_000;
    world.step(b, () => b.links.probe(world.now, a.id));
    world.run(100_000);
    a.isDown = true;
    world.latencyUs = 5_000;
    const again = world.start('a', { boot: 2 });
    enroll(world, mesh, again, { dial: ['b'] });
    world.run(SECOND_US);
    expect(b.of('identity-conflict')).toHaveLength(0);
    expect(again.linkedTo(b)).toBe(true);
  });

  it('takes over from the dialled side too, when we dial the restarted peer ourselves', () => {
    const { world, mesh, a, b } = pair({ a: ['b'], b: [] });
    world.run(SECOND_US / 2);
    world.kill(a, true);
    const again = world.start('a', { boot: 2 });
    enroll(world, mesh, again);
    world.step(b, () => b.links.setDialTargets(world.now, ['a']));
    world.run(SECOND_US);
    expect(b.of('link-up').map(({ bootCounter }) => bootCounter)).toEqual([1, 2]);
    expect(again.linkedTo(b)).toBe(true);
  });

  it('takes over at once when the old lane is known to be gone', () => {
    const { world, mesh, a, b } = pair({ a: ['b'], b: [] });
    world.run(SECOND_US / 2);
    world.kill(a);
    const again = world.start('a', { boot: 2 });
    enroll(world, mesh, again, { dial: ['b'] });
    world.run(SECOND_US / 10);
    expect(again.linkedTo(b)).toBe(true);
  });

  it('is refused and reported while the linked one lives, whatever its boot, and the link stays', () => {
    for (const boot of [1, 2, 3, 9]) {
      const world = new LinkWorld();
      const mesh = new TestMesh('m');
      const a = world.start('a', { boot: 3 });
      const b = world.start('b');
      enroll(world, mesh, b);
      enroll(world, mesh, a, { dial: ['b'] });
      world.run(SECOND_US / 2);
      const clone = world.start('clone', { identity: 'a', boot, process: 'another' });
      enroll(world, mesh, clone, { dial: ['b'] });
      world.run(SECOND_US / 5);
      expect(b.of('identity-conflict')[0]).toMatchObject({ peer: a.id, isOurs: false, heldBootCounter: 3, refusedBootCounter: boot });
      expect(clone.linkedTo(b)).toBe(false);
      expect(clone.endings).toContain(boot < 3 ? 'stale-boot' : 'identity-in-use');
      expect(b.of('link-down')).toHaveLength(0);
      world.run(3 * SECOND_US);
      expect(a.linkedTo(b) && b.linkedTo(a)).toBe(true);
    }
  });

  it('of a later replica takes over like a later boot', () => {
    const { world, mesh, a, b } = pair({ a: ['b'], b: [] });
    world.run(SECOND_US / 2);
    world.kill(a, true);
    const wiped = world.start('a', { boot: 1, replica: 2 });
    enroll(world, mesh, wiped, { dial: ['b'] });
    world.run(SECOND_US);
    expect(b.of('link-up').map(({ replica }) => replica)).toEqual([1, 2]);
  });
});

describe('an eviction', () => {
  it('also refuses the lane that waits behind the evicted holder', () => {
    const { world, mesh, a, b } = pair({ a: ['b'], b: [] });
    world.run(SECOND_US / 2);
    world.kill(a, true);
    const again = world.start('a', { boot: 2 });
    enroll(world, mesh, again, { dial: ['b'] });
    world.run(SECOND_US / 10);
    world.step(b, () => b.links.refuseReplica(world.now, a.id, 1));
    world.run(SECOND_US);
    expect(b.of('link-up')).toHaveLength(1);
    expect(b.endings.filter((code) => code === 'evicted').length).toBeGreaterThan(1);
  });
});

describe('heartbeats', () => {
  it('find a lane dead after the silence, at both ends, and not before', () => {
    const { world, a, b } = pair({ a: ['b'], b: [] });
    world.run(5 * SECOND_US);
    const socket = world.sockets[0];
    if (socket === undefined) throw new Error('no socket');
    socket.isDeaf[0] = socket.isDeaf[1] = true;
    world.run(1_900_000);
    expect(a.of('link-down').length + b.of('link-down').length).toBe(0);
    world.run(1_200_000);
    expect(a.of('link-down')).toMatchObject([{ reason: 'silent' }]);
    expect(b.of('link-down')).toMatchObject([{ reason: 'silent' }]);
    world.run(SECOND_US);
    expect(a.linkedTo(b)).toBe(true);
  });

  it('find a lane that is deaf in one direction only', () => {
    for (const side of [0, 1] as const) {
      const { world, a, b } = pair({ a: ['b'], b: [] });
      world.run(5 * SECOND_US);
      const socket = world.sockets[0];
      if (socket === undefined) throw new Error('no socket');
      socket.isDeaf[side] = true;
      world.run(6_500_000);
      expect(a.of('link-down')).toHaveLength(1);
      expect(b.of('link-down')).toHaveLength(1);
      expect(a.linkedTo(b) && b.linkedTo(a)).toBe(true);
    }
  });

  it('keep an idle link up for hours at two frames a second', () => {
    const { world, a, b } = pair({ a: ['b'], b: [] });
    world.run(SECOND_US);
    const before = a.effects.length + b.effects.length;
    world.run(3_600 * SECOND_US);
    expect(a.of('link-down').length + b.of('link-down').length).toBe(0);
    expect(a.effects.length + b.effects.length - before).toBe(7_200);
  });

  it('follow the round trip at both ends, smoothed', () => {
    const { world, a, b } = pair({ a: ['b'], b: [] });
    world.run(SECOND_US);
    world.latencyUs = 50_000;
    world.run(3 * SECOND_US);
    const early = a.links.links()[0]?.rttUs ?? 0;
    expect(early).toBeGreaterThan(20_000);
    expect(early).toBeLessThan(60_000);
    world.run(60 * SECOND_US);
    for (const node of [a, b]) expect(node.links.links()[0]?.rttUs).toBeGreaterThan(95_000);
    const told = b.of('link-rtt').map(({ rttUs }) => rttUs);
    expect(told).toEqual([...told].sort((x, y) => x - y));
  });

  it('sent on demand find a dead lane within round trips, and spare a live one', () => {
    const { world, a, b } = pair({ a: ['b'], b: [] });
    world.run(3 * SECOND_US);
    world.step(a, () => a.links.probe(world.now, b.id));
    world.run(SECOND_US);
    expect(a.of('link-down')).toHaveLength(0);
    const socket = world.sockets[0];
    if (socket === undefined) throw new Error('no socket');
    socket.isDeaf[0] = socket.isDeaf[1] = true;
    world.step(a, () => a.links.probe(world.now, b.id));
    world.run(250_000);
    expect(a.of('link-down')).toMatchObject([{ reason: 'silent' }]);
  });
});
