/**
 * Deliveries as they come from a node, checked and made messages again: order and checksums, chunks joined or passed on
 * one by one, what was already handed out left away. A break of the promise is a `DeliveryBroken`: the application must
 * not go on.
 */
import { crc32c } from '../../core/base/crc32c.js';
import { EMPTY_BYTES, compareBytes, concatBytes } from '../../core/base/bytes.js';
import type { v1 } from '../grpc/messages.js';
import { Blake3 } from './blake3.js';

/** What is known of a message before its payload. */
export interface MessageFacts {
  readonly seq: number;
  readonly messageId: string;
  readonly producer: string;
  readonly producerSeq: number;
  readonly headers: Uint8Array;
  /** The target has given up on it (it is in the dead-letter list): the payload is empty, there is nothing to do. */
  readonly isDead: boolean;
  /** Of a replay: the place in the stream of the message that is given again, `seq` being the replay's number. */
  readonly letterSeq: number | null;
  /** Counts the failures before it: one of another count than the subscriber's is void. */
  readonly attempt: number;
}

/** A whole message of a stream. */
export interface Delivery extends MessageFacts {
  readonly payload: Uint8Array;
}

/** The node delivered something that cannot be: a gap, a wrong checksum, a part as if it were all. */
export class DeliveryBroken extends Error {
  override readonly name = 'DeliveryBroken';
}

/** A verified chunk of a message. */
export interface VerifiedChunk {
  readonly facts: MessageFacts;
  readonly chunkSeq: number;
  readonly payload: Uint8Array;
  readonly isLast: boolean;
  /** It came before, under the same attempt. */
  readonly isRepeat: boolean;
}

export interface ReassemblyOptions {
  /** Delivery begins after it. */
  readonly resumeAfter: number;
  /** The application has seen everything up to here … */
  readonly seenThrough: number;
  /** … and so many chunks of the message after that. */
  readonly seenChunks?: number;
  readonly attempt?: number;
  /** Replays of dead letters: numbers may be left out. */
  readonly isOfLetters?: boolean;
}

export class Reassembly {
  readonly #options: Required<ReassemblyOptions>;
  /** The last seq that came whole. */
  #lastSeq: number;
  #facts: MessageFacts | null = null;
  #nextChunk = 0;
  #parts: Uint8Array[] = [];
  #hash: Blake3 | null = null;

  constructor(options: ReassemblyOptions) {
    this.#options = { seenChunks: 0, attempt: 0, isOfLetters: false, ...options };
    this.#lastSeq = options.resumeAfter;
  }

  /** Checks the next chunk. Throws `DeliveryBroken`, also where the whole does not match its digest. */
  check(chunk: v1.ClientData.$Properties): VerifiedChunk {
    const seq = chunk.seq ?? 0;
    const chunkSeq = chunk.chunkSeq ?? 0;
    const chunkCount = chunk.chunkCount ?? 1;
    const payload = chunk.payload ?? EMPTY_BYTES;
    this.#checkPlace(seq, chunkSeq, chunkCount);
    checkSum(chunk, seq, chunkSeq, payload);
    this.#facts ??= this.#factsOf(chunk, seq);
    const facts = this.#facts;
    const isLast = chunkSeq === chunkCount - 1;
    this.#verifyWhole(seq, payload, chunk.blake3 ?? EMPTY_BYTES, { isFirst: chunkSeq === 0, isLast });
    this.#nextChunk = isLast ? 0 : chunkSeq + 1;
    if (isLast) {
      this.#facts = null;
      this.#lastSeq = seq;
    }
    return { facts, chunkSeq, payload, isLast, isRepeat: this.#isRepeat(seq, chunkSeq) };
  }

  /** Takes the next chunk. A message when that was its last and it is new; else null. */
  take(chunk: v1.ClientData.$Properties): Delivery | null {
    if ((chunk.chunkCount ?? 1) === 1 && (chunk.blake3 ?? EMPTY_BYTES).length === 0) return this.#takeWhole(chunk);
    const { facts, payload, isLast, isRepeat } = this.check(chunk);
    this.#parts.push(payload);
    if (!isLast) return null;
    const whole = concatBytes(this.#parts);
    this.#parts = [];
    return isRepeat ? null : { ...facts, payload: whole };
  }

  /** A message of one chunk without a digest, which most are: `check` with one object made instead of four. */
  #takeWhole(chunk: v1.ClientData.$Properties): Delivery | null {
    const seq = chunk.seq ?? 0;
    const chunkSeq = chunk.chunkSeq ?? 0;
    const payload = chunk.payload ?? EMPTY_BYTES;
    this.#checkPlace(seq, chunkSeq, 1);
    checkSum(chunk, seq, chunkSeq, payload);
    this.#lastSeq = seq;
    if (this.#isRepeat(seq, chunkSeq)) return null;
    return {
      seq,
      messageId: chunk.messageId ?? '',
      producer: chunk.producer ?? '',
      producerSeq: chunk.producerSeq ?? 0,
      headers: chunk.headers ?? EMPTY_BYTES,
      isDead: chunk.isDead ?? false,
      letterSeq: chunk.letterSeq || null,
      attempt: this.#options.attempt,
      payload,
    };
  }

  #checkPlace(seq: number, chunkSeq: number, chunkCount: number): void {
    const isNext = this.#options.isOfLetters ? seq > this.#lastSeq : seq === this.#lastSeq + 1;
    if (!isNext) throw new DeliveryBroken(`seq ${seq} came after ${this.#lastSeq}`);
    if (chunkSeq !== this.#nextChunk || chunkSeq >= chunkCount || (this.#facts !== null && this.#facts.seq !== seq)) {
      throw new DeliveryBroken(`chunk ${chunkSeq} of ${chunkCount} came at place ${this.#nextChunk} of seq ${seq}`);
    }
  }

  #isRepeat(seq: number, chunkSeq: number): boolean {
    const { seenThrough, seenChunks } = this.#options;
    return seq <= seenThrough || (seq === seenThrough + 1 && chunkSeq < seenChunks);
  }

  /** The digest comes with the last chunk; so the chunks of a large message are hashed from its first one on. */
  #verifyWhole(seq: number, payload: Uint8Array, digest: Uint8Array, { isFirst, isLast }: { isFirst: boolean; isLast: boolean }): void {
    if (isFirst) this.#hash = isLast && digest.length === 0 ? null : new Blake3();
    this.#hash?.update(payload);
    if (!isLast || digest.length === 0) return;
    if (this.#hash === null || compareBytes(this.#hash.digest(), digest) !== 0) {
      throw new DeliveryBroken(`the payload of seq ${seq} does not match its BLAKE3 digest`);
    }
  }

  #factsOf(chunk: v1.ClientData.$Properties, seq: number): MessageFacts {
    return {
      seq,
      messageId: chunk.messageId ?? '',
      producer: chunk.producer ?? '',
      producerSeq: chunk.producerSeq ?? 0,
      headers: chunk.headers ?? EMPTY_BYTES,
      isDead: chunk.isDead ?? false,
      letterSeq: chunk.letterSeq || null,
      attempt: this.#options.attempt,
    };
  }
}

/** What the target gave up on comes without its payload. */
function checkSum(chunk: v1.ClientData.$Properties, seq: number, chunkSeq: number, payload: Uint8Array): void {
  if (chunk.isDead !== true && crc32c(payload) !== (chunk.checksum ?? 0) >>> 0) {
    throw new DeliveryBroken(`chunk ${chunkSeq} of seq ${seq} does not match its CRC-32C`);
  }
}
