/**
 * Which of two generations of a mesh goes on when they meet. Each rule is decided in one place only, by a log or by a
 * majority that has durably stopped, so that both sides come to the same answer however late they hear of each other.
 *
 * - A parent that is led decides for both: it yields while nothing but no-ops follows the fork in its log, else it wins.
 * - A parent without a leader yields when a majority of its voters at the fork has durably stopped voting in it, founders
 *   included, and none of them holds more than no-ops past it. Whatever the parent committed past the fork stands on a
 *   majority, and any two majorities share a voter: so one of those that stopped would hold it.
 * - Between siblings the recorded count of members decides, then the lower id.
 * - Anything else is a conflict, and an operator's to decide.
 *
 * Invariant: never do both sides win; no single voter's view decides a parent that has more than one.
 * Source: DESIGN §8, "Recovery". Leaves out: how the facts are gathered, and that what is decided is written first.
 */
import type { ReplicaId } from '../../../base/replica.js';
import type { Configuration } from '../../../raft/api.js';
import { isQuorum } from '../../../raft/configuration.js';
import type { GenerationRecord, Relation } from './lineage.js';

/** What is past the fork in a log: nothing or no-ops, or more than that. */
export type PastFork = 'no-ops' | 'more';

/** What is known of the parent, with regard to one child of it. */
export type ParentState =
  /** Found by its leader, after it has made sure (ReadIndex) that it still leads. */
  | { readonly kind: 'led'; readonly pastFork: PastFork }
  | {
      readonly kind: 'leaderless';
      /** Who voted in the parent at the fork. */
      readonly voters: Configuration;
      /** The child's: they stopped before it was founded, and hold nothing past the fork. */
      readonly founders: ReadonlySet<ReplicaId>;
      /** Others that have durably stopped voting in the parent, with what they hold. */
      readonly stopped: ReadonlyMap<ReplicaId, PastFork>;
    };

/** `undecided`: more has to be known of the parent first. */
export type ParentOutcome = 'parent-wins' | 'child-wins' | 'undecided' | 'conflict';

export function parentOutcome(parent: ParentState): ParentOutcome {
  if (parent.kind === 'led') return parent.pastFork === 'more' ? 'parent-wins' : 'child-wins';
  const { voters, founders, stopped } = parent;
  for (const held of stopped.values()) if (held === 'more') return 'conflict';
  return isQuorum(voters, (voter) => founders.has(voter) || stopped.has(voter)) ? 'child-wins' : 'undecided';
}

export type SiblingOutcome = 'first' | 'second' | 'conflict';

/** Both are children of one parent. */
export function siblingOutcome(first: GenerationRecord, second: GenerationRecord): SiblingOutcome {
  if (first.id === second.id || first.parent !== second.parent) return 'conflict';
  if (first.memberCount !== second.memberCount) return first.memberCount > second.memberCount ? 'first' : 'second';
  return first.id < second.id ? 'first' : 'second';
}

/** How it ends for our side. */
export type Outcome = 'same' | 'we-win' | 'we-lose' | 'undecided' | 'conflict';

/** `parent` is asked for when one lineage is the other's ancestor: what is known of the elder generation. */
export function outcomeFor(relation: Relation, parent: () => ParentState | null): Outcome {
  switch (relation.kind) {
    case 'same':
      return 'same';
    case 'contradiction':
      return 'conflict';
    case 'siblings': {
      const outcome = siblingOutcome(relation.ours, relation.theirs);
      if (outcome === 'conflict') return outcome;
      return outcome === 'first' ? 'we-win' : 'we-lose';
    }
    case 'ancestor':
    case 'descendant': {
      const known = parent();
      const outcome = known === null ? 'undecided' : parentOutcome(known);
      if (outcome === 'undecided' || outcome === 'conflict') return outcome;
      return (outcome === 'parent-wins') === (relation.kind === 'ancestor') ? 'we-win' : 'we-lose';
    }
  }
}
