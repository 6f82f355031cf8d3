/**
 * What a leader lets into a log of updates: sound batches, one after the other, while live members keep up. A member that
 * applies nothing for long holds nobody up: it is passed, and told NEEDS_RESYNC when it comes back.
 */
import type { NodeId } from '../../base/ids.js';
import { type Reject, reject } from '../../base/reject.js';
import type { Micros } from '../../base/units.js';
import type { UpdateBatch } from '../../wire/update-messages.js';
import type { Retention, UpdatesConfig } from './config.js';
import { refusalOfUpdate } from './soundness.js';
import type { UpdateState } from './update-state.js';

/** A batch that some member has sent, or this node itself. */
export interface Candidate {
  readonly from: NodeId;
  readonly nonce: number;
  readonly batch: UpdateBatch;
}

export class Admission {
  readonly #config: UpdatesConfig;
  readonly #retention: Retention;
  readonly #waiting: Candidate[] = [];
  /** Where each member was when it moved last, and when. */
  readonly #progress = new Map<NodeId, { seq: number; at: Micros }>();

  constructor(config: UpdatesConfig, retention: Retention) {
    this.#config = config;
    this.#retention = retention;
  }

  get hasWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** False when too many wait. A batch that waits already is not taken twice. */
  add(candidate: Candidate): boolean {
    const isKnown = this.#waiting.some(({ from, nonce }) => from === candidate.from && nonce === candidate.nonce);
    if (isKnown) return true;
    if (this.#waiting.length >= this.#config.candidatesMax) return false;
    this.#waiting.push(candidate);
    return true;
  }

  /** All that wait, in the order of their coming. */
  take(): readonly Candidate[] {
    return this.#waiting.splice(0);
  }

  reset(): void {
    this.#waiting.length = 0;
    this.#progress.clear();
  }

  /** Null when the batch may be appended. */
  refusalOf(now: Micros, batch: UpdateBatch, state: UpdateState, members: readonly NodeId[]): Reject | null {
    if (batch.records.length === 0 || batch.records.length > this.#config.batchRecordsMax) {
      return reject('INVALID_ARGUMENT', 'batch', `a batch holds 1 to ${this.#config.batchRecordsMax} updates`);
    }
    for (const record of batch.records) {
      const why = refusalOfUpdate(record, this.#config);
      if (why !== null) return why;
    }
    return this.#refusalOfBacklog(now, state, members);
  }

  #refusalOfBacklog(now: Micros, state: UpdateState, members: readonly NodeId[]): Reject | null {
    const { bytesMax, countMax } = this.#retention;
    const { backlogPerMille, slowPatienceUs } = this.#config;
    for (const node of members) {
      const seq = state.appliedOf(node);
      const known = this.#progress.get(node);
      if (known === undefined || seq > known.seq || seq >= state.lastSeq) this.#progress.set(node, { seq, at: now });
      const behindBytes = state.bytesAfter(seq);
      const isFarBehind = behindBytes * 1000 > bytesMax * backlogPerMille || (state.lastSeq - seq) * 1000 > countMax * backlogPerMille;
      const isMoving = now - (this.#progress.get(node)?.at ?? now) < slowPatienceUs;
      if (isFarBehind && isMoving) {
        return reject('OVERLOADED', node, `this member has ${state.lastSeq - seq} updates to apply; send more when it has caught up`, RETRY_US);
      }
    }
    return null;
  }
}

const RETRY_US = 200_000;
