/**
 * Deficit round robin (Shreedhar and Varghese, 1995) over named queues: each has its turn, may take as many bytes in it
 * as its weight gives and what it saved, and keeps what is left for its next turn. A queue of queues is one again, so
 * tenants share first and the streams of each share what their tenant gets.
 *
 * Invariant: while a queue has something, its turn comes after at most one turn of each other; over any time in which
 * both always have something, what two of them were given is in the ratio of their weights, to within a quantum and an
 * item each. An empty queue saves nothing.
 */
import { assert } from '../../base/assert.js';

export interface Costly {
  /** Above 0, of the same unit as the quantum. */
  readonly cost: number;
}

/** Something that gives items in an order of its own. */
export interface ItemQueue<Item> {
  peek(): Item | undefined;
  /** Takes what `peek` has shown. */
  shift(): Item | undefined;
}

interface Turn<Queue> {
  readonly key: string;
  readonly queue: Queue;
  weight: number;
  deficit: number;
}

export class FairQueue<Item extends Costly, Queue extends ItemQueue<Item>> implements ItemQueue<Item> {
  readonly #quantum: number;
  readonly #make: () => Queue;
  /** Those with something to give, in the order of their turns. */
  readonly #ring: Turn<Queue>[] = [];
  readonly #turns = new Map<string, Turn<Queue>>();
  /** Whose turn it is. */
  #at = 0;

  /** `quantum`: what a turn gives at weight 1; at least the largest cost, or a turn may give nothing. */
  constructor(quantum: number, make: () => Queue) {
    assert(quantum > 0, 'a turn gives something');
    this.#quantum = quantum;
    this.#make = make;
  }

  get size(): number {
    return this.#ring.length;
  }

  keys(): Iterable<string> {
    return this.#turns.keys();
  }

  get(key: string): Queue | undefined {
    return this.#turns.get(key)?.queue;
  }

  /** The queue of that name, to which the caller adds an item now. A new one has its turn after all others. */
  open(key: string, weight: number): Queue {
    const known = this.#turns.get(key);
    if (known !== undefined) {
      known.weight = weight;
      return known.queue;
    }
    const queue = this.#make();
    this.put(key, weight, queue);
    return queue;
  }

  /** Takes a queue out, with what it holds. */
  take(key: string): Queue | undefined {
    const turn = this.#turns.get(key);
    if (turn !== undefined) this.#remove(this.#ring.indexOf(turn));
    return turn?.queue;
  }

  /** Puts a queue back that was taken out; its turn comes after all others. */
  put(key: string, weight: number, queue: Queue): void {
    assert(!this.#turns.has(key), 'a queue is in once');
    const turn = { key, queue, weight, deficit: 0 };
    this.#turns.set(key, turn);
    this.#ring.splice(this.#at, 0, turn);
    if (this.#ring.length === 1) this.#arrive();
    else this.#at++;
  }

  peek(): Item | undefined {
    for (;;) {
      const turn = this.#ring[this.#at];
      if (turn === undefined) return undefined;
      const head = turn.queue.peek();
      if (head === undefined) this.#remove(this.#at);
      else if (turn.deficit >= head.cost) return head;
      else {
        this.#at = (this.#at + 1) % this.#ring.length;
        this.#arrive();
      }
    }
  }

  /** The name of the queue whose item `peek` shows. */
  get peekedKey(): string | undefined {
    return this.peek() === undefined ? undefined : this.#ring[this.#at]?.key;
  }

  shift(): Item | undefined {
    if (this.peek() === undefined) return undefined;
    const turn = this.#ring[this.#at] as Turn<Queue>;
    const item = turn.queue.shift();
    assert(item !== undefined && item.cost > 0, 'what was shown is there, and costs');
    turn.deficit -= item.cost;
    if (turn.queue.peek() === undefined) this.#remove(this.#at);
    return item;
  }

  #remove(at: number): void {
    const [turn] = this.#ring.splice(at, 1);
    if (turn === undefined) return;
    this.#turns.delete(turn.key);
    if (at < this.#at) {
      this.#at--;
      return;
    }
    if (at > this.#at) return;
    if (this.#at >= this.#ring.length) this.#at = 0;
    this.#arrive();
  }

  #arrive(): void {
    const turn = this.#ring[this.#at];
    if (turn !== undefined) turn.deficit += this.#quantum * turn.weight;
  }
}
