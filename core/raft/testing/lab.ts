/** Several replicas under the hand of a test: links are cut and mended, time passes for all, all else happens at once. */
import type { ReplicaId } from '../../base/replica.js';
import type { RaftMessage } from '../../wire/raft-messages.js';
import type { Envelope, RaftConfig, RaftEntry } from '../api.js';
import { configurationOf } from '../configuration.js';
import { freshDisk, replicasOf } from './in-memory-cluster.js';
import { SingleReplica } from './single-replica.js';

export interface LabOptions {
  readonly voters: number;
  readonly learners?: number;
  /** Replicas that run and are in nobody's configuration. */
  readonly spares?: number;
  readonly config?: Partial<RaftConfig>;
  readonly isAlwaysLed?: boolean;
  readonly dataLeavesEarly?: boolean;
  /** Per replica, what is in its log. */
  readonly logs?: readonly (readonly RaftEntry[])[];
}

export class Lab {
  readonly replicas: SingleReplica[];
  /** Messages for which this is false are lost. */
  passes: (from: ReplicaId, to: ReplicaId, message: RaftMessage) => boolean = () => true;
  /** Everything delivered so far. */
  readonly delivered: { readonly from: ReplicaId; readonly envelope: Envelope }[] = [];
  readonly #down = new Set<SingleReplica>();
  readonly #cuts = new Set<string>();

  constructor(options: LabOptions) {
    const { voters, learners = 0, spares = 0 } = options;
    const ids = replicasOf(voters + learners + spares);
    const configuration = configurationOf(ids.slice(0, voters), ids.slice(voters, voters + learners));
    this.replicas = ids.map((id, n) => {
      const log = options.logs?.[n] ?? [];
      const { config = {}, isAlwaysLed = false, dataLeavesEarly = false } = options;
      return new SingleReplica(id, freshDisk(configuration), { config, log, isAlwaysLed, dataLeavesEarly });
    });
  }

  /** Replica n, from 1. */
  at(n: number): SingleReplica {
    const replica = this.replicas[n - 1];
    if (replica === undefined) throw new Error(`no replica ${n}`);
    return replica;
  }

  /** Replica n campaigns and has to win. */
  elect(n: number): SingleReplica {
    const replica = this.at(n);
    // Loyalty to an older leader ends first.
    replica.group.campaign(replica.now);
    this.settle();
    for (let rounds = 0; replica.group.role !== 'leader' && rounds < 50; rounds++) {
      this.pass(100_000);
      replica.group.campaign(replica.now);
      this.settle();
    }
    if (replica.group.role !== 'leader') throw new Error(`replica ${n} was not elected`);
    return replica;
  }

  leaders(): SingleReplica[] {
    return this.replicas.filter((replica) => !this.#down.has(replica) && replica.group.role === 'leader');
  }

  /** The index of what replica n proposed. */
  propose(n: number, data = new Uint8Array([1])): number {
    const replica = this.at(n);
    const result = replica.group.propose(replica.now, data);
    if (!result.ok) throw new Error(`refused: ${result.reject.code}`);
    this.settle();
    return result.value;
  }

  /** Carries messages until none is under way. */
  settle(): void {
    for (let isBusy = true; isBusy; ) {
      isBusy = false;
      for (const replica of this.replicas) {
        if (this.#down.has(replica)) continue;
        replica.act();
        const outbox = replica.outbox;
        replica.outbox = [];
        for (const envelope of outbox) {
          isBusy = true;
          this.#carry(replica.id, envelope);
        }
      }
    }
  }

  /** Time passes for all alike. */
  pass(durationUs: number): void {
    const until = this.at(1).now + durationUs;
    for (;;) {
      let earliest = until;
      for (const replica of this.replicas) if (!this.#down.has(replica)) earliest = Math.min(earliest, replica.heap.next());
      for (const replica of this.replicas) {
        if (this.#down.has(replica)) replica.now = earliest as typeof replica.now;
        else replica.pass(earliest - replica.now);
      }
      this.settle();
      if (earliest >= until) return;
    }
  }

  stop(n: number): void {
    this.#down.add(this.at(n));
  }

  start(n: number): void {
    const replica = this.at(n);
    this.#down.delete(replica);
    replica.restart();
    for (const other of this.replicas) other.group.onPeerLost(other.now, replica.id);
    this.settle();
  }

  /** All other hosts come to believe that replica n runs, or does not. */
  believe(n: number, isPresent: boolean): void {
    const { id } = this.at(n);
    for (const other of this.replicas) {
      if (other.id === id) continue;
      if (isPresent) other.absent.delete(id);
      else other.absent.add(id);
      other.group.onPresence(other.now, id);
    }
    this.settle();
  }

  /** Nothing passes between a and b, in either direction. */
  cut(a: number, b: number): void {
    this.cutOneWay(a, b);
    this.cutOneWay(b, a);
  }

  cutOneWay(from: number, to: number): void {
    this.#cuts.add(this.at(from).id + this.at(to).id);
  }

  isolate(n: number): void {
    for (let other = 1; other <= this.replicas.length; other++) if (other !== n) this.cut(n, other);
  }

  /** All links work again; flows that lost something have been reset. */
  heal(): void {
    this.#cuts.clear();
    for (const replica of this.replicas) {
      for (const other of this.replicas) if (other !== replica) replica.group.onPeerLost(replica.now, other.id);
    }
    this.settle();
  }

  #carry(from: ReplicaId, envelope: Envelope): void {
    const to = this.replicas.find((replica) => replica.id === envelope.to);
    if (to === undefined || this.#down.has(to) || this.#cuts.has(from + to.id)) return;
    if (!this.passes(from, to.id, envelope.message)) return;
    this.delivered.push({ from, envelope });
    to.group.onMessage(to.now, from, envelope.message);
  }
}
