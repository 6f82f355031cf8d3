import { describe, expect, it } from 'vitest';
import { SECOND_US, type Micros } from '../base/units.js';
import { LsaBody, TopologyMessage } from '../wire/lsa-messages.js';
import { VirtualLinks, fakeSignature } from './testing/virtual-links.js';

/** The edges that both ends advertise, as `node` sees them. */
function edgesSeenBy(world: VirtualLinks, number: number): string[] {
  const view = world.node(number).topology.lsdb();
  const edges: string[] = [];
  for (const node of view.nodes()) {
    for (const { peer } of node.adjacencies) {
      const isBoth = view.get(peer)?.adjacencies.some((back) => back.peer === node.node) ?? false;
      if (isBoth && node.node < peer) edges.push(`${node.node}-${peer}`);
    }
  }
  return edges.sort((a, b) => (a < b ? -1 : 1));
}

function realEdges(world: VirtualLinks): string[] {
  return world.links
    .filter((link) => link.isUp)
    .map((link) => [world.node(link.a).id, world.node(link.b).id].sort((a, b) => (a < b ? -1 : 1)).join('-'))
    .sort((a, b) => (a < b ? -1 : 1));
}

describe('flooding', () => {
  it('brings every node the truth within the diameter, over links alone', () => {
    for (let seed = 0; seed < 10; seed++) {
      const world = new VirtualLinks(`flood ${seed}`, 20);
      world.connectRandomly(12);
      world.run(3 * SECOND_US);
      expect(world.areEqual()).toBe(true);
      for (const { number } of world.nodes) expect(edgesSeenBy(world, number)).toEqual(realEdges(world));
    }
  });

  it('tells a broken link everywhere within one flood', () => {
    const world = new VirtualLinks('broken', 9);
    for (let number = 1; number < 9; number++) world.connect(number - 1, number, 5_000);
    world.connect(8, 0, 5_000);
    world.run(20 * SECOND_US);
    world.cut(world.links[0]!);
    world.run(45_000);
    for (const { number } of world.nodes) expect(edgesSeenBy(world, number)).toEqual(realEdges(world));
  });

  it('is quiet when nothing changes: a summary per node every ten seconds', () => {
    const world = new VirtualLinks('quiet', 10);
    world.connectRandomly(8);
    world.run(20 * SECOND_US);
    const before = world.nodes.reduce((sum, node) => sum + node.sentCount, 0);
    world.run(100 * SECOND_US);
    const sent = world.nodes.reduce((sum, node) => sum + node.sentCount, 0) - before;
    expect(sent).toBeGreaterThan(80);
    expect(sent).toBeLessThan(120);
  });

  it('says at most once per turn that routes have changed', () => {
    const world = new VirtualLinks('once', 12);
    for (let number = 1; number < 12; number++) world.connect(0, number, 1_000);
    world.run(SECOND_US);
    const centre = world.node(0);
    const before = centre.changedCount;
    for (let number = 1; number < 12; number++) {
      centre.topology.onLinkRtt(world.now as Micros, world.node(number).id, 90_000);
      centre.topology.onLinkRtt(world.now as Micros, world.node(number).id, 90_000);
      centre.topology.onLinkRtt(world.now as Micros, world.node(number).id, 90_000);
    }
    centre.topology.onTurn(world.now as Micros);
    expect(centre.changedCount - before).toBe(1);
  });

  it('spaces the floods of a flapping link', () => {
    const world = new VirtualLinks('flap', 4);
    for (let number = 1; number < 4; number++) world.connect(0, number, 1_000);
    world.run(10 * SECOND_US);
    const sent = () => world.node(0).sentCount;
    const before = sent();
    for (let flap = 0; flap < 200; flap++) {
      world.cut(world.links[0]!);
      world.run(20_000);
      world.bringUp(world.links[0]!);
      world.run(20_000);
    }
    world.run(5 * SECOND_US);
    // Eight seconds of flapping: about ten floods of node 0 itself, those of node 1, and a greeting per flap.
    expect(sent() - before).toBeLessThan(700);
    expect(world.areEqual()).toBe(true);
    expect(edgesSeenBy(world, 3)).toEqual(realEdges(world));
  });
});

