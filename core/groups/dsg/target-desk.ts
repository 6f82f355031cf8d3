/**
 * How changes of a target's part in its stream come into the log (its dead letters, its pace), and checkpoints. A member asks the leader, again and again, until it sees the
 * change in the state; the leader appends what would change something, each change once at a time.
 */
import type { Deadline, DeadlineOwner } from '../../base/deadlines.js';
import type { GroupId, NodeId } from '../../base/ids.js';
import { type Reject, reject } from '../../base/reject.js';
import { type LogIndex, type Micros, micros } from '../../base/units.js';
import { StreamEntry } from '../../wire/group-messages.js';
import type { Checkpoint, TargetStep } from '../../wire/target-steps.js';
import type { GroupContext } from '../context.js';
import type { LeaderView } from '../leader-view.js';
import type { StreamLog } from './stream-log.js';

interface Ask {
  readonly change: TargetStep;
  readonly until: Micros | null;
  readonly onOver: (why: Reject | null) => void;
  isSent: boolean;
  isApplied: boolean;
}

export class TargetDesk implements DeadlineOwner {
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
  ask(now: Micros, change: TargetStep, patienceUs: number | null, onOver: (why: Reject | null) => void): void {
    const key = keyOf(change);
    if (this.#asks.has(key)) {
      if (patienceUs !== null) onOver(reject('CONFIG_PENDING', key, 'the same is being asked for already', patienceUs));
      return;
    }
    this.#asks.set(key, { change, until: patienceUs === null ? null : micros(now + patienceUs), onOver, isSent: false, isApplied: false });
    this.#onNeedsTurn();
  }

  /** A change has come into the state: it may be replaced by a later one before the next turn looks. */
  onApplied(change: TargetStep): void {
    const ask = this.#asks.get(keyOf(change));
    if (ask !== undefined && this.#isDone(change)) ask.isApplied = true;
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
      if (ask.isApplied || this.#isDone(ask.change)) this.#finish(key, ask, null);
      else if (ask.until !== null && ask.until <= now) this.#finish(key, ask, unanswered(leader));
      else this.#send(ask, leader, append);
    }
    if (this.#asks.size > 0 && !this.#repeat.isArmed) this.#repeat.arm(micros(now + this.#context.config.repeatUs));
    if (this.#asks.size === 0) this.#repeat.disarm();
  }

  /** At the leader: a member asks. Only a target itself says what died there, or was replayed. */
  onAsk(from: NodeId, change: TargetStep, append: (entry: Uint8Array) => LogIndex | null): void {
    const isTargetsOwn = change.kind === 'died' || change.kind === 'replayed';
    if ((isTargetsOwn && change.target !== from) || this.#isDone(change) || !this.#isNext(change) || !this.hasRoomFor(change)) return;
    const key = keyOf(change);
    if ((this.#appended.get(key) ?? 0) > this.#log.applied) return;
    const index = append(StreamEntry.encode({ kind: 'targetStep', change }));
    if (index === null) return;
    for (const [other, at] of this.#appended) if (at <= this.#log.applied) this.#appended.delete(other);
    this.#appended.set(key, index);
  }

  /** Only deaths need room. When there is none the message blocks its stream, as if that were the stream's choice. */
  hasRoomFor(change: TargetStep): boolean {
    const { deadLettersMax, deadLetterBytesMax } = this.#context.config;
    const { count, payloadBytes } = this.#log.state.deadLetters;
    return change.kind !== 'died' || (count < deadLettersMax && payloadBytes + change.payloadBytes <= deadLetterBytesMax);
  }

  #send(ask: Ask, leader: LeaderView, append: (entry: Uint8Array) => LogIndex | null): void {
    if (ask.isSent || leader.kind === 'none') return;
    ask.isSent = true;
    const change = this.#numbered(ask.change);
    if (leader.kind === 'local') this.onAsk(this.#context.node, change, append);
    else this.#context.sendControl(leader.node, { kind: 'targetAsk', group: this.#group, change });
  }

  /** What replaces something comes right after what its asker knows. */
  #numbered(change: TargetStep): TargetStep {
    if (change.kind === 'pace') return { ...change, version: this.#versionOf(change.target) + 1 };
    return change.kind === 'checkpoint' ? { ...change, version: this.#log.state.checkpoints.version + 1 } : change;
  }

  /** A pace replaces the one that its asker knew: who is behind learns of the present one, and asks again. */
  #isNext(change: TargetStep): boolean {
    if (change.kind === 'replayed') return this.#log.state.deadLetters.concerns(change);
    if (change.kind === 'checkpoint') return change.version > this.#log.state.checkpoints.version;
    return change.kind !== 'pace' || change.version > this.#versionOf(change.target);
  }

  #versionOf(target: NodeId): number {
    return this.#log.state.paceEntryOf(target)?.version ?? 0;
  }

  #isDone(change: TargetStep): boolean {
    if (change.kind === 'died') return this.#log.state.settledOf(change.target) >= change.seq;
    if (change.kind === 'replayed') return this.#log.state.deadLetters.replaysDone(change.target) >= change.replay;
    if (change.kind === 'pace') return this.#log.state.paceEntryOf(change.target)?.ask === change.ask;
    if (change.kind === 'checkpoint') return this.#isCheckpointDone(change);
    return !this.#log.state.deadLetters.concerns(change);
  }

  #isCheckpointDone({ name, ask, isRemoved }: Checkpoint): boolean {
    const known = this.#log.state.checkpoints.get(name);
    return isRemoved ? known === null : known?.ask === ask;
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

function keyOf(change: TargetStep): string {
  const isAsked = change.kind === 'pace' || change.kind === 'checkpoint';
  const which = change.kind === 'replayed' ? change.replay : isAsked ? change.ask : change.seq;
  return `${change.kind} ${change.target} ${which}`;
}
const RETRY_US = 1_000_000;
