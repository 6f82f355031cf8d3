/**
 * What the leader of a stream's group does by itself once the log has changed who belongs to the stream: it tells the log
 * of members that the mesh has let go and of payload that may go, and brings the Raft configuration after the targets that the log names, one
 * change at a time. Required targets vote; optional, detached and lapsed ones learn, so that nothing waits for them.
 *
 * The log goes first: a target counts from its entry on, whatever the configuration says by then.
 */
import type { Deadline, DeadlineOwner } from '../../base/deadlines.js';
import type { NodeId } from '../../base/ids.js';
import { type ReplicaId, compareReplicas, replicaId } from '../../base/replica.js';
import { type LogIndex, type Micros, logIndex, micros } from '../../base/units.js';
import type { Configuration, ConfigurationChange } from '../../raft/api.js';
import { type StreamDescriptor, StreamEntry } from '../../wire/group-messages.js';
import type { GroupsConfig } from '../config.js';
import type { GroupContext } from '../context.js';
import type { ReplicatedGroup } from '../replicated-group.js';
import type { StreamLog } from './stream-log.js';
import type { Target } from './target-table.js';

export interface StewardPorts {
  group(): ReplicatedGroup;
  /** The entry's index; null when it cannot be appended now. */
  append(now: Micros, entry: Uint8Array): LogIndex | null;
  onNeedsTurn(): void;
  /** The source's replica is out of the mesh. */
  isSourceLost(): boolean;
  /** An operator has accepted a loss: who went with it went by force. */
  isLossAccepted(): boolean;
}

export class Steward implements DeadlineOwner {
  readonly #context: GroupContext;
  readonly #source: ReplicaId;
  readonly #log: StreamLog;
  readonly #ports: StewardPorts;
  readonly #retry: Deadline;
  readonly #release: Deadline;
  readonly #keep: { readonly ms: number; readonly bytes: number };
  /** The newest replica of each node that the mesh's log has let go, and whether by force. */
  readonly #departed = new Map<NodeId, { readonly replica: number; readonly isForced: boolean }>();
  #proposedAt: LogIndex = logIndex(0);
  /** What the configuration was brought after last. */
  #seenVersion = -1;
  #seenConfiguration: Configuration | null = null;

  constructor(context: GroupContext, descriptor: StreamDescriptor, log: StreamLog, ports: StewardPorts) {
    this.#context = context;
    this.#source = replicaId(descriptor.source, descriptor.sourceReplica);
    this.#log = log;
    this.#ports = ports;
    this.#retry = context.deadlines.allocate(this, 'steward-retry', descriptor.stream);
    this.#release = context.deadlines.allocate(this, 'payload-release', descriptor.stream);
    this.#keep = keepOf(descriptor, context.config);
  }

