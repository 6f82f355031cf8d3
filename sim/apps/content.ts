/** What simulated publishers send: content that follows from who sends it and is different everywhere. */
import { concatBytes } from '../../core/base/bytes.js';
import type { OfferedChunk } from '../../core/node/inputs.js';
import { digestBytes } from '../base/digest.js';

/** The payload of a publisher's message: `bytes` bytes that nobody else sends. */
export function makePayload(publisher: number, producerSeq: number, bytes: number): Uint8Array {
  const payload = new Uint8Array(bytes);
  let word = Math.imul(publisher + 1, 0x9e3779b1) ^ Math.imul(producerSeq, 0x85ebca6b);
  for (let i = 0; i < bytes; i++) {
    if ((i & 3) === 0) word = (Math.imul(word ^ (word >>> 15), 0x2c1b3c6d) + i) | 0;
    payload[i] = word >>> ((i & 3) * 8);
  }
  return payload;
}

/** The headers of a publisher's message. */
export function makeHeaders(publisher: number, producerSeq: number): Uint8Array {
  return Uint8Array.of(publisher & 255, publisher >>> 8, producerSeq & 255, (producerSeq >>> 8) & 255);
}

/** What the oracles compare: payload and headers. */
export function digestContent(payload: Uint8Array, headers: Uint8Array): number {
  return digestBytes(payload, digestBytes(headers));
}

/** How many chunks a message of that size is cut into. */
export const chunkCountOf = (bytes: number): number => Math.max(1, Math.ceil(bytes / CHUNK_BYTES_MAX));

/** One chunk of a publisher's message. */
export function makeChunk(publisher: number, producerSeq: number, bytes: number, chunkSeq: number): OfferedChunk {
  const payload = makePayload(publisher, producerSeq, bytes);
  const chunkCount = chunkCountOf(bytes);
  const part = chunkCount === 1 ? payload : payload.slice(chunkSeq * CHUNK_BYTES_MAX, (chunkSeq + 1) * CHUNK_BYTES_MAX);
  const headers = chunkSeq === 0 ? makeHeaders(publisher, producerSeq) : new Uint8Array(0);
  return { producerSeq, chunkSeq, chunkCount, payload: part, headers };
}

/** The digest of a message that came in chunks. */
export function digestChunks(payloads: readonly Uint8Array[], headers: Uint8Array): number {
  return digestContent(concatBytes(payloads), headers);
}

const CHUNK_BYTES_MAX = 65_536;
