/**
 * When to ask a neighbour whether it holds the same database: as soon as its link is up, a little after a send to it
 * was refused, and one neighbour at random every `antiEntropyUs`.
 *
 * Invariant: only linked neighbours wait for a check; while there are neighbours and this node is in a mesh, the
 * random check is armed.
 * Source: anti-entropy as in Demers et al. 1987 (push-pull, one partner at a time).
 */
import { assert } from '../base/assert.js';
import type { Deadline, DeadlineHeap, DeadlineOwner } from '../base/deadlines.js';
import type { NodeId } from '../base/ids.js';
import type { Rng } from '../base/rng.js';
import type { Micros } from '../base/units.js';
import type { TopologyConfig } from './topology-config.js';

export interface NeighbourChecksOptions {
  readonly config: TopologyConfig;
  readonly deadlines: DeadlineHeap;
  readonly rng: Rng;
  /** Linked neighbours. */
  readonly peers: () => readonly NodeId[];
  /** Sends the summary that begins an exchange. */
  readonly ask: (peer: NodeId) => void;
}

export class NeighbourChecks implements DeadlineOwner {
  readonly #config: TopologyConfig;
  readonly #rng: Rng;
  readonly #peers: () => readonly NodeId[];
  readonly #ask: (peer: NodeId) => void;
  readonly #randomDeadline: Deadline;
  readonly #soonDeadline: Deadline;
  /** Neighbours that are asked out of turn, and when. */
  readonly #soon = new Map<NodeId, Micros>();

  constructor({ config, deadlines, rng, peers, ask }: NeighbourChecksOptions) {
    this.#config = config;
    this.#rng = rng;
    this.#peers = peers;
    this.#ask = ask;
    this.#randomDeadline = deadlines.allocate(this, 'anti-entropy');
    this.#soonDeadline = deadlines.allocate(this, 'recheck');
  }

  /** A neighbour is fresh: the end with the lower id asks at once, the other makes sure a little later. */
  greet(now: Micros, self: NodeId, peer: NodeId): void {
    if (self < peer) this.#ask(peer);
    else this.askSoon(now, peer);
    if (!this.#randomDeadline.isArmed) this.#armRandom(now);
  }

  /** This node has just entered the mesh: what the neighbour sent before was lost on it. */
  askNow(now: Micros, peer: NodeId): void {
    this.#ask(peer);
    if (!this.#randomDeadline.isArmed) this.#armRandom(now);
  }

  askSoon(now: Micros, peer: NodeId): void {
    if (this.#soon.has(peer)) return;
    const at = (now + this.#config.recheckUs) as Micros;
    this.#soon.set(peer, at);
    this.#soonDeadline.armNoLater(at);
  }

  /** The link is down. */
  drop(peer: NodeId): void {
    this.#soon.delete(peer);
  }

  /** Outside of a mesh nobody is asked. */
  clear(): void {
    this.#soon.clear();
    this.#soonDeadline.disarm();
    this.#randomDeadline.disarm();
  }

  onDeadline(now: Micros, deadline: Deadline): void {
    if (deadline === this.#randomDeadline) {
      const peers = this.#peers();
      if (peers.length === 0) return;
      this.#ask(this.#rng.pick(peers));
      return this.#armRandom(now);
    }
    assert(deadline === this.#soonDeadline, 'a deadline of the neighbour checks is known');
    for (const [peer, at] of this.#soon) {
      if (at > now) {
        this.#soonDeadline.armNoLater(at);
        continue;
      }
      this.#soon.delete(peer);
      this.#ask(peer);
    }
  }

  checkInvariants(isMember: boolean): void {
    const peers = new Set(this.#peers());
    for (const peer of this.#soon.keys()) assert(peers.has(peer), 'only neighbours are asked');
    assert(this.#soon.size === 0 || this.#soonDeadline.isArmed, 'whoever waits to be asked has a deadline');
    assert(!isMember || peers.size === 0 || this.#randomDeadline.isArmed, 'neighbours are asked now and then');
    assert(isMember || (this.#soon.size === 0 && !this.#randomDeadline.isArmed), 'outside of a mesh nobody is asked');
  }

  #armRandom(now: Micros): void {
    const spread = Math.floor(this.#config.antiEntropyUs / 10);
    const wait = this.#config.antiEntropyUs - spread + this.#rng.below(2 * spread + 1);
    this.#randomDeadline.arm((now + wait) as Micros);
  }
}