  /** Every member learns of it from the mesh's log; whoever leads the stream tells the stream's. May be repeated. */
  onDeparted(node: NodeId, replica: number, isForced: boolean): void {
    if ((this.#departed.get(node)?.replica ?? 0) < replica) this.#departed.set(node, { replica, isForced });
  }

  /** The log has to learn of a departure, or the configuration is not yet what it should be. */
  get hasWork(): boolean {
    return this.#retry.isArmed || this.#departing() !== null;
  }

  onLeader(): void {
    this.#proposedAt = logIndex(0);
    this.#seenVersion = -1;
    this.#retry.disarm();
    this.#release.disarm();
  }

  /** Who is out of the mesh may have changed. */
  onMeshChanged(): void {
    this.#seenVersion = -1;
  }

  onDeadline(_now: Micros, deadline: Deadline): void {
    if (deadline === this.#retry) this.#seenVersion = -1;
    this.#ports.onNeedsTurn();
  }

  /** At the leader's turn. */
  onTurn(now: Micros): void {
    if (this.#departed.size > 0 && this.#proposedAt <= this.#log.applied) this.#proposeDeparture(now);
    if (this.#proposedAt <= this.#log.applied) this.#proposeRelease(now);
    const { raft } = this.#ports.group();
    const { version } = this.#log.state.targets;
    if (this.#retry.isArmed || (version === this.#seenVersion && raft.configuration === this.#seenConfiguration)) return;
    this.#seenVersion = version;
    this.#seenConfiguration = raft.configuration;
    const change = nextChange(raft.configuration, this.#ports.isSourceLost() ? null : this.#source, this.#log.state.targets.rows);
    if (change === null || this.#ports.group().proposeConfiguration(now, change).ok) return;
    // A learner lags, or another change is not committed: it is tried again.
    this.#retry.arm(micros(now + this.#context.config.repeatUs));
  }

  /**
   * Payload that is completed and older than the stream keeps it, or more of it than the stream keeps, may go, and who
   * lacks some of it lapses. Without retention that concerns optional targets alone: what all have is released anyway.
   */
  #proposeRelease(now: Micros): void {
    const { state } = this.#log;
    const oldest = this.#log.oldestCompletedMs;
    if (oldest === null || state.isOrphaned) return;
    const timeMs = Math.max(this.#context.wallMs(now), state.timeMs);
    const { ms, bytes } = this.#keep;
    const throughSeq = Math.max(this.#log.completedBeyond(bytes), this.#log.completedBefore(timeMs - ms));
    if (Math.min(throughSeq, state.releasable) > state.released) {
      const index = this.#ports.append(now, StreamEntry.encode({ kind: 'release', throughSeq, timeMs }));
      if (index !== null) this.#proposedAt = index;
    } else if (!this.#release.isArmed) {
      this.#release.arm(micros(now + Math.max(this.#context.config.repeatUs, (oldest + ms - timeMs) * 1000)));
    }
  }

  #proposeDeparture(now: Micros): void {
    const departing = this.#departing();
    const index = departing === null ? null : this.#ports.append(now, StreamEntry.encode({ kind: 'departure', ...departing }));
    if (index !== null) this.#proposedAt = index;
  }

  #departing(): { readonly node: NodeId; readonly replica: number; readonly isForced: boolean } | null {
    if (this.#departed.size === 0) return null;
    for (const { node, replica } of this.#log.state.targets.rows) {
      const departed = this.#departed.get(node);
      if (departed !== undefined && departed.replica >= replica) return { node, replica, isForced: departed.isForced || this.#ports.isLossAccepted() };
    }
    return null;
  }
}

/** What a stream keeps after its completion; one without retention still waits for optional targets for a while. */
function keepOf({ retainMs, retainBytes, bytesMax }: StreamDescriptor, config: GroupsConfig): { readonly ms: number; readonly bytes: number } {
  return retainMs > 0 ? { ms: retainMs, bytes: retainBytes } : { ms: config.lapseAfterMs, bytes: Math.floor(bytesMax / 2) };
}

/** The next step from `configuration` to the source, unless it is lost, and `targets`; null when there is none, or one is under way. */
export function nextChange(
  configuration: Configuration,
  source: ReplicaId | null,
  targets: readonly Target[],
): ConfigurationChange | null {
  if (configuration.outgoing !== null) return null;
  const voters = new Set<ReplicaId>(source === null ? [] : [source]);
  const learners = new Set<ReplicaId>();
  for (const { node, replica, status, isOptional } of targets) {
    (status === 'attached' && !isOptional ? voters : learners).add(replicaId(node, replica));
  }
  const present = [...configuration.voters, ...configuration.learners].sort(compareReplicas);
  const gone = present.find((replica) => !voters.has(replica) && !learners.has(replica));
  if (gone !== undefined) return { kind: 'remove', replica: gone };
  const demoted = configuration.voters.find((replica) => learners.has(replica));
  if (demoted !== undefined) return { kind: 'demote', replica: demoted };
  const missing = [...voters, ...learners].sort(compareReplicas).find((replica) => !present.includes(replica));
  if (missing !== undefined) return { kind: 'add-learner', replica: missing };
  const promoted = configuration.learners.find((replica) => voters.has(replica));
  return promoted === undefined ? null : { kind: 'promote', replica: promoted };
}
