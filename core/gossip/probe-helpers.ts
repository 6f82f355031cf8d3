/**
 * Whom to ask for an indirect probe. A helper is worth asking when its way to the target is another than ours, so that
 * one bad path accuses nobody: first come helpers that we reach over another first hop than the target and one another,
 * and among those the target's own neighbours.
 * Differs from SWIM, whose helpers are random: there every pair has a path of its own, here paths share links.
 */
import type { NodeId } from '../base/ids.js';
import type { Rng } from '../base/rng.js';

/** What gossip may ask of routing. Answers are hints: no claim about a member rests on them. */
export interface OverlayPaths {
  /** The first hop to `node`; null when there is no route. */
  nextHop(node: NodeId): NodeId | null;
  /** Whether both are neighbours of each other. */
  areLinked(a: NodeId, b: NodeId): boolean;
}

/** Up to `count` of `candidates` (members held alive, not the target) with a route, best first. */
export function chooseHelpers(
  candidates: readonly NodeId[],
  target: NodeId,
  options: { readonly count: number; readonly paths: OverlayPaths; readonly rng: Rng },
): NodeId[] {
  const { count, paths, rng } = options;
  const open: { node: NodeId; firstHop: NodeId; isLinked: boolean }[] = [];
  for (const node of candidates) {
    const firstHop = paths.nextHop(node);
    if (firstHop !== null) open.push({ node, firstHop, isLinked: paths.areLinked(node, target) });
  }
  rng.shuffle(open);
  const usedHops = new Set<NodeId | null>([paths.nextHop(target)]);
  const chosen: NodeId[] = [];
  while (chosen.length < count && open.length > 0) {
    let bestAt = 0;
    let bestScore = -1;
    for (const [at, { firstHop, isLinked }] of open.entries()) {
      const score = (usedHops.has(firstHop) ? 0 : 2) + (isLinked ? 1 : 0);
      if (score > bestScore) [bestAt, bestScore] = [at, score];
    }
    const [best] = open.splice(bestAt, 1);
    if (best === undefined) break;
    usedHops.add(best.firstHop);
    chosen.push(best.node);
  }
  return chosen;
}
