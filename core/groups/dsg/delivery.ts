/**
 * The target's side towards its application: one subscription at a time reads the log from its place on, within the
 * window that it gave, in order. What waits for a slow subscriber waits in the log, never here.
 *
 * Invariant: records leave in the order of (seq, chunkSeq), each once per subscription; acks beyond what was delivered,
 * or of an older attempt, are refused.
 */
import { type GroupId, type MessageId, idBytes, idFromBytes } from '../../base/ids.js';
import { assert } from '../../base/assert.js';
import { EMPTY_BYTES } from '../../base/bytes.js';
import type { Deadline, DeadlineOwner } from '../../base/deadlines.js';
import { type Reject, reject } from '../../base/reject.js';
import { type LogIndex, type Micros, type StreamSeq, micros, streamSeq } from '../../base/units.js';
import { type MessageBatch, StreamEntry } from '../../wire/group-messages.js';
import type { EntryLocation } from '../../journal/api.js';
import { ZERO_ID } from '../../wire/varint.js';
import { decodeEntries } from '../../journal/entry-block.js';
import type { DeliveredRecord, GroupContext } from '../context.js';
import { Pace } from './pace.js';
import type { AppliedEntry, StreamLog } from './stream-log.js';

/** What a subscriber can take. */
export interface Window {
  windowMessages: number;
  /** Payload only. */
  windowBytes: number;
  readonly windowBytesFirst: number;
  /** Payload of the chunks that were delivered of the message which is not delivered whole. */
  partialBytes: number;
}

interface Subscription extends Window {
  readonly request: number;
  /** Acks name it; a failure takes the next one. */
  attempt: number;
  readonly firstAttempt: number;
  /** The next chunk to deliver. */
  seq: number;
  chunkSeq: number;
  /** The last message whose every chunk was delivered. */
  deliveredSeq: number;
  /** Delivered and not acknowledged batches, for their identifiers. */
  readonly unacked: { readonly firstSeq: number; readonly baseMessageId: MessageId }[];
}

export class Delivery implements DeadlineOwner {
  readonly #context: GroupContext;
  readonly #group: GroupId;
  readonly #log: StreamLog;
  readonly #onNeedsTurn: () => void;
  #subscription: Subscription | null = null;
  /** Decoded entries near the subscription's place. */
  readonly #cache = new Map<LogIndex, { readonly batch: MessageBatch; readonly bytes: number }>();
  #cacheBytes = 0;
  #isFetching = false;
  readonly #retry: Deadline;
  /** Opens again. */
  readonly #paced: Deadline;
  readonly pace = new Pace();

  constructor(context: GroupContext, group: GroupId, log: StreamLog, onNeedsTurn: () => void) {
    this.#context = context;
    this.#group = group;
    this.#log = log;
    this.#onNeedsTurn = onNeedsTurn;
    this.#retry = context.deadlines.allocate(this, 'read-retry', group);
    this.#paced = context.deadlines.allocate(this, 'delivery-pace', group);
  }

  get isSubscribed(): boolean {
    return this.#subscription !== null;
  }

