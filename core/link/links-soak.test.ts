import { describe, expect, it } from 'vitest';
import { Rng } from '../base/rng.js';
import { SECOND_US, memberIndex } from '../base/units.js';
import { TRAFFIC_CLASSES, encodeFrame } from '../wire/frame.js';
import { EMPTY_HEADER, MSG_TYPES, encodeHeader } from '../wire/header.js';
import { LinkWorld, TestMesh, type TestNode, enroll } from './testing/link-world.js';

const NAMES = ['a', 'b', 'c', 'd'];
/** Who dials whom: pairs in both directions, in one, and an address that is listed twice. */
const DIALS: Readonly<Record<string, readonly string[]>> = {
  a: ['b', 'c', 'b too'], b: ['a', 'c'], c: ['a', 'd'], d: ['d', 'a'],
};

function numbered(number: number, length: number): Uint8Array {
  const prefix = {
    trafficClass: TRAFFIC_CLASSES.BULK, flags: 0, ttl: 8, hopCount: 0, pathPosition: 0, generationTag: number,
    source: memberIndex(1), target: memberIndex(2), tenantIndex: 0,
  };
  return encodeFrame(prefix, encodeHeader({ ...EMPTY_HEADER, msgType: MSG_TYPES.FLOW_DATA }), [new Uint8Array(length)]);
}

class Soak {
  readonly world = new LinkWorld();
  readonly mesh = new TestMesh('soak');
  readonly rng: Rng;
  readonly live = new Map<string, TestNode>();
  readonly boots = new Map<string, number>();
  #sent = 0;

  constructor(seed: number) {
    this.rng = Rng.fromSeed(`soak ${seed}`);
    for (const name of NAMES) this.boot(name);
  }

  boot(name: string): void {
    const boot = (this.boots.get(name) ?? 0) + 1;
    this.boots.set(name, boot);
    const node = this.world.start(name, { boot });
    if (name === 'b') this.world.listen('b too', node);
    this.live.set(name, node);
    enroll(this.world, this.mesh, node, { dial: DIALS[name] ?? [] });
  }

  fault(): void {
    const { world, rng } = this;
    const name = rng.pick(NAMES);
    const node = this.live.get(name);
    const open = world.sockets.filter(({ isOpen }) => isOpen);
    if (rng.chance(200) && node !== undefined) {
      world.kill(node, rng.chance(500));
      this.live.delete(name);
    } else if (node === undefined) {
      this.boot(name);
    } else if (open.length > 0) {
      const socket = rng.pick(open);
      if (rng.chance(400)) world.cut(socket);
      else socket.isDeaf[rng.below(2)] = true;
    }
  }

  send(): void {
    for (const node of this.live.values()) {
      for (const { peer } of node.links.links()) {
        const frame = numbered(++this.#sent, this.rng.below(20_000));
        this.world.step(node, () => node.links.send(this.world.now, peer, frame, TRAFFIC_CLASSES.BULK));
      }
    }
  }
}

describe('links under faults', () => {
  it('deliver no frame twice, return none that was sent, and end with one shared lane a pair', () => {
    let downs = 0;
    for (let seed = 0; seed < 20; seed++) {
      const soak = new Soak(seed);
      const { world, rng, live } = soak;
      for (let round = 0; round < 60; round++) {
        world.latencyUs = rng.between(500, 150_000);
        soak.send();
        if (rng.chance(400)) soak.fault();
        world.run(rng.below(SECOND_US / 2));
      }
      for (const name of NAMES) if (!live.has(name)) soak.boot(name);
      world.latencyUs = 10_000;
      world.run(40 * SECOND_US);

      for (const [from, to] of [['a', 'b'], ['a', 'c'], ['b', 'c'], ['c', 'd'], ['a', 'd']] as const) {
        const [x, y] = [live.get(from), live.get(to)];
        if (x === undefined || y === undefined) throw new Error('every node is up');
        expect(world.openSockets(x, y)).toHaveLength(1);
        expect(x.linkedTo(y) && y.linkedTo(x)).toBe(true);
      }
      const arrived = world.nodes.flatMap(({ frames }) => frames.map(({ frame }) => frame.generationTag));
      expect(new Set(arrived).size).toBe(arrived.length);
      const returned = world.nodes.flatMap((node) => node.of('link-down').flatMap(({ undelivered }) => undelivered));
      const seen = new Set(arrived);
      for (const frame of returned) {
        const number = new DataView(frame.buffer, frame.byteOffset).getUint32(8, true);
        expect(seen.has(number)).toBe(false);
      }
      downs += world.nodes.reduce((sum, node) => sum + node.of('link-down').length, 0);
    }
    expect(downs).toBeGreaterThan(100);
  });
});
