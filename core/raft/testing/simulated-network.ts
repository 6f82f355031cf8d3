/**
 * The network between simulated replicas. Frames are lost, doubled and reordered. Flows keep order and lose nothing,
 * but for a reset: then all that was on its way is gone, and the sender is told. A blocked direction loses frames and
 * delays flows.
 */
import type { ReplicaId } from '../../base/replica.js';
import type { Rng } from '../../base/rng.js';
import type { Envelope } from '../api.js';
import { RaftMessage } from '../../wire/raft-messages.js';

export interface NetworkFaults {
  /** Out of 1000 frames. */
  readonly lossPerMille: number;
  readonly doublePerMille: number;
  readonly delayMaxUs: number;
}

/** What the network asks of the simulation. */
export interface NetworkHost {
  schedule(delayUs: number, action: () => void): void;
  deliver(to: ReplicaId, from: ReplicaId, message: RaftMessage): void;
  tellPeerLost(owner: ReplicaId, peer: ReplicaId): void;
}

interface FlowState {
  /** Messages sent before the last reset are dropped on arrival. */
  epoch: number;
  /** No message arrives before the one ahead of it. */
  readyAt: number;
  /** Messages that wait for a blocked direction. */
  waiting: RaftMessage[];
}

export class SimulatedNetwork {
  readonly #host: NetworkHost;
  readonly #rng: Rng;
  readonly #flows = new Map<string, FlowState>();
  readonly #blocked = new Set<string>();
  faults: NetworkFaults;
  #sentCount = 0;
  #now: () => number;

  constructor(host: NetworkHost, rng: Rng, now: () => number, faults: NetworkFaults) {
    this.#host = host;
    this.#rng = rng;
    this.#now = now;
    this.faults = faults;
  }

  send(from: ReplicaId, { to, carrier, message: sent }: Envelope): void {
    // Every sixteenth message goes through the codec, so that both forms are the same to a replica.
    const message = this.#sentCount++ % 16 === 0 ? RaftMessage.decode(RaftMessage.encode(sent)) : sent;
    if (message === null) throw new Error(`a ${sent.kind} does not decode`);
    if (carrier === 'flow') return this.#sendByFlow(from, to, message);
    const copies = this.#rng.chance(this.faults.lossPerMille) ? 0 : this.#rng.chance(this.faults.doublePerMille) ? 2 : 1;
    for (let n = 0; n < copies; n++) {
      this.#host.schedule(this.#delay(), () => {
        if (!this.#blocked.has(from + to)) this.#host.deliver(to, from, message);
      });
    }
  }

  /** Drops what is on its way from `from` to `to`; the sender is told a little later. */
  resetFlow(from: ReplicaId, to: ReplicaId): void {
    const flow = this.#flow(from, to);
    flow.epoch++;
    flow.waiting = [];
    this.#host.schedule(this.#delay() * 3, () => this.#host.tellPeerLost(from, to));
  }

  block(from: ReplicaId, to: ReplicaId): void {
    this.#blocked.add(from + to);
  }

  healAll(): void {
    this.#blocked.clear();
    for (const [key, flow] of this.#flows) {
      const waiting = flow.waiting;
      flow.waiting = [];
      // At once, so that nothing that is still on its way overtakes them.
      const [from, to] = [key.slice(0, key.length / 2) as ReplicaId, key.slice(key.length / 2) as ReplicaId];
      for (const message of waiting) this.#host.deliver(to, from, message);
    }
  }

  #sendByFlow(from: ReplicaId, to: ReplicaId, message: RaftMessage): void {
    const flow = this.#flow(from, to);
    const { epoch } = flow;
    const readyAt = Math.max(flow.readyAt, this.#now() + this.#delay());
    flow.readyAt = readyAt;
    this.#host.schedule(readyAt - this.#now(), () => {
      if (flow.epoch !== epoch) return;
      if (this.#blocked.has(from + to) || flow.waiting.length > 0) flow.waiting.push(message);
      else this.#host.deliver(to, from, message);
    });
  }

  #flow(from: ReplicaId, to: ReplicaId): FlowState {
    let flow = this.#flows.get(from + to);
    if (flow === undefined) {
      flow = { epoch: 0, readyAt: 0, waiting: [] };
      this.#flows.set(from + to, flow);
    }
    return flow;
  }

  #delay(): number {
    return this.#rng.between(200, this.faults.delayMaxUs);
  }
}