  /** The last message that was handed over whole. */
  get deliveredSeq(): StreamSeq {
    return streamSeq(this.#subscription?.deliveredSeq ?? 0);
  }

  /** Decoded entries that are held for the subscriber. */
  get cachedCount(): number {
    return this.#cache.size;
  }

  get request(): number | null {
    return this.#subscription?.request ?? null;
  }

  get attempt(): number {
    return this.#subscription?.attempt ?? 0;
  }

  /** The message whose next chunk is due: what is before it was handed over whole. */
  get nextSeq(): number {
    return this.#subscription?.seq ?? 0;
  }

  /** Whether a part of the message that is due was handed over. */
  get isAmidMessage(): boolean {
    return (this.#subscription?.chunkSeq ?? 0) > 0;
  }

  begin(request: number, attempt: number, resumeAfter: number, windowMessages: number, windowBytes: number): void {
    this.#subscription = {
      request,
      attempt,
      firstAttempt: attempt,
      windowMessages,
      windowBytes,
      windowBytesFirst: windowBytes,
      partialBytes: 0,
      seq: resumeAfter + 1,
      chunkSeq: 0,
      deliveredSeq: resumeAfter,
      unacked: [],
    };
    this.#cache.clear();
    this.#cacheBytes = 0;
    this.#retry.disarm();
  }

  /** Everything after `resumeAfter` is void and comes again as `attempt`. The window is given back by its owner. */
  rewind(attempt: number, resumeAfter: number): void {
    const subscription = this.#subscription;
    if (subscription === null) return;
    assert(attempt > subscription.attempt, 'a later attempt voids an earlier one');
    subscription.attempt = attempt;
    subscription.partialBytes = 0;
    subscription.seq = resumeAfter + 1;
    subscription.chunkSeq = 0;
    subscription.deliveredSeq = resumeAfter;
    subscription.unacked.length = 0;
    this.#cache.clear();
    this.#cacheBytes = 0;
  }

  end(): void {
    this.#subscription = null;
    this.#retry.disarm();
    this.#cache.clear();
    this.#cacheBytes = 0;
  }

  grant(messages: number, bytes: number): void {
    if (this.#subscription === null) return;
    this.#subscription.windowMessages += messages;
    this.#subscription.windowBytes += bytes;
  }

  /** Whether a failure has voided that attempt of this very subscription. */
  isVoid(attempt: number): boolean {
    const subscription = this.#subscription;
    return subscription !== null && attempt >= subscription.firstAttempt && attempt < subscription.attempt;
  }

  /** STALE_ATTEMPT for an ack of another attempt, OFFSET_AHEAD for one beyond what was delivered; else null. */
  checkAck(attempt: number, seq: number): Reject | null {
    const subscription = this.#subscription;
    if (subscription === null || subscription.attempt !== attempt) {
      return reject('STALE_ATTEMPT', `attempt ${attempt}`, 'it is void: what was delivered comes again under a later attempt');
    }
    if (seq > subscription.deliveredSeq) {
      return reject('OFFSET_AHEAD', `seq ${seq}`, `only ${subscription.deliveredSeq} was delivered`);
    }
    return null;
  }

  /** The identifier of a delivered message that is being acknowledged; what is before it is forgotten. */
  messageIdAt(seq: number): MessageId | null {
    const unacked = this.#subscription?.unacked;
    if (unacked === undefined) return null;
    let count = 0;
    while (count < unacked.length && (unacked[count] as { firstSeq: number }).firstSeq <= seq) count++;
    const batch = unacked[count - 1];
    if (batch === undefined) return null;
    unacked.splice(0, count - 1);
    return countedId(batch.baseMessageId, seq - batch.firstSeq);
  }

  /** An entry was applied: keeps its decoded form if the subscription is about to read it. */
  onApplied(applied: AppliedEntry, batch: MessageBatch): void {
    const subscription = this.#subscription;
    if (subscription === null || !isOpen(subscription)) return;
    if (this.#cacheBytes >= 2 * this.#context.config.deliverBytesMax) return;
    this.#remember(applied.index, applied.cost, batch);
  }

  /** A subscriber that reads behind what its node has settled was passed by the log: what it wants next is gone. */
  get isPassed(): boolean {
    return this.#subscription !== null && this.isReleased(this.#subscription.seq);
  }

  /** Whether what a subscriber would be given at `seq` is gone. Of dead letters there is nothing that could be. */
  isReleased(seq: number): boolean {
    const { releasedSeq } = this.#log;
    let first = seq;
    while (first <= releasedSeq && this.#isDead(first)) first++;
    return first <= releasedSeq;
  }

  /** At the turn: delivers what is there and fits the window. */
  pump(now: Micros): void {
    const subscription = this.#subscription;
    if (subscription === null || !this.#isPaceOpen(now)) return;
    let records: DeliveredRecord[] = [];
    let bytes = 0;
    while (isOpen(subscription) && this.pace.hasLeft) {
      if (this.#isDead(subscription.seq)) {
        records.push(this.#passDead(subscription));
        continue;
      }
      const entry = this.#log.find(subscription.seq, subscription.chunkSeq);
      if (entry === null) break;
      const batch = this.#cache.get(entry.index)?.batch;
      if (batch === undefined) {
        this.#readFrom(subscription, entry);
        break;
      }
      bytes += this.#takeFrom(subscription, entry, batch, records);
      if (bytes >= this.#context.config.deliverBytesMax) {
        this.#deliver(subscription, records);
        records = [];
        bytes = 0;
      }
    }
    this.#deliver(subscription, records);
    const opensAt = this.pace.opensAt(now);
    if (opensAt !== null) this.#paced.arm(opensAt);
  }

  #isPaceOpen(now: Micros): boolean {
    if (this.pace.isOpen(now)) return true;
    const opensAt = this.pace.opensAt(now);
    if (opensAt !== null) this.#paced.arm(opensAt);
    return false;
  }

  #deliver(subscription: Subscription, chunks: readonly DeliveredRecord[]): void {
    if (chunks.length === 0) return;
    this.#context.emit({ kind: 'deliver', request: subscription.request, attempt: subscription.attempt, chunks });
  }

  /** Moves records of one entry to `records` until the entry or the window ends. Returns their bytes. */
  #takeFrom(subscription: Subscription, entry: AppliedEntry, batch: MessageBatch, records: DeliveredRecord[]): number {
    const isWhole = batch.chunkCount === 1;
    let at = isWhole ? subscription.seq - batch.firstSeq : 0;
    let bytes = 0;
    const { unacked } = subscription;
    if (unacked.at(-1)?.firstSeq !== batch.firstSeq) unacked.push({ firstSeq: batch.firstSeq, baseMessageId: batch.baseMessageId });
    while (at < batch.records.length && isOpen(subscription) && this.pace.hasLeft && !this.#isDead(subscription.seq)) {
      const record = batch.records[at] as MessageBatch['records'][number];
      const isLast = isWhole || batch.chunkSeq + 1 === batch.chunkCount;
      records.push({
        seq: streamSeq(subscription.seq),
        chunkSeq: batch.chunkSeq,
        chunkCount: batch.chunkCount,
        messageId: countedId(batch.baseMessageId, at),
        producer: batch.producer,
        producerSeq: record.producerSeq,
        payload: record.payload,
        checksum: record.checksum,
        headers: record.headers,
        ...(record.digest.length > 0 && { digest: record.digest }),
      });
      bytes += record.payload.length + record.headers.length;
      this.pace.spend(isLast ? 1 : 0, record.payload.length);
      subscription.windowBytes -= record.payload.length;
      subscription.partialBytes = isLast ? 0 : subscription.partialBytes + record.payload.length;
      if (isLast) {
        subscription.windowMessages--;
        subscription.deliveredSeq = subscription.seq;
        subscription.seq++;
        subscription.chunkSeq = 0;
      } else {
        subscription.chunkSeq++;
      }
      at++;
    }
    if (at >= batch.records.length) this.#forget(entry.index);
    return bytes;
  }

  onDeadline(_now: Micros, _deadline: Deadline): void {
    this.#onNeedsTurn();
  }

  /** Whether this target has given up on the message: its subscriber is told so in its place. */
  #isDead(seq: number): boolean {
    const { state } = this.#log;
    return seq <= state.settledOf(this.#context.node) && state.deadLetters.hasDied(this.#context.node, seq);
  }

  #passDead(subscription: Subscription): DeliveredRecord {
    const seq = streamSeq(subscription.seq);
    const letter = this.#log.state.deadLetters.get(this.#context.node, seq);
    subscription.windowMessages--;
    subscription.deliveredSeq = seq;
    subscription.seq++;
    return {
      seq,
      chunkSeq: 0,
      chunkCount: 1,
      messageId: letter?.messageId ?? (ZERO_ID as MessageId),
      producer: letter?.producer ?? '',
      producerSeq: letter?.producerSeq ?? 0,
      payload: EMPTY_BYTES,
      checksum: 0,
      headers: EMPTY_BYTES,
      isDead: true,
    };
  }

  #readFrom(subscription: Subscription, first: AppliedEntry): void {
    if (this.#isFetching || this.#retry.isArmed) return;
    const { request, attempt } = subscription;
    const locations = this.#context.journal.locate(
      this.#group,
      first.index,
      this.#log.applied,
      this.#context.config.deliverBytesMax,
    );
    if (locations.length === 0) return;
    this.#isFetching = true;
    this.#context.fetch(
      locations.map(({ read }) => read),
      (now, chunks) => {
        this.#isFetching = false;
        const isOurs = this.#subscription?.request === request && this.#subscription.attempt === attempt;
        for (let i = 0; isOurs && i < locations.length; i++) this.#onRead(now, locations[i] as EntryLocation, chunks[i] ?? null);
        if (!this.#retry.isArmed) this.#onNeedsTurn();
      },
    );
  }

  /** A block that cannot be read is asked for again after a while; Raft's own repair puts it back. */
  #onRead(now: Micros, location: EntryLocation, chunk: Uint8Array | null): void {
    const entries = decodeEntries(location, chunk);
    if (entries === null) {
      this.#context.emit({ kind: 'notice', notice: { kind: 'count', name: 'delivery.unreadable-blocks', by: 1 } });
      this.#retry.arm(micros(now + this.#context.config.repeatUs));
      return;
    }
    for (const { index, kind, bytes } of entries) {
      if (kind !== 'data') continue;
      const entry = StreamEntry.decode(bytes);
      if (entry?.kind === 'messages' && this.#isAdmitted(index, entry)) this.#remember(index, bytes.length, entry);
    }
  }

  /** What the stream did not admit would never be delivered, nor forgotten. */
  #isAdmitted(index: LogIndex, batch: MessageBatch): boolean {
    return this.#log.find(batch.firstSeq + batch.records.length - 1, batch.chunkSeq)?.index === index;
  }

