import { describe, expect, it } from 'vitest';
import { Rng } from '../base/rng.js';
import { memberIndex, SECOND_US } from '../base/units.js';
import type { LsdbNode } from '../topology/lsa.js';
import { VirtualLinks } from '../topology/testing/virtual-links.js';
import { BULK_COEFFICIENTS, EDGE_COST_MAX, LATENCY_COEFFICIENTS, edgeCost } from './cost.js';
import { Routes } from './routes.js';
import { RandomMesh, adjacencyTo } from './testing/random-mesh.js';

/** Follows next hops from `from` to `to` by every node's own routes; null when the way ends or turns in a circle. */
function walk(routesOf: readonly Routes[], ids: readonly string[], from: number, to: number, trafficClass: number) {
  let at = from;
  for (let hops = 0; hops <= ids.length; hops++) {
    if (at === to) return hops;
    const next = routesOf[at]!.nextHop(ids[to] as never, trafficClass);
    if (next === null) return null;
    at = ids.indexOf(next);
  }
  return null;
}

/** Bellman-Ford over the links that both ends advertise: the costs that a shortest path must have. */
function costsByRelaxation(mesh: RandomMesh, root: number, profile = LATENCY_COEFFICIENTS): Map<string, number> {
  const costs = new Map<string, number>([[mesh.ids[root]!, 0]]);
  for (let round = 0; round < mesh.ids.length; round++) {
    for (const { node, adjacencies } of mesh.nodes()) {
      const cost = costs.get(node);
      if (cost === undefined) continue;
      for (const adjacency of adjacencies) {
        const isBoth = mesh.get(adjacency.peer)?.adjacencies.some(({ peer }) => peer === node) ?? false;
        const next = cost + edgeCost(adjacency, profile);
        if (isBoth && next < (costs.get(adjacency.peer) ?? Infinity)) costs.set(adjacency.peer, next);
      }
    }
  }
  return costs;
}

function pathCost(mesh: RandomMesh, path: readonly string[], profile = LATENCY_COEFFICIENTS): number {
  let cost = 0;
  for (let hop = 1; hop < path.length; hop++) {
    const adjacency = mesh.get(path[hop - 1] as never)!.adjacencies.find(({ peer }) => peer === path[hop])!;
    cost += edgeCost(adjacency, profile);
  }
  return cost;
}

describe('routes', () => {
  it('are the cheapest ways over links that both ends advertise', () => {
    for (let seed = 0; seed < 30; seed++) {
      const mesh = new RandomMesh(`cheapest ${seed}`, { nodeCount: 25, linksPerNode: 2 });
      const rng = Rng.fromSeed(`one way ${seed}`);
      for (let cut = 0; cut < 10; cut++) mesh.advertise(rng.below(25), rng.below(25), 0);
      const routes = new Routes(mesh);
      for (const [trafficClass, profile] of [[0, LATENCY_COEFFICIENTS], [4, BULK_COEFFICIENTS]] as const) {
        const truth = costsByRelaxation(mesh, 0, profile);
        for (const node of mesh.ids) {
          const path = routes.path(node, trafficClass);
          expect(path.length > 0).toBe(truth.has(node));
          if (path.length > 0) expect(pathCost(mesh, path, profile)).toBe(truth.get(node));
          expect(routes.isReachable(node)).toBe(truth.has(node));
        }
        expect(routes.reachableCount()).toBe(truth.size);
      }
      routes.checkInvariants();
    }
  });

  it('of equal databases never form a loop, whatever ties there are', () => {
    for (let seed = 0; seed < 10; seed++) {
      const mesh = new RandomMesh(`ties ${seed}`, { nodeCount: 24, linksPerNode: 3 });
      // Few distinct costs, so that there are many ties.
      for (const { node, adjacencies } of [...mesh.nodes()]) {
        const from = mesh.ids.indexOf(node);
        for (const { peer, rttUs } of adjacencies) mesh.link(from, mesh.ids.indexOf(peer), rttUs % 2 === 0 ? 1000 : 2500);
      }
      const routesOf = mesh.ids.map((_, number) => new Routes(mesh.seenBy(number)));
      for (let from = 0; from < 24; from++) {
        for (let to = 0; to < 24; to++) {
          expect(walk(routesOf, mesh.ids, from, to, 0)).not.toBeNull();
          expect(walk(routesOf, mesh.ids, from, to, 4)).not.toBeNull();
        }
      }
    }
  });

  it('depend on the database alone, not on the order in which it was learnt', () => {
    const mesh = new RandomMesh('order', { nodeCount: 30, linksPerNode: 3 });
    for (const { node, adjacencies } of [...mesh.nodes()]) {
      for (const { peer } of adjacencies) mesh.link(mesh.ids.indexOf(node), mesh.ids.indexOf(peer), 1000);
    }
    const reference = new Routes(mesh);
    const rng = Rng.fromSeed('shuffle');
    for (let round = 0; round < 20; round++) {
      const nodes = [...mesh.nodes()].map((node) => {
        const adjacencies = [...node.adjacencies];
        rng.shuffle(adjacencies);
        return { ...node, adjacencies };
      });
      rng.shuffle(nodes);
      const byId = new Map(nodes.map((node) => [node.node, node]));
      const routes = new Routes({ self: mesh.self, nodes: () => nodes, get: (node) => byId.get(node) });
      for (const node of mesh.ids) expect(routes.path(node, 0)).toEqual(reference.path(node, 0));
    }
  });

  it('after any deltas are those of a computation from nothing', () => {
    const mesh = new RandomMesh('deltas', { nodeCount: 30, linksPerNode: 2 });
    const kept = new Routes(mesh);
    const rng = Rng.fromSeed('deltas');
    const gone: LsdbNode[] = [];
    for (let delta = 0; delta < 400; delta++) {
      const what = rng.below(5);
      const a = rng.below(30);
      const b = (a + 1 + rng.below(29)) % 30;
      const areHeld = mesh.get(mesh.ids[a]!) !== undefined && mesh.get(mesh.ids[b]!) !== undefined;
      if (what === 0 && a !== 0 && mesh.get(mesh.ids[a]!) !== undefined) {
        gone.push(mesh.at(a));
        mesh.remove(a);
      } else if (what === 1 && gone.length > 0) mesh.restore(gone.pop()!);
      else if (what === 2 && areHeld) mesh.advertise(a, b, 0);
      else if (areHeld) mesh.link(a, b, rng.between(500, 60_000));
      kept.invalidate();
      const fresh = new Routes(mesh);
      for (const node of mesh.ids) expect(kept.path(node, 4)).toEqual(fresh.path(node, 4));
      for (let index = 0; index <= 31; index++) {
        expect(kept.decisionFor(memberIndex(index), 0)).toEqual(fresh.decisionFor(memberIndex(index), 0));
      }
      kept.checkInvariants();
    }
  });

  it('are computed once per change, when they are used', () => {
    const mesh = new RandomMesh('once', { nodeCount: 10, linksPerNode: 2 });
    const routes = new Routes(mesh);
    for (let change = 0; change < 5; change++) {
      mesh.link(1, 2 + change, 700);
      routes.invalidate();
      routes.invalidate();
    }
    expect(routes.computationCount).toBe(0);
    for (const node of mesh.ids) routes.nextHop(node, 0);
    expect(routes.computationCount).toBe(1);
  });

  it('answer nothing outside of a mesh', () => {
    const routes = new Routes({ self: null, nodes: () => [], get: () => undefined });
    expect(routes.decisionFor(memberIndex(1), 0)).toBeUndefined();
    expect(routes.reachableCount()).toBe(0);
    expect(routes.path(new RandomMesh('x', { nodeCount: 1, linksPerNode: 0 }).self, 0)).toEqual([]);
  });

  it('sum the advertised RTT of their path', () => {
    const mesh = new RandomMesh('rtt', { nodeCount: 3, linksPerNode: 0 });
    const [a, b, c] = [0, 1, 2];
    for (const from of [a, b, c]) for (const to of [a, b, c]) if (from !== to) mesh.advertise(from, to, 0);
    mesh.link(a, b, 3_000);
    mesh.link(b, c, 4_000);
    const routes = new Routes(mesh);
    expect(routes.path(mesh.ids[c]!, 0)).toEqual(mesh.ids);
    expect(routes.pathRttUs(mesh.ids[c]!, 0)).toBe(7_000);
    expect(routes.pathRttUs(mesh.self, 0)).toBe(0);
  });
});

