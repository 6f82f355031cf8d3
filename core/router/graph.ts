/**
 * The link-state database as a graph over small integers. It is kept between computations: an origin's edges are
 * resolved anew only when its advertisement is another object than before, so an LSA delta costs that origin's edges
 * and one pass over the origins.
 *
 * Invariant: slot numbers are stable while their origin is held; `edges[u]` are what u advertises, whether or not the
 * other end agrees: `isTwoWay` is asked when an edge is used.
 */
import type { NodeId } from '../base/ids.js';
import type { MemberIndex } from '../base/units.js';
import type { LsdbNode, LsdbView } from '../topology/lsa.js';
import type { LsaAdjacency } from '../wire/lsa-messages.js';
import { type CostCoefficients, edgeCost } from './cost.js';

/** One origin in the graph. */
export interface Vertex {
  readonly slot: number;
  readonly node: NodeId;
  /** The advertisement that `edges` come from; null for an origin that is only mentioned by others. */
  source: LsdbNode | null;
  index: MemberIndex;
  /** By the peer's slot. */
  edges: Map<number, Edge>;
}

export interface Edge {
  readonly adjacency: LsaAdjacency;
  /** Cost by profile. */
  readonly costs: readonly number[];
}

export class Graph {
  readonly #profiles: readonly CostCoefficients[];
  #vertices: Vertex[] = [];
  readonly #slotOf = new Map<NodeId, number>();

  /** `profiles` give each edge one cost each. */
  constructor(profiles: readonly CostCoefficients[]) {
    this.#profiles = profiles;
  }

  get vertices(): readonly Vertex[] {
    return this.#vertices;
  }

  slotOf(node: NodeId): number | undefined {
    return this.#slotOf.get(node);
  }

  /** Whether both ends advertise the link. */
  isTwoWay(from: number, to: number): boolean {
    return this.#vertices[to]?.edges.has(from) === true && this.#vertices[from]?.edges.has(to) === true;
  }

  /** Brings the graph up to the view. */
  update(view: LsdbView): void {
    let heldCount = 0;
    const changed: LsdbNode[] = [];
    for (const node of view.nodes()) {
      heldCount++;
      if (this.#vertexOf(node.node).source !== node) changed.push(node);
    }
    for (const node of changed) this.#resolve(node);
    if (this.#vertices.length === heldCount) return;
    for (const vertex of this.#vertices) {
      if (vertex.source === null || view.get(vertex.node) !== undefined) continue;
      vertex.source = null;
      vertex.edges = new Map();
      vertex.index = UNKNOWN_INDEX;
    }
    if (this.#vertices.length > 2 * heldCount + SLACK_COUNT) this.#rebuild(view);
  }

  /** Drops the slots of origins that are long gone. */
  #rebuild(view: LsdbView): void {
    this.#vertices = [];
    this.#slotOf.clear();
    for (const node of [...view.nodes()]) this.#resolve(node);
  }

  #resolve(node: LsdbNode): void {
    const vertex = this.#vertexOf(node.node);
    vertex.source = node;
    vertex.index = node.index;
    vertex.edges = new Map();
    for (const adjacency of node.adjacencies) {
      const costs = this.#profiles.map((profile) => edgeCost(adjacency, profile));
      vertex.edges.set(this.#vertexOf(adjacency.peer).slot, { adjacency, costs });
    }
  }

  #vertexOf(node: NodeId): Vertex {
    const slot = this.#slotOf.get(node);
    if (slot !== undefined) return this.#vertices[slot] as Vertex;
    const vertex = { slot: this.#vertices.length, node, source: null, index: UNKNOWN_INDEX, edges: new Map() };
    this.#vertices.push(vertex);
    this.#slotOf.set(node, vertex.slot);
    return vertex;
  }
}

const UNKNOWN_INDEX = 0 as MemberIndex;
/** Gone origins that are tolerated before slots are given out anew. */
const SLACK_COUNT = 64;
