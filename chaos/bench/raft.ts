/**
 * The Raft core in memory: three replicas whose messages all arrive and whose writes are durable at once, so that what
 * is left is the protocol's own cost. `raft-1` proposes once a turn, `raft-64` 64 times.
 */
import { assert } from '../../core/base/assert.js';
import { DeadlineHeap } from '../../core/base/deadlines.js';
import { Fifo } from '../../core/base/fifo.js';
import type { GroupId, NodeId } from '../../core/base/ids.js';
import { type ReplicaId, replicaId } from '../../core/base/replica.js';
import { Rng } from '../../core/base/rng.js';
import { type Micros, logIndex, micros, term } from '../../core/base/units.js';
import { type Configuration, DEFAULT_RAFT_CONFIG, type RestoredRaft } from '../../core/raft/api.js';
import { configurationOf } from '../../core/raft/configuration.js';
import { RaftGroup } from '../../core/raft/raft-group.js';
import type { RaftMessage } from '../../core/wire/raft-messages.js';
import type { Bench, Measurement } from './measurement.js';
import { Stopwatch } from './stopwatch.js';

export const RAFT: Bench = {
  names: ['raft-1', 'raft-64'],
  run: () => Promise.resolve([measure('raft-1', 1, 50_000), { ...measure('raft-64', 64, 400_000), limit: 'raft-1' }]),
};

function measure(name: string, batch: number, count: number): Measurement {
  const cluster = new MemoryCluster();
  const leader = cluster.elect();
  cluster.propose(leader, batch, 20_000);
  const watch = new Stopwatch();
  cluster.propose(leader, batch, count);
  return { name, value: watch.perSecond(count), unit: 'proposals/s' };
}

class MemoryCluster {
  readonly #groups = new Map<ReplicaId, RaftGroup>();
  readonly #heap = new DeadlineHeap();
  readonly #inbox = new Fifo<{ readonly from: ReplicaId; readonly to: RaftGroup; readonly message: RaftMessage }>();
  #now: Micros = micros(0);
  #appliedCount = 0;

  constructor() {
    const replicas = ['1', '2', '3'].map((digit) => replicaId(digit.padStart(26, '0') as NodeId, 1));
    const restored = emptyDisk(configurationOf(replicas));
    // The log of a benchmark needs no bytes beyond its window.
    const config = { ...DEFAULT_RAFT_CONFIG, tailBytesMax: 1024 * 1024 };
    for (const self of replicas) {
      const rng = Rng.fromSeed(self);
      this.#groups.set(self, new RaftGroup(this.#now, { group: GROUP, generation: 1, self, config, rng, deadlines: this.#heap, restored }));
    }
  }

  /** Lets time pass until somebody leads with its term's first entry committed. */
  elect(): RaftGroup {
    for (let round = 0; round < 1_000; round++) {
      this.#settle();
      for (const group of this.#groups.values()) if (group.isLeaderReady) return group;
      this.#now = this.#heap.next();
      for (let due = this.#heap.popDue(this.#now); due !== null; due = this.#heap.popDue(this.#now)) {
        due.owner.onDeadline(this.#now, due);
      }
    }
    throw new Error('no leader was elected');
  }

  /** Proposes `batch` times a turn, until `count` entries are applied. */
  propose(leader: RaftGroup, batch: number, count: number): void {
    const target = this.#appliedCount + count;
    for (let sent = 0; sent < count; ) {
      for (let n = 0; n < batch && sent < count; n++, sent++) assert(leader.propose(this.#now, PAYLOAD).ok, 'every proposal is taken');
      this.#settle();
    }
    assert(this.#appliedCount === target, 'everything proposed was applied');
  }

  #settle(): void {
    for (let isBusy = true; isBusy; ) {
      isBusy = false;
      for (const [id, group] of this.#groups) {
        if (!group.isDirty) continue;
        isBusy = true;
        this.#turn(id, group);
      }
      for (let next = this.#inbox.shift(); next !== undefined; next = this.#inbox.shift()) {
        next.to.onMessage(this.#now, next.from, next.message);
      }
    }
  }

  #turn(id: ReplicaId, group: RaftGroup): void {
    const output = group.take(this.#now);
    if (output.write !== null) group.onPersisted(this.#now, output.write.id);
    for (const { to, message } of output.send) {
      const target = this.#groups.get(to);
      if (target !== undefined) this.#inbox.push({ from: id, to: target, message });
    }
    const last = output.apply.at(-1);
    if (last === undefined) return;
    if (group.role === 'leader') this.#appliedCount += output.apply.filter(({ kind }) => kind === 'data').length;
    group.onApplied(this.#now, last.index);
  }
}

function emptyDisk(configuration: Configuration): RestoredRaft {
  return {
    hardState: { term: term(0), vote: null },
    generation: null,
    snapshot: { index: logIndex(0), term: term(0), configuration, state: new Uint8Array(0) },
    terms: [],
    configurations: [],
    tail: [],
    damagedThrough: logIndex(0),
  };
}

const GROUP = '00000000000000000000000G00' as GroupId;
const PAYLOAD = new Uint8Array(256);
