/** What one replica of a group is made of. */
import type { DeadlineHeap } from '../base/deadlines.js';
import type { GroupId } from '../base/ids.js';
import type { ReplicaId } from '../base/replica.js';
import type { Rng } from '../base/rng.js';
import type { RaftConfig, RestoredRaft } from './api.js';

export interface ReplicaOptions {
  readonly group: GroupId;
  /** The group's first generation, where the disk names no other. */
  readonly generation: number;
  readonly self: ReplicaId;
  readonly config: RaftConfig;
  readonly rng: Rng;
  readonly restored: RestoredRaft;
  /**
   * Data and no-ops may leave the leader before it is durable there, which saves a flush of latency. Not for a stream, none of
   * whose entries leaves its source before it is durable there (DESIGN §9). Default: false.
   */
  readonly dataLeavesEarly?: boolean;
  /** Voters never rest: somebody has to know at any time who leads, or that nobody can. Learners rest. */
  readonly isAlwaysLed?: boolean;
  /** Whether the host believes that replica to run; what rests without it is woken by `onPresence`. */
  readonly isPresent?: (replica: ReplicaId) => boolean;
}

/** What a group is made of. `rng` is of this boot alone: two boots of a replica draw different numbers. */
export interface RaftGroupOptions extends ReplicaOptions {
  readonly deadlines: DeadlineHeap;
}
