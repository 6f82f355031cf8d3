/**
 * Three or more replicas of one group in memory: every message arrives, every write is durable at once, time stands
 * still but for elections. What the benchmark measures and the simplest host of `RaftGroup` there is.
 */
import { DeadlineHeap } from '../../base/deadlines.js';
import type { GroupId, NodeId } from '../../base/ids.js';
import { assert } from '../../base/assert.js';
import { Fifo } from '../../base/fifo.js';
import { type ReplicaId, replicaId } from '../../base/replica.js';
import { Rng } from '../../base/rng.js';
import { type Micros, type Term, logIndex, micros, term } from '../../base/units.js';
import type { RaftMessage } from '../../wire/raft-messages.js';
import { DEFAULT_RAFT_CONFIG, type Configuration, type RaftConfig, type RestoredRaft } from '../api.js';
import { configurationOf } from '../configuration.js';
import { RaftGroup } from '../raft-group.js';

/** The replica of the n-th node, from 1 to 31; they sort by n. */
export const replicaNumber = (n: number): ReplicaId =>
  replicaId(`0000000000000000000000000${'0123456789ABCDEFGHJKMNPQRSTVWXYZ'.charAt(n)}` as NodeId, 1);

/** The first `count` replicas. */
export const replicasOf = (count: number): ReplicaId[] => Array.from({ length: count }, (_, n) => replicaNumber(n + 1));

export const TEST_GROUP = '00000000000000000000000G00' as GroupId;

/** The disk of a replica that has not run yet. */
export function freshDisk(configuration: Configuration): RestoredRaft {
  return {
    hardState: { term: term(0), vote: null },
    generation: null,
    snapshot: { index: logIndex(0), term: 0 as Term, configuration, state: new Uint8Array(0) },
    terms: [],
    configurations: [],
    tail: [],
    damagedThrough: logIndex(0),
  };
}

export class InMemoryCluster {
  readonly groups = new Map<ReplicaId, RaftGroup>();
  readonly #heap = new DeadlineHeap();
  readonly #inbox = new Fifo<{ readonly from: ReplicaId; readonly to: RaftGroup; readonly message: RaftMessage }>();
  #now: Micros = micros(0);
  /** Data entries applied by the leader. */
  appliedCount = 0;

  constructor(count: number, config: RaftConfig = DEFAULT_RAFT_CONFIG) {
    const replicas = replicasOf(count);
    for (const self of replicas) {
      const restored = freshDisk(configurationOf(replicas));
      const rng = Rng.fromSeed(self);
      const options = { group: TEST_GROUP, generation: 1, self, config, rng, deadlines: this.#heap, restored };
      this.groups.set(self, new RaftGroup(this.#now, options));
    }
  }

  /** Lets time pass until somebody leads with its term's first entry committed. */
  elect(): RaftGroup {
    for (let round = 0; round < 1000; round++) {
      this.settle();
      for (const group of this.groups.values()) if (group.isLeaderReady) return group;
      this.#now = this.#heap.next();
      for (let due = this.#heap.popDue(this.#now); due !== null; due = this.#heap.popDue(this.#now)) {
        due.owner.onDeadline(this.#now, due);
      }
    }
    throw new Error('no leader was elected');
  }

  /** Carries out everything until nothing is left to do. */
  settle(): void {
    for (let isBusy = true; isBusy; ) {
      isBusy = false;
      for (const [id, group] of this.groups) {
        if (!group.isDirty) continue;
        isBusy = true;
        this.#turn(id, group);
      }
      for (let next = this.#inbox.shift(); next !== undefined; next = this.#inbox.shift()) {
        next.to.onMessage(this.#now, next.from, next.message);
      }
    }
  }

  /** Proposes `data` at the leader, `batch` times a turn, until `count` are applied. */
  propose(leader: RaftGroup, data: Uint8Array, load: { readonly count: number; readonly batch: number }): void {
    const target = this.appliedCount + load.count;
    for (let sent = 0; sent < load.count; ) {
      for (let n = 0; n < load.batch && sent < load.count; n++, sent++) {
        const result = leader.propose(this.#now, data);
        assert(result.ok, 'an idle cluster takes every proposal');
      }
      this.settle();
    }
    assert(this.appliedCount === target, 'everything proposed was applied');
  }

  #turn(id: ReplicaId, group: RaftGroup): void {
    const output = group.take(this.#now);
    if (output.write !== null) group.onPersisted(this.#now, output.write.id);
    for (const envelope of output.send) {
      const to = this.groups.get(envelope.to);
      if (to !== undefined) this.#inbox.push({ from: id, to, message: envelope.message });
    }
    const last = output.apply[output.apply.length - 1];
    if (last === undefined) return;
    if (group.role === 'leader') for (const entry of output.apply) if (entry.kind === 'data') this.appliedCount++;
    group.onApplied(this.#now, last.index);
  }
}

export interface RaftThroughput {
  readonly batch: number;
  readonly proposals: number;
  readonly elapsedUs: number;
  readonly perSecond: number;
}

/** Proposals per second of three nodes in memory, 256 B each. `clockUs` is the caller's monotonic clock. */
export function measureThroughput(clockUs: () => number, load: { readonly count: number; readonly batch: number }): RaftThroughput {
  // Logs of a benchmark need no bytes beyond the window.
  const cluster = new InMemoryCluster(3, { ...DEFAULT_RAFT_CONFIG, tailBytesMax: 1024 * 1024 });
  const leader = cluster.elect();
  const data = new Uint8Array(256);
  cluster.propose(leader, data, { count: Math.min(load.count, 20_000), batch: load.batch });
  const from = clockUs();
  cluster.propose(leader, data, load);
  const elapsedUs = clockUs() - from;
  return { batch: load.batch, proposals: load.count, elapsedUs, perSecond: Math.round((load.count * 1_000_000) / elapsedUs) };
}
