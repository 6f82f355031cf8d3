/**
 * How settled offsets come into the log. A target makes its application's ack durable first (promise 49), then reports
 * it to the leader until the replicated state has it. The leader gathers the reports that come together into one entry.
 */
import type { Deadline, DeadlineHeap } from '../../base/deadlines.js';
import type { GroupId, MessageId, NodeId, StreamId } from '../../base/ids.js';
import { assert } from '../../base/assert.js';
import { type LogIndex, type Micros, type StreamSeq, micros, streamSeq } from '../../base/units.js';
import { StreamEntry } from '../../wire/group-messages.js';
import { type Infer, id, message, uint } from '../../wire/schema.js';
import { ZERO_ID } from '../../wire/varint.js';
import type { GroupContext } from '../context.js';
import type { LeaderView } from '../leader-view.js';
import type { StreamState } from './stream-state.js';

/** How far this node's application is, as the journal remembers it beside the ledger's row. */
export const OffsetRow = message('OffsetRow', { seq: uint(1), messageId: id<MessageId>(2) });
export type OffsetRow = Infer<typeof OffsetRow>;

/** The target's half. */
export class TargetOffset {
  readonly #context: GroupContext;
  readonly #stream: StreamId;
  readonly #report: Deadline;
  readonly #onNeedsTurn: () => void;
  /** As the application acknowledged, as written, and as durable. */
  #acked = 0;
  /** Null when the application itself brought the offset: it alone knows the message. */
  #ackedId: MessageId | null = null;
  #written = 0;
  #durable = 0;
  #mustReport = false;

  constructor(context: GroupContext, stream: StreamId, deadlines: DeadlineHeap, onNeedsTurn: () => void) {
    this.#context = context;
    this.#stream = stream;
    this.#report = deadlines.allocate(this, 'settled-report', stream);
    this.#onNeedsTurn = onNeedsTurn;
  }

  /** The last message whose processing is durable here. */
  get durable(): StreamSeq {
    return streamSeq(this.#durable);
  }

  get acked(): StreamSeq {
    return streamSeq(this.#acked);
  }

  restore(seq: number): void {
    this.#acked = seq;
    this.#written = seq;
    this.#durable = seq;
    this.#mustReport = seq > 0;
  }

  ack(seq: number, messageId: MessageId | null): void {
    if (seq <= this.#acked) return;
    this.#acked = seq;
    this.#ackedId = messageId;
  }

  onLeader(): void {
    this.#mustReport = true;
  }

  onDeadline(_now: Micros, _deadline: Deadline): void {
    this.#mustReport = true;
    this.#onNeedsTurn();
  }

  /** At the turn: writes the offset, and reports what is durable and not yet in the state. */
  onTurn(now: Micros, group: GroupId, state: StreamState, leader: LeaderView, collect: (seq: number) => void): void {
    this.#write();
    if (state.settledOf(this.#context.node) >= this.#durable) {
      this.#report.disarm();
      return;
    }
    if (!this.#mustReport || leader.kind === 'none') {
      if (!this.#report.isArmed) this.#report.arm(micros(now + this.#context.config.repeatUs));
      return;
    }
    this.#mustReport = false;
    if (leader.kind === 'local') collect(this.#durable);
    else this.#context.sendControl(leader.node, { kind: 'settledReport', group, seq: this.#durable, replica: this.#context.replica });
    this.#report.arm(micros(now + this.#context.config.repeatUs));
  }

  checkInvariants(): void {
    assert(this.#durable <= this.#written && this.#written <= this.#acked, 'an ack is written, then durable');
  }

  #write(): void {
    if (this.#acked === this.#written) return;
    const seq = this.#acked;
    this.#written = seq;
    const messageId = this.#ackedId ?? (ZERO_ID as MessageId);
    this.#context.journal.put(offsetKey(this.#stream), OffsetRow.encode({ seq, messageId }));
    this.#context.emit({ kind: 'offset', stream: this.#stream, node: this.#context.node, seq: streamSeq(seq), messageId });
    this.#context.afterDurable(() => {
      this.#durable = seq;
      this.#mustReport = true;
      this.#onNeedsTurn();
    });
  }
}

/**
 * The leader's half: of each target at most one mark is uncommitted at a time, so its reports batch by themselves, and
 * the report of one target does not wait for the entry of another: completion takes a round trip and two flushes less.
 */
export class SettledCollector {
  readonly #reported = new Map<NodeId, number>();
  /** Where each target's last mark stands in the log. */
  readonly #proposedAt = new Map<NodeId, LogIndex>();

  /** A target says how far it is. Reports may be late, doubled or of no target: the state decides. */
  collect(target: NodeId, seq: number): void {
    if (seq > (this.#reported.get(target) ?? 0)) this.#reported.set(target, seq);
  }

  /** Another replica takes the target's place: what the one before reported is void. */
  forget(target: NodeId): void {
    this.#reported.delete(target);
  }

  /** Leadership came or went: what was gathered is reported again by its owners. */
  reset(): void {
    this.#reported.clear();
    this.#proposedAt.clear();
  }

  /** Whether a turn would propose something: reports of targets whose last mark is applied. */
  hasNews(state: StreamState, applied: LogIndex): boolean {
    return this.#marks(state, applied).length > 0;
  }

  /** At the leader's turn. `propose` gives the entry's index, or null when it cannot be appended now. */
  onTurn(state: StreamState, applied: LogIndex, timeMs: number, propose: (entry: Uint8Array) => LogIndex | null): void {
    const marks = this.#marks(state, applied);
    if (marks.length === 0) return;
    const index = propose(StreamEntry.encode({ kind: 'settled', marks, timeMs }));
    if (index === null) return;
    for (const { target } of marks) this.#proposedAt.set(target, index);
  }

  #marks(state: StreamState, applied: LogIndex): { readonly target: NodeId; readonly seq: number }[] {
    const marks: { readonly target: NodeId; readonly seq: number }[] = [];
    if (this.#reported.size === 0) return marks;
    for (const { node, status, settledSeq } of state.targets.rows) {
      if ((this.#proposedAt.get(node) ?? 0) > applied) continue;
      const seq = Math.min(this.#reported.get(node) ?? 0, state.lastSeq);
      if (status === 'attached' && seq > settledSeq) marks.push({ target: node, seq });
    }
    return marks;
  }
}

export const offsetKey = (stream: StreamId): string => `offset/${stream}`;
