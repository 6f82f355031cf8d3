/**
 * The state of the mesh as this node has to take it: what the leader of the mesh control group has written into the
 * log while that leader can be reached, and CRITICAL while there is none, because then nothing can be decided. Itself
 * the leader, this node finds what it writes: DEGRADED when a member is unreachable, CRITICAL when half or more are.
 *
 * Invariant: a worse state is shown only after it has been found for `holdUs` without a break, so that elections, new
 * members on their way in and moving routes are no news; a better one is shown at once.
 */
import type { Deadline, DeadlineHeap } from '../base/deadlines.js';
import type { NodeId } from '../base/ids.js';
import type { Reject } from '../base/reject.js';
import { nodeOfReplica } from '../base/replica.js';
import { type Micros, micros } from '../base/units.js';
import { criticalReject } from '../groups/mcg/sight-writer.js';
import { MESH_STATES, type MeshStateName } from '../groups/mcg/mesh-state.js';
import type { Member } from './member.js';

export interface MeshHealthOptions {
  readonly self: NodeId;
  readonly holdUs: number;
  readonly deadlines: DeadlineHeap;
  readonly isReachable: (node: NodeId) => boolean;
  /** What was held back is due: `evaluate` has to be called. */
  readonly onDue: () => void;
}

export class MeshHealth {
  readonly #options: MeshHealthOptions;
  readonly #due: Deadline;
  #shown: MeshStateName | null = null;
  #worseSince: Micros | null = null;

  constructor(options: MeshHealthOptions) {
    this.#options = options;
    this.#due = options.deadlines.allocate(this, 'mesh-state-hold');
  }

  /** CRITICAL before anything is known. */
  get state(): MeshStateName {
    return this.#shown ?? 'critical';
  }

  /** What is shown from now on, when that has changed; else null. Tells the control group what its leader sees. */
  evaluate(now: Micros, member: Member): MeshStateName | null {
    const found = this.#found(member);
    const shown = this.#hold(now, found);
    if (member.control.leader.kind === 'local') {
      member.control.observe({ state: shown ?? found, unreachable: this.unreachable(member) });
    }
    if (shown === null || shown === this.#shown) return null;
    this.#shown = shown;
    return shown;
  }

  /** Members that this node cannot reach. */
  unreachable(member: Member): readonly NodeId[] {
    const { self, isReachable } = this.#options;
    return [...member.control.state.members.keys()].filter((node) => node !== self && !isReachable(node));
  }

  /** Why what is not allowed in CRITICAL has to wait; null in any other state. */
  refusal(member: Member, retryAfterUs: number): Reject | null {
    // Before anything is known nothing is refused for it: a node that has just started asks its mesh.
    if (this.#shown !== 'critical') return null;
    const { members } = member.control.state;
    const names = this.unreachable(member).map((node) => members.get(node)?.name ?? node);
    return criticalReject(member.mesh, names, retryAfterUs);
  }

  /** This node is in no mesh any more. */
  reset(): void {
    this.#shown = null;
    this.#worseSince = null;
    this.#due.disarm();
  }

  onDeadline(_now: Micros, _deadline: Deadline): void {
    this.#options.onDue();
  }

  #found(member: Member): MeshStateName {
    const { self, isReachable } = this.#options;
    const { state, group } = member.control;
    const leader = group.raft.leader === null ? null : nodeOfReplica(group.raft.leader);
    if (state.founded === null || leader === null || (leader !== self && !isReachable(leader))) return 'critical';
    const written = state.view?.state ?? null;
    return leader === self || written === null ? this.#own(member) : written;
  }

  #own(member: Member): MeshStateName {
    const count = this.unreachable(member).length;
    if (count === 0) return 'healthy';
    return count * 2 >= member.control.state.members.size ? 'critical' : 'degraded';
  }

  /** Null while nothing is known that could be shown. */
  #hold(now: Micros, found: MeshStateName): MeshStateName | null {
    const isWorse = MESH_STATES.indexOf(found) > MESH_STATES.indexOf(this.#shown ?? 'healthy');
    if (!isWorse) {
      this.#worseSince = null;
      this.#due.disarm();
      return found;
    }
    this.#worseSince ??= now;
    const until = micros(this.#worseSince + this.#options.holdUs);
    if (now >= until) return found;
    this.#due.arm(until);
    return this.#shown;
  }
}
