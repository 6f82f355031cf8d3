/**
 * Link-state databases of random meshes, for tests and for the benchmarks `lsa-delta-*`: a random tree with chords,
 * both ends of every link advertising it.
 */
import { type NodeId, idFromBytes } from '../../base/ids.js';
import { Rng } from '../../base/rng.js';
import { memberIndex } from '../../base/units.js';
import type { LsdbNode, LsdbView } from '../../topology/lsa.js';
import type { LsaAdjacency } from '../../wire/lsa-messages.js';

export class RandomMesh implements LsdbView {
  readonly ids: NodeId[] = [];
  self: NodeId;
  readonly #nodes = new Map<NodeId, LsdbNode>();

  constructor(seed: string, options: { readonly nodeCount: number; readonly linksPerNode: number }) {
    const rng = Rng.fromSeed(seed);
    const { nodeCount, linksPerNode } = options;
    for (let number = 0; number < nodeCount; number++) {
      const node = idFromBytes<NodeId>(rng.fill(16));
      this.ids.push(node);
      this.#nodes.set(node, { node, index: memberIndex(number + 1), isWithdrawn: false, adjacencies: [] });
    }
    this.self = this.ids[0] as NodeId;
    for (let number = 1; number < nodeCount; number++) this.link(number, rng.below(number), rng.between(500, 60_000));
    for (let chord = nodeCount - 1; chord < nodeCount * linksPerNode; chord++) {
      const a = rng.below(nodeCount);
      const b = rng.below(nodeCount);
      if (a !== b) this.link(a, b, rng.between(500, 60_000));
    }
  }

  nodes(): Iterable<LsdbNode> {
    return this.#nodes.values();
  }

  get(node: NodeId): LsdbNode | undefined {
    return this.#nodes.get(node);
  }

  at(number: number): LsdbNode {
    return this.#nodes.get(this.ids[number] as NodeId) as LsdbNode;
  }

  /** Both ends advertise a link with that RTT. */
  link(a: number, b: number, rttUs: number): void {
    this.advertise(a, b, rttUs);
    this.advertise(b, a, rttUs);
  }

  /** One end advertises a link, or does no longer with `rttUs` 0. */
  advertise(from: number, to: number, rttUs: number): void {
    const node = this.at(from);
    const peer = this.ids[to] as NodeId;
    const others = node.adjacencies.filter((adjacency) => adjacency.peer !== peer);
    const adjacencies = rttUs === 0 ? others : [...others, adjacencyTo(peer, rttUs)];
    this.#nodes.set(node.node, { ...node, adjacencies });
  }

  remove(number: number): void {
    this.#nodes.delete(this.ids[number] as NodeId);
  }

  restore(node: LsdbNode): void {
    this.#nodes.set(node.node, node);
  }

  /** The same database as another node reads it. */
  seenBy(number: number): LsdbView {
    return { self: this.ids[number] as NodeId, nodes: () => this.nodes(), get: (node) => this.get(node) };
  }
}

export function adjacencyTo(peer: NodeId, rttUs: number): LsaAdjacency {
  return { peer, rttUs, bandwidthKbps: 0, utilisationPermille: 0, lossPpm: 0, administrativeCost: 0 };
}
