/**
 * The order in which members are probed: each once per round, in a fresh random order every round, so that a failed
 * member is met within two rounds whatever happens. A newcomer enters at a random place of the present round.
 * Source: SWIM §4.3.
 */
import { assert } from '../base/assert.js';
import type { NodeId } from '../base/ids.js';
import type { Rng } from '../base/rng.js';

export class ProbeOrder {
  readonly #rng: Rng;
  readonly #nodes: NodeId[] = [];
  #next = 0;

  constructor(rng: Rng) {
    this.#rng = rng;
  }

  get size(): number {
    return this.#nodes.length;
  }

  add(node: NodeId): void {
    const at = this.#rng.below(this.#nodes.length + 1);
    this.#nodes.splice(at, 0, node);
    if (at < this.#next) this.#next++;
  }

  remove(node: NodeId): void {
    const at = this.#nodes.indexOf(node);
    if (at < 0) return;
    this.#nodes.splice(at, 1);
    if (at < this.#next) this.#next--;
  }

  /** Makes a member the next one to be probed. */
  promote(node: NodeId): void {
    const at = this.#nodes.indexOf(node);
    if (at < 0) return;
    this.#nodes.splice(at, 1);
    if (at < this.#next) this.#next--;
    this.#nodes.splice(this.#next, 0, node);
  }

  /** The next member that `isWanted`; null when one whole round has none. */
  take(isWanted: (node: NodeId) => boolean): NodeId | null {
    for (let tries = this.#nodes.length; tries > 0; tries--) {
      if (this.#next >= this.#nodes.length) {
        this.#next = 0;
        this.#rng.shuffle(this.#nodes);
      }
      const node = this.#nodes[this.#next++] as NodeId;
      if (isWanted(node)) return node;
    }
    return null;
  }

  checkInvariants(): void {
    assert(this.#next >= 0 && this.#next <= this.#nodes.length, 'the next place of the round is within it');
    assert(new Set(this.#nodes).size === this.#nodes.length, 'a member has one place in a round');
  }
}
