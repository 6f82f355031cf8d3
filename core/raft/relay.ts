/**
 * Committed entries on their way to learners over voters, so that a leader behind a thin uplink sends each entry as often
 * as there are voters, and not as often as there are members (DESIGN §8: "voters relay committed entries to learners, acks
 * go to the leader"). The leader orders, within the learner's window; the voter takes the entries from its own log and sends
 * them as an append of the leader's; the learner answers the leader.
 *
 * Safe because a committed entry is the same in every log: whatever a voter relays of its log up to its own commit, the
 * leader of the term has as well. Ordered because a learner that replicates has one way at a time; when that changes, the
 * leader asks anew where it stands. An order that is lost shows as a stall, and the learner is served directly for a while.
 *
 * Leaves out: snapshots, probes and heartbeats, which the leader sends itself; groups whose voters may rest.
 */
import { nodeOfReplica, numberOfReplica, type ReplicaId, replicaId } from '../base/replica.js';
import { Fifo } from '../base/fifo.js';
import { type LogIndex, type Micros, logIndex, micros } from '../base/units.js';
import type { RaftAppend, RaftRelayOrder, RaftRelayed } from '../wire/raft-messages.js';
import { toWireEntry } from './log-entry.js';
import type { Progress } from './progress.js';
import type { ReplicaState } from './replica-state.js';

/** The leader's side: which learner is served over which voter. */
export class RelayRoutes {
  readonly #state: ReplicaState;
  readonly #peers: ReadonlyMap<ReplicaId, Progress>;
  /** Learners that are served directly until then. */
  readonly #directUntil = new Map<ReplicaId, Micros>();

  constructor(state: ReplicaState, peers: ReadonlyMap<ReplicaId, Progress>) {
    this.#state = state;
    this.#peers = peers;
  }

  /** Settles every learner's way. A learner whose way changes is asked where it stands. */
  review(now: Micros, newestSeq: number): void {
    const { configuration, isAlwaysLed, config } = this.#state;
    const { learners } = configuration;
    const isWorth = isAlwaysLed && configuration.outgoing === null && learners.length >= config.relayLearnersMin;
    const voters = isWorth ? this.#voters(now) : [];
    const load = new Map<ReplicaId, number>(voters.map((voter) => [voter, 0]));
    for (const learner of learners) {
      const relay = this.#peers.get(learner)?.relay ?? null;
      if (relay !== null && load.has(relay)) load.set(relay, (load.get(relay) ?? 0) + 1);
    }
    for (const [id, peer] of this.#peers) {
      const keeps = peer.relay !== null && load.has(peer.relay);
      const isOpen = learners.includes(id) && voters.length > 0 && now >= (this.#directUntil.get(id) ?? 0);
      if (isOpen && keeps) continue;
      const relay = isOpen ? leastOf(load) : null;
      if (relay !== null) load.set(relay, (load.get(relay) ?? 0) + 1);
      this.#reroute(now, peer, relay, newestSeq);
    }
  }

  /** Nothing was heard of what was ordered: the learner is served directly for a time. */
  onStalled(now: Micros, id: ReplicaId, peer: Progress, newestSeq: number): void {
    if (peer.relay === null) return;
    this.#state.mark('raft.relay-stalled');
    this.#directUntil.set(id, micros(now + DIRECT_US));
    this.#reroute(now, peer, null, newestSeq);
  }

  /** Voters that can relay: heard of, and served by the window themselves. */
  #voters(now: Micros): ReplicaId[] {
    const { configuration, self, config } = this.#state;
    return configuration.voters.filter((voter) => {
      const peer = this.#peers.get(voter);
      return voter !== self && peer?.phase === 'replicate' && !peer.isRecovering && peer.isAlive(now, config.electionTimeoutMaxUs);
    });
  }

  #reroute(now: Micros, peer: Progress, relay: ReplicaId | null, newestSeq: number): void {
    if (peer.relay === relay) return;
    peer.relay = relay;
    // What is on the old way may come after what goes on the new one.
    if (peer.phase === 'replicate' && peer.isInFlight) peer.onLost(now, newestSeq);
  }
}

