/**
 * One stream's log as its members read it: every applied entry that is still needed, without payloads, and two copies
 * of the replicated state. `state` is at the last applied entry; `trail` follows behind it up to the last entry whose
 * messages are settled everywhere, and is what a snapshot holds. So the log that a snapshot leaves in place is exactly
 * the targets' inbox, and a snapshot never carries payloads.
 */
import type { NodeId } from '../../base/ids.js';
import { type LogIndex, type StreamSeq, logIndex, streamSeq } from '../../base/units.js';
import { assert } from '../../base/assert.js';
import type { StreamEntry } from '../../wire/group-messages.js';
import type { CompletionPolicy } from '../policy.js';
import { type Admission, type StreamDelta, StreamState } from './stream-state.js';

/** An applied entry. `lastSeq` is the highest message that it holds, or holds a chunk of; 0 when it holds none. */
export interface AppliedEntry {
  readonly index: LogIndex;
  readonly delta: StreamDelta;
  /** First admitted message or chunk: entries that were not admitted have `isAdmitted` false. */
  readonly isAdmitted: boolean;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly chunkSeq: number;
  readonly chunkCount: number;
  readonly payloadBytes: number;
}

export class StreamLog {
  readonly state: StreamState;
  readonly #trail: StreamState;
  /** Applied and not compacted, ascending by index; `#head` is the first that is still needed. */
  #entries: AppliedEntry[] = [];
  #head = 0;
  #applied: LogIndex = logIndex(0);
  #compacted: LogIndex = logIndex(0);
  #retainedBytes = 0;
  /** The last message that the newest restored snapshot had released. */
  #restoredSeq: StreamSeq = streamSeq(0);

  constructor(targets: readonly NodeId[], policy: CompletionPolicy, resultsMax: number) {
    this.state = new StreamState(targets, policy, resultsMax);
    this.#trail = new StreamState(targets, policy, resultsMax);
  }

  get applied(): LogIndex {
    return this.#applied;
  }

  /** The last message whose payload is no longer in the log. */
  get releasedSeq(): StreamSeq {
    return this.#trail.lastSeq;
  }

  /** Payload bytes of admitted messages that some target has not settled. */
  get retainedBytes(): number {
    return this.#retainedBytes;
  }

  get retainedCount(): number {
    return this.#entries.length - this.#head;
  }

