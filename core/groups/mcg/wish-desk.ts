/**
 * Operators' wishes before the leader of the mesh control group: each is proposed, or refused with what would unblock
 * it. A member that goes gives up its vote first: only then is its departure written, so that whoever cuts it off on
 * reading of it cuts off no voter. A leader that goes itself is relieved by that, and the next one goes on.
 */
import type { NodeId } from '../../base/ids.js';
import { REJECT_CODES, type Reject, reject } from '../../base/reject.js';
import { type ReplicaId, replicaId } from '../../base/replica.js';
import { type Result, accept, refuse } from '../../base/result.js';
import { type LogIndex, type Micros, logIndex } from '../../base/units.js';
import { MeshEntry } from '../../wire/group-messages.js';
import { type DepartWish, MeshWish, type WishForward } from '../../wire/wish-messages.js';
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
  /** The answer to a wish of this very node. */
  readonly answerHere: (number: number, result: Result<LogIndex>) => void;
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
    const { members, departed } = this.#options.state;
    const out = departed.get(wish.node);
    if (out !== undefined && !members.has(wish.node)) return this.#answer(waiting, accept(out.logIndex));
    const why = this.#departureRefusal(from, wish);
    if (why !== null) return this.#answer(waiting, refuse(why));
    return this.#depart(now, waiting, wish);
  }

  /** True when nothing is left to do for it. */
  #depart(now: Micros, waiting: Waiting, wish: DepartWish): boolean {
    const { state, group, applied, canChangeVoters } = this.#options;
    const { node, replica } = wish;
    const departing = replicaId(node, replica);
    const { voters, outgoing } = group().raft.configuration;
    const isVoter = voters.includes(departing) || outgoing?.includes(departing) === true;
    if (isVoter && state.members.size > 1) {
      this.#departing.add(departing);
      if (canChangeVoters(now)) waiting.stuckSince = null;
      else waiting.stuckSince ??= now;
      const isStuck = waiting.stuckSince !== null && now - waiting.stuckSince >= STUCK_US;
      return isStuck && this.#answer(waiting, refuse(tooFewVoters(wish)));
    }
    if ((this.#proposed.get(departing) ?? logIndex(0)) > applied()) return false;
    const result = group().propose(now, MeshEntry.encode({ ...wish, kind: 'depart' }));
    if (result.ok) this.#proposed.set(departing, result.value);
    return false;
  }

  #departureRefusal(from: NodeId, { node, replica, isEvicted }: DepartWish): Reject | null {
    const { state, closedBecause } = this.#options;
    const member = state.members.get(node);
    if (member === undefined) return reject('NODE_UNKNOWN', node, 'it is no member of the mesh; see the list of nodes');
    if (member.replica !== replica) {
      const detail = `the member that was asked knows it as replica ${replica}, it is replica ${member.replica}; see whether it is meant, and ask again`;
      return reject('CONFIG_PENDING', node, detail, this.#options.context.config.repeatUs);
    }
    if (isEvicted) return null;
    if (from !== node) return reject('INVALID_ARGUMENT', 'node', 'a node leaves by itself; evict it to send it away');
    return closedBecause();
  }

  #answer({ from, boot, number }: Waiting, result: Result<LogIndex>): true {
    const { context, answerHere } = this.#options;
    if (from === context.node) {
      answerHere(number, result);
      return true;
    }
    const why = result.ok ? null : result.reject;
    context.sendControl(from, {
      kind: 'wishRefused',
      boot,
      number,
      rejectCode: why === null ? 0 : REJECT_CODES[why.code][0],
      rejectSubject: why?.subject ?? '',
      rejectDetail: why?.detail ?? '',
      retryAfterUs: why?.retryAfterUs ?? 0,
      grantedAt: result.ok ? result.value : logIndex(0),
    });
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
