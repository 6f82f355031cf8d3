/**
 * Many groups in one process. `raft-quiet-*`: 3000 replicas of 1000 groups at rest: what they send in an hour, what a
 * tick of their host costs, and what memory a replica takes. `raft-1000-groups-turn`: 1000 groups that commit one entry
 * each in one turn, packed into one record of the journal and durable in LMDB.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { open } from 'lmdb';
import { assert, present } from '../../core/base/assert.js';
import { concatBytes } from '../../core/base/bytes.js';
import { DeadlineHeap } from '../../core/base/deadlines.js';
import { type GroupId, idFromBytes, type NodeId } from '../../core/base/ids.js';
import { type ReplicaId, replicaId } from '../../core/base/replica.js';
import { Rng } from '../../core/base/rng.js';
import { type Micros, logIndex, micros, term } from '../../core/base/units.js';
import { DEFAULT_JOURNAL_CONFIG } from '../../core/journal/api.js';
import { Journal } from '../../core/journal/journal.js';
import { type Configuration, DEFAULT_RAFT_CONFIG, type RestoredRaft } from '../../core/raft/api.js';
import { configurationOf } from '../../core/raft/configuration.js';
import { RaftGroup } from '../../core/raft/raft-group.js';
import { median } from '../processes/latencies.js';
import type { Bench, Measurement } from './measurement.js';
import { Stopwatch } from './stopwatch.js';

export const RAFT_GROUPS: Bench = {
  names: ['raft-quiet-messages', 'raft-quiet-tick', 'raft-quiet-bytes', 'raft-1000-groups-turn'],
  run: async () => [...measureQuiet(), await measureTurn()],
};

/** Groups on as many nodes as they have members: one heap for all, every message arrives, every write is durable. */
class ManyGroups {
  readonly heap = new DeadlineHeap();
  /** By group, its replicas. */
  readonly groups: ReadonlyMap<ReplicaId, RaftGroup>[] = [];
  now: Micros = micros(0);
  sentCount = 0;

  constructor(groups: number, members: number) {
    const replicas = Array.from({ length: members }, (_, n) => replicaId(String(n + 1).padStart(26, '0') as NodeId, 1));
    const rng = Rng.fromSeed('many-groups');
    for (let n = 0; n < groups; n++) {
      const group = idFromBytes<GroupId>(rng.fill(16));
      const restored = emptyDisk(configurationOf(replicas));
      const made = new Map<ReplicaId, RaftGroup>();
      for (const self of replicas) {
        const options = { group, generation: 1, self, config: DEFAULT_RAFT_CONFIG, rng: rng.fork(`${group}/${self}`), deadlines: this.heap };
        made.set(self, new RaftGroup(this.now, { ...options, restored }));
      }
      this.groups.push(made);
    }
  }

  /** What is due by then happens, with all that follows from it. */
  passTo(until: number): void {
    for (let next = this.heap.next(); next <= until; next = this.heap.next()) {
      this.now = next;
      for (let due = this.heap.popDue(this.now); due !== null; due = this.heap.popDue(this.now)) due.owner.onDeadline(this.now, due);
      this.settle();
    }
    this.now = micros(until);
  }

  settle(): void {
    for (const group of this.groups) while (this.#turn(group));
  }

  #turn(group: ReadonlyMap<ReplicaId, RaftGroup>): boolean {
    let isBusy = false;
    for (const [self, replica] of group) {
      if (!replica.isDirty) continue;
      isBusy = true;
      const output = replica.take(this.now);
      if (output.write !== null) replica.onPersisted(this.now, output.write.id);
      this.sentCount += output.send.length;
      for (const { to, message } of output.send) group.get(to)?.onMessage(this.now, self, message);
      const last = output.apply.at(-1);
      if (last !== undefined) replica.onApplied(this.now, last.index);
    }
    return isBusy;
  }
}

