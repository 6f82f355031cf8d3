/**
 * What the core wishes from its host: pushed to an outbox that the host owns, carried out in order. Everything that
 * waits is a ticket here and an input back.
 */
import type { JournalSeq, LaneId, StreamSeq, Ticket } from '../base/units.js';
import type { MessageId, NodeId, StreamId } from '../base/ids.js';
import type { Reject } from '../base/reject.js';
import type { Result } from '../base/result.js';
import type { RequestId } from './inputs.js';
import type { MeshEvent, Reply } from './commands.js';
import type { Notice } from '../base/notice.js';
import type { DeliveredUpdate, TableWrite } from '../groups/context.js';

export type Effect =
  /** Send the parts, end to end, as one WebSocket message. */
  | { readonly kind: 'transmit'; readonly lane: LaneId; readonly parts: readonly Uint8Array[] }
  | { readonly kind: 'dial'; readonly ticket: Ticket; readonly url: string }
  | { readonly kind: 'close-lane'; readonly lane: LaneId; readonly reason: string }
  /** Make the batch durable, whole or not at all, after every earlier one. */
  | { readonly kind: 'persist'; readonly ticket: Ticket; readonly batch: JournalBatch }
  /** Read parts of journal records. */
  | { readonly kind: 'fetch'; readonly ticket: Ticket; readonly reads: readonly JournalRead[] }
  /** The one answer to a command. */
  | { readonly kind: 'reply'; readonly request: RequestId; readonly result: Result<Reply> }
  /** Messages for a subscription, in order. `attempt` comes back in `processed`. */
  | {
      readonly kind: 'deliver';
      readonly request: RequestId;
      readonly attempt: number;
      readonly chunks: readonly DeliveredChunk[];
    }
  /**
   * Message `seq` failed: its delivery and those after it are void, and come again as attempt `next` after a while.
   * What was delivered gives its window back as ever.
   */
  | {
      readonly kind: 'attempt-voided';
      readonly request: RequestId;
      readonly attempt: number;
      readonly next: number;
      readonly seq: StreamSeq;
      readonly failures: number;
      readonly reason: string;
      readonly retryAfterUs: number;
    }
  /** A `processed` or `failed` of a void attempt changed nothing. The subscription goes on. */
  | { readonly kind: 'ack-refused'; readonly request: RequestId; readonly attempt: number; readonly seq: StreamSeq; readonly why: Reject }
  /** Updates for a consumer, in order. `attempt` comes back in `updates-processed`. */
  | {
      readonly kind: 'deliver-updates';
      readonly request: RequestId;
      readonly attempt: number;
      readonly updates: readonly DeliveredUpdate[];
    }
  /** How far a publisher session is, whenever that changed. */
  | { readonly kind: 'watermarks'; readonly request: RequestId; readonly watermarks: PublisherWatermarks }
  /** An event for a watch. */
  | { readonly kind: 'event'; readonly request: RequestId; readonly event: MeshEvent }
  /** A subscription, publisher session or watch is over by the core's decision. */
  | { readonly kind: 'ended'; readonly request: RequestId; readonly result: Result<null> }
  /** A reading for logs, metrics and oracles. Nothing depends on it. */
  | { readonly kind: 'notice'; readonly notice: Notice }
  /**
   * This node acts as that replica from here on, durably in its journal. The host keeps the number with the identity that
   * it gives at the next start, should the journal be lost until then. May be told again.
   */
  | { readonly kind: 'replica-renewed'; readonly replica: number }
  /** The node cannot go on (its journal failed, its log conflicts below commit). Stop the process. */
  | { readonly kind: 'halt'; readonly code: string; readonly detail: string };

/** Where a host lets the core push its effects. */
export interface Outbox {
  push(effect: Effect): void;
}

/** One atomic, durable unit: records added, dead records dropped, ledger rows changed. */
export interface JournalBatch {
  /** Ascending, each one above every record written before. */
  readonly records: readonly JournalRecord[];
  /** Inclusive ranges of records that nothing needs any more. */
  readonly drops: readonly { readonly from: JournalSeq; readonly to: JournalSeq }[];
  readonly ledger: readonly LedgerWrite[];
}

/** Bytes of the batch's records. */
export function recordBytes(batch: JournalBatch): number {
  let size = 0;
  for (const { parts } of batch.records) for (const part of parts) size += part.length;
  return size;
}

export interface JournalRecord {
  readonly seq: JournalSeq;
  /** End to end they are the record, its checksum included (core/journal). */
  readonly parts: readonly Uint8Array[];
}

export interface JournalRead {
  readonly seq: JournalSeq;
  readonly offset: number;
  readonly length: number;
}

/**
 * A change of a ledger row. `stream-offset` is an authority: how far this node's application is with a stream.
 * `table-row` is what an applier of updates made of them: authority beside the place of its consumer.
 */
export type LedgerWrite =
  | {
      readonly kind: 'stream-offset';
      readonly stream: StreamId;
      readonly node: NodeId;
      readonly seq: StreamSeq;
      readonly messageId: MessageId;
    }
  | { readonly kind: 'stream-offset-removed'; readonly stream: StreamId; readonly node: NodeId }
  | ({ readonly kind: 'table-row' } & TableWrite);

/** A message, or one chunk of it, on its way to a subscriber. Message n's chunks come in order, unmixed. */
export interface DeliveredChunk {
  readonly seq: StreamSeq;
  readonly chunkSeq: number;
  readonly chunkCount: number;
  readonly messageId: MessageId;
  readonly producer: string;
  readonly producerSeq: number;
  readonly payload: Uint8Array;
  /** CRC-32C of `payload`, as computed at the source. */
  readonly checksum: number;
  readonly headers: Uint8Array;
  /** BLAKE3 of the message's whole payload, with its last chunk, where its publisher gave one. */
  readonly digest?: Uint8Array;
  /** The target has given up on this message (it is in the dead-letter list): there is nothing to handle. */
  readonly isDead?: true;
  /** A replay of a dead letter: `seq` is the replay's number, and this the message's place in its stream. */
  readonly letterSeq?: StreamSeq;
}

/** Highest producerSeq of the session's producer at each level; 0 before the first. Each is monotone. */
export interface PublisherWatermarks {
  readonly accepted: number;
  readonly replicated: number;
  readonly completed: number;
  /** How many more payload bytes may be offered now. */
  readonly creditBytes: number;
}
