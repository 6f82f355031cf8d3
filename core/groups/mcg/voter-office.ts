/**
 * The leader's care for the voters of the mesh control group: brings the configuration towards what `voters.ts` says, one
 * change after the other, and again whenever members, sites or the policy change.
 */
import type { Deadline } from '../../base/deadlines.js';
import type { NodeId } from '../../base/ids.js';
import { type ReplicaId, nodeOfReplica, replicaId } from '../../base/replica.js';
import { type LogIndex, type Micros, logIndex, micros } from '../../base/units.js';
import type { ConfigurationChange } from '../../raft/api.js';
import type { GroupContext } from '../context.js';
import type { ReplicatedGroup } from '../replicated-group.js';
import { policyOf } from '../updates/config-rules.js';
import type { MeshState } from './mesh-state.js';
import { nextConfigurationChange } from './voters.js';

export interface VoterOfficeOptions {
  readonly context: GroupContext;
  readonly mesh: string;
  readonly state: MeshState;
  readonly group: () => ReplicatedGroup;
  /** Members whose vote is to be taken because they go. */
  readonly departing: () => ReadonlySet<ReplicaId>;
  /** It is not settled yet who is a member. */
  readonly isHeld: () => boolean;
  readonly isAlive: (node: NodeId) => boolean;
  /** Since when a member has been failed, or gone on purpose; null when it is not. */
  readonly failedSince: (node: NodeId) => Micros | null;
  readonly onDirty: () => void;
}

export class VoterOffice {
  readonly #options: VoterOfficeOptions;
  readonly #reconcile: Deadline;
  #isLeader = false;
  /** Where the newest change of the voters is that this leader has proposed. */
  #changedAt: LogIndex = logIndex(0);

  constructor(options: VoterOfficeOptions) {
    this.#options = options;
    this.#reconcile = options.context.deadlines.allocate(this, 'reconcile-voters', options.mesh);
  }

  onLeader(now: Micros, isLeader: boolean): void {
    this.#isLeader = isLeader;
    this.#changedAt = logIndex(0);
    if (isLeader) this.#reconcile.arm(now);
    else this.#reconcile.disarm();
  }

  /** Members, or the rules, are others now. */
  review(now: Micros): void {
    this.#reconcile.armNoLater(now);
  }

  /** Whether a change of the voters is under way or can be made now. */
  canChange(now: Micros): boolean {
    return this.#changedAt > this.#options.group().raft.commitIndex || this.#nextChange(now) !== null;
  }

  onDeadline(now: Micros, _deadline: Deadline): void {
    if (this.#isLeader) this.#change(now);
    this.#options.onDirty();
  }

  close(): void {
    this.#reconcile.disarm();
  }

  #change(now: Micros): void {
    const { group, context, isHeld } = this.#options;
    const change = isHeld() ? null : this.#nextChange(now);
    const proposed = change === null ? null : group().proposeConfiguration(now, change);
    if (change !== null && proposed?.ok === true) {
      this.#changedAt = proposed.value;
      if (change.kind === 'demote' && this.#isLost(now, nodeOfReplica(change.replica))) {
        context.emit({ kind: 'notice', notice: { kind: 'mark', name: 'mcg.voter-replaced' } });
      }
    }
    this.#reconcile.arm(micros(now + (change === null ? RECONCILE_IDLE_US : RECONCILE_BUSY_US)));
  }

  #nextChange(now: Micros): ConfigurationChange | null {
    const { context, state, group, departing, isAlive } = this.#options;
    const { raft } = group();
    const members = [...state.members.values()].sort((a, b) => a.index - b.index);
    return nextConfigurationChange({
      members: members.map(({ node, replica }) => replicaId(node, replica)),
      configuration: raft.configuration,
      self: context.replicaId,
      votersMax: Number(policyOf(state.updates.configuration, 'voters')) || context.config.votersMax,
      departing: departing(),
      siteOf: (node) => state.members.get(node)?.site ?? '',
      isAlive,
      isLost: (node) => this.#isLost(now, node),
      isCaughtUp: (replica) => (raft.matchOf(replica) ?? 0) + CAUGHT_UP_LAG >= raft.commitIndex,
    });
  }

  #isLost(now: Micros, node: NodeId): boolean {
    const since = this.#options.failedSince(node);
    return since !== null && now - since >= this.#options.context.config.replaceVoterAfterUs;
  }
}

const CAUGHT_UP_LAG = 64;
const RECONCILE_BUSY_US = 50_000;
const RECONCILE_IDLE_US = 2_000_000;
