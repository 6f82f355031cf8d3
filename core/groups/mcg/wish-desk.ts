/**
 * Operators' wishes before the leader of the mesh control group: each is proposed, or refused with what would unblock
 * it. A member that goes gives up its vote first: only then is its departure written, so that whoever cuts it off on
 * reading of it cuts off no voter. A leader that goes itself is relieved by that, and the next one goes on.
 */
import type { NodeId } from '../../base/ids.js';
import { REJECT_CODES, type Reject, reject } from '../../base/reject.js';
import { type ReplicaId, replicaId } from '../../base/replica.js';
import { type LogIndex, type Micros, logIndex } from '../../base/units.js';
import { type DepartWish, MeshEntry, MeshWish, type WishForward } from '../../wire/group-messages.js';
import type { GroupContext } from '../context.js';
import type { ReplicatedGroup } from '../replicated-group.js';
import type { MeshState } from './mesh-state.js';

interface Waiting {
  readonly from: NodeId;
  readonly boot: number;
  readonly number: number;
  readonly wish: MeshWish;
  /** Since when its departing member's vote could not be taken; null while that goes on. */
  stuckSince: Micros | null;
}

export interface WishDeskOptions {
  readonly context: GroupContext;
  readonly state: MeshState;
  readonly group: () => ReplicatedGroup;
  readonly applied: () => LogIndex;
  /** Why nothing but evictions passes now; null when all does. */
  readonly closedBecause: () => Reject | null;
  /** Whether a change of the voters is under way or can be made now. */
  readonly canChangeVoters: (now: Micros) => boolean;
  /** A wish of this very node is refused. */
  readonly refuseHere: (number: number, why: Reject) => void;
}

export class WishDesk {
  readonly #options: WishDeskOptions;
  #waiting: Waiting[] = [];
  /** Departures that were proposed, and where. */
  readonly #proposed = new Map<ReplicaId, LogIndex>();
  readonly #departing = new Set<ReplicaId>();

  constructor(options: WishDeskOptions) {
    this.#options = options;
  }

  /** Members whose vote is to be taken because they go. */
  get departing(): ReadonlySet<ReplicaId> {
    return this.#departing;
  }

  onForward(from: NodeId, { boot, number, wish: bytes }: WishForward): void {
    const wish = MeshWish.decode(bytes);
    if (wish !== null) this.enqueue(from, boot, number, wish);
  }

  enqueue(from: NodeId, boot: number, number: number, wish: MeshWish): void {
    const isWaiting = this.#waiting.some((other) => other.from === from && other.boot === boot && other.number === number);
    if (!isWaiting && this.#waiting.length < QUEUE_MAX) this.#waiting.push({ from, boot, number, wish, stuckSince: null });
  }

  /** Another leadership, or none: whoever waits asks again. */
  reset(): void {
    this.#waiting = [];
    this.#proposed.clear();
    this.#departing.clear();
  }

  decide(now: Micros): void {
    if (this.#waiting.length === 0) return;
    this.#departing.clear();
    this.#waiting = this.#waiting.filter((waiting) => !this.#isDecided(now, waiting));
  }

  #isDecided(now: Micros, waiting: Waiting): boolean {
    const { from, wish } = waiting;
    const why = this.#departureRefusal(from, wish);
    if (why !== null) return this.#refuse(waiting, why);
    return this.#depart(now, waiting, wish);
  }

  /** True when nothing is left to do for it. */
  #depart(now: Micros, waiting: Waiting, wish: DepartWish): boolean {
    const { state, group, applied, canChangeVoters } = this.#options;
    const { node, replica } = wish;
    // The asker reads it in its own log.
    if (state.departureOf(node, replica) !== null) return true;
    const departing = replicaId(node, replica);
    const { voters, outgoing } = group().raft.configuration;
    const isVoter = voters.includes(departing) || outgoing?.includes(departing) === true;
    if (isVoter && state.members.size > 1) {
      this.#departing.add(departing);
      if (canChangeVoters(now)) waiting.stuckSince = null;
      else waiting.stuckSince ??= now;
      const isStuck = waiting.stuckSince !== null && now - waiting.stuckSince >= STUCK_US;
      return isStuck && this.#refuse(waiting, tooFewVoters(wish));
    }
    if ((this.#proposed.get(departing) ?? logIndex(0)) > applied()) return false;
    const result = group().propose(now, MeshEntry.encode({ ...wish, kind: 'depart' }));
    if (result.ok) this.#proposed.set(departing, result.value);
    return false;
  }

  #departureRefusal(from: NodeId, { node, replica, isEvicted }: DepartWish): Reject | null {
    const { state, closedBecause } = this.#options;
    if (state.departureOf(node, replica) !== null) return null;
    const member = state.members.get(node);
    if (member === undefined || member.replica !== replica) {
      return reject('NODE_UNKNOWN', node, 'it is no member of the mesh; see the list of nodes');
    }
    if (isEvicted) return null;
    if (from !== node) return reject('INVALID_ARGUMENT', 'node', 'a node leaves by itself; evict it to send it away');
    return closedBecause();
  }

  #refuse({ from, boot, number }: Waiting, why: Reject): true {
    const { context, refuseHere } = this.#options;
    if (from === context.node) refuseHere(number, why);
    else {
      const { code, subject, detail, retryAfterUs } = why;
      const rejectCode = REJECT_CODES[code][0];
      const refusal = { boot, number, rejectCode, rejectSubject: subject, rejectDetail: detail, retryAfterUs: retryAfterUs ?? 0 };
      context.sendControl(from, { kind: 'wishRefused', ...refusal });
    }
    return true;
  }
}

function tooFewVoters({ node, isEvicted }: DepartWish): Reject {
  const what = isEvicted ? 'evicting it' : 'its leaving';
  const detail = `${what} would leave the control group without a majority of living voters: bring dead voters back or evict them first`;
  return reject('NO_QUORUM', node, detail);
}

const QUEUE_MAX = 1024;
const STUCK_US = 3_000_000;
