/** One simulated replica: a `RaftGroup` with its disk and a state machine, through crashes and restarts. */
import { crc32c } from '../../base/crc32c.js';
import { DeadlineHeap } from '../../base/deadlines.js';
import type { ReplicaId } from '../../base/replica.js';
import type { Rng } from '../../base/rng.js';
import { type LogIndex, type Micros, logIndex } from '../../base/units.js';
import type { RaftConfig, RaftEntry, RaftSnapshot, RaftWrite, RestoredRaft } from '../api.js';
import { RaftGroup } from '../raft-group.js';
import { TEST_GROUP } from './in-memory-cluster.js';
import { SimulatedDisk } from './simulated-disk.js';

/** The state machine: a hash over all entries, whose snapshot is padded so that it takes several chunks. */
export class HashMachine {
  index: LogIndex = logIndex(0);
  hash = 0;

  apply(entry: RaftEntry): void {
    if (entry.index !== this.index + 1) throw new Error('entries are applied without gaps');
    this.index = entry.index;
    if (entry.kind === 'data') this.hash = crc32c(entry.bytes, 0, entry.bytes.length, this.hash ^ entry.index);
  }

  snapshot(): Uint8Array {
    const state = new Uint8Array(4 + (this.index % 200));
    new DataView(state.buffer).setUint32(0, this.hash);
    return state;
  }

  install(snapshot: RaftSnapshot): void {
    this.index = snapshot.index;
    const { state } = snapshot;
    this.hash = state.length < 4 ? 0 : new DataView(state.buffer, state.byteOffset, 4).getUint32(0);
  }
}

export class SimulatedReplica {
  readonly id: ReplicaId;
  readonly disk: SimulatedDisk;
  /** Null while it is down. */
  running: { readonly group: RaftGroup; readonly heap: DeadlineHeap; readonly machine: HashMachine } | null = null;
  boot = 0;
  /** Until then it stands still, and what comes waits in `inbox`. */
  pausedUntil = 0;
  inbox: (() => void)[] = [];
  hasTurn = false;
  /** Writes that are not confirmed yet, oldest first. */
  pendingWrites: RaftWrite[] = [];
  diskReadyAt = 0;
  /** For when a wake is scheduled; -1 for none. */
  wakeAt = -1;
  isDiskFull = false;
  /** A write was refused and the group does not know yet. */
  isRefusing = false;
  readonly #config: RaftConfig;
  readonly #rng: Rng;
  readonly #dataLeavesEarly: boolean;

  constructor(id: ReplicaId, fresh: RestoredRaft, options: { readonly config: RaftConfig; readonly dataLeavesEarly: boolean }, rng: Rng) {
    this.id = id;
    this.disk = new SimulatedDisk(fresh);
    this.#config = options.config;
    this.#dataLeavesEarly = options.dataLeavesEarly;
    this.#rng = rng;
  }

  start(now: Micros): void {
    this.boot++;
    const heap = new DeadlineHeap();
    const restored = this.disk.restore(this.#rng.below(20));
    const group = new RaftGroup(now, {
      group: TEST_GROUP,
      generation: 1,
      self: this.id,
      config: this.#config,
      rng: this.#rng.fork(`boot-${this.boot}`),
      deadlines: heap,
      restored,
      dataLeavesEarly: this.#dataLeavesEarly,
    });
    const machine = new HashMachine();
    machine.install(restored.snapshot);
    this.running = { group, heap, machine };
    this.pausedUntil = 0;
  }

  /** Power is cut: of the unconfirmed writes a prefix survives. True when something was lost. */
  crash(): boolean {
    const survivors = this.#rng.below(this.pendingWrites.length + 1);
    for (const write of this.pendingWrites.slice(0, survivors)) this.disk.carryOut(write);
    const isLoss = survivors < this.pendingWrites.length;
    this.pendingWrites = [];
    this.inbox = [];
    this.running?.group.close();
    this.running = null;
    this.hasTurn = false;
    this.diskReadyAt = 0;
    this.wakeAt = -1;
    this.isDiskFull = false;
    this.isRefusing = false;
    return isLoss;
  }
}
