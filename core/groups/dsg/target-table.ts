/**
 * The targets of a stream as its log has them: who is attached, from where on, how far each has settled, and what
 * follows from that: the completed watermark, what payload is still owed, and whether the stream is orphaned.
 *
 * A message is owed by the targets that were attached before it. It is completed when every required target that owes
 * it has settled it, or any k of those, or those that the policy names; optional targets never count, and a target that came later never completes what it was not given.
 * When the messages to complete next are owed by fewer than the policy needs, the stream is ORPHANED: it completes
 * nothing and lets no payload go until enough targets are attached that begin early enough, or it is closed.
 *
 * Invariant: startSeq <= settledSeq of every row; the completed watermark never decreases, whatever the targets.
 */
import { assert } from '../../base/assert.js';
import { EMPTY_BYTES } from '../../base/bytes.js';
import type { NodeId } from '../../base/ids.js';
import type { StreamDescriptor, TargetChange, TargetRow } from '../../wire/group-messages.js';
import { type CompletionPolicy, completedSeq, doesCount, neededCount } from '../policy.js';

export type TargetStatus = 'attached' | 'detached' | 'lapsed';

export interface Target {
  readonly node: NodeId;
  /** The life of its disk that serves. */
  readonly replica: number;
  readonly status: TargetStatus;
  /** It holds back neither completion nor payload, and may lapse. */
  readonly isOptional: boolean;
  /** Messages up to here are not this target's. */
  readonly startSeq: number;
  readonly settledSeq: number;
  /** The source's, which lets a target in that the descriptor does not name; empty for those that it names. */
  readonly signature: Uint8Array;
}

/** Where the stream stands when its targets change. */
export interface StreamPlace {
  readonly lastSeq: number;
  readonly completedSeq: number;
  readonly releasedSeq: number;
}

export class TargetTable {
  readonly #policy: CompletionPolicy;
  readonly #initial: readonly Target[];
  readonly #rows = new Map<NodeId, Target>();
  /** A member left by force: nothing is completed until an operator has decided. */
  #isForced = false;
  #version = 0;