function measureQuiet(): Measurement[] {
  const before = heapBytes();
  const many = new ManyGroups(GROUPS, MEMBERS);
  many.passTo(10_000_000);
  const bytes = heapBytes() - before;
  const replicas = many.groups.flatMap((group) => [...group.values()]);
  assert(replicas.every((replica) => replica.isResting), 'groups in which nothing happens rest');
  const sentBefore = many.sentCount;
  const watch = new Stopwatch();
  for (let tick = 1; tick <= TICKS; tick++) many.passTo(10_000_000 + tick * TICK_US);
  const tickMs = watch.us / 1000 / TICKS;
  return [
    { name: 'raft-quiet-messages', value: many.sentCount - sentBefore, unit: 'messages/h' },
    { name: 'raft-quiet-tick', value: tickMs, unit: 'ms/tick' },
    { name: 'raft-quiet-bytes', value: bytes / replicas.length, unit: 'bytes/replica' },
  ];
}

async function measureTurn(): Promise<Measurement> {
  const directory = mkdtempSync(join(tmpdir(), 'mesh-bench-'));
  const environment = open<Buffer, number>({ path: join(directory, 'lmdb'), keyEncoding: 'uint32', encoding: 'binary', overlappingSync: false });
  try {
    const recovery = Journal.recover({ config: DEFAULT_JOURNAL_CONFIG, recovered: [] });
    assert(recovery.ok, 'an empty journal is sound');
    const { journal } = recovery;
    const many = new ManyGroups(GROUPS, 1);
    many.passTo(10_000_000);
    const replicas = many.groups.map((group) => present([...group.values()][0], 'a group has a member'));
    const ids = many.groups.map((_, n) => idFromBytes<GroupId>(Rng.fromSeed(`journal/${n}`).fill(16)));
    for (const [n, replica] of replicas.entries()) journal.append(ids[n] as GroupId, [{ index: replica.lastIndex, term: replica.term, kind: 'noop', bytes: new Uint8Array(0) }]);
    const persist = (): void => {
      const take = present(journal.take(), 'a turn writes');
      environment.transactionSync(() => {
        for (const { seq, parts } of take.records) environment.putSync(seq, Buffer.from(concatBytes(parts)));
        for (const { from, to } of take.drops) for (let seq: number = from; seq <= to; seq++) environment.removeSync(seq);
      });
    };
    persist();
    const turn = (): void => {
      const writes = replicas.map((replica, n) => {
        assert(replica.propose(many.now, PAYLOAD).ok, 'every proposal is taken');
        const write = present(replica.take(many.now).write, 'a proposal is written');
        journal.append(ids[n] as GroupId, write.entries);
        return write.id;
      });
      persist();
      for (const [n, replica] of replicas.entries()) {
        replica.onPersisted(many.now, writes[n] as number);
        const last = present(replica.take(many.now).apply.at(-1), 'what is durable at its only member is committed');
        replica.onApplied(many.now, last.index);
      }
    };
    for (let n = 0; n < WARM_UP_TURNS; n++) turn();
    const times: number[] = [];
    for (let n = 0; n < TURNS; n++) {
      const watch = new Stopwatch();
      turn();
      times.push(watch.us / 1000);
    }
    return { name: 'raft-1000-groups-turn', value: median(times), unit: 'ms/turn' };
  } finally {
    await environment.close();
    rmSync(directory, { recursive: true });
  }
}

function emptyDisk(configuration: Configuration): RestoredRaft {
  return {
    hardState: { term: term(0), vote: null },
    snapshot: { index: logIndex(0), term: term(0), configuration, state: new Uint8Array(0) },
    terms: [],
    configurations: [],
    tail: [],
    damagedThrough: logIndex(0),
    generation: null,
  };
}

/** What lives on the heap, garbage not included. */
function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

const GROUPS = 1_000;
const MEMBERS = 3;
const PAYLOAD = new Uint8Array(256);
const TICK_US = 100_000;
/** An hour of them. */
const TICKS = 36_000;
const WARM_UP_TURNS = 20;
const TURNS = 60;
