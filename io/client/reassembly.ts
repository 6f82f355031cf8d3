/**
 * Deliveries as they come from a node, made whole messages again: order and checksums checked, chunks joined, what was
 * already handed out left away. A break of the promise is a `DeliveryBroken`: the application must not go on.
 */
import { crc32c } from '../../core/base/crc32c.js';
import { EMPTY_BYTES, concatBytes } from '../../core/base/bytes.js';
import type { v1 } from '../grpc/messages.js';

/** A whole message of a stream. */
export interface Delivery {
  readonly seq: number;
  readonly messageId: string;
  readonly producer: string;
  readonly producerSeq: number;
  readonly payload: Uint8Array;
  readonly headers: Uint8Array;
}

/** The node delivered something that cannot be: a gap, a wrong checksum, a part as if it were all. */
export class DeliveryBroken extends Error {
  override readonly name = 'DeliveryBroken';
}

export class Reassembly {
  /** The last seq that came whole. */
  #lastSeq: number;
  /** What came before a reconnect and comes again is left away up to here. */
  #skipThrough: number;
  #parts: Uint8Array[] = [];
  /** Those of the message that is being put together: they come with its first chunk. */
  #headers: Uint8Array = EMPTY_BYTES;

  /** Delivery begins after `resumeAfter`; the application has seen everything up to `seenThrough`. */
  constructor(resumeAfter: number, seenThrough: number) {
    this.#lastSeq = resumeAfter;
    this.#skipThrough = seenThrough;
  }

  /** Takes the next chunk. A message when that was its last and it is new; else null. */
  take(chunk: v1.ClientData.$Properties): Delivery | null {
    const seq = chunk.seq ?? 0;
    const chunkSeq = chunk.chunkSeq ?? 0;
    const chunkCount = chunk.chunkCount ?? 1;
    const payload = chunk.payload ?? EMPTY_BYTES;
    if (seq !== this.#lastSeq + 1) throw new DeliveryBroken(`seq ${seq} came after ${this.#lastSeq}`);
    if (chunkSeq !== this.#parts.length || chunkSeq >= chunkCount) {
      throw new DeliveryBroken(`chunk ${chunkSeq} of ${chunkCount} came at place ${this.#parts.length} of seq ${seq}`);
    }
    if (crc32c(payload) !== (chunk.checksum ?? 0) >>> 0) {
      throw new DeliveryBroken(`chunk ${chunkSeq} of seq ${seq} does not match its CRC-32C`);
    }
    if (chunkSeq === 0) this.#headers = chunk.headers ?? EMPTY_BYTES;
    this.#parts.push(payload);
    if (chunkSeq < chunkCount - 1) return null;
    const whole = concatBytes(this.#parts);
    this.#parts = [];
    this.#lastSeq = seq;
    if (seq <= this.#skipThrough) return null;
    return {
      seq,
      messageId: chunk.messageId ?? '',
      producer: chunk.producer ?? '',
      producerSeq: chunk.producerSeq ?? 0,
      payload: whole,
      headers: this.#headers,
    };
  }
}