describe('after the flood has converged', () => {
  it('no frame turns in a circle, through crashes, wipes and cuts', () => {
    for (let seed = 0; seed < 8; seed++) {
      const world = new VirtualLinks(`loops ${seed}`, 14);
      world.connectRandomly(12);
      const rng = world.rng.fork('faults');
      for (let round = 0; round < 3; round++) {
        for (let fault = 0; fault < 6; fault++) {
          world.run(rng.between(1_000, 200_000));
          const number = rng.below(14);
          if (!world.node(number).isUp) world.boot(number);
          else if (rng.chance(300)) world.crash(number);
          else world.cut(rng.pick(world.links));
          if (rng.chance(300)) world.bringUpAll();
        }
        for (const node of world.nodes) if (!node.isUp) world.boot(node.number);
        world.bringUpAll();
        world.cut(rng.pick(world.links));
        world.run(6 * SECOND_US);
        const ids = world.nodes.map((node) => node.id);
        const routesOf = world.nodes.map((node) => new Routes(node.topology.lsdb()));
        for (let from = 0; from < 14; from++) {
          for (let to = 0; to < 14; to++) {
            const isReachable = routesOf[from]!.isReachable(ids[to]!);
            expect(isReachable).toBe(routesOf[to]!.isReachable(ids[from]!));
            expect(walk(routesOf, ids, from, to, 0) !== null).toBe(isReachable);
          }
        }
      }
    }
  });
});

describe('the cost of a link', () => {
  it('is a positive integer that grows with everything bad about it', () => {
    const base = adjacencyTo(new RandomMesh('cost', { nodeCount: 1, linksPerNode: 0 }).self, 1_000);
    const cost = edgeCost(base, LATENCY_COEFFICIENTS);
    expect(cost).toBe(1_500);
    for (const worse of [
      { rttUs: 2_000 }, { bandwidthKbps: 1_000 }, { utilisationPermille: 500 }, { lossPpm: 1_000 },
      { administrativeCost: 7 },
    ]) {
      const worseCost = edgeCost({ ...base, ...worse }, LATENCY_COEFFICIENTS);
      expect(worseCost).toBeGreaterThan(cost);
      expect(Number.isInteger(worseCost)).toBe(true);
    }
    expect(edgeCost({ ...base, bandwidthKbps: 1 }, BULK_COEFFICIENTS)).toBeLessThanOrEqual(EDGE_COST_MAX);
    expect(255 * EDGE_COST_MAX).toBeLessThan(Number.MAX_SAFE_INTEGER);
  });
});