describe('versions', () => {
  it('let a restarted node’s fresh advertisement win over echoes of its old one', () => {
    const world = new VirtualLinks('restart', 6);
    world.connectRandomly(4);
    world.run(3 * SECOND_US);
    for (let round = 0; round < 40; round++) {
      world.identify(2);
      world.run(100_000);
    }
    world.crash(2);
    world.run(SECOND_US);
    world.boot(2);
    world.bringUpAll();
    world.run(3 * SECOND_US);
    expect(world.areEqual()).toBe(true);
    for (const { number } of world.nodes) expect(edgesSeenBy(world, number)).toEqual(realEdges(world));
  });

  it('let a wiped node’s fresh advertisement win although its boot counter began again', () => {
    const world = new VirtualLinks('wipe', 6);
    world.connectRandomly(4);
    for (let restart = 0; restart < 3; restart++) {
      world.crash(1);
      world.boot(1);
      world.bringUpAll();
      world.run(2 * SECOND_US);
    }
    world.wipe(1);
    world.run(SECOND_US);
    world.boot(1);
    world.bringUpAll();
    world.run(3 * SECOND_US);
    expect(world.node(1).bootCounter).toBe(1);
    expect(world.areEqual()).toBe(true);
    expect(edgesSeenBy(world, 5)).toEqual(realEdges(world));
  });

  it('make a node jump above its own seq of the same boot', () => {
    const world = new VirtualLinks('jump', 3);
    world.connect(0, 1, 1_000);
    world.connect(1, 2, 1_000);
    world.run(SECOND_US);
    world.inject(1, 2, ownLsaOf(world, 0, { seq: 500 }));
    world.run(SECOND_US);
    expect(world.count(0, 'topology.own-seq-jumped')).toBe(1);
    expect(world.areEqual()).toBe(true);
    expect(edgesSeenBy(world, 2)).toEqual(realEdges(world));
  });

  it('make a node answer an older boot of its own with its present one', () => {
    const world = new VirtualLinks('older boot', 3);
    world.connect(0, 1, 1_000);
    world.connect(1, 2, 1_000);
    world.crash(0);
    world.boot(0);
    world.bringUpAll();
    world.run(SECOND_US);
    world.inject(0, 1, ownLsaOf(world, 0, { bootCounter: 1, seq: 1_000_000 }));
    world.run(SECOND_US);
    expect(world.count(0, 'topology.own-seq-jumped')).toBe(0);
    expect(world.areEqual()).toBe(true);
    expect(edgesSeenBy(world, 2)).toEqual(realEdges(world));
  });

  it('leave a later life of the own identity alone and count it', () => {
    const world = new VirtualLinks('later life', 3);
    world.connect(0, 1, 1_000);
    world.connect(1, 2, 1_000);
    world.run(SECOND_US);
    world.inject(0, 1, ownLsaOf(world, 0, { bootCounter: 9, seq: 1 }));
    expect(world.count(0, 'topology.own-boot-newer')).toBe(1);
    world.node(0).topology.checkInvariants();
  });

  it('refuse a forged seq of the own name', () => {
    const world = new VirtualLinks('forged', 3);
    world.connect(0, 1, 1_000);
    world.run(SECOND_US);
    world.inject(0, 1, ownLsaOf(world, 0, { seq: 5_000 }, { isForged: true }));
    expect(world.count(0, 'topology.lsa-unverified')).toBe(1);
    expect(world.count(0, 'topology.own-seq-jumped')).toBe(0);
  });
});

