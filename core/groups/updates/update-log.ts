/**
 * One of the two mesh-wide logs of updates at this node, as a part of the replicated group that holds it: what is sent
 * here goes to the leader, what is committed goes to the consumers, and how far every node is goes back into the log.
 * The group calls it in the course of its own turns and knows nothing of updates itself.
 *
 * Source: the specification ("Applying Consensus": a committed entry triggers guaranteed fanout to every node) with the
 * log itself as the fanout. Leaves out: the group, its configuration, and how entries travel.
 */
import { utf8Decode } from '../../base/bytes.js';
import type { NodeId } from '../../base/ids.js';
import { type Reject, REJECT_CODES, reject, rejectCodeOf } from '../../base/reject.js';
import { accept, refuse } from '../../base/result.js';
import type { LogIndex, Micros } from '../../base/units.js';
import type { GroupControl } from '../../wire/group-messages.js';
import { FlowPayload } from '../../wire/group-messages.js';
import {
  type AppliedMarks,
  type ForwardedUpdates,
  type UpdateBatch,
  type UpdateRecord,
  type UpdateSnapshot,
  UPDATE_FEEDS,
  UPDATE_LOGS,
} from '../../wire/update-messages.js';
import type { GroupContext, TableWrite } from '../context.js';
import type { LeaderView } from '../leader-view.js';
import { Admission } from './admission.js';
import { MarkCollector, OwnMark } from './applied-marks.js';
import { type SubscribeUpdates, UpdateConsumers } from './consumers.js';
import type { UpdateFeed, UpdateLogName } from './feeds.js';
import { type SendUpdate, Submissions } from './submissions.js';
import type { UpdateState } from './update-state.js';

export interface UpdateLogOptions {
  readonly log: UpdateLogName;
  /** The group's id: deadlines of this part wake that group. */
  readonly entity: string;
  readonly state: UpdateState;
  /** Flow class of what goes to the leader. */
  readonly flowClass: number;
  readonly members: () => readonly NodeId[];
  /** The last entry of the group that is applied here. */
  readonly applied: () => LogIndex;
  /** Why the leader lets nothing in now; null when it does. */
  readonly closedBecause: () => Reject | null;
  /** Appends at the leader; null when that cannot be now. */
  readonly propose: (now: Micros, entry: UpdateLogEntry) => LogIndex | null;
  readonly onDirty: () => void;
}

export type UpdateLogEntry =
  | ({ readonly kind: 'updates' } & UpdateBatch)
  | ({ readonly kind: 'applied' } & AppliedMarks);

/** What `get-status` tells of a log. */
export interface UpdateLogStatus {
  readonly log: UpdateLogName;
  readonly lastSeq: number;
  /** Updates up to this one are not kept any more. */
  readonly baseSeq: number;
  /** How far this very node has applied, durably. */
  readonly appliedSeq: number;
  readonly members: readonly { readonly node: NodeId; readonly seq: number }[];
  /** Members that have applied everything. */
  readonly nodesApplied: number;
  readonly consumers: ReturnType<UpdateConsumers['places']>;
}

export class UpdateLog {
  readonly state: UpdateState;
  readonly consumers: UpdateConsumers;
  readonly #context: GroupContext;
  readonly #options: UpdateLogOptions;
  readonly #submissions: Submissions;
  readonly #ownMark: OwnMark;
  readonly #marks: MarkCollector;
  readonly #admission: Admission;
  #leader: LeaderView = { kind: 'none' };