  #remember(index: LogIndex, bytes: number, batch: MessageBatch): void {
    if (this.#cache.has(index)) return;
    this.#cache.set(index, { batch, bytes });
    this.#cacheBytes += bytes;
  }

  #forget(index: LogIndex): void {
    this.#cacheBytes -= this.#cache.get(index)?.bytes ?? 0;
    this.#cache.delete(index);
  }
}

/**
 * Whether another chunk may leave. A message that is larger than the whole window goes on once everything before it
 * has been given back: who waits for its end to give back its bytes would wait for ever.
 */
export function isOpen({ windowMessages, windowBytes, windowBytesFirst, partialBytes }: Window): boolean {
  if (windowMessages <= 0) return false;
  return windowBytes > 0 || (partialBytes > 0 && windowBytes + partialBytes >= windowBytesFirst);
}

/** Message ids of a batch are its base id, counted on. */
export function countedId(base: MessageId, count: number): MessageId {
  if (count === 0) return base;
  const bytes = idBytes(base);
  let carry = count;
  for (let i = 15; i >= 0 && carry > 0; i--) {
    const sum = (bytes[i] as number) + (carry & 255);
    bytes[i] = sum & 255;
    carry = Math.floor(carry / 256) + (sum >>> 8);
  }
  return idFromBytes<MessageId>(bytes);
}
