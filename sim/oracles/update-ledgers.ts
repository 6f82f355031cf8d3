/**
 * Updates are applied once, in one order, at every node. What is watched is the disk: a consumer writes a row for each
 * update that it handles, in one transaction with its place, so a row that is written again is an update that was applied
 * again, whatever the node believes of itself.
 */
import type { UpdateFeed } from '../../core/groups/updates/feeds.js';
import type { ViolationSink } from './violations.js';

export class UpdateLedgers {
  readonly #nodes: number;
  readonly #sink: ViolationSink;
  readonly #offered = new Set<string>();
  readonly #acknowledged = new Set<string>();
  /** The order of each feed, as the first node to get there has it. */
  readonly #orders = new Map<UpdateFeed, string[]>();
  /** What each node has applied of each feed, in its order. */
  readonly #applied = new Map<string, Set<string>>();
  /** Where in a feed's order a node has begun: one that joins later begins with what is kept then. */
  readonly #begun = new Map<string, number>();

  constructor(nodes: number, sink: ViolationSink) {
    this.#nodes = nodes;
    this.#sink = sink;
  }

  get acknowledgedCount(): number {
    return this.#acknowledged.size;
  }

  /** A sender is about to send it, for the first time or again. */
  onOffered(update: string): void {
    this.#offered.add(update);
  }

  /** Its sender was told that it is in the log. */
  onAcknowledged(update: string): void {
    this.#acknowledged.add(update);
  }

  /** The row of `update` has become durable at `node`. */
  onApplied(node: number, feed: UpdateFeed, update: string): void {
    const applied = this.#appliedAt(node, feed);
    if (applied.has(update)) {
      this.#sink.report('update-duplicate', `node ${node} applied ${feed} update ${update} again`);
      return;
    }
    if (!this.#offered.has(update)) this.#sink.report('update-order', `node ${node} applied ${feed} update ${update}, which nobody sent`);
    const order = this.#orders.get(feed) ?? [];
    this.#orders.set(feed, order);
    const key = `${node}/${feed}`;
    if (!this.#begun.has(key)) this.#begun.set(key, Math.max(0, order.includes(update) ? order.indexOf(update) : order.length));
    const expected = order[(this.#begun.get(key) ?? 0) + applied.size];
    if (expected === undefined) order.push(update);
    else if (expected !== update) {
      this.#sink.report('update-order', `node ${node} applied ${feed} update ${update} where others have ${expected}`);
    }
    applied.add(update);
  }

  /** What is acknowledged and has not been applied everywhere; null when nothing is. */
  missing(feeds: readonly UpdateFeed[]): string | null {
    for (const feed of feeds) {
      for (let node = 0; node < this.#nodes; node++) {
        const applied = this.#appliedAt(node, feed);
        const before = new Set((this.#orders.get(feed) ?? []).slice(0, this.#begun.get(`${node}/${feed}`) ?? 0));
        for (const update of this.#acknowledged) {
          if (update.startsWith(`${feed}/`) && !applied.has(update) && !before.has(update)) return `node ${node} has not applied ${update}`;
        }
      }
    }
    return null;
  }

  #appliedAt(node: number, feed: UpdateFeed): Set<string> {
    const key = `${node}/${feed}`;
    let applied = this.#applied.get(key);
    if (applied === undefined) this.#applied.set(key, (applied = new Set()));
    return applied;
  }
}
