/**
 * Dijkstra's shortest paths from one vertex, with a total order on paths, so that the result depends on the graph
 * alone and not on how it was built.
 *
 * Of two paths to a vertex the better has the lower cost, then fewer hops, then the last relay with the lower member
 * index. Costs are positive integers, so a next hop is always strictly nearer to the target than its predecessor:
 * nodes with equal databases never form a loop, whatever ties they break.
 * Source: Dijkstra 1959, with a binary heap and lazy deletion. O((V + E) log V).
 */
import type { Graph, Vertex } from './graph.js';

/** Indexed by slot. */
export interface ShortestPaths {
  readonly root: number;
  /** UNREACHABLE where there is no path. */
  readonly costs: readonly number[];
  readonly hopCounts: readonly number[];
  /** The last relay before the vertex; -1 for the root and what cannot be reached. */
  readonly predecessors: readonly number[];
  /** The first vertex after the root; -1 for the root and what cannot be reached. */
  readonly firstHops: readonly number[];
}

/** From `root`, over links that both ends advertise, with the costs of `profile`. */
export function shortestPaths(graph: Graph, root: number, profile: number): ShortestPaths {
  const count = graph.vertices.length;
  const costs = new Array<number>(count).fill(UNREACHABLE);
  const hopCounts = new Array<number>(count).fill(0);
  const predecessors = new Array<number>(count).fill(-1);
  const firstHops = new Array<number>(count).fill(-1);
  const isSettled = new Uint8Array(count);
  const heap = new CostHeap();
  costs[root] = 0;
  heap.push(0, root);
  for (;;) {
    const slot = heap.pop();
    if (slot < 0) break;
    if (isSettled[slot] === 1) continue;
    isSettled[slot] = 1;
    const vertex = graph.vertices[slot] as Vertex;
    const hops = (hopCounts[slot] as number) + 1;
    for (const [next, edge] of vertex.edges) {
      if (isSettled[next] === 1) continue;
      const cost = (costs[slot] as number) + (edge.costs[profile] as number);
      const held = costs[next] as number;
      if (cost > held) continue;
      const isTie = cost === held;
      if (isTie && !isBetter(graph, hops, slot, hopCounts[next] as number, predecessors[next] as number)) continue;
      if (!graph.isTwoWay(slot, next)) continue;
      costs[next] = cost;
      hopCounts[next] = hops;
      predecessors[next] = slot;
      firstHops[next] = slot === root ? next : (firstHops[slot] as number);
      if (!isTie) heap.push(cost, next);
    }
  }
  return { root, costs, hopCounts, predecessors, firstHops };
}

/** The slots from the root to `target`, both included; empty when there is no path. */
export function pathTo(paths: ShortestPaths, target: number): number[] {
  if (paths.costs[target] === undefined || paths.costs[target] === UNREACHABLE) return [];
  const path: number[] = [];
  for (let slot = target; slot >= 0; slot = paths.predecessors[slot] as number) path.push(slot);
  return path.reverse();
}

/** Of two paths of one cost: fewer hops, then the last relay with the lower index. */
function isBetter(graph: Graph, hops: number, relay: number, heldHops: number, heldRelay: number): boolean {
  if (hops !== heldHops) return hops < heldHops;
  const index = (graph.vertices[relay] as Vertex).index;
  const heldIndex = (graph.vertices[heldRelay] as Vertex | undefined)?.index ?? 0;
  return index < heldIndex;
}

/**
 * A binary heap of (cost, slot) on two parallel arrays. Equal costs come out in any order: a settled vertex's place
 * among vertices of the same cost never matters, because every edge costs at least 1.
 */
class CostHeap {
  readonly #costs: number[] = [];
  readonly #slots: number[] = [];

  push(cost: number, slot: number): void {
    const costs = this.#costs;
    const slots = this.#slots;
    let at = costs.length;
    costs.push(cost);
    slots.push(slot);
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if ((costs[parent] as number) <= cost) break;
      costs[at] = costs[parent] as number;
      slots[at] = slots[parent] as number;
      at = parent;
    }
    costs[at] = cost;
    slots[at] = slot;
  }

  /** The slot with the least cost, -1 when empty. */
  pop(): number {
    const costs = this.#costs;
    const slots = this.#slots;
    const first = slots[0];
    if (first === undefined) return -1;
    const cost = costs.pop() as number;
    const slot = slots.pop() as number;
    const count = costs.length;
    if (count === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= count) break;
      if (child + 1 < count && (costs[child + 1] as number) < (costs[child] as number)) child++;
      if ((costs[child] as number) >= cost) break;
      costs[at] = costs[child] as number;
      slots[at] = slots[child] as number;
      at = child;
    }
    costs[at] = cost;
    slots[at] = slot;
    return first;
  }
}

export const UNREACHABLE = Number.MAX_SAFE_INTEGER;