  constructor(context: GroupContext, options: UpdateLogOptions) {
    const { log, entity, state, onDirty } = options;
    const { updates } = context.config;
    this.#context = context;
    this.#options = options;
    this.state = state;
    this.consumers = new UpdateConsumers(context, log, entity, state, onDirty);
    this.#ownMark = new OwnMark(context, entity, onDirty);
    this.#marks = new MarkCollector(context, entity, onDirty);
    this.#admission = new Admission(updates, updates[log]);
    this.#submissions = new Submissions(context, entity, state, updates[log], {
      decideHere: (nonce, batch) => this.#enqueue(context.node, nonce, batch),
      forward: (to, nonce, batch) => this.#forward(to, nonce, batch),
      countApplied: (seq) => this.countApplied(seq),
      onNeedsTurn: onDirty,
    });
  }

  get name(): UpdateLogName {
    return this.#options.log;
  }

  /** Whether this node waits for the log: for what was sent here, or for how far it has applied to be known. */
  get hasWork(): boolean {
    return this.#submissions.isWaiting || this.state.appliedOf(this.#context.node) < this.consumers.durableSeq;
  }

  // From applications ------------------------------------------------------------------------------------------------

  send(now: Micros, request: number, wish: SendUpdate): void {
    this.#submissions.send(now, request, wish);
  }

  subscribe(now: Micros, request: number, wish: SubscribeUpdates): void {
    this.consumers.subscribe(now, request, wish);
  }

  processed(request: number, attempt: number, seq: number, writes: readonly TableWrite[]): void {
    this.consumers.processed(request, attempt, seq, writes);
  }

  forgetConsumer(request: number, feed: UpdateFeed, name: string): void {
    if (!this.consumers.forget(feed, name)) {
      const why = reject('INVALID_ARGUMENT', name, 'this node knows no such consumer');
      this.#context.emit({ kind: 'reply', request, result: refuse(why) });
      return;
    }
    this.#context.afterDurable(() => this.#context.emit({ kind: 'reply', request, result: accept({ kind: 'consumer-forgotten' }) }));
  }

  cancel(request: number): void {
    this.consumers.cancel(request);
    this.#submissions.cancel(request);
  }

  endSessions(why: Reject): void {
    this.consumers.endAll(why);
    this.#submissions.endAll(why);
  }

  /** How many members there are and how many have applied `seq`, as the log tells. */
  countApplied(seq: number): { readonly nodesApplied: number; readonly nodesTotal: number } {
    const members = this.#options.members();
    return { nodesApplied: members.filter((node) => this.state.appliedOf(node) >= seq).length, nodesTotal: members.length };
  }

  status(): UpdateLogStatus {
    const { state } = this;
    return {
      log: this.#options.log,
      lastSeq: state.lastSeq,
      baseSeq: state.baseSeq,
      appliedSeq: this.consumers.durableSeq,
      members: this.#options.members().map((node) => ({ node, seq: state.appliedOf(node) })),
      nodesApplied: this.countApplied(state.lastSeq).nodesApplied,
      consumers: this.consumers.places(),
    };
  }

  // From other members -----------------------------------------------------------------------------------------------

  onForwarded(from: NodeId, { nonce, batch }: ForwardedUpdates): void {
    if (this.#leader.kind !== 'local') return;
    this.#enqueue(from, nonce, batch);
    this.#options.onDirty();
  }

  onControl(from: NodeId, message: Extract<GroupControl, { kind: 'updatesRefused' | 'appliedReport' }>): void {
    if (message.kind === 'appliedReport') {
      if (this.#leader.kind === 'local') this.#marks.collect(from, message.seq);
    } else {
      const code = rejectCodeOf(message.rejectCode);
      const { rejectSubject, rejectDetail, retryAfterUs } = message;
      if (code !== null) this.#submissions.onRefused(message.nonce, reject(code, rejectSubject, rejectDetail, retryAfterUs));
    }
    this.#options.onDirty();
  }

  // In the course of the group ---------------------------------------------------------------------------------------

  applyUpdates(batch: UpdateBatch): void {
    const outcomes = this.state.apply(batch);
    this.#submissions.onOutcomes(outcomes);
    for (const outcome of outcomes) {
      if (outcome.kind === 'admitted') this.#tellConfiguration(outcome);
      else this.#mark(`updates.${outcome.kind}`);
    }
    this.#options.onDirty();
  }

  applyMarks(marks: AppliedMarks): void {
    this.state.mark(marks);
    this.#submissions.onMarks();
    this.#options.onDirty();
  }

  /** False when malformed. */
  restore(snapshot: UpdateSnapshot): boolean {
    if (!this.state.restore(snapshot)) return false;
    this.#submissions.onRestored();
    return true;
  }

  /** Members have come or gone. */
  onMembers(): void {
    this.#submissions.onMarks();
  }

  onLeader(now: Micros, leader: LeaderView): void {
    this.#leader = leader;
    this.#admission.reset();
    this.#marks.reset();
    this.#ownMark.onLeader();
    this.#submissions.onLeader(now);
  }

  beforeTake(now: Micros): void {
    this.#submissions.onTurn(now, this.#leader);
    this.#ownMark.onTurn(now, this.consumers.durableSeq, this.state, this.#leader, (seq) => this.#tell(seq));
    if (this.#leader.kind !== 'local') return;
    for (const { from, nonce, batch } of this.#admission.take()) this.#decide(now, from, nonce, batch);
    if (this.#options.closedBecause() !== null) return;
    const members = this.#options.members();
    this.#marks.onTurn(now, { state: this.state, applied: this.#options.applied(), members }, (marks) =>
      this.#options.propose(now, { kind: 'applied', ...marks }),
    );
  }

  afterTake(now: Micros): void {
    this.consumers.onTurn(now);
  }

  close(): void {
    this.consumers.close();
    this.#submissions.close();
    this.#ownMark.close();
    this.#marks.close();
  }

  checkInvariants(): void {
    this.state.checkInvariants();
    this.consumers.checkInvariants();
  }

  #tellConfiguration({ record, seq: revision }: { readonly record: UpdateRecord; readonly seq: number }): void {
    if (record.feed !== UPDATE_FEEDS.mesh) return;
    for (const { key, isRemoval } of record.changes) {
      this.#context.emit({ kind: 'configuration-changed', key: utf8Decode(key) ?? '', revision, isRemoval });
    }
  }

  #decide(now: Micros, from: NodeId, nonce: number, batch: UpdateBatch): void {
    const why = this.#options.closedBecause() ?? this.#admission.refusalOf(now, batch, this.state, this.#options.members());
    if (why !== null) return this.#refuse(from, nonce, why);
    const { bytesMax: retainBytesMax, countMax: retainCountMax } = this.#context.config.updates[this.#options.log];
    if (this.#options.propose(now, { kind: 'updates', ...batch, retainBytesMax, retainCountMax }) !== null) return;
    this.#refuse(from, nonce, reject('OVERLOADED', 'log', 'the log takes nothing more at the moment', this.#context.config.repeatUs));
  }

  #refuse(to: NodeId, nonce: number, why: Reject): void {
    this.#mark('updates.refused');
    if (to === this.#context.node) return this.#submissions.onRefused(nonce, why);
    this.#context.sendControl(to, {
      kind: 'updatesRefused',
      log: UPDATE_LOGS[this.#options.log],
      nonce,
      rejectCode: REJECT_CODES[why.code][0],
      rejectSubject: why.subject,
      rejectDetail: why.detail,
      retryAfterUs: why.retryAfterUs ?? 0,
    });
  }

  #enqueue(from: NodeId, nonce: number, batch: UpdateBatch): void {
    if (!this.#admission.add({ from, nonce, batch })) {
      this.#refuse(from, nonce, reject('OVERLOADED', 'leader', 'too many batches wait at the leader', this.#context.config.repeatUs));
    }
  }

  #forward(to: NodeId, nonce: number, batch: UpdateBatch): boolean {
    const payload = FlowPayload.encode({ kind: 'updates', log: UPDATE_LOGS[this.#options.log], nonce, batch });
    return this.#context.sendFlow(to, this.#options.flowClass, payload);
  }

  #tell(seq: number): void {
    const leader = this.#leader;
    if (leader.kind === 'local') this.#marks.collect(this.#context.node, seq);
    else if (leader.kind === 'remote') this.#context.sendControl(leader.node, { kind: 'appliedReport', log: UPDATE_LOGS[this.#options.log], seq });
  }

  #mark(name: string): void {
    this.#context.emit({ kind: 'notice', notice: { kind: 'mark', name } });
  }
}
