/** A batch that a source has numbered and that its stream has not admitted: one future log entry. */
import type { MessageId } from '../../base/ids.js';

export interface StagedBatch {
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly chunkSeq: number;
  readonly chunkCount: number;
  readonly producer: string;
  readonly producerSeqs: readonly number[];
  /** What it counts against the stream's bound (core/groups/dsg/cost.ts). */
  readonly cost: number;
  /** What all batches before it cost that were ever staged in this boot. */
  startCost: number;
  readonly blob: { readonly owner: string; readonly no: number };
  /** A chunk of an upload was staged before it had a number: what its blob lacks. Null for whole messages. */
  readonly upload: { readonly baseMessageId: MessageId } | null;
  /** The encoded StreamEntry; null when it is on disk only. */
  entry: Uint8Array | null;
  isDurable: boolean;
}
