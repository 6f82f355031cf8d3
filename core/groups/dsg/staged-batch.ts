/**
 * A batch that a source has numbered, or a control entry between its batches, that its stream has not admitted: one
 * future log entry.
 */
import type { MessageId } from '../../base/ids.js';

/** What a message got when its last chunk was staged. */
export interface NumberedUpload {
  readonly baseMessageId: MessageId;
  readonly epoch: number;
  readonly controlNo: number;
}

export interface StagedBatch {
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly chunkSeq: number;
  readonly chunkCount: number;
  readonly producer: string;
  /** Empty for a control entry. */
  readonly producerSeqs: readonly number[];
  /** What publishers call its messages; empty when none is called anything. */
  readonly freeIds: readonly string[];
  /** Of a control entry its own number, of messages that of the last control entry before them. */
  readonly controlNo: number;
  /** What it counts against the stream's bound (core/groups/dsg/cost.ts). */
  readonly cost: number;
  /** What all batches before it cost that were ever staged in this boot. */
  startCost: number;
  readonly blob: { readonly owner: string; readonly no: number };
  /** A chunk of an upload was staged before it had a number: what its blob lacks. Null for whole messages. */
  readonly upload: NumberedUpload | null;
  /** The encoded StreamEntry; null when it is on disk only. */
  entry: Uint8Array | null;
  isDurable: boolean;
}

/** It tells the stream something beside messages. */
export const isControl = ({ producerSeqs }: Pick<StagedBatch, 'producerSeqs'>): boolean => producerSeqs.length === 0;
