/**
 * Writes protobuf from the last field to the first, so that a nested message's length is known when its prefix is
 * written: no size pass and no shifting of bytes (a size pass costs the whole walk again at every level of nesting).
 * One buffer is kept and reused; `copyOut` makes the only allocation of an encode.
 */
import { ID_BYTES, type Ulid, idToBytes } from '../base/ids.js';
import { utf8Encode } from '../base/bytes.js';
import { allocateBytes } from './slab.js';
import { VARINT_BYTES_MAX, isShortAscii, putAscii, putSint, putVarint, varintBytes } from './varint.js';

export class BackwardWriter {
  #buffer: Uint8Array;
  #start: number;

  constructor(initialBytes: number) {
    this.#buffer = new Uint8Array(initialBytes);
    this.#start = initialBytes;
  }

  reset(): void {
    this.#start = this.#buffer.length;
  }

  /** Bytes written since the last `reset`. */
  get length(): number {
    return this.#buffer.length - this.#start;
  }

  /** A copy of exactly what was written. */
  copyOut(): Uint8Array {
    const out = allocateBytes(this.length);
    out.set(this.#buffer.subarray(this.#start));
    return out;
  }

  varint(value: number): void {
    if (value < 128) {
      if (this.#start === 0) this.#grow(1);
      this.#buffer[--this.#start] = value;
      return;
    }
    const at = this.#reserve(varintBytes(value));
    putVarint(this.#buffer, at, value);
  }

  sint(value: number): void {
    const size = putSint(SCRATCH, 0, value);
    const at = this.#reserve(size);
    for (let i = 0; i < size; i++) this.#buffer[at + i] = SCRATCH[i] as number;
  }

  /** Bytes after their length. */
  bytes(value: Uint8Array): void {
    const at = this.#reserve(value.length);
    this.#buffer.set(value, at);
    this.varint(value.length);
  }

  /** UTF-8 after its length. */
  text(value: string): void {
    if (!isShortAscii(value)) return this.bytes(utf8Encode(value));
    const at = this.#reserve(value.length);
    putAscii(this.#buffer, at, value);
    this.varint(value.length);
  }

  /** An identifier after its length. */
  id(value: Ulid): void {
    const at = this.#reserve(ID_BYTES + 1) + 1;
    idToBytes(value, this.#buffer, at);
    this.#buffer[at - 1] = ID_BYTES;
  }

  #reserve(size: number): number {
    if (size > this.#start) this.#grow(size);
    this.#start -= size;
    return this.#start;
  }

  #grow(size: number): void {
    const used = this.length;
    const larger = new Uint8Array(Math.max(used + size, this.#buffer.length * 2));
    larger.set(this.#buffer.subarray(this.#start), larger.length - used);
    this.#buffer = larger;
    this.#start = larger.length - used;
  }
}

const SCRATCH = new Uint8Array(VARINT_BYTES_MAX);
