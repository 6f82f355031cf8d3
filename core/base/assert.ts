/**
 * Assertions on this program's own state. A failed one is a defect here, never a peer's or a caller's fault
 * (those are counted drops and `Reject`s), so it throws and the node stops.
 */

/** A defect of this program. Carries the literal message of the assertion that failed. */
export class AssertionFailed extends Error {
  override readonly name = 'AssertionFailed';
}

/** Throws `AssertionFailed` unless `condition` holds. `message` is a literal: it costs nothing when it holds. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionFailed(message);
}

/** Narrows away null and undefined. */
export function present<T>(value: T | null | undefined, message: string): T {
  if (value === null || value === undefined) throw new AssertionFailed(message);
  return value;
}

/** Ends a switch over a closed union, so that a new variant fails the build. */
export function unreachable(value: never): never {
  throw new AssertionFailed(`unreachable variant: ${String(value)}`);
}
