/**
 * A queue whose items have consecutive sequence numbers, with access to any of them by its number: a ring that grows
 * by doubling. Its bound is its owner's business.
 */
import { assert } from '../base/assert.js';

export class SeqWindow<T> {
  #slots: (T | undefined)[] = new Array<T | undefined>(CAPACITY_MIN).fill(undefined);
  #firstSeq: number;
  #nextSeq: number;

  constructor(firstSeq: number) {
    this.#firstSeq = firstSeq;
    this.#nextSeq = firstSeq;
  }

  /** Number of the oldest item, or of the next one when there is none. */
  get firstSeq(): number {
    return this.#firstSeq;
  }

  /** Number that the next pushed item gets. */
  get nextSeq(): number {
    return this.#nextSeq;
  }

  get length(): number {
    return this.#nextSeq - this.#firstSeq;
  }

  push(item: T): void {
    if (this.length === this.#slots.length) this.#grow();
    this.#slots[this.#slotOf(this.#nextSeq)] = item;
    this.#nextSeq++;
  }

  /** The item numbered `seq`, which must be in the window. */
  at(seq: number): T {
    assert(seq >= this.#firstSeq && seq < this.#nextSeq, 'a sequence number is in the window');
    return this.#slots[this.#slotOf(seq)] as T;
  }

  /** Takes the oldest item of a window that is not empty. */
  shift(): T {
    assert(this.#firstSeq < this.#nextSeq, 'there is an item to take');
    const slot = this.#slotOf(this.#firstSeq);
    const item = this.#slots[slot] as T;
    this.#slots[slot] = undefined;
    this.#firstSeq++;
    return item;
  }

  /** Empties the window; the next item is numbered `firstSeq`. */
  restart(firstSeq: number): void {
    this.#slots = new Array<T | undefined>(CAPACITY_MIN).fill(undefined);
    this.#firstSeq = firstSeq;
    this.#nextSeq = firstSeq;
  }

  // Sequence numbers go beyond 32 bits, where `&` would truncate: the low 32 bits choose the same slot.
  #slotOf(seq: number): number {
    return (seq >>> 0) & (this.#slots.length - 1);
  }

  #grow(): void {
    const grown = new Array<T | undefined>(this.#slots.length * 2).fill(undefined);
    const mask = grown.length - 1;
    for (let seq = this.#firstSeq; seq < this.#nextSeq; seq++) {
      grown[(seq >>> 0) & mask] = this.#slots[this.#slotOf(seq)];
    }
    this.#slots = grown;
  }
}

/** A power of two, as is every capacity. */
const CAPACITY_MIN = 16;
