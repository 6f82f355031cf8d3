/**
 * The leader's view of where the next batch belongs: after the last one in its log, committed or not. A batch that does
 * not continue the log is not appended; its source sends it again when it hears of the leader's place.
 */
import type { StagedBatch } from './staged-batch.js';

/** Where a batch stands in the stream. */
export type BatchPlace = Pick<StagedBatch, 'firstSeq' | 'chunkSeq' | 'chunkCount' | 'producerSeqs'>;

export class LogTail {
  #seq = 1;
  #chunkSeq = 0;

  /** A new leader begins where its applied log ends. */
  reset(next: { readonly seq: number; readonly chunkSeq: number }): void {
    this.#seq = next.seq;
    this.#chunkSeq = next.chunkSeq;
  }

  isNext({ firstSeq, chunkSeq }: BatchPlace): boolean {
    return firstSeq === this.#seq && chunkSeq === this.#chunkSeq;
  }

  /** `batch`, which was the next one, is in the log. */
  onAppended({ firstSeq, chunkSeq, chunkCount, producerSeqs }: BatchPlace): void {
    const isPart = chunkSeq + 1 < chunkCount;
    this.#seq = isPart ? firstSeq : firstSeq + producerSeqs.length;
    this.#chunkSeq = isPart ? chunkSeq + 1 : 0;
  }
}