/** The leader's side of one flush: orders for the same entries over the same voter are one message. */
export class RelayOrders {
  readonly #orders = new Map<string, { readonly relay: ReplicaId; readonly order: RaftRelayOrder }>();

  add(relay: ReplicaId, range: Omit<RaftRelayOrder, 'targets'>, learner: ReplicaId, seq: number): void {
    const key = `${relay} ${range.prevIndex} ${range.through}`;
    const target = { replica: { node: nodeOfReplica(learner), replica: numberOfReplica(learner) }, seq };
    const known = this.#orders.get(key);
    const targets = known === undefined ? [target] : [...known.order.targets, target];
    this.#orders.set(key, { relay, order: { ...range, targets } });
  }

  take(): { readonly relay: ReplicaId; readonly order: RaftRelayOrder }[] {
    const all = [...this.#orders.values()];
    this.#orders.clear();
    return all;
  }
}

/** The voter's side. */
export class Relay {
  readonly #state: ReplicaState;
  readonly #waiting = new Fifo<RaftRelayOrder>();

  constructor(state: ReplicaState) {
    this.#state = state;
  }

  /** Another term: its leader orders anew. */
  onTerm(): void {
    this.#waiting.clear();
  }

  /** An order of this term's leader. */
  onOrder(order: RaftRelayOrder): void {
    if (this.#waiting.length >= ORDERS_MAX) return this.#state.count('raft.relay-orders-dropped');
    this.#waiting.push(order);
    this.#state.isTouched = true;
  }

  /** Sends what is committed here, in the order of the orders; what is not waits for the leader's next word. */
  flush(leader: ReplicaId | null): void {
    if (leader === null) return;
    for (let order = this.#waiting.peek(); order !== undefined; order = this.#waiting.peek()) {
      if (order.through > this.#state.commit) return;
      const isSent = this.#send(leader, order);
      if (!isSent) return;
      this.#waiting.shift();
    }
  }

  /** False while entries have to be read back first. What this log has let go of is left to the leader. */
  #send(leader: ReplicaId, { prevIndex, through, targets }: RaftRelayOrder): boolean {
    const { log, config, generation, term, commit } = this.#state;
    const prevTerm = log.termAt(logIndex(prevIndex));
    if (prevIndex < log.snapshotIndex || prevTerm === null) {
      this.#state.count('raft.relay-orders-dropped');
      return true;
    }
    const limit = { bytesMax: config.appendBytesMax, entriesMax: config.appendEntriesMax };
    const held = this.#state.read(logIndex(prevIndex + 1), logIndex(through), limit);
    if (held === null) return false;
    const entries = held.map(toWireEntry);
    const from = { node: nodeOfReplica(leader), replica: numberOfReplica(leader) };
    for (const { replica, seq } of targets) {
      const to = replicaId(replica.node, replica.replica);
      if (to !== this.#state.self) this.#state.send(to, { kind: 'relayed', generation, term, leader: from, seq, prevIndex, prevTerm, commit, entries });
    }
    this.#state.mark('raft.relayed');
    return true;
  }
}

/** The append that a voter has relayed, and whose it is; null for what no correct voter relays: entries that are not committed. */
export function relayedAppend({ leader, ...append }: RaftRelayed & { readonly kind: 'relayed' }): { readonly leader: ReplicaId; readonly append: RaftAppend & { readonly kind: 'append' } } | null {
  if (append.prevIndex + append.entries.length > append.commit) return null;
  return { leader: replicaId(leader.node, leader.replica), append: { ...append, kind: 'append' } };
}

/** The last entry that an order over `relay` may name: committed, and acknowledged by that voter. */
export function relayableThrough(state: ReplicaState, relay: Progress | undefined): LogIndex {
  return logIndex(Math.min(state.commit, relay?.match ?? 0));
}

function leastOf(load: ReadonlyMap<ReplicaId, number>): ReplicaId | null {
  let best: ReplicaId | null = null;
  for (const [voter, count] of load) if (best === null || count < (load.get(best) ?? 0)) best = voter;
  return best;
}

/** How long a learner whose relay failed is served by the leader itself. */
const DIRECT_US = 10_000_000;
const ORDERS_MAX = 1024;