  /** Applies the entry at `index`; null stands for an entry that carries nothing for the stream. */
  apply(index: LogIndex, entry: StreamEntry | null): { readonly applied: AppliedEntry; readonly admission: Admission | null } {
    assert(index > this.#applied, 'entries are applied in log order');
    this.#applied = index;
    const delta = entry === null ? { kind: 'settled' as const, marks: [] } : deltaOf(entry);
    const before = this.state.next;
    const admission = delta.kind === 'messages' ? this.state.applyMessages(delta) : null;
    if (delta.kind !== 'messages') this.state.apply(delta);
    const isAdmitted = admission?.kind === 'admitted';
    const applied: AppliedEntry = {
      index,
      delta,
      isAdmitted,
      firstSeq: isAdmitted ? before.seq : 0,
      lastSeq: isAdmitted && delta.kind === 'messages' ? delta.firstSeq + delta.producerSeqs.length - 1 : 0,
      chunkSeq: delta.kind === 'messages' ? delta.chunkSeq : 0,
      chunkCount: delta.kind === 'messages' ? delta.chunkCount : 1,
      payloadBytes: isAdmitted && entry?.kind === 'messages' ? payloadBytes(entry) : 0,
    };
    this.#entries.push(applied);
    this.#retainedBytes += applied.payloadBytes;
    return { applied, admission };
  }

  /** The state at `index` replaces everything. False when `bytes` is malformed. */
  restore(index: LogIndex, bytes: Uint8Array): boolean {
    if (!this.state.restore(bytes) || !this.#trail.restore(bytes)) return false;
    this.#entries = [];
    this.#head = 0;
    this.#retainedBytes = 0;
    this.#applied = index;
    this.#compacted = index;
    this.#restoredSeq = this.state.lastSeq;
    return true;
  }

  /**
   * How far the log may be cut, with the state there: at least `entriesMin` entries or `bytesMin` bytes further than
   * last time, else null. Advances the trailing state, so the caller must carry it out.
   */
  compact(entriesMin: number, bytesMin: number): { readonly through: LogIndex; readonly state: Uint8Array } | null {
    const released = this.state.settledEverywhere;
    let end = this.#head;
    let bytes = 0;
    while (end < this.#entries.length && (this.#entries[end] as AppliedEntry).lastSeq <= released) {
      bytes += (this.#entries[end] as AppliedEntry).payloadBytes;
      end++;
    }
    const count = end - this.#head;
    if (count === 0 || (count < entriesMin && bytes < bytesMin)) return null;
    for (let i = this.#head; i < end; i++) this.#trail.apply((this.#entries[i] as AppliedEntry).delta);
    this.#compacted = (this.#entries[end - 1] as AppliedEntry).index;
    this.#retainedBytes -= bytes;
    this.#head = end;
    if (this.#head > 512 && this.#head * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#head);
      this.#head = 0;
    }
    return { through: this.#compacted, state: this.#trail.snapshot() };
  }

  /** The admitted entry that holds chunk `chunkSeq` of message `seq`, while it is retained; null otherwise. */
  find(seq: number, chunkSeq: number): AppliedEntry | null {
    let low = this.#head;
    let high = this.#entries.length - 1;
    // Entries without messages carry no seq, so the search runs on the nearest admitted entry at or before `middle`.
    while (low <= high) {
      const middle = (low + high) >>> 1;
      let at = middle;
      while (at >= low && !(this.#entries[at] as AppliedEntry).isAdmitted) at--;
      if (at < low) {
        low = middle + 1;
        continue;
      }
      const entry = this.#entries[at] as AppliedEntry;
      const order = compareToEntry(seq, chunkSeq, entry);
      if (order === 0) return entry;
      if (order < 0) high = at - 1;
      else low = middle + 1;
    }
    return null;
  }

  /** Admitted entries from the oldest retained one on, in order. */
  *admitted(): IterableIterator<AppliedEntry> {
    for (let i = this.#head; i < this.#entries.length; i++) {
      const entry = this.#entries[i] as AppliedEntry;
      if (entry.isAdmitted) yield entry;
    }
  }

  checkInvariants(): void {
    this.state.checkInvariants();
    this.#trail.checkInvariants();
    // The entries that settled what a snapshot has released may come after it: the state learns of them again.
    const releasable = Math.max(this.state.settledEverywhere, this.#restoredSeq);
    assert(this.#trail.lastSeq <= releasable, 'nothing unsettled leaves the log');
    assert(this.#compacted <= this.#applied, 'only applied entries are compacted');
  }
}

/** What an entry does to the state. */
export function deltaOf(entry: StreamEntry): StreamDelta {
  switch (entry.kind) {
    case 'messages':
      return {
        kind: 'messages',
        firstSeq: entry.firstSeq,
        chunkSeq: entry.chunkSeq,
        chunkCount: entry.chunkCount,
        producer: entry.producer,
        producerSeqs: entry.records.map((record) => record.producerSeq),
      };
    case 'settled':
      return { kind: 'settled', marks: entry.marks };
    case 'close':
      return { kind: 'close' };
  }
}

/** The highest admitted message as of an entry, for callers that track it. */
export const lastSeqOf = (entry: AppliedEntry): StreamSeq => streamSeq(entry.lastSeq);

function payloadBytes(entry: Extract<StreamEntry, { kind: 'messages' }>): number {
  let total = 0;
  for (const record of entry.records) total += record.payload.length + record.headers.length;
  return total;
}

function compareToEntry(seq: number, chunkSeq: number, entry: AppliedEntry): number {
  if (seq < entry.firstSeq) return -1;
  if (seq > entry.lastSeq) return 1;
  return entry.chunkCount === 1 ? 0 : chunkSeq - entry.chunkSeq;
}