describe('partitions', () => {
  it('heal to equal databases and true edges', () => {
    for (let seed = 0; seed < 10; seed++) {
      const world = new VirtualLinks(`partition ${seed}`, 16);
      world.connectRandomly(14);
      world.run(3 * SECOND_US);
      world.partition(8);
      world.crash(3);
      world.run(30 * SECOND_US);
      world.wipe(12);
      world.boot(3);
      world.boot(12);
      world.run(10 * SECOND_US);
      world.bringUpAll();
      world.run(5 * SECOND_US);
      expect(world.areEqual()).toBe(true);
      for (const { number } of world.nodes) expect(edgesSeenBy(world, number)).toEqual(realEdges(world));
    }
  });

  it('survive random faults: after the last one all converge', () => {
    for (let seed = 0; seed < 15; seed++) {
      const world = new VirtualLinks(`faults ${seed}`, 12);
      world.connectRandomly(10);
      const rng = world.rng.fork('faults');
      for (let fault = 0; fault < 60; fault++) {
        world.run(rng.between(1_000, 400_000));
        const number = rng.below(12);
        const link = rng.pick(world.links);
        const what = rng.below(6);
        if (what === 0 && world.node(number).isUp) world.crash(number);
        else if (what === 1 && world.node(number).isUp) world.wipe(number);
        else if (what === 2 && !world.node(number).isUp) world.boot(number);
        else if (what === 3) world.cut(link);
        else if (what === 4) world.bringUp(link);
        else world.bringUpAll();
      }
      for (const node of world.nodes) if (!node.isUp) world.boot(node.number);
      world.bringUpAll();
      world.run(6 * SECOND_US);
      expect(world.areEqual()).toBe(true);
      for (const { number } of world.nodes) expect(edgesSeenBy(world, number)).toEqual(realEdges(world));
    }
  });

  it('repair what a full queue dropped by the digests', () => {
    const world = new VirtualLinks('refused', 5);
    for (let number = 1; number < 5; number++) world.connect(number - 1, number, 1_000);
    world.run(2 * SECOND_US);
    world.links[2]!.isSwallowing = true;
    world.connect(0, 4, 1_000);
    world.cut(world.links[4]!);
    world.cut(world.links[0]!);
    world.run(SECOND_US);
    expect(world.areEqual()).toBe(false);
    world.heal();
    world.run(60 * SECOND_US);
    expect(world.areEqual([1, 2, 3, 4])).toBe(true);
  });
});

describe('age', () => {
  it('forgets an origin that is not renewed, and no echo brings it back', () => {
    const world = new VirtualLinks('age', 5, { maxAgeUs: 100 * SECOND_US, refreshUs: 30 * SECOND_US });
    world.connectRandomly(3);
    world.run(2 * SECOND_US);
    const gone = world.node(4).id;
    world.crash(4);
    world.run(60 * SECOND_US);
    expect(world.node(0).topology.indexOf(gone)).not.toBeNull();
    world.run(60 * SECOND_US);
    for (const number of [0, 1, 2, 3]) expect(world.node(number).topology.indexOf(gone)).toBeNull();
    world.run(200 * SECOND_US);
    for (const number of [0, 1, 2, 3]) {
      expect(world.node(number).topology.indexOf(gone)).toBeNull();
      expect([...world.node(number).topology.nodes()]).toHaveLength(4);
    }
  });

  it('keeps the age that an advertisement has when it is passed on', () => {
    const world = new VirtualLinks('passed age', 3, { maxAgeUs: 100 * SECOND_US, refreshUs: 30 * SECOND_US });
    world.connect(0, 1, 1_000);
    world.run(2 * SECOND_US);
    world.crash(0);
    world.run(90 * SECOND_US);
    world.connect(1, 2, 1_000);
    world.run(2 * SECOND_US);
    expect(world.node(2).topology.indexOf(world.node(0).id)).not.toBeNull();
    world.run(15 * SECOND_US);
    expect(world.node(2).topology.indexOf(world.node(0).id)).toBeNull();
  });

  it('withdraws gracefully: the others see no edge to it before any link breaks', () => {
    const world = new VirtualLinks('withdraw', 4);
    for (let number = 1; number < 4; number++) world.connect(number - 1, number, 1_000);
    world.run(2 * SECOND_US);
    world.node(3).topology.withdraw(world.now as Micros);
    world.run(10_000);
    expect(world.node(0).topology.get(world.node(3).id)).toMatchObject({ isWithdrawn: true, adjacencies: [] });
    expect(edgesSeenBy(world, 0)).toHaveLength(2);
    world.node(3).topology.checkInvariants();
  });

  it('forgets an evicted origin', () => {
    const world = new VirtualLinks('evicted', 3);
    world.connect(0, 1, 1_000);
    world.connect(1, 2, 1_000);
    world.run(2 * SECOND_US);
    world.node(0).topology.forget(world.node(2).id);
    expect(world.node(0).topology.nodeOfIndex(world.indexOf(2))).toBeNull();
    world.node(0).topology.checkInvariants();
  });
});

