/** All small lineages, for tests that look at every pair. */
import type { GenerationId } from '../../../../base/ids.js';
import { logIndex, term } from '../../../../base/units.js';
import { FIRST_GENERATION, type GenerationRecord, type Lineage, newestOf } from '../lineage.js';

export function recordOf(id: GenerationId, parent: GenerationId, memberCount = 2): GenerationRecord {
  return { id, parent, fork: { index: logIndex(7), term: term(2) }, memberCount };
}

/** A tree in which each generation has two children, of other sizes, down to that depth; every path from its root. */
export function lineagesUpTo(depth: number): readonly Lineage[] {
  let newest: readonly Lineage[] = [[]];
  const all: Lineage[] = [[]];
  for (let level = 0; level < depth; level++) {
    newest = newest.flatMap((lineage) => childrenOf(lineage).map((child) => [...lineage, child]));
    all.push(...newest);
  }
  return all;
}

function childrenOf(lineage: Lineage): GenerationRecord[] {
  const parent = newestOf(lineage);
  const stem = parent === FIRST_GENERATION ? '' : parent;
  return [0, 1, 2].map((n) => recordOf(`${stem}${'ABC'.charAt(n)}` as GenerationId, parent, n === 1 ? 3 : 2));
}
