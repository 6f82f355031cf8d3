/**
 * The replicated state of a log of updates: which updates there are and in which order, by what repeats are recognised,
 * how far every node has applied, and the updates that are still kept for those who have not.
 *
 * An update with a sender is admitted when its senderSeq is above the sender's last: monotone, gaps allowed, for ever.
 * One without is recognised by its id among the newest `IDS_KEPT`. What is kept is bounded by what the entries
 * themselves say, so that every replica keeps the same whatever its own configuration; beyond that the oldest go, and who
 * still needs them is told NEEDS_RESYNC. An update whose changes of the configuration meet a conflict gets no number; its
 * refusal is remembered like a number, so that a repeat of it is refused as well.
 *
 * Invariant: floor ≤ base ≤ lastSeq, where updates up to base are gone; retained updates are base + 1 to lastSeq.
 */
import { assert } from '../../base/assert.js';
import { crc32c } from '../../base/crc32c.js';
import { Fifo } from '../../base/fifo.js';
import type { MessageId, NodeId } from '../../base/ids.js';
import type { AppliedMarks, NumberedUpdate, UpdateBatch, UpdateSnapshot } from '../../wire/update-messages.js';
import { UPDATE_FEEDS, UpdateRecord } from '../../wire/update-messages.js';
import { type ConfigConflict, ConfigStore } from './config-store.js';

/** What became of one update of an entry. */
export type UpdateOutcome =
  | { readonly kind: 'admitted'; readonly record: UpdateRecord; readonly seq: number }
  /** It had been admitted before, as `seq`. */
  | { readonly kind: 'repeat'; readonly record: UpdateRecord; readonly seq: number }
  /** It lies behind its sender's last, further than results are kept. */
  | { readonly kind: 'too-old'; readonly record: UpdateRecord }
  /** Its changes of the configuration were not made: see `ConfigConflict`; null for a repeat that would find none now. */
  | { readonly kind: 'conflict'; readonly record: UpdateRecord; readonly conflict: ConfigConflict | null }
  /** No more senders are remembered. */
  | { readonly kind: 'no-room'; readonly record: UpdateRecord };

/** An update that is kept, and what it costs. */
export interface KeptUpdate extends NumberedUpdate {
  readonly bytes: number;
}

interface Sender {
  last: number;
  /** The newest results, ascending by senderSeq. */
  readonly recent: { readonly senderSeq: number; readonly seq: number; readonly updateId: MessageId }[];
}

export class UpdateState {
  #lastSeq = 0;
  #floor = 0;
  #digest = 0;
  readonly #senders = new Map<string, Sender>();
  /** In the order of admission. */
  readonly #ids = new Map<MessageId, number>();
  readonly #applied = new Map<NodeId, number>();
  /** The rows of `config_kv`: the sum of all changes. */
  readonly configuration = new ConfigStore();
  #retained = new Fifo<KeptUpdate & { readonly endBytes: number }>();
  /** Bytes of all updates that were ever kept, and of those that went. */
  #keptBytes = 0;
  #droppedBytes = 0;

  /** The number of the newest update; 0 before the first. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** Updates up to this one are not kept any more. */
  get baseSeq(): number {
    return this.#lastSeq - this.#retained.length;
  }

  /** Every member has applied up to here, as the leader saw it. */
  get floor(): number {
    return this.#floor;
  }

  get retainedBytes(): number {
    return this.#keptBytes - this.#droppedBytes;
  }

  /** How far a node has applied, as the log knows it. */
  appliedOf(node: NodeId): number {
    return this.#applied.get(node) ?? 0;
  }

  /** A kept update; null for one that is gone or does not exist. */
  at(seq: number): KeptUpdate | null {
    return this.#retained.at(seq - this.baseSeq - 1) ?? null;
  }

  /** Bytes of the kept updates after `seq`. */
  bytesAfter(seq: number): number {
    return this.#keptBytes - (this.#retained.at(seq - this.baseSeq - 1)?.endBytes ?? this.#droppedBytes);
  }

  /** What would become of the update if it were admitted now: its number, 0 for a refusal; null when it is new. */
  find({ sender, senderSeq, updateId }: Pick<UpdateRecord, 'sender' | 'senderSeq' | 'updateId'>): number | 'too-old' | null {
    if (sender === '') return this.#ids.get(updateId) ?? null;
    const known = this.#senders.get(sender);
    if (known === undefined || senderSeq > known.last) return null;
    return known.recent.find((result) => result.senderSeq === senderSeq)?.seq ?? 'too-old';
  }

  /** What keeps the update's changes of the configuration from being made now; null when nothing does. */
  conflictOf({ feed, changes }: UpdateRecord): ConfigConflict | null {
    return feed === UPDATE_FEEDS.mesh ? this.configuration.conflictOf(changes) : null;
  }

  /** The last senderSeq of a sender; 0 when it is not known. */
  lastOf(sender: string): number {
    return this.#senders.get(sender)?.last ?? 0;
  }

