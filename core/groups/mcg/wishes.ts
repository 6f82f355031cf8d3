/**
 * What operators ask of the mesh control group at this member: each wish goes to the leader, again and again, until the
 * leader has an answer. So any member takes any wish, and a lost frame or a change of leader costs time only.
 *
 * Invariant: each wish is answered once. This member's own log grants nothing: it may be so far behind that it shows an
 * earlier departure of a node that has come back since.
 */
import type { Deadline } from '../../base/deadlines.js';
import type { NodeId } from '../../base/ids.js';
import { type Reject, reject, rejectCodeOf } from '../../base/reject.js';
import { type Result, accept, refuse } from '../../base/result.js';
import { type LogIndex, type Micros, micros } from '../../base/units.js';
import type { GroupControl } from '../../wire/group-messages.js';
import { MeshWish } from '../../wire/wish-messages.js';
import type { GroupContext } from '../context.js';
import type { LeaderView } from '../leader-view.js';

interface Asked {
  readonly request: number;
  readonly number: number;
  readonly wish: MeshWish;
  readonly giveUpAt: Micros;
  askAgainAt: Micros;
}

export interface WishPorts {
  /** This node leads: it decides. */
  decideHere(number: number, wish: MeshWish): void;
  onNeedsTurn(): void;
}

export class Wishes {
  readonly #context: GroupContext;
  readonly #ports: WishPorts;
  readonly #repeat: Deadline;
  readonly #asked = new Map<number, Asked>();
  #lastNumber = 0;

  constructor(context: GroupContext, ports: WishPorts) {
    this.#context = context;
    this.#ports = ports;
    this.#repeat = context.deadlines.allocate(this, 'wish-repeat');
  }

  /** Whether this node itself has asked to go. */
  get isLeaving(): boolean {
    for (const { wish } of this.#asked.values()) if (isOwnLeave(wish, this.#context.node)) return true;
    return false;
  }

  /** Answered by a `wish-answered` fact: where the log has it. NO_QUORUM, TOO_MANY, or what the leader refuses with. */
  ask(now: Micros, request: number, wish: MeshWish): void {
    if (this.#asked.size >= WISHES_MAX) {
      const why = reject('TOO_MANY', 'mesh', 'too many wishes wait at this member; try again', this.#context.config.repeatUs);
      return this.#tell(request, refuse(why));
    }
    const number = ++this.#lastNumber;
    const giveUpAt = micros(now + this.#context.config.wishPatienceUs);
    this.#asked.set(number, { request, number, wish, giveUpAt, askAgainAt: now });
    this.#ports.onNeedsTurn();
  }

  /** Another leader, or term: it has heard of nobody yet. */
  onLeader(now: Micros): void {
    for (const asked of this.#asked.values()) asked.askAgainAt = now;
  }

  onTurn(now: Micros, leader: LeaderView): void {
    if (this.#asked.size === 0) return;
    // What changes one thing after the other is asked for one by one, so that it is granted in the order of asking.
    let isOrderedOpen = false;
    for (const asked of [...this.#asked.values()]) {
      const isOrdered = asked.wish.kind !== 'depart';
      this.#pursue(now, asked, isOrdered && isOrderedOpen ? { kind: 'none' } : leader);
      if (isOrdered && this.#asked.has(asked.number)) isOrderedOpen = true;
    }
    this.#arm(leader);
  }

  onAnswer(message: Extract<GroupControl, { kind: 'wishRefused' }>): void {
    const code = rejectCodeOf(message.rejectCode);
    const { boot, number, rejectSubject, rejectDetail, retryAfterUs, grantedAt } = message;
    if (boot !== this.#context.bootCounter) return;
    if (grantedAt > 0) this.settle(number, accept(grantedAt));
    else if (code !== null) this.settle(number, refuse(reject(code, rejectSubject, rejectDetail, retryAfterUs === 0 ? undefined : retryAfterUs)));
  }

  /** The word of the leader, which may be this node. */
  settle(number: number, result: Result<LogIndex>): void {
    const asked = this.#asked.get(number);
    if (asked !== undefined) this.#settle(asked, result);
  }

  onDeadline(_now: Micros, _deadline: Deadline): void {
    this.#ports.onNeedsTurn();
  }

  /** This node is no member any more. What it wished for itself, to go, is granted; nothing else is known. */
  close(departedAt: LogIndex): void {
    this.#repeat.disarm();
    for (const asked of [...this.#asked.values()]) {
      const why = reject('EVICTED', this.#context.node, 'this node is out of the mesh; what it asked for may or may not have been granted');
      this.#settle(asked, isOwnLeave(asked.wish, this.#context.node) ? accept(departedAt) : refuse(why));
    }
  }

  #pursue(now: Micros, asked: Asked, leader: LeaderView): void {
    const { number, wish, giveUpAt, askAgainAt } = asked;
    if (now >= giveUpAt) return this.#settle(asked, refuse(noQuorum(this.#context)));
    if (now < askAgainAt || leader.kind === 'none') return;
    asked.askAgainAt = micros(now + this.#context.config.repeatUs);
    if (leader.kind === 'local') return this.#ports.decideHere(number, wish);
    const boot = this.#context.bootCounter;
    this.#context.sendControl(leader.node, { kind: 'wishForward', boot, number, wish: MeshWish.encode(wish) });
  }

  #arm(leader: LeaderView): void {
    let next: Micros | null = null;
    for (const { askAgainAt, giveUpAt } of this.#asked.values()) {
      const at = leader.kind === 'none' ? giveUpAt : micros(Math.min(askAgainAt, giveUpAt));
      if (next === null || at < next) next = at;
    }
    if (next === null) this.#repeat.disarm();
    else this.#repeat.arm(next);
  }

  #settle({ request, number }: Asked, result: Result<LogIndex>): void {
    this.#asked.delete(number);
    this.#tell(request, result);
    if (this.#asked.size === 0) this.#repeat.disarm();
  }

  #tell(request: number, result: Result<LogIndex>): void {
    this.#context.emit({ kind: 'wish-answered', request, result });
  }
}

function isOwnLeave(wish: MeshWish, node: NodeId): boolean {
  return wish.kind === 'depart' && wish.node === node && !wish.isEvicted;
}

/** Nobody decides: the control group has no leader that answers. */
export function noQuorum(context: GroupContext): Reject {
  const detail =
    'the mesh control group has no quorum that answers: bring its voters back; if they are lost for good, `meshctl recover` founds a new generation without them';
  return reject('NO_QUORUM', context.meshId(), detail, context.config.repeatUs);
}

const WISHES_MAX = 1024;
