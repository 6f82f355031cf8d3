/**
 * What one changed link costs a node in a mesh of N: the new advertisement in, the routes of all profiles computed
 * again. Random trees with chords, three links a node, both ends of every link advertising it.
 */
import { type NodeId, idFromBytes } from '../../core/base/ids.js';
import { Rng } from '../../core/base/rng.js';
import { memberIndex } from '../../core/base/units.js';
import { Routes } from '../../core/router/routes.js';
import type { LsdbNode, LsdbView } from '../../core/topology/lsa.js';
import { Latencies } from '../processes/latencies.js';
import type { Bench, Measurement } from './measurement.js';
import { Stopwatch } from './stopwatch.js';

export const LSA_DELTA: Bench = {
  names: ['lsa-delta-50', 'lsa-delta-200', 'lsa-delta-1000'],
  run: () => Promise.resolve([50, 200, 1_000].map(measure)),
};

function measure(nodeCount: number): Measurement {
  const mesh = new RandomMesh(nodeCount);
  const routes = new Routes(mesh);
  const times = new Latencies();
  for (let round = 0; round < WARM_UP + ROUNDS; round++) {
    mesh.change();
    const watch = new Stopwatch();
    routes.invalidate();
    routes.isReachable(mesh.farthest);
    if (round >= WARM_UP) times.add(watch.us);
  }
  const p50Us = times.quantile(0.5);
  return { name: `lsa-delta-${nodeCount}`, value: p50Us, unit: 'us', p50Us, p99Us: times.quantile(0.99) };
}

class RandomMesh implements LsdbView {
  readonly #rng = Rng.fromSeed('lsa-delta');
  readonly #ids: readonly NodeId[];
  readonly #nodes = new Map<NodeId, LsdbNode>();
  readonly #links: (readonly [number, number])[] = [];

  constructor(nodeCount: number) {
    const rng = this.#rng;
    this.#ids = Array.from({ length: nodeCount }, () => idFromBytes<NodeId>(rng.fill(16)));
    for (const [at, node] of this.#ids.entries()) {
      this.#nodes.set(node, { node, index: memberIndex(at + 1), isWithdrawn: false, adjacencies: [] });
    }
    for (let at = 1; at < nodeCount; at++) this.#link(at, rng.below(at));
    for (let chord = nodeCount - 1; chord < nodeCount * LINKS_PER_NODE; chord++) {
      const a = rng.below(nodeCount);
      const b = rng.below(nodeCount);
      if (a !== b) this.#link(a, b);
    }
  }

  get self(): NodeId {
    return this.#ids[0] as NodeId;
  }

  get farthest(): NodeId {
    return this.#ids.at(-1) as NodeId;
  }

  nodes(): Iterable<LsdbNode> {
    return this.#nodes.values();
  }

  get(node: NodeId): LsdbNode | undefined {
    return this.#nodes.get(node);
  }

  /** One end of one link advertises another RTT. */
  change(): void {
    const [a, b] = this.#links[this.#rng.below(this.#links.length)] as readonly [number, number];
    this.#advertise(a, b, this.#rng.between(500, 60_000));
  }

  #link(a: number, b: number): void {
    const rttUs = this.#rng.between(500, 60_000);
    this.#advertise(a, b, rttUs);
    this.#advertise(b, a, rttUs);
    this.#links.push([a, b]);
  }

  #advertise(from: number, to: number, rttUs: number): void {
    const held = this.#nodes.get(this.#ids[from] as NodeId) as LsdbNode;
    const peer = this.#ids[to] as NodeId;
    const others = held.adjacencies.filter((adjacency) => adjacency.peer !== peer);
    const adjacency = { peer, rttUs, bandwidthKbps: 0, utilisationPermille: 0, lossPpm: 0, administrativeCost: 0 };
    this.#nodes.set(held.node, { ...held, adjacencies: [...others, adjacency] });
  }
}

const LINKS_PER_NODE = 3;
const WARM_UP = 300;
const ROUNDS = 300;