  /** `targets` as the descriptor names them. */
  constructor(targets: StreamDescriptor['targets'], policy: CompletionPolicy) {
    this.#policy = policy;
    this.#initial = targets.map(({ node, replica, isOptional }) => ({
      node,
      replica,
      status: 'attached',
      isOptional,
      startSeq: 0,
      settledSeq: 0,
      signature: EMPTY_BYTES,
    }));
    this.reset();
  }

  get rows(): readonly Target[] {
    return [...this.#rows.values()];
  }

  /** Counts the changes of who is a target and how; settled offsets are none. */
  get version(): number {
    return this.#version;
  }

  get isForced(): boolean {
    return this.#isForced;
  }

  get(node: NodeId): Target | null {
    return this.#rows.get(node) ?? null;
  }

  /** A target that is to be given messages; null when it is none, or none any more. */
  attached(node: NodeId): Target | null {
    const row = this.#rows.get(node);
    return row?.status === 'attached' ? row : null;
  }

  settledOf(node: NodeId): number {
    return this.#rows.get(node)?.settledSeq ?? 0;
  }

  /** Raises the settled offset of an attached target. False: it is none, or it is there already. */
  settle(node: NodeId, seq: number): boolean {
    const row = this.attached(node);
    if (row === null || seq <= row.settledSeq) return false;
    this.#rows.set(node, { ...row, settledSeq: seq });
    return true;
  }

  /** What the policy finds completed, from what it found before. */
  completedAfter(before: number): number {
    if (this.#isForced) return before;
    let completed = before;
    for (;;) {
      const counting = this.#counting(completed);
      const next = completedSeq(this.#policy, counting.map(({ settledSeq }) => settledSeq));
      if (next <= completed) return completed;
      completed = next;
    }
  }

  /** Whether fewer targets than the policy needs would owe the next message if `node` did not count. */
  wouldOrphan(node: NodeId, completed: number): boolean {
    return this.#counting(completed).filter((row) => row.node !== node).length < neededCount(this.#policy);
  }

  /** Fewer targets owe the next message than the policy needs, or a member left by force. */
  isOrphaned(completed: number): boolean {
    return this.#isForced || this.#counting(completed).length < neededCount(this.#policy);
  }

  /** Whom the stream waits for, if there is anybody. */
  slowest(): Target | null {
    let slowest: Target | null = null;
    for (const row of this.#rows.values()) {
      const counts = row.status === 'attached' && !row.isOptional;
      if (counts && (slowest === null || row.settledSeq < slowest.settledSeq)) slowest = row;
    }
    return slowest;
  }

  /** Nobody whom the stream waits for lacks anything up to here. */
  heldSeq(completed: number): number {
    let held = completed;
    for (const row of this.#rows.values()) {
      if (row.status === 'attached' && !row.isOptional) held = Math.min(held, row.settledSeq);
    }
    return held;
  }

  /** No attached target, optional ones too, lacks anything up to here. */
  settledByAll(completed: number): number {
    let settled = this.heldSeq(completed);
    for (const row of this.#rows.values()) if (row.status === 'attached') settled = Math.min(settled, row.settledSeq);
    return settled;
  }

  /** Payload up to `releasedSeq` goes: who lacks some of it is lapsed. Only optional targets can. */
  lapse(releasedSeq: number): readonly NodeId[] {
    const lapsed: NodeId[] = [];
    this.#version++;
    for (const row of this.#rows.values()) {
      if (row.status !== 'attached' || row.settledSeq >= releasedSeq) continue;
      assert(row.isOptional, 'only optional targets lapse');
      this.#rows.set(row.node, { ...row, status: 'lapsed' });
      lapsed.push(row.node);
    }
    return lapsed;
  }

  /** Carries out what the operator at the source decided, which also ends what a forced departure began. A change that does not apply changes nothing. */
  change(change: TargetChange, place: StreamPlace): void {
    const row = this.#rows.get(change.node);
    this.#isForced = false;
    this.#version++;
    switch (change.action) {
      case ATTACH:
        this.#attach(change, place);
        return;
      case DETACH:
        if (row !== undefined) this.#rows.set(row.node, { ...row, status: 'detached' });
        return;
      case REMOVE:
        this.#rows.delete(change.node);
        return;
      case MAKE_REQUIRED:
      case MAKE_OPTIONAL:
        if (row !== undefined) this.#rows.set(row.node, { ...row, isOptional: change.action === MAKE_OPTIONAL });
    }
  }

  /** A member of the mesh is gone for good. False: it was no target with that replica. */
  depart(node: NodeId, replica: number, isForced: boolean): boolean {
    const isTarget = this.#rows.get(node)?.replica === replica;
    if (isTarget) this.#rows.delete(node);
    this.#version++;
    this.#isForced ||= isForced;
    return isTarget;
  }

  /** Its later replica takes the place of a target: what was settled for the node stays settled. */
  replace(node: NodeId, replica: number): void {
    const row = this.#rows.get(node);
    if (row === undefined || replica <= row.replica) return;
    this.#version++;
    this.#rows.set(node, { ...row, replica });
  }

  reset(): void {
    this.#rows.clear();
    this.#isForced = false;
    this.#version++;
    for (const row of this.#initial) this.#rows.set(row.node, row);
  }

  snapshot(): readonly TargetRow[] {
    return this.rows.map((row) => ({ ...row, status: STATUSES.indexOf(row.status) + 1 }));
  }

  /** False: a status that this version does not know. */
  restore(rows: readonly TargetRow[], isForced: boolean): boolean {
    this.#rows.clear();
    this.#isForced = isForced;
    this.#version++;
    for (const row of rows) {
      const status = STATUSES[row.status - 1];
      if (status === undefined) return false;
      this.#rows.set(row.node, { ...row, status });
    }
    return true;
  }

  checkInvariants(lastSeq: number): void {
    for (const { startSeq, settledSeq } of this.#rows.values()) {
      assert(startSeq <= settledSeq, 'a target has nothing to settle before its start');
      assert(settledSeq <= lastSeq, 'a settled offset is never ahead of what exists');
    }
  }

  /** Those whose settling counts for the message after `completed`. */
  #counting(completed: number): readonly Target[] {
    const isCounted = (row: Target): boolean => row.status === 'attached' && !row.isOptional && doesCount(this.#policy, row.node);
    return this.rows.filter((row) => isCounted(row) && row.startSeq <= completed);
  }

  /** Who was detached goes on where it had settled, unless it is to begin later. */
  #attach({ node, replica, isOptional, start, startSeq, signature }: TargetChange, place: StreamPlace): void {
    const row = this.#rows.get(node);
    if (row?.status === 'attached' && row.replica === replica) return;
    const wished = start === FROM_NOW ? place.lastSeq : start === FROM_EARLIEST ? place.releasedSeq : startSeq;
    const first = Math.min(Math.max(wished, place.releasedSeq), place.lastSeq);
    // A wiped disk has processed nothing, whatever the one before it had.
    const settledSeq = row?.replica === replica ? Math.max(row.settledSeq, first) : first;
    this.#rows.set(node, { node, replica, status: 'attached', isOptional, startSeq: first, settledSeq, signature });
  }
}

const STATUSES: readonly TargetStatus[] = ['attached', 'detached', 'lapsed'];

/** `TargetChange.action`. */
export const ATTACH = 1;
export const DETACH = 2;
export const REMOVE = 3;
export const MAKE_REQUIRED = 4;
export const MAKE_OPTIONAL = 5;
/** `TargetChange.start`. */
export const FROM_NOW = 1;
export const FROM_SEQ = 2;
export const FROM_EARLIEST = 3;