  apply(batch: UpdateBatch): readonly UpdateOutcome[] {
    const outcomes = batch.records.map((record) => this.#admit(record));
    while (this.retainedBytes > batch.retainBytesMax || this.#retained.length > batch.retainCountMax) this.#dropOldest();
    return outcomes;
  }

  /** Marks only rise; what every member has applied is kept no longer. */
  mark({ marks, floor }: AppliedMarks): void {
    for (const { node, seq } of marks) {
      if (seq > this.appliedOf(node) && seq <= this.#lastSeq) this.#applied.set(node, seq);
    }
    this.#floor = Math.max(this.#floor, Math.min(floor, this.#lastSeq));
    while (this.#retained.length > 0 && this.baseSeq < this.#floor) this.#dropOldest();
  }

  snapshot(): UpdateSnapshot {
    return {
      lastSeq: this.#lastSeq,
      digest: this.#digest,
      floor: this.#floor,
      senders: [...this.#senders].map(([name, { last, recent }]) => ({ name, last, recent: [...recent] })),
      ids: [...this.#ids].map(([updateId, seq]) => ({ updateId, seq })),
      applied: [...this.#applied].map(([node, seq]) => ({ node, seq })),
      retained: [...this.#retained].map(({ seq, record }) => ({ seq, record })),
      configuration: this.configuration.rows(),
    };
  }

  /** Replaces everything. False when the snapshot contradicts itself. */
  restore(snapshot: UpdateSnapshot): boolean {
    const { retained, lastSeq } = snapshot;
    if (retained.some(({ seq }, at) => seq !== lastSeq - retained.length + 1 + at)) return false;
    this.#lastSeq = lastSeq;
    this.#floor = snapshot.floor;
    this.#digest = snapshot.digest;
    this.#senders.clear();
    for (const { name, last, recent } of snapshot.senders) this.#senders.set(name, { last, recent: [...recent] });
    this.#ids.clear();
    for (const { updateId, seq } of snapshot.ids) this.#ids.set(updateId, seq);
    this.#applied.clear();
    for (const { node, seq } of snapshot.applied) this.#applied.set(node, seq);
    this.configuration.restore(snapshot.configuration);
    this.#retained = new Fifo();
    this.#keptBytes = 0;
    this.#droppedBytes = 0;
    for (const { seq, record } of retained) this.#retain(seq, record, costOf(record));
    return true;
  }

  /** A digest of all updates in their order, and of the marks: equal at every replica after the same entry. */
  digest(): number {
    let digest = this.#digest;
    const words = new Uint8Array(12);
    const view = new DataView(words.buffer);
    for (const seq of [this.#floor, this.baseSeq, ...this.#applied.values()]) {
      view.setUint32(0, seq >>> 0, true);
      view.setUint32(4, digest, true);
      digest = crc32c(words, 0, 8);
    }
    return digest;
  }

  checkInvariants(): void {
    assert(this.#floor <= this.#lastSeq, 'the floor is of what exists');
    assert(this.#retained.length === 0 || this.#floor <= this.baseSeq, 'what every member has is not kept');
    assert(this.#senders.size <= SENDERS_MAX, 'senders are bounded');
    assert(this.#ids.size <= IDS_KEPT, 'ids are bounded');
    this.configuration.checkInvariants(this.#lastSeq);
  }

  #admit(record: UpdateRecord): UpdateOutcome {
    const known = this.find(record);
    if (known === 'too-old') return { kind: 'too-old', record };
    if (known === 0) return { kind: 'conflict', record, conflict: this.conflictOf(record) };
    if (known !== null) return { kind: 'repeat', record, seq: known };
    const isNewSender = record.sender !== '' && !this.#senders.has(record.sender);
    if (isNewSender && this.#senders.size >= SENDERS_MAX) return { kind: 'no-room', record };
    const conflict = this.conflictOf(record);
    if (conflict !== null) {
      this.#remember(record, 0);
      return { kind: 'conflict', record, conflict };
    }
    const seq = ++this.#lastSeq;
    const bytes = UpdateRecord.encode(record);
    this.#digest = crc32c(bytes, 0, bytes.length, this.#digest);
    this.#remember(record, seq);
    if (record.feed === UPDATE_FEEDS.mesh) this.configuration.apply(record.changes, seq);
    this.#retain(seq, record, bytes.length);
    return { kind: 'admitted', record, seq };
  }

  #remember({ sender, senderSeq, updateId }: UpdateRecord, seq: number): void {
    if (sender === '') {
      this.#ids.set(updateId, seq);
      if (this.#ids.size > IDS_KEPT) this.#ids.delete(this.#ids.keys().next().value as MessageId);
      return;
    }
    const known = this.#senders.get(sender) ?? { last: 0, recent: [] };
    known.last = senderSeq;
    known.recent.push({ senderSeq, seq, updateId });
    if (known.recent.length > RESULTS_KEPT) known.recent.shift();
    this.#senders.set(sender, known);
  }

  #retain(seq: number, record: UpdateRecord, bytes: number): void {
    this.#keptBytes += bytes;
    this.#retained.push({ seq, record, bytes, endBytes: this.#keptBytes });
  }

  #dropOldest(): void {
    this.#droppedBytes += this.#retained.shift()?.bytes ?? 0;
  }
}

/** What an update costs of every bound in bytes. */
export const costOf = (record: UpdateRecord): number => UpdateRecord.encode(record).length;

/** Whose rows are configuration of the mesh and its nodes. */
export const CONFIGURATION_TABLE = 'config_kv';
/** Part of the state machine: other numbers would make other states of the same log. */
export const SENDERS_MAX = 10_000;
const RESULTS_KEPT = 8;
const IDS_KEPT = 4096;
