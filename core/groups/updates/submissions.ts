/**
 * Updates that were sent at this node, until their senders have an answer. They go to the leader in batches, one at a
 * time and again and again, until this node's own log shows what became of them: so a sender's updates are never
 * reordered on the way, and a repeat, from here or from another node, finds what the first one got.
 *
 * Nothing is staged: an update is durable once it is answered. A sender that hears nothing sends it again.
 */
import type { Deadline } from '../../base/deadlines.js';
import { Fifo } from '../../base/fifo.js';
import type { MessageId, NodeId } from '../../base/ids.js';
import { type Reject, reject } from '../../base/reject.js';
import { accept, refuse } from '../../base/result.js';
import { makeUlid } from '../../base/ulid.js';
import { type Micros, micros } from '../../base/units.js';
import { type UpdateBatch, type UpdateChange, type UpdateRecord, UPDATE_FEEDS } from '../../wire/update-messages.js';
import type { GroupContext } from '../context.js';
import type { LeaderView } from '../leader-view.js';
import { type Retention } from './config.js';
import { type UpdateFeed } from './feeds.js';
import { conflictReject } from './config-conflict.js';
import { refusalOfUpdate } from './soundness.js';
import { type UpdateOutcome, type UpdateState, costOf } from './update-state.js';

/** `committed`: in the log of the mesh, for good. `applied`: by every member of the mesh. */
export type UpdateLevel = 'committed' | 'applied';

/** An update as its sender offers it. */
export interface SendUpdate {
  readonly feed: UpdateFeed;
  /** With `senderSeq` (from 1, rising) it is recognised for ever; '' leaves that to the update's id. */
  readonly sender: string;
  readonly senderSeq: number;
  /** Null: one is made. */
  readonly updateId: MessageId | null;
  readonly topic: string;
  readonly changes: readonly UpdateChange[];
  readonly payload: Uint8Array;
  readonly level: UpdateLevel;
}

interface Waiter {
  readonly request: number;
  readonly level: UpdateLevel;
}

interface Unapplied {
  readonly request: number;
  readonly record: UpdateRecord;
  readonly seq: number;
  readonly isRepeat: boolean;
}

interface Outstanding {
  readonly nonce: number;
  readonly batch: UpdateBatch;
  readonly giveUpAt: Micros;
  askAgainAt: Micros;
}

export interface SubmissionPorts {
  /** This node leads: it decides. */
  decideHere(nonce: number, batch: UpdateBatch): void;
  /** False when the flow to the leader is full. */
  forward(to: NodeId, nonce: number, batch: UpdateBatch): boolean;
  /** How many members there are, and how many of them have applied `seq`. */
  countApplied(seq: number): { readonly nodesApplied: number; readonly nodesTotal: number };
  onNeedsTurn(): void;
}

export class Submissions {
  readonly #context: GroupContext;
  readonly #state: UpdateState;
  readonly #ports: SubmissionPorts;
  readonly #retention: Retention;
  readonly #repeat: Deadline;
  /** By what an update is recognised. */
  readonly #waiters = new Map<string, Waiter[]>();
  readonly #queue = new Fifo<UpdateRecord>();
  #queuedBytes = 0;
  #outstanding: Outstanding | null = null;
  /** Those that have their place in the log and wait until every member has applied. */
  #unapplied: Unapplied[] = [];
  #nextNonce = 1;

  constructor(context: GroupContext, entity: string, state: UpdateState, retention: Retention, ports: SubmissionPorts) {
    this.#context = context;
    this.#state = state;
    this.#retention = retention;
    this.#ports = ports;
    this.#repeat = context.deadlines.allocate(this, 'update-repeat', entity);
  }

  /** Something is on its way to the leader, or waits for it. */
  get isWaiting(): boolean {
    return this.#outstanding !== null || this.#queue.length > 0;
  }

  /**
   * INVALID_ARGUMENT, PAYLOAD_TOO_LARGE, DUPLICATE, OVERLOADED, REVISION_MISMATCH, TOO_MANY; later also NO_QUORUM and what
   * the leader refuses.
   */
  send(now: Micros, request: number, wish: SendUpdate): void {
    const record = this.#recordOf(now, wish);
    const { updates, waitersMax } = this.#context.config;
    const why = refusalOfUpdate(record, updates);
    if (why !== null) return this.#refuse(request, why);
    const known = this.#state.find(record);
    if (known === 'too-old') return this.#refuse(request, duplicateOf(record));
    if (known === 0) return this.#refuse(request, conflictReject(this.#state.conflictOf(record)));
    if (known !== null) return this.#settle({ request, level: wish.level }, record, known, true);
    const key = keyOf(record);
    const waiters = this.#waiters.get(key);
    if (waiters !== undefined) {
      if (waiters.length < WAITERS_PER_UPDATE_MAX) waiters.push({ request, level: wish.level });
      else this.#refuse(request, this.#overloaded('too many callers wait for this very update'));
      return;
    }
    const cost = costOf(record);
    const isFull = this.#queue.length >= updates.pendingCountMax || this.#queuedBytes + cost > updates.pendingBytesMax;
    if (isFull || this.#unapplied.length >= waitersMax) {
      return this.#refuse(request, this.#overloaded('too many updates wait at this node for the leader; try again'));
    }
    this.#waiters.set(key, [{ request, level: wish.level }]);
    this.#queue.push(record);
    this.#queuedBytes += cost;
    this.#ports.onNeedsTurn();
  }

