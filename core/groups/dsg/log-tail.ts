/**
 * The leader's view of where the next batch belongs: after the last one in its log, committed or not. A batch that does
 * not continue the log is not appended; its source sends it again when it hears of the leader's place.
 */
import { type StagedBatch, isControl } from './staged-batch.js';
import type { StreamDelta } from './stream-delta.js';

/** Where a batch stands in the stream. */
export type BatchPlace = Pick<StagedBatch, 'firstSeq' | 'chunkSeq' | 'chunkCount' | 'producerSeqs' | 'controlNo'>;

/** Where an entry of the source stands that another node leads into the log. */
export function placeOf(delta: Extract<StreamDelta, { kind: 'messages' | 'control' }>): BatchPlace {
  if (delta.kind === 'messages') return delta;
  return { firstSeq: delta.afterSeq + 1, chunkSeq: 0, chunkCount: 1, producerSeqs: [], controlNo: delta.no };
}

export class LogTail {
  #seq = 1;
  #chunkSeq = 0;
  #controlNo = 0;

  /** A new leader begins where its applied log ends. */
  reset(next: { readonly seq: number; readonly chunkSeq: number }, controlNo: number): void {
    this.#seq = next.seq;
    this.#chunkSeq = next.chunkSeq;
    this.#controlNo = controlNo;
  }

  isNext(batch: BatchPlace): boolean {
    const controlNo = isControl(batch) ? this.#controlNo + 1 : this.#controlNo;
    return batch.firstSeq === this.#seq && batch.chunkSeq === this.#chunkSeq && batch.controlNo === controlNo;
  }

  /** `batch`, which was the next one, is in the log. */
  onAppended({ firstSeq, chunkSeq, chunkCount, producerSeqs, controlNo }: BatchPlace): void {
    this.#controlNo = controlNo;
    const isPart = chunkSeq + 1 < chunkCount;
    this.#seq = isPart ? firstSeq : firstSeq + producerSeqs.length;
    this.#chunkSeq = isPart ? chunkSeq + 1 : 0;
  }
}
