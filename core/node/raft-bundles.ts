/**
 * Raft's single frames of one turn, bundled per node: all awake groups that two nodes share send their heartbeats in
 * one frame.
 */
import type { GroupId, NodeId } from '../base/ids.js';
import { type ReplicaId, nodeOfReplica, numberOfReplica } from '../base/replica.js';
import { RaftBundle, type RaftItem } from '../wire/group-messages.js';

export class RaftBundles {
  readonly #own: { readonly number: number };
  readonly #items = new Map<NodeId, RaftItem[]>();

  /** `own` is this node's replica, as it is when a message is sent. */
  constructor(own: { readonly number: number }) {
    this.#own = own;
  }

  add(to: ReplicaId, group: GroupId, message: Uint8Array): void {
    const node = nodeOfReplica(to);
    const item = { group, fromReplica: this.#own.number, toReplica: numberOfReplica(to), message };
    const items = this.#items.get(node);
    if (items === undefined) this.#items.set(node, [item]);
    else items.push(item);
  }

  /** At the end of a turn: hands out the bundles, each small enough for a control frame. How many messages they hold. */
  flush(send: (to: NodeId, payload: Uint8Array) => void): number {
    if (this.#items.size === 0) return 0;
    let count = 0;
    for (const [node, items] of this.#items) {
      count += items.length;
      let from = 0;
      let bytes = 0;
      for (let at = 0; at < items.length; at++) {
        const size = (items[at] as RaftItem).message.length + ITEM_OVERHEAD_BYTES;
        if (bytes > 0 && bytes + size > BUNDLE_BYTES_MAX) {
          send(node, RaftBundle.encode({ items: items.slice(from, at) }));
          from = at;
          bytes = 0;
        }
        bytes += size;
      }
      send(node, RaftBundle.encode({ items: items.slice(from) }));
    }
    this.#items.clear();
    return count;
  }
}

const ITEM_OVERHEAD_BYTES = 32;
const BUNDLE_BYTES_MAX = 16 * 1024;