describe('RTT', () => {
  it('is advertised again only when it stays outside its band, and at most every ten seconds', () => {
    const world = new VirtualLinks('rtt', 2);
    world.connect(0, 1, 20_000);
    world.run(2 * SECOND_US);
    const advertised = () => world.node(1).topology.get(world.node(0).id)?.adjacencies[0]?.rttUs;
    for (let reading = 0; reading < 50; reading++) {
      world.readRtt(0, 1, reading % 2 === 0 ? 49_000 : 31_000);
      if (reading % 3 !== 0) world.readRtt(0, 1, 90_000);
      world.readRtt(0, 1, 40_000);
    }
    world.run(SECOND_US);
    expect(advertised()).toBe(40_000);
    for (let reading = 0; reading < 3; reading++) world.readRtt(0, 1, 80_000);
    world.run(SECOND_US);
    expect(advertised()).toBe(80_000);
    for (let reading = 0; reading < 3; reading++) world.readRtt(0, 1, 20_000);
    world.run(5 * SECOND_US);
    expect(advertised()).toBe(80_000);
    world.run(5 * SECOND_US);
    expect(advertised()).toBe(20_000);
  });
});

describe('peers’ bytes', () => {
  it('never throw, and nothing malformed is held', () => {
    const world = new VirtualLinks('fuzz', 3);
    world.connect(0, 1, 1_000);
    world.connect(1, 2, 1_000);
    world.run(2 * SECOND_US);
    const good = ownLsaOf(world, 2, { seq: 77 });
    const rng = world.rng.fork('fuzz');
    for (let round = 0; round < 5_000; round++) {
      const bytes = rng.chance(500) ? rng.fill(rng.below(60)) : good.slice();
      for (let flip = rng.below(4); flip >= 0 && bytes.length > 0; flip--) {
        const at = rng.below(bytes.length);
        bytes[at] = (bytes[at] as number) ^ (1 << rng.below(8));
      }
      world.inject(0, 1, bytes);
      if (round % 100 === 0) world.node(0).topology.checkInvariants();
    }
    world.run(15 * SECOND_US);
    expect(edgesSeenBy(world, 0)).toEqual(realEdges(world));
  });

  it('are refused outside of a mesh, and another origin’s index is never taken', () => {
    const world = new VirtualLinks('outside', 3);
    world.connect(0, 1, 1_000);
    world.run(SECOND_US);
    const stolen = ownLsaOf(world, 2, { seq: 9 }, { index: 1 });
    world.inject(1, 0, stolen);
    expect(world.count(1, 'topology.index-conflict')).toBe(1);
    world.node(1).topology.setIdentity(world.now as Micros, null);
    world.inject(1, 0, stolen);
    expect(world.count(1, 'topology.outside-mesh')).toBe(1);
    world.node(1).topology.checkInvariants();
  });
});

/** A batch with an advertisement of `number` without adjacencies, signed by it (or not). */
function ownLsaOf(
  world: VirtualLinks,
  number: number,
  version: { seq: number; bootCounter?: number },
  change: { isForged?: boolean; index?: number } = {},
): Uint8Array {
  const node = world.node(number);
  const body = LsaBody.encode({
    origin: node.id,
    replica: node.replica,
    bootCounter: version.bootCounter ?? node.bootCounter,
    seq: version.seq,
    isWithdrawn: false,
    relayCapacityKbps: 0,
    adjacencies: [],
  });
  const signature = change.isForged === true ? new Uint8Array(4) : fakeSignature(node.id, body);
  const certificateChain = Uint8Array.of(change.index ?? number + 1, 0, node.replica);
  return TopologyMessage.encode({ kind: 'batch', lsas: [{ body, signature, certificateChain, ageMs: 5 }] });
}

describe('a node that enters the mesh after its links are up', () => {
  it('has the whole database one exchange later', () => {
    const world = new VirtualLinks('late', 6);
    world.connectRandomly(4);
    world.run(2 * SECOND_US);
    world.node(5).topology.setIdentity(world.now as Micros, null);
    world.run(SECOND_US);
    expect([...world.node(5).topology.nodes()]).toEqual([]);
    world.identify(5);
    world.run(500_000);
    expect(world.areEqual()).toBe(true);
    expect(edgesSeenBy(world, 5)).toEqual(realEdges(world));
  });
});
