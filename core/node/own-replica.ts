/**
 * Which replica of its node this process acts as. It is what the host says, or a later one: a replica that left its
 * mesh or was evicted never acts again, so the node gives itself the next number, durably, before it asks to come back.
 *
 * The host is told, to keep the number beside the journal as well: a journal that is lost must not bring the old one back.
 *
 * Invariant: the number only grows, and only while this node is in no mesh.
 */
import { assert } from '../base/assert.js';
import type { NodeId } from '../base/ids.js';
import { type ReplicaId, replicaId } from '../base/replica.js';

export class OwnReplica {
  readonly node: NodeId;
  readonly bootCounter: number;
  readonly #tell: (number: number) => void;
  #number: number;

  constructor(node: NodeId, number: number, bootCounter: number, tell: (number: number) => void) {
    this.node = node;
    this.#number = number;
    this.bootCounter = bootCounter;
    this.#tell = tell;
  }

  /** At a start: the host's own record says `recorded`. */
  announce(recorded: number): void {
    if (this.#number > recorded) this.#tell(this.#number);
  }

  get number(): number {
    return this.#number;
  }

  get id(): ReplicaId {
    return replicaId(this.node, this.#number);
  }

  renew(number: number): void {
    assert(number > this.#number, 'a replica number only grows');
    this.#number = number;
    this.#tell(number);
  }
}
