/**
 * What a publisher session keeps until the node has accepted it, and where in it the sending is. Large messages leave
 * as chunks; after a reconnect a message that was not accepted whole is sent again from its first chunk.
 *
 * Invariant: kept messages have ascending seqs; the cursor never passes the end; bytes kept are the sum of the kept.
 */
import { crc32c } from '../../core/base/crc32c.js';
import { EMPTY_BYTES } from '../../core/base/bytes.js';
import { CHUNK_BYTES_MAX } from '../grpc/fields.js';
import type { v1 } from '../grpc/messages.js';

interface KeptMessage {
  readonly seq: number;
  readonly payload: Uint8Array;
  readonly headers: Uint8Array;
  /** Of the whole payload; empty: none. */
  readonly blake3: Uint8Array;
}

/** Entries for one request, and the bytes that they count against the credit. */
export interface Batch {
  readonly entries: v1.PublishEntry.$Properties[];
  readonly bytes: number;
}

export class SendWindow {
  #kept: KeptMessage[] = [];
  /** Index in `#kept` of the oldest message that is still kept. */
  #head = 0;
  /** The next to send: a message, and a chunk of it. */
  #next = 0;
  #nextChunk = 0;
  #keptBytes = 0;

  get keptBytes(): number {
    return this.#keptBytes;
  }

  get keptCount(): number {
    return this.#kept.length - this.#head;
  }

  get hasUnsent(): boolean {
    return this.#next < this.#kept.length;
  }

  /** Takes a message into custody. The bytes must not change until it is accepted. */
  push(seq: number, payload: Uint8Array, headers: Uint8Array, blake3: Uint8Array = EMPTY_BYTES): void {
    this.#kept.push({ seq, payload, headers, blake3 });
    this.#keptBytes += payload.length + headers.length;
  }

  /** Everything up to `seq` is durable at the source and need not be kept. */
  onAccepted(seq: number): void {
    for (let message = this.#kept[this.#head]; message !== undefined; message = this.#kept[this.#head]) {
      if (message.seq > seq) break;
      this.#keptBytes -= message.payload.length + message.headers.length;
      this.#head++;
    }
    if (this.#next < this.#head) {
      this.#next = this.#head;
      this.#nextChunk = 0;
    }
    if (this.#head > 1024 && this.#head * 2 > this.#kept.length) {
      this.#kept = this.#kept.slice(this.#head);
      this.#next -= this.#head;
      this.#head = 0;
    }
  }

  /** A new session: what the node does not hold (everything after `lastSeq`) is to be sent again. */
  rewind(lastSeq: number): void {
    this.#next = this.#head;
    this.#nextChunk = 0;
    for (let message = this.#kept[this.#next]; message !== undefined; message = this.#kept[this.#next]) {
      if (message.seq > lastSeq) break;
      this.#next++;
    }
  }

  /** The next entries of at most `bytesMax` in all; null when nothing is unsent or the first does not fit. */
  takeBatch(bytesMax: number): Batch | null {
    const entries: v1.PublishEntry.$Properties[] = [];
    let bytes = 0;
    for (let message = this.#kept[this.#next]; message !== undefined; message = this.#kept[this.#next]) {
      const chunkCount = chunkCountOf(message);
      const payload = chunkCount === 1 ? message.payload : chunkOf(message, this.#nextChunk);
      const headers = this.#nextChunk === 0 ? message.headers : EMPTY_BYTES;
      if (bytes + payload.length + headers.length > bytesMax || entries.length >= ENTRIES_MAX) break;
      bytes += payload.length + headers.length;
      entries.push({
        producerSeq: message.seq,
        chunkSeq: this.#nextChunk,
        chunkCount,
        payload,
        headers,
        checksum: crc32c(payload),
        blake3: this.#nextChunk + 1 === chunkCount ? message.blake3 : EMPTY_BYTES,
      });
      this.#nextChunk++;
      if (this.#nextChunk === chunkCount) {
        this.#nextChunk = 0;
        this.#next++;
      }
    }
    return entries.length === 0 ? null : { entries, bytes };
  }
}

/** All chunks but the last are full; the headers come beside the first one's payload. */
function chunkCountOf({ payload }: KeptMessage): number {
  return Math.max(1, Math.ceil(payload.length / CHUNK_BYTES_MAX));
}

function chunkOf({ payload }: KeptMessage, chunkSeq: number): Uint8Array {
  return payload.subarray(chunkSeq * CHUNK_BYTES_MAX, (chunkSeq + 1) * CHUNK_BYTES_MAX);
}

const ENTRIES_MAX = 4096;
