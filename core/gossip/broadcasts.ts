/**
 * News that this node still passes on, piggybacked on whatever it sends. Each item leaves a bounded number of times,
 * those sent least first, the newest of them before older ones; newer news of the same key replaces older.
 * Source: SWIM §4.1 (infection-style dissemination); memberlist's queue.go. Bounded by its number of keys, which its
 * owner bounds.
 */
import { assert } from '../base/assert.js';

interface Item<T> {
  readonly key: string;
  readonly value: T;
  readonly bytes: number;
  readonly order: number;
  sentCount: number;
}

export class Broadcasts<T> {
  readonly #items = new Map<string, Item<T>>();
  #orders = 0;

  get size(): number {
    return this.#items.size;
  }

  has(key: string): boolean {
    return this.#items.has(key);
  }

  keys(): Iterable<string> {
    return this.#items.keys();
  }

  /** `bytes` is what it takes in a message. */
  queue(key: string, value: T, bytes: number): void {
    this.#items.set(key, { key, value, bytes, order: this.#orders++, sentCount: 0 });
  }

  remove(key: string): void {
    this.#items.delete(key);
  }

  removeWhere(isUnwanted: (value: T) => boolean): void {
    for (const { key, value } of this.#items.values()) if (isUnwanted(value)) this.#items.delete(key);
  }

  clear(): void {
    this.#items.clear();
  }

  /**
   * What fits in `bytesMax` for one message. What stands under `knownKey` the receiver knows: it counts as sent. Each
   * counts as sent once more and goes after `sendsMax` times. O(n log n) of what is queued; next to nothing is, but
   * for a moment after a change.
   */
  take(bytesMax: number, sendsMax: number, knownKey: string | null = null): T[] {
    if (this.#items.size === 0) return [];
    assert(sendsMax >= 1, 'a broadcast is sent at least once');
    const items = [...this.#items.values()].sort((a, b) => a.sentCount - b.sentCount || b.order - a.order);
    const taken: T[] = [];
    let left = bytesMax;
    for (const item of items) {
      if (item.bytes > left) continue;
      if (item.key !== knownKey) {
        left -= item.bytes;
        taken.push(item.value);
      }
      item.sentCount++;
      if (item.sentCount >= sendsMax) this.#items.delete(item.key);
    }
    return taken;
  }
}
