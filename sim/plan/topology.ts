/**
 * Who stands where and who can dial whom. Node 0 can be dialled and seeds the mesh; every other node dials at least
 * one node before it that can be dialled, so that all are connected, and some dial more.
 */
import { Draws, type Seed } from '../base/draw.js';
import type { Options, Range } from './options.js';
import type { NodePlan, PathPlan } from './plan.js';

/** A drawn topology of `options.nodes` nodes. */
export function planNodes(seed: Seed, options: Options): NodePlan[] {
  const isBehindNat: boolean[] = [];
  for (let node = 0; node < options.nodes; node++) {
    const draws = new Draws(seed, 'topology', node);
    isBehindNat.push(node > 0 && draws.chance(options.natPerMille));
  }
  return isBehindNat.map((behindNat, node) => {
    const draws = new Draws(seed, 'topology', ENTITIES_APART + node);
    const earlier = draws.shuffled(dialableBefore(isBehindNat, node));
    const wanted = draws.between(1, DIALS_MAX);
    return describeNode(seed, node, `n${node}`, earlier.slice(0, wanted), behindNat, options);
  });
}

/** The rest of a node's plan, drawn. */
export function describeNode(
  seed: Seed,
  node: number,
  name: string,
  dials: readonly number[],
  isBehindNat: boolean,
  options: { readonly wallSkewUs: Range; readonly flushUs: Range },
): NodePlan {
  const draws = new Draws(seed, 'clock', node * LIVES_APART);
  return {
    name,
    isBehindNat,
    dials: [...dials].sort((a, b) => a - b),
    isSeed: node === 0,
    wallOffsetUs: WALL_START_US + draws.between(options.wallSkewUs[0], options.wallSkewUs[1]),
    flushUs: draws.between(options.flushUs[0], options.flushUs[1]),
  };
}

/**
 * The paths between all pairs. A node that can be dialled at all is dialable by everyone; one behind NAT only by those
 * that are configured to, which stand in its own network.
 */
export function planPaths(seed: Seed, nodes: readonly NodePlan[], options: Options): PathPlan[] {
  const paths: PathPlan[] = [];
  for (let from = 0; from < nodes.length; from++) {
    for (let to = 0; to < nodes.length; to++) {
      // Both directions of a pair are drawn as one: latency and rate are the pair's.
      const draws = new Draws(seed, 'topology', 2 * ENTITIES_APART + Math.min(from, to) * nodes.length + Math.max(from, to));
      const latencyUs = draws.between(options.latencyUs[0], options.latencyUs[1]);
      paths.push({
        isDialable: from !== to && (!isHidden(nodes, to) || dialsOf(nodes, from).includes(to)),
        latencyUs,
        jitterUs: Math.floor((latencyUs * options.jitterPerMille) / 1000),
        bytesPerSecond: draws.between(options.bytesPerSecond[0], options.bytesPerSecond[1]),
        lossPerMillion: options.lossPerMillion,
      });
    }
  }
  return paths;
}

/** Whether the nodes without those of `absent` hear of each other, by links along their dials alone. */
export function areJoined(nodes: readonly NodePlan[], absent: ReadonlySet<number>): boolean {
  const left = [...nodes.keys()].filter((node) => !absent.has(node));
  const reached = new Set(left.slice(0, 1));
  for (const node of reached) {
    for (const other of left) {
      if (dialsOf(nodes, node).includes(other) || dialsOf(nodes, other).includes(node)) reached.add(other);
    }
  }
  return reached.size === left.length;
}

function dialableBefore(isBehindNat: readonly boolean[], node: number): number[] {
  const found: number[] = [];
  for (let other = 0; other < node; other++) if (isBehindNat[other] === false) found.push(other);
  return found;
}

const isHidden = (nodes: readonly NodePlan[], node: number): boolean => nodes[node]?.isBehindNat ?? true;
const dialsOf = (nodes: readonly NodePlan[], node: number): readonly number[] => nodes[node]?.dials ?? [];

const DIALS_MAX = 3;
/** Keeps the entities of the different draws of this file apart. */
const ENTITIES_APART = 100_000;
/** The draws of a node's lives lie between those of two nodes. */
const LIVES_APART = 10_000;
/** A wall clock of 2024, so that dates look like dates. */
const WALL_START_US = 1_710_000_000_000_000;
