/**
 * When a message is completed: by all targets, by any k of them, or by those that are named. Completion is a function of
 * the settled offsets alone, so every replica finds the same. Also the odd-voter rule of the mesh control group.
 */
import { assert } from '../base/assert.js';
import type { NodeId } from '../base/ids.js';

export type CompletionPolicy =
  | { readonly kind: 'all' }
  | { readonly kind: 'quorum'; readonly count: number }
  /** All of these, as long as they are targets that the stream waits for; the others hold back payload alone. */
  | { readonly kind: 'named'; readonly nodes: readonly NodeId[] };

/** With fewer targets that count a stream is orphaned. */
export const neededCount = (policy: CompletionPolicy): number => (policy.kind === 'quorum' ? policy.count : 1);

/** Whether what a target settles may count. */
export const doesCount = (policy: CompletionPolicy, node: NodeId): boolean => policy.kind !== 'named' || policy.nodes.includes(node);

/** The highest seq that enough of the targets that count have settled: the count-th largest offset. No target: nothing completes. */
export function completedSeq(policy: CompletionPolicy, settled: readonly number[]): number {
  if (settled.length === 0) return 0;
  const needed = policy.kind === 'quorum' ? policy.count : settled.length;
  assert(needed >= 1, 'a policy asks for at least one target');
  if (needed > settled.length) return 0;
  const descending = [...settled].sort((a, b) => b - a);
  return descending[needed - 1] as number;
}

/**
 * Whether k of n is worth the name: k targets and the source together are at least a quorum of the group of n targets
 * and the source, so that what is completed is also replicated. Optional targets neither count nor vote.
 */
export function isPolicyAboveQuorum(policy: CompletionPolicy, requiredCount: number): boolean {
  if (policy.kind === 'all') return requiredCount >= 1;
  const members = requiredCount + 1;
  const count = policy.kind === 'quorum' ? policy.count : new Set(policy.nodes).size;
  return count >= 1 && count <= requiredCount && count + 1 >= Math.floor(members / 2) + 1;
}

/** How many members of a mesh vote: the largest odd number that is at most min(members, votersMax). */
export function voterCount(members: number, votersMax: number): number {
  const most = Math.min(members, votersMax);
  return most % 2 === 1 ? most : Math.max(1, most - 1);
}
