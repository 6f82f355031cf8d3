/**
 * The places in a stream that applications have named: durable and replicated, a part of the stream's state. A
 * checkpoint holds nothing back: what it points at may go, and who begins there then is told OFFSET_OUT_OF_RANGE.
 *
 * Invariant: the version rises with each change, and a change that does not come next to it is void.
 */
import type { Checkpoint } from '../../wire/target-steps.js';

export class Checkpoints {
  readonly #rows = new Map<string, Checkpoint>();
  #version = 0;

  get version(): number {
    return this.#version;
  }

  get(name: string): Checkpoint | null {
    return this.#rows.get(name) ?? null;
  }

  all(): readonly Checkpoint[] {
    return [...this.#rows.values()];
  }

  hasRoomFor(name: string): boolean {
    return this.#rows.has(name) || this.#rows.size < CHECKPOINTS_MAX;
  }

  /** One that is late, beyond the end of the stream or one too many changes nothing. */
  apply(change: Checkpoint, lastSeq: number): void {
    if (change.version <= this.#version || change.seq > lastSeq || !isName(change.name)) return;
    if (!change.isRemoved && !this.hasRoomFor(change.name)) return;
    this.#version = change.version;
    if (change.isRemoved) this.#rows.delete(change.name);
    else this.#rows.set(change.name, change);
  }

  restore(rows: readonly Checkpoint[], version: number): void {
    this.#rows.clear();
    for (const row of rows) this.#rows.set(row.name, row);
    this.#version = version;
  }
}

export const isName = (name: string): boolean => name.length >= 1 && name.length <= NAME_CHARS_MAX;

/** Of one stream. A constant of the format: every member has to find the same. */
export const CHECKPOINTS_MAX = 64;
export const NAME_CHARS_MAX = 128;
