/**
 * Which origins' advertisements each linked neighbour is still to be sent. Only names wait here: what leaves at the
 * turn is the newest version then, so an origin that changed five times since is sent once.
 *
 * Invariant: neighbours are linked ones. Bounded by neighbours times origins.
 */
import type { NodeId } from '../base/ids.js';

export class FloodQueue {
  readonly #pending = new Map<NodeId, Set<NodeId>>();

  addPeer(peer: NodeId): void {
    if (!this.#pending.has(peer)) this.#pending.set(peer, new Set());
  }

  removePeer(peer: NodeId): void {
    this.#pending.delete(peer);
  }

  /** Queues an origin for every neighbour but the one that it came from. */
  queueForAll(origin: NodeId, except: NodeId | null): void {
    for (const [peer, origins] of this.#pending) if (peer !== except) origins.add(origin);
  }

  /** Queues an origin for one neighbour, if that is linked. */
  queueFor(peer: NodeId, origin: NodeId): void {
    this.#pending.get(peer)?.add(origin);
  }

  /** The neighbour has shown that it holds the newest version. */
  settle(peer: NodeId, origin: NodeId): void {
    this.#pending.get(peer)?.delete(origin);
  }

  /** Takes everything, by neighbour. */
  *take(): IterableIterator<[NodeId, readonly NodeId[]]> {
    for (const [peer, origins] of this.#pending) {
      if (origins.size === 0) continue;
      const list = [...origins];
      origins.clear();
      yield [peer, list];
    }
  }

  clear(): void {
    for (const origins of this.#pending.values()) origins.clear();
  }

  peers(): Iterable<NodeId> {
    return this.#pending.keys();
  }
}