  /** The caller is gone; what it sent goes its way. */
  cancel(request: number): void {
    this.#unapplied = this.#unapplied.filter((waiting) => waiting.request !== request);
    for (const [key, waiters] of this.#waiters) {
      const left = waiters.filter((waiter) => waiter.request !== request);
      if (left.length < waiters.length) this.#waiters.set(key, left);
    }
  }

  /** Everybody who waits is told. What is on its way may still be admitted. */
  endAll(why: Reject): void {
    for (const waiters of this.#waiters.values()) for (const { request } of waiters) this.#refuse(request, why);
    for (const { request } of this.#unapplied) this.#refuse(request, why);
    this.#forgetQueued();
    this.#outstanding = null;
    this.#unapplied = [];
    this.#repeat.disarm();
  }

  onLeader(now: Micros): void {
    if (this.#outstanding !== null) this.#outstanding.askAgainAt = now;
  }

  /** An entry of this log was applied. */
  onOutcomes(outcomes: readonly UpdateOutcome[]): void {
    for (const outcome of outcomes) this.#onOutcome(outcome);
    this.#closeOutstanding();
  }

  /** A snapshot has replaced the state: it may hold what we wait for. */
  onRestored(): void {
    const records = [...(this.#outstanding?.batch.records ?? []), ...this.#queue];
    for (const record of records) {
      const known = this.#state.find(record);
      if (known === 'too-old') this.#onOutcome({ kind: 'too-old', record });
      else if (known === 0) this.#onOutcome({ kind: 'conflict', record, conflict: this.#state.conflictOf(record) });
      else if (known !== null) this.#onOutcome({ kind: 'admitted', record, seq: known });
    }
    this.#closeOutstanding();
    this.onMarks();
  }

  /** More nodes have applied, or there are others now. */
  onMarks(): void {
    if (this.#unapplied.length === 0) return;
    const left: Unapplied[] = [];
    for (const waiting of this.#unapplied) {
      const { nodesApplied, nodesTotal } = this.#ports.countApplied(waiting.seq);
      if (nodesApplied < nodesTotal) left.push(waiting);
      else this.#answer(waiting.request, waiting.record, waiting.seq, 'applied', waiting.isRepeat);
    }
    this.#unapplied = left;
  }

  /** The leader has refused the batch: its senders decide what to do. */
  onRefused(nonce: number, why: Reject): void {
    const outstanding = this.#outstanding;
    if (outstanding === null || outstanding.nonce !== nonce) return;
    this.#outstanding = null;
    for (const record of outstanding.batch.records) this.#refuseAll(record, why);
    this.#ports.onNeedsTurn();
  }

  onDeadline(_now: Micros, _deadline: Deadline): void {
    this.#ports.onNeedsTurn();
  }

  onTurn(now: Micros, leader: LeaderView): void {
    if (this.#outstanding === null && this.#queue.length > 0) this.#outstanding = this.#nextBatch(now);
    const outstanding = this.#outstanding;
    if (outstanding === null) {
      this.#repeat.disarm();
      return;
    }
    if (now >= outstanding.giveUpAt) return this.#giveUp(outstanding);
    if (now >= outstanding.askAgainAt && leader.kind !== 'none') {
      outstanding.askAgainAt = micros(now + REPEATS_APART * this.#context.config.repeatUs);
      if (leader.kind === 'local') this.#ports.decideHere(outstanding.nonce, outstanding.batch);
      else if (!this.#ports.forward(leader.node, outstanding.nonce, outstanding.batch)) outstanding.askAgainAt = micros(now + FULL_RETRY_US);
    }
    const next = leader.kind === 'none' ? outstanding.giveUpAt : Math.min(outstanding.askAgainAt, outstanding.giveUpAt);
    this.#repeat.arm(micros(next));
  }

  close(): void {
    this.#repeat.disarm();
  }

  #recordOf(now: Micros, wish: SendUpdate): UpdateRecord {
    const { feed, sender, senderSeq, updateId, topic, changes, payload } = wish;
    const { node, entropy } = this.#context;
    return {
      updateId: updateId ?? makeUlid<MessageId>(this.#context.wallMs(now), entropy),
      feed: UPDATE_FEEDS[feed],
      origin: node,
      sender,
      senderSeq,
      topic,
      changes,
      payload,
    };
  }

  #nextBatch(now: Micros): Outstanding {
    const { updates } = this.#context.config;
    const records: UpdateRecord[] = [];
    let bytes = 0;
    for (let next = this.#queue.peek(); next !== undefined; next = this.#queue.peek()) {
      const cost = costOf(next);
      if (records.length > 0 && (bytes + cost > updates.batchBytesMax || records.length >= updates.batchRecordsMax)) break;
      this.#queue.shift();
      this.#queuedBytes -= cost;
      bytes += cost;
      records.push(next);
    }
    const { bytesMax: retainBytesMax, countMax: retainCountMax } = this.#retention;
    const batch = { origin: this.#context.node, retainBytesMax, retainCountMax, records };
    return { nonce: this.#nextNonce++, batch, giveUpAt: micros(now + updates.sendPatienceUs), askAgainAt: now };
  }

  #onOutcome(outcome: UpdateOutcome): void {
    const { record } = outcome;
    const waiters = this.#waiters.get(keyOf(record));
    if (waiters === undefined) return;
    if (outcome.kind === 'too-old') return this.#refuseAll(record, duplicateOf(record));
    if (outcome.kind === 'conflict') return this.#refuseAll(record, conflictReject(outcome.conflict));
    if (outcome.kind === 'no-room') {
      return this.#refuseAll(record, reject('TOO_MANY', record.sender, 'the mesh remembers no more senders; send without one'));
    }
    this.#waiters.delete(keyOf(record));
    // Sent at two nodes: the entry of the other one came first.
    const isRepeat = outcome.kind === 'repeat' || record.origin !== this.#context.node;
    for (const waiter of waiters) this.#settle(waiter, record, outcome.seq, isRepeat);
  }

  /** Over once nobody in it is waited for: every record has found its outcome. */
  #closeOutstanding(): void {
    const outstanding = this.#outstanding;
    if (outstanding === null || outstanding.batch.records.some((record) => this.#waiters.has(keyOf(record)))) return;
    this.#outstanding = null;
    this.#ports.onNeedsTurn();
  }

  #settle({ request, level }: Waiter, record: UpdateRecord, seq: number, isRepeat: boolean): void {
    const { nodesApplied, nodesTotal } = this.#ports.countApplied(seq);
    if (level === 'committed' || nodesApplied >= nodesTotal) return this.#answer(request, record, seq, level, isRepeat);
    this.#unapplied.push({ request, record, seq, isRepeat });
  }

  #answer(request: number, record: UpdateRecord, seq: number, level: UpdateLevel, isRepeat: boolean): void {
    const updateId = this.#state.at(seq)?.record.updateId ?? record.updateId;
    const sent = { kind: 'update-sent', updateId, seq, level, isRepeat, ...this.#ports.countApplied(seq) } as const;
    this.#context.emit({ kind: 'reply', request, result: accept(sent) });
  }

  #giveUp(outstanding: Outstanding): void {
    this.#outstanding = null;
    const detail = 'the log has no leader that answers, and whether the update is in it is not known: send the very same again';
    const why = reject('NO_QUORUM', 'update', detail, this.#context.config.repeatUs);
    for (const record of outstanding.batch.records) this.#refuseAll(record, why);
    for (const record of this.#queue) this.#refuseAll(record, why);
    this.#forgetQueued();
  }

  #forgetQueued(): void {
    this.#queue.clear();
    this.#queuedBytes = 0;
    this.#waiters.clear();
  }

  #refuseAll(record: UpdateRecord, why: Reject): void {
    const key = keyOf(record);
    const waiters = this.#waiters.get(key) ?? [];
    this.#waiters.delete(key);
    for (const { request } of waiters) this.#refuse(request, why);
  }

  #overloaded(detail: string): Reject {
    return reject('OVERLOADED', 'update', detail, this.#context.config.repeatUs);
  }

  #refuse(request: number, why: Reject): void {
    this.#context.emit({ kind: 'reply', request, result: refuse(why) });
  }
}

/** Repeats of one update have one key, wherever they were sent. */
const keyOf = ({ sender, senderSeq, updateId }: UpdateRecord): string => (sender === '' ? updateId : `${senderSeq}/${sender}`);

const duplicateOf = ({ sender, senderSeq }: UpdateRecord): Reject =>
  reject('DUPLICATE', `${sender} ${senderSeq}`, 'it lies behind what this sender has sent; go on above its last number');

const WAITERS_PER_UPDATE_MAX = 16;
/** A batch on its way is repeated this many times less often than single frames: it is large, and travels a flow. */
const REPEATS_APART = 4;
const FULL_RETRY_US = 50_000;
