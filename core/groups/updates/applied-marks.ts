/**
 * How it becomes known how far each node has applied. A node makes it durable first, then reports it to the leader until
 * the log has it; the leader gathers reports into one entry at a time, and says in it up to where every member is: what
 * lies before is kept no longer.
 */
import type { Deadline } from '../../base/deadlines.js';
import type { NodeId } from '../../base/ids.js';
import { type LogIndex, type Micros, logIndex, micros } from '../../base/units.js';
import type { AppliedMarks } from '../../wire/update-messages.js';
import type { GroupContext } from '../context.js';
import type { LeaderView } from '../leader-view.js';
import type { UpdateState } from './update-state.js';

/** This node's own half. */
export class OwnMark {
  readonly #context: GroupContext;
  readonly #report: Deadline;
  readonly #onNeedsTurn: () => void;
  #mayReportAt: Micros = micros(0);
  #reported = 0;

  constructor(context: GroupContext, entity: string, onNeedsTurn: () => void) {
    this.#context = context;
    this.#onNeedsTurn = onNeedsTurn;
    this.#report = context.deadlines.allocate(this, 'applied-report', entity);
  }

  /** Another leader has heard of nothing yet. */
  onLeader(): void {
    this.#reported = 0;
  }

  onDeadline(_now: Micros, _deadline: Deadline): void {
    this.#reported = 0;
    this.#onNeedsTurn();
  }

  /** At the turn; `durable` is how far this node has applied for good. */
  onTurn(now: Micros, durable: number, state: UpdateState, leader: LeaderView, tell: (seq: number) => void): void {
    if (state.appliedOf(this.#context.node) >= durable) {
      this.#report.disarm();
      return;
    }
    const { repeatUs, updates } = this.#context.config;
    const mayReport = leader.kind !== 'none' && durable > this.#reported && now >= this.#mayReportAt;
    if (mayReport) {
      this.#reported = durable;
      this.#mayReportAt = micros(now + updates.markIntervalUs);
      tell(durable);
    }
    const isBehind = durable > this.#reported && leader.kind !== 'none';
    const next = isBehind ? this.#mayReportAt : micros(now + repeatUs);
    if (mayReport || isBehind || !this.#report.isArmed) this.#report.arm(next);
  }

  close(): void {
    this.#report.disarm();
  }
}

/** The leader's half: at most one entry of marks is uncommitted at a time. */
export class MarkCollector {
  readonly #reported = new Map<NodeId, number>();
  readonly #again: Deadline;
  readonly #intervalUs: number;
  readonly #onNeedsTurn: () => void;
  #proposedAt: LogIndex = logIndex(0);
  #mayProposeAt: Micros = micros(0);

  constructor(context: GroupContext, entity: string, onNeedsTurn: () => void) {
    this.#intervalUs = context.config.updates.markIntervalUs;
    this.#onNeedsTurn = onNeedsTurn;
    this.#again = context.deadlines.allocate(this, 'applied-marks', entity);
  }

  collect(node: NodeId, seq: number): void {
    if (seq > (this.#reported.get(node) ?? 0)) this.#reported.set(node, seq);
  }

  /** Leadership came or went: what was gathered is reported again by its owners. */
  reset(): void {
    this.#reported.clear();
    this.#proposedAt = logIndex(0);
    this.#again.disarm();
  }

  onDeadline(_now: Micros, _deadline: Deadline): void {
    this.#onNeedsTurn();
  }

  /** At the leader's turn. `propose` gives the entry's index, or null when it cannot be appended now. */
  onTurn(
    now: Micros,
    { state, applied, members }: { readonly state: UpdateState; readonly applied: LogIndex; readonly members: readonly NodeId[] },
    propose: (marks: AppliedMarks) => LogIndex | null,
  ): void {
    if (this.#reported.size === 0 || this.#proposedAt > applied) return;
    const entry = this.#entry(state, members);
    if (entry === null) return;
    if (now < this.#mayProposeAt) {
      this.#again.armNoLater(this.#mayProposeAt);
      return;
    }
    const index = propose(entry);
    if (index === null) return;
    this.#proposedAt = index;
    this.#mayProposeAt = micros(now + this.#intervalUs);
  }

  close(): void {
    this.#again.disarm();
  }

  #entry(state: UpdateState, members: readonly NodeId[]): AppliedMarks | null {
    const marks: { readonly node: NodeId; readonly seq: number }[] = [];
    let floor = state.lastSeq;
    for (const node of members) {
      const known = state.appliedOf(node);
      const seq = Math.min(this.#reported.get(node) ?? 0, state.lastSeq);
      if (seq > known) marks.push({ node, seq });
      floor = Math.min(floor, Math.max(seq, known));
    }
    return marks.length === 0 && floor <= state.floor ? null : { marks, floor };
  }
}
