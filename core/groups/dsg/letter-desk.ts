/**
 * How changes of the dead-letter list come into the log. A member asks the leader, again and again, until it sees the
 * change in the state; the leader appends what would change something, each change once at a time.
 */
import type { Deadline, DeadlineOwner } from '../../base/deadlines.js';
import type { GroupId, NodeId } from '../../base/ids.js';
import { type Reject, reject } from '../../base/reject.js';
import { type LogIndex, type Micros, micros } from '../../base/units.js';
import { type DeadLetterChange, StreamEntry } from '../../wire/group-messages.js';
import type { GroupContext } from '../context.js';
import type { LeaderView } from '../leader-view.js';
import type { StreamLog } from './stream-log.js';

interface Ask {
  readonly change: DeadLetterChange;
  readonly until: Micros | null;
  readonly onOver: (why: Reject | null) => void;
  isSent: boolean;
}

export class LetterDesk implements DeadlineOwner {
  readonly #context: GroupContext;
  readonly #group: GroupId;
  readonly #log: StreamLog;
  readonly #onNeedsTurn: () => void;
  readonly #asks = new Map<string, Ask>();
  readonly #repeat: Deadline;
  /** At the leader: what was appended and is not applied. */
  readonly #appended = new Map<string, LogIndex>();

  constructor(context: GroupContext, group: GroupId, log: StreamLog, onNeedsTurn: () => void) {
    this.#context = context;
    this.#group = group;
    this.#log = log;
    this.#onNeedsTurn = onNeedsTurn;
    this.#repeat = context.deadlines.allocate(this, 'letter-ask', group);
  }

  /**
   * Asks for `change`. `onOver` hears null when it is in the state, or NO_QUORUM when that takes longer than
   * `patienceUs` (null: for ever). What is asked for already is not asked for twice.
   */
  ask(now: Micros, change: DeadLetterChange, patienceUs: number | null, onOver: (why: Reject | null) => void): void {
    const key = keyOf(change);
    if (this.#asks.has(key)) {
      if (patienceUs !== null) onOver(reject('CONFIG_PENDING', key, 'the same is being asked for already', patienceUs));
      return;
    }
    this.#asks.set(key, { change, until: patienceUs === null ? null : micros(now + patienceUs), onOver, isSent: false });
    this.#onNeedsTurn();
  }

  onLeader(): void {
    this.#appended.clear();
    for (const ask of this.#asks.values()) ask.isSent = false;
  }

  onDeadline(_now: Micros, _deadline: Deadline): void {
    for (const ask of this.#asks.values()) ask.isSent = false;
    this.#onNeedsTurn();
  }

  /** At the turn. `append` is the local leader's. */
  onTurn(now: Micros, leader: LeaderView, append: (entry: Uint8Array) => LogIndex | null): void {
    for (const [key, ask] of this.#asks) {
      if (this.#isDone(ask.change)) this.#finish(key, ask, null);
      else if (ask.until !== null && ask.until <= now) this.#finish(key, ask, unanswered(leader));
      else this.#send(ask, leader, append);
    }
    if (this.#asks.size > 0 && !this.#repeat.isArmed) this.#repeat.arm(micros(now + this.#context.config.repeatUs));
    if (this.#asks.size === 0) this.#repeat.disarm();
  }

  /** At the leader: a member asks. Only a target itself says what died there, or was replayed. */
  onAsk(from: NodeId, change: DeadLetterChange, append: (entry: Uint8Array) => LogIndex | null): void {
    const isTargetsOwn = change.kind === 'died' || change.kind === 'replayed';
    if ((isTargetsOwn && change.target !== from) || this.#isDone(change) || !this.hasRoomFor(change)) return;
    const key = keyOf(change);
    if ((this.#appended.get(key) ?? 0) > this.#log.applied) return;
    const index = append(StreamEntry.encode({ kind: 'deadLetter', change }));
    if (index === null) return;
    for (const [other, at] of this.#appended) if (at <= this.#log.applied) this.#appended.delete(other);
    this.#appended.set(key, index);
  }

  /** Only deaths need room. When there is none the message blocks its stream, as if that were the stream's choice. */
  hasRoomFor(change: DeadLetterChange): boolean {
    const { deadLettersMax, deadLetterBytesMax } = this.#context.config;
    const { count, payloadBytes } = this.#log.state.deadLetters;
    return change.kind !== 'died' || (count < deadLettersMax && payloadBytes + change.payloadBytes <= deadLetterBytesMax);
  }

  #send(ask: Ask, leader: LeaderView, append: (entry: Uint8Array) => LogIndex | null): void {
    if (ask.isSent || leader.kind === 'none') return;
    ask.isSent = true;
    if (leader.kind === 'local') this.onAsk(this.#context.node, ask.change, append);
    else this.#context.sendControl(leader.node, { kind: 'letterAsk', group: this.#group, change: ask.change });
  }

  #isDone(change: DeadLetterChange): boolean {
    if (change.kind === 'died') return this.#log.state.settledOf(change.target) >= change.seq;
    return !this.#log.state.deadLetters.concerns(change);
  }

  #finish(key: string, ask: Ask, why: Reject | null): void {
    this.#asks.delete(key);
    ask.onOver(why);
  }
}

function unanswered(leader: LeaderView): Reject {
  return leader.kind === 'none'
    ? reject('NO_QUORUM', 'stream', 'the stream has no leader: too few of its members reach each other; try again', RETRY_US)
    : reject('TIMED_OUT', 'stream', 'the leader of the stream did not do it in time; look at the list and try again', RETRY_US);
}

const keyOf = (change: DeadLetterChange): string =>
  `${change.kind} ${change.target} ${change.kind === 'replayed' ? change.replay : change.seq}`;
const RETRY_US = 1_000_000;
