/**
 * The descent of a mesh: which generations led to the one that a member is in, and where two descents part.
 *
 * A generation after the first is founded by an operator's `recover` with those that are left; its founding says which
 * generation it came from and where in that one's log it left off. Two members whose meshes have one id may so be of one
 * generation, of a generation and its descendant, or of two that have a common ancestor; what follows from that is
 * decided in outcome.ts.
 *
 * Invariant: a lineage is a path: each founding's parent is the generation before it, and no generation comes twice.
 * Source: DESIGN §8, "Recovery".
 */
import { assert } from '../../../base/assert.js';
import type { GenerationId } from '../../../base/ids.js';
import type { LogPlace } from '../../../raft/api.js';

/** What the founding of a generation records for ever. */
export interface GenerationRecord {
  readonly id: GenerationId;
  /** `FIRST_GENERATION` for the child of the generation in which the mesh was seeded. */
  readonly parent: GenerationId;
  /** The end of the founders' most up-to-date log: what follows it in the parent, the founders have not seen. */
  readonly fork: LogPlace;
  readonly memberCount: number;
}

/** The foundings from the oldest to the newest; empty for a mesh that was never recovered. */
export type Lineage = readonly GenerationRecord[];

/** How our lineage stands to another one. */
export type Relation =
  | { readonly kind: 'same' }
  /** We are in the generation in which the other lineage has `child` as its next founding. */
  | { readonly kind: 'ancestor'; readonly child: GenerationRecord }
  /** The other one is in the generation in which ours has `child` as its next founding. */
  | { readonly kind: 'descendant'; readonly child: GenerationRecord }
  /** Both have left the last common generation, by different foundings. */
  | { readonly kind: 'siblings'; readonly ours: GenerationRecord; readonly theirs: GenerationRecord }
  /** One id names two foundings: nothing can be concluded. */
  | { readonly kind: 'contradiction'; readonly id: GenerationId };

/** The generation that the lineage has come to. */
export const newestOf = (lineage: Lineage): GenerationId => lineage.at(-1)?.id ?? FIRST_GENERATION;

/** Both lineages are of one mesh, and sound. O(length). */
export function relate(ours: Lineage, theirs: Lineage): Relation {
  let at = 0;
  for (;;) {
    const mine = ours[at];
    const other = theirs[at];
    if (mine === undefined || other === undefined) return relateToPrefix(mine, other);
    if (mine.id !== other.id) return { kind: 'siblings', ours: mine, theirs: other };
    if (!isSameFounding(mine, other)) return { kind: 'contradiction', id: mine.id };
    at++;
  }
}

/** Whether each founding follows the one before it. */
export function isSoundLineage(lineage: Lineage): boolean {
  const seen = new Set<GenerationId>([FIRST_GENERATION]);
  let parent = FIRST_GENERATION;
  for (const record of lineage) {
    if (record.parent !== parent || seen.has(record.id) || record.memberCount < 1) return false;
    seen.add(record.id);
    parent = record.id;
  }
  return true;
}

/** The lineage of a generation that is founded in the newest one of `lineage`. */
export function extended(lineage: Lineage, record: GenerationRecord): Lineage {
  assert(record.parent === newestOf(lineage), 'a generation is founded in the newest one');
  return [...lineage, record];
}

function relateToPrefix(mine: GenerationRecord | undefined, other: GenerationRecord | undefined): Relation {
  if (other !== undefined) return { kind: 'ancestor', child: other };
  return mine === undefined ? { kind: 'same' } : { kind: 'descendant', child: mine };
}

function isSameFounding(one: GenerationRecord, two: GenerationRecord): boolean {
  const isSameFork = one.fork.index === two.fork.index && one.fork.term === two.fork.term;
  return isSameFork && one.parent === two.parent && one.memberCount === two.memberCount;
}

/** The generation in which a mesh is seeded: all zeros, which no draw gives. */
export const FIRST_GENERATION = '00000000000000000000000000' as GenerationId;
