/**
 * The core's tunables as settings: every number and switch in the core's default configuration has the key path
 * `core.…` that it has there. The core asserts the relations between them when it is built.
 */
import { type ValueType, flagOf, integerOf } from './value-type.js';

/** Nested objects of numbers and booleans. */
export type TunableTree = { readonly [name: string]: unknown };

export interface Tunable {
  readonly keyPath: string;
  readonly read: ValueType<number | boolean>;
  readonly fallback: number | boolean;
}

/** The leaves of `tree`, each with its path below `prefix`. */
export function tunablesOf(tree: TunableTree, prefix: string): Tunable[] {
  const found: Tunable[] = [];
  for (const [name, value] of Object.entries(tree)) {
    const keyPath = `${prefix}.${name}`;
    if (typeof value === 'number') found.push({ keyPath, read: integerOf(0, Number.MAX_SAFE_INTEGER), fallback: value });
    else if (typeof value === 'boolean') found.push({ keyPath, read: flagOf, fallback: value });
    else if (typeof value === 'object' && value !== null && !Array.isArray(value)) found.push(...tunablesOf(value as TunableTree, keyPath));
  }
  return found;
}

/** A copy of `tree` with the leaves of `changes` (by key path below `prefix`) in the place of its own. */
export function withChanges<T extends object>(tree: T, prefix: string, changes: ReadonlyMap<string, number | boolean>): T {
  const copy: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(tree)) {
    const keyPath = `${prefix}.${name}`;
    const isBranch = typeof value === 'object' && value !== null && !Array.isArray(value);
    copy[name] = isBranch ? withChanges(value as object, keyPath, changes) : (changes.get(keyPath) ?? value);
  }
  return copy as T;
}
