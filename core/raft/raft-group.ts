/**
 * One replica of one Raft group: takes messages, deadlines, proposals and the outcomes of writes, and gives its wishes
 * once per turn. The public face; the types are in api.ts.
 */
import type { Deadline, DeadlineHeap, DeadlineOwner } from '../base/deadlines.js';
import type { GroupId } from '../base/ids.js';
import type { ReplicaId } from '../base/replica.js';
import type { Result } from '../base/result.js';
import type { Rng } from '../base/rng.js';
import type { LogIndex, Micros, Term } from '../base/units.js';
import type { RaftMessage } from '../wire/raft-messages.js';
import type {
  Configuration,
  ConfigurationChange,
  HardState,
  RaftConfig,
  RaftEntry,
  RaftOutput,
  RaftRole,
  RestoredRaft,
} from './api.js';

/** What a group is made of. */
export interface RaftGroupOptions {
  readonly group: GroupId;
  /** Messages of any other generation are refused. */
  readonly generation: number;
  readonly self: ReplicaId;
  readonly config: RaftConfig;
  readonly rng: Rng;
  readonly deadlines: DeadlineHeap;
  readonly restored: RestoredRaft;
}

export declare class RaftGroup implements DeadlineOwner {
  constructor(now: Micros, options: RaftGroupOptions);
  /** A message of this group that `from` sent to this very replica. Total: a peer's nonsense is a counted drop. */
  onMessage(now: Micros, from: ReplicaId, message: RaftMessage): void;
  onDeadline(now: Micros, deadline: Deadline): void;
  /** Appends opaque data, to be replicated. NOT_LEADER, OVERLOADED, FENCED (`fence` is not the term), PAYLOAD_TOO_LARGE. */
  propose(now: Micros, data: Uint8Array, fence?: Term | null): Result<LogIndex>;
  /** NOT_LEADER, CONFIG_PENDING (another change, or the term's first entry, is not committed; a learner lags), INVALID_ARGUMENT, TOO_MANY. */
  proposeConfiguration(now: Micros, change: ConfigurationChange): Result<LogIndex>;
  /** Comes back as `reads` or `lostReads` with `context`. Any member may ask. NOT_LEADER when none is known; OVERLOADED. */
  readIndex(now: Micros, context: number): Result<null>;
  /** NOT_LEADER, NODE_UNKNOWN (not a voter), CONFIG_PENDING (a transfer is under way). */
  transferLeadership(now: Micros, to: ReplicaId): Result<null>;
  /** Starts an election at once, beginning with pre-votes. Nothing for a leader and for who is no voter. */
  campaign(now: Micros): void;
  /** The flow to `peer` was reset: what was on its way is gone. */
  onPeerLost(now: Micros, peer: ReplicaId): void;
  /** That write, and so every earlier one, is durable. */
  onPersisted(now: Micros, writeId: number): void;
  /** Nothing of that write nor of any later one was or will be written: space is short. Refuses work until told. */
  onWriteRefused(now: Micros, writeId: number): void;
  onSpaceFreed(now: Micros): void;
  /** The state machine holds everything up to `index`. */
  onApplied(now: Micros, index: LogIndex): void;
  /** The answer to `fetch`: a prefix of the range; null when the entries cannot be read. */
  onFetched(now: Micros, entries: readonly RaftEntry[] | null): void;
  /** Makes `state`, the state machine after `throughIndex` (at most `applied`), the snapshot; the log up to there goes. */
  compact(now: Micros, throughIndex: LogIndex, state: Uint8Array): void;
  /** Everything wished since the last call. Once per turn, when `isDirty`. */
  take(now: Micros): RaftOutput;
  /** Disarms everything: the group is being dropped. */
  close(): void;
  checkInvariants(): void;
  get isDirty(): boolean;
  get role(): RaftRole;
  get term(): Term;
  get leader(): ReplicaId | null;
  get commitIndex(): LogIndex;
  get appliedIndex(): LogIndex;
  /** The oldest index that is not compacted away. */
  get firstIndex(): LogIndex;
  get lastIndex(): LogIndex;
  get durableIndex(): LogIndex;
  get snapshotIndex(): LogIndex;
  get configuration(): Configuration;
  get hardState(): HardState;
  get isHalted(): boolean;
  /** The term of an entry that is held or is the snapshot's; null for others. */
  termAt(index: LogIndex): Term | null;
  /** For a leader: what it knows of a peer's log; null when it knows nothing. */
  matchOf(peer: ReplicaId): LogIndex | null;
}
