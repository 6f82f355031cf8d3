/**
 * The mesh-wide group of internal-database updates. It stands beside the mesh control group so that a flood of changes
 * never delays membership: a log, a flow class and bounds of its own. The mesh's log founds it and says, by its members
 * and voters, who belongs to it; the leader here only follows.
 *
 * Its state holds what is retained, so a member that was away for long gets that with a snapshot, and the consumer of
 * one that was away longer is told NEEDS_RESYNC.
 */
import type { Deadline } from '../../base/deadlines.js';
import type { GroupId, NodeId } from '../../base/ids.js';
import type { ReplicaId } from '../../base/replica.js';
import { type LogIndex, type Micros, logIndex, micros } from '../../base/units.js';
import type { RestoredGroup } from '../../journal/api.js';
import { UpdateEntry, UpdateSnapshot } from '../../wire/update-messages.js';
import type { GroupContext } from '../context.js';
import type { LeaderView } from '../leader-view.js';
import { type GroupMachine, ReplicatedGroup } from '../replicated-group.js';
import { nextDatabaseVotersStep } from './database-voters.js';
import { UpdateLog } from './update-log.js';
import { UpdateState } from './update-state.js';

export interface DatabaseGroupOptions {
  readonly group: GroupId;
  readonly generation: number;
  /** The group's first and then only voter, by the mesh's log. */
  readonly founder: ReplicaId;
  readonly restored: RestoredGroup | null;
  readonly members: () => readonly ReplicaId[];
  readonly memberNodes: () => readonly NodeId[];
  /** The voters of the mesh control group. */
  readonly voters: () => readonly ReplicaId[];
  readonly onDirty: () => void;
}

export class DatabaseGroup implements GroupMachine {
  readonly group: ReplicatedGroup;
  readonly updates: UpdateLog;
  readonly #context: GroupContext;
  readonly #options: DatabaseGroupOptions;
  readonly #state = new UpdateState();
  readonly #reconcile: Deadline;
  #leader: LeaderView = { kind: 'none' };
  #applied: LogIndex = logIndex(0);
  #compacted: LogIndex = logIndex(0);
  #bytesSinceCompaction = 0;

  constructor(now: Micros, context: GroupContext, options: DatabaseGroupOptions) {
    this.#context = context;
    this.#options = options;
    const { group, generation, founder, restored, onDirty } = options;
    this.#reconcile = context.deadlines.allocate(this, 'reconcile-database-voters', group);
    this.updates = new UpdateLog(context, {
      log: 'database',
      entity: group,
      state: this.#state,
      flowClass: DATABASE_FLOW_CLASS,
      members: options.memberNodes,
      applied: () => this.#applied,
      closedBecause: () => context.closedBecause('mesh'),
      propose: (at, entry) => {
        const result = this.group.propose(at, UpdateEntry.encode(entry));
        return result.ok ? result.value : null;
      },
      onDirty,
    });
    const isFounder = founder === context.replicaId;
    this.group = new ReplicatedGroup(now, context, {
      group,
      generation,
      flowClass: DATABASE_FLOW_CLASS,
      // Everybody else learns the configuration from the leader.
      initialConfiguration: { voters: isFounder ? [founder] : [], outgoing: null, learners: [] },
      machine: this,
      // A sender anywhere must find a leader; with the mesh control group awake beside it this costs an item of a frame.
      isAlwaysLed: true,
      restored,
      onDirty,
    });
    if (isFounder && this.group.raft.lastIndex === 0) this.group.raft.campaign(now);
  }

  apply(_now: Micros, index: LogIndex, data: Uint8Array | null): void {
    this.#applied = index;
    if (data === null) return;
    const entry = UpdateEntry.decode(data);
    if (entry === null) {
      this.#context.emit({ kind: 'halt', code: 'entry-malformed', detail: `group of database updates, index ${index}` });
      return;
    }
    this.#bytesSinceCompaction += data.length;
    if (entry.kind === 'updates') this.updates.applyUpdates(entry);
    else this.updates.applyMarks(entry);
  }

  restore(_now: Micros, index: LogIndex, state: Uint8Array): boolean {
    const snapshot = UpdateSnapshot.decode(state);
    if (snapshot === null || !this.updates.restore(snapshot)) return false;
    this.#applied = index;
    this.#compacted = index;
    this.#bytesSinceCompaction = 0;
    return true;
  }

  digestState(): Uint8Array {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, this.#state.digest(), true);
    return bytes;
  }

  onLeader(now: Micros, leader: LeaderView): void {
    this.#leader = leader;
    this.updates.onLeader(now, leader);
    if (leader.kind === 'local') this.#reconcile.arm(now);
    else this.#reconcile.disarm();
    this.#options.onDirty();
  }

  /** The mesh's log has other members now. */
  onMembers(now: Micros): void {
    this.updates.onMembers();
    if (this.#leader.kind === 'local') this.#reconcile.armNoLater(now);
  }

  beforeTake(now: Micros): void {
    this.updates.beforeTake(now);
  }

  afterTake(now: Micros): void {
    this.updates.afterTake(now);
    const { compactEntriesMin, compactBytesMin } = this.#context.config.updates;
    const isWorth = this.#applied - this.#compacted >= compactEntriesMin || this.#bytesSinceCompaction >= compactBytesMin;
    if (!isWorth) return;
    this.#compacted = this.#applied;
    this.#bytesSinceCompaction = 0;
    this.group.compact(now, this.#applied, UpdateSnapshot.encode(this.#state.snapshot()));
  }

  onPeerLost(_now: Micros, _node: NodeId): void {
    // Raft probes by itself; what was forwarded on the flow is repeated by its origin.
  }

  hasWork(): boolean {
    return this.updates.hasWork;
  }

  onDeadline(now: Micros, _deadline: Deadline): void {
    this.#follow(now);
    this.#options.onDirty();
  }

  close(): void {
    this.updates.close();
    this.#reconcile.disarm();
    this.group.close();
  }

  checkInvariants(): void {
    this.updates.checkInvariants();
    this.group.checkInvariants();
  }

  #follow(now: Micros): void {
    if (this.#leader.kind !== 'local') return;
    const { raft } = this.group;
    const step = nextDatabaseVotersStep({
      members: this.#options.members(),
      wanted: this.#options.voters(),
      configuration: raft.configuration,
      self: this.#context.replicaId,
      isCaughtUp: (replica) => (raft.matchOf(replica) ?? 0) + CAUGHT_UP_LAG >= raft.commitIndex,
    });
    if (step?.kind === 'transfer') raft.transferLeadership(now, step.replica);
    else if (step !== null) this.group.proposeConfiguration(now, step);
    this.#reconcile.arm(micros(now + (step === null ? RECONCILE_IDLE_US : RECONCILE_BUSY_US)));
  }
}

/** The flow of this group; see `FLOW_TRAFFIC_CLASSES` of the node. */
export const DATABASE_FLOW_CLASS = 3;
const CAUGHT_UP_LAG = 64;
const RECONCILE_BUSY_US = 50_000;
const RECONCILE_IDLE_US = 2_000_000;
