/**
 * While a node shows CRITICAL it takes nothing of what has to wait: whoever asks for it in a spell of CRITICAL, as the
 * node itself tells it by events, is not granted it within that spell. What is not among the things that have to wait
 * (evictions, reads, deliveries, publishes that are merely staged) is not told to this oracle.
 */
import type { MeshStateName } from '../../core/groups/mcg/mesh-state.js';
import type { ViolationSink } from './violations.js';

/** The spell of CRITICAL in which something was asked for; null outside of one. */
export type CriticalSpell = number | null;

export class CriticalOracle {
  readonly #sink: ViolationSink;
  readonly #spells = new Map<number, number>();
  #count = 0;

  constructor(sink: ViolationSink) {
    this.#sink = sink;
  }

  /** How often a node has come to show CRITICAL. */
  get spellCount(): number {
    return this.#count;
  }

  /** The node has told its state; null: it is down, or nobody listens. */
  onState(node: number, state: MeshStateName | null): void {
    if (state !== 'critical') this.#spells.delete(node);
    else if (!this.#spells.has(node)) this.#spells.set(node, ++this.#count);
  }

  spellOf(node: number): CriticalSpell {
    return this.#spells.get(node) ?? null;
  }

  /** What was asked of the node in `spell` is granted. */
  onGranted(node: number, spell: CriticalSpell, what: string): void {
    if (spell === null || this.spellOf(node) !== spell) return;
    this.#sink.report('critical-passed', `node ${node} shows CRITICAL all the time and granted ${what}`);
  }
}
