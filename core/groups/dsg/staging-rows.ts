/** Rows that only the journal of a source holds, in protobuf's wire format. */
import type { MessageId } from '../../base/ids.js';
import { type Infer, flag, id, message, repeated, text, uint } from '../../wire/schema.js';

/** How far a source has numbered its stream. */
export const NumberingRow = message('NumberingRow', {
  lastSeq: uint(1),
  nextBlob: uint(2),
  isClosing: flag(3),
  controlNo: uint(4),
  /** 0 none, 1 it is to be deleted, 2 whatever that loses. */
  deletion: uint(5),
});
export type NumberingRow = Infer<typeof NumberingRow>;

/** A large message that has its number: its chunks are the blobs 0 to chunkCount - 1 of `owner`. */
export const UploadRow = message('UploadRow', {
  seq: uint(1),
  producer: text(2),
  producerSeq: uint(3),
  chunkCount: uint(4),
  owner: text(5),
  baseMessageId: id<MessageId>(6),
  /** What each chunk costs. */
  chunkCosts: repeated(uint(7)),
  epoch: uint(8),
  controlNo: uint(9),
});
export type UploadRow = Infer<typeof UploadRow>;

/** A staged batch of whole messages, or a control entry, without its payload, which is the blob of the same number. */
export const StagedRow = message('StagedRow', {
  firstSeq: uint(1),
  producer: text(2),
  producerSeqs: repeated(uint(3)),
  cost: uint(4),
  controlNo: uint(5),
  /** What publishers call its messages; empty when none is called anything. */
  freeIds: repeated(text(6)),
});
export type StagedRow = Infer<typeof StagedRow>;
