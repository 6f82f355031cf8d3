/** What publishers offer, and what of it makes no sense. */
import { type Reject, reject } from '../../base/reject.js';
import type { GroupsConfig } from '../config.js';

/** One message, or chunk of one, as a publisher offers it. */
export interface Offer {
  readonly producerSeq: number;
  readonly chunkSeq: number;
  readonly chunkCount: number;
  readonly payload: Uint8Array;
  readonly headers: Uint8Array;
  readonly digest?: Uint8Array;
  /** What its publisher calls it, who counts nothing then: `producerSeq` is given here. */
  readonly freeId?: string;
}

/** Why a publisher may not offer that; null when it may. */
export function malformation({ chunkBytesMax, headersBytesMax, messageBytesMax }: GroupsConfig, offered: Offer): Reject | null {
  const { producerSeq, chunkSeq, chunkCount, payload, headers } = offered;
  if (!Number.isSafeInteger(producerSeq) || producerSeq < 1) {
    return reject('INVALID_ARGUMENT', 'producerSeq', 'it counts a producer\'s messages from 1');
  }
  const countMax = Math.ceil(messageBytesMax / chunkBytesMax);
  if (!Number.isSafeInteger(chunkCount) || chunkCount < 1 || chunkCount > countMax) {
    return reject('INVALID_ARGUMENT', 'chunkCount', `a message has 1 to ${countMax} chunks`);
  }
  if (!Number.isSafeInteger(chunkSeq) || chunkSeq < 0 || chunkSeq >= chunkCount) {
    return reject('INVALID_ARGUMENT', 'chunkSeq', 'it is from 0 to chunkCount - 1');
  }
  if (payload.length > chunkBytesMax) {
    return reject('PAYLOAD_TOO_LARGE', 'payload', `a chunk holds at most ${chunkBytesMax} bytes; cut the message into chunks`);
  }
  const digestBytes = offered.digest?.length ?? 0;
  if (digestBytes !== 0 && (digestBytes !== DIGEST_BYTES || chunkSeq !== chunkCount - 1)) {
    return reject('INVALID_ARGUMENT', 'digest', `a digest has ${DIGEST_BYTES} bytes and comes with the last chunk`);
  }
  if (headers.length > headersBytesMax) {
    return reject('PAYLOAD_TOO_LARGE', 'headers', `the headers of a message hold at most ${headersBytesMax} bytes`);
  }
  return null;
}

/** Of BLAKE3. */
const DIGEST_BYTES = 32;
