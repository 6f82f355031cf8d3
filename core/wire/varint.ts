/**
 * Reading and writing of the scalars that every binary format here is made of: protobuf's varints, little-endian
 * fixed-width integers, length-prefixed bytes and text, sixteen-byte identifiers. The reader is total: it never
 * throws, and after the first malformed or missing byte it is failed for good and gives zeros and empty values, so
 * that a codec checks `isFailed` once, at the end or before it loops.
 * Source: Protocol Buffers encoding, "Base 128 Varints" and "Signed Integers".
 * Differs: integers above 2^53 - 1 are malformed, because the mesh keeps them in `number`.
 */
import { ID_BYTES, type Ulid, idToBytes } from '../base/ids.js';
import { EMPTY_BYTES, utf8Decode, utf8Encode } from '../base/bytes.js';
import { assert } from '../base/assert.js';
import { cachedId } from './id-cache.js';
import { allocateBytes } from './slab.js';

/** Appends to one growable buffer that is meant to be kept and reset. Nothing is allocated while it is large enough. */
export class ByteWriter {
  #buffer: Uint8Array;
  #length = 0;

  constructor(initialBytes = 256) {
    this.#buffer = new Uint8Array(initialBytes);
  }

  /** Bytes written since the last `reset`. */
  get length(): number {
    return this.#length;
  }

  /** Forgets what was written and keeps the buffer. */
  reset(): void {
    this.#length = 0;
  }

  /** A copy of exactly what was written. */
  copy(): Uint8Array {
    const out = allocateBytes(this.#length);
    out.set(this.view());
    return out;
  }

  /** What was written, as a view: valid until the next write or `reset`. */
  view(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  u8(value: number): void {
    const at = this.#reserve(1);
    this.#buffer[at] = value;
  }

  u16(value: number): void {
    const at = this.#reserve(2);
    this.#buffer[at] = value;
    this.#buffer[at + 1] = value >>> 8;
  }

  u32(value: number): void {
    const at = this.#reserve(4);
    writeU32(this.#buffer, at, value);
  }

  /** Overwrites four bytes written before: lengths and checksums that are known late. */
  patchU32(at: number, value: number): void {
    assert(at + 4 <= this.#length, 'a patch lies within what was written');
    writeU32(this.#buffer, at, value);
  }

  /** An integer from 0 to 2^53 - 1 in 1 to 8 bytes. */
  varint(value: number): void {
    const at = this.#reserve(varintBytes(value));
    putVarint(this.#buffer, at, value);
  }

  /** A zigzag varint of an integer within ±(2^53 - 1). */
  sint(value: number): void {
    const at = this.#reserve(VARINT_BYTES_MAX);
    this.#length = putSint(this.#buffer, at, value);
  }

  flag(value: boolean): void {
    this.u8(value ? 1 : 0);
  }

  /** Length-prefixed bytes. */
  bytes(value: Uint8Array): void {
    this.varint(value.length);
    this.raw(value);
  }

  /** Bytes without a length. */
  raw(value: Uint8Array): void {
    const at = this.#reserve(value.length);
    this.#buffer.set(value, at);
  }

  /** Length-prefixed UTF-8. */
  text(value: string): void {
    if (isShortAscii(value)) {
      this.varint(value.length);
      const at = this.#reserve(value.length);
      putAscii(this.#buffer, at, value);
    } else {
      this.bytes(utf8Encode(value));
    }
  }

  /** Sixteen bytes. */
  id(value: Ulid): void {
    const at = this.#reserve(ID_BYTES);
    idToBytes(value, this.#buffer, at);
  }

  /** Makes room for `size` bytes at the end and returns where they begin. */
  #reserve(size: number): number {
    const at = this.#length;
    this.#length = at + size;
    if (this.#length > this.#buffer.length) this.#grow();
    return at;
  }

  #grow(): void {
    const larger = new Uint8Array(Math.max(this.#length, this.#buffer.length * 2));
    larger.set(this.#buffer);
    this.#buffer = larger;
  }
}

/** Reads from `bytes[offset, end)`. See the module's doc for how it fails. */
export class ByteReader {
  readonly bytes: Uint8Array;
  at: number;
  end: number;
  #isFailed = false;

  constructor(bytes: Uint8Array, offset = 0, end = bytes.length) {
    this.bytes = bytes;
    this.at = offset;
    this.end = end;
  }

  get isFailed(): boolean {
    return this.#isFailed;
  }

  /** Whether everything was read and nothing failed. */
  get isComplete(): boolean {
    return !this.#isFailed && this.at === this.end;
  }

  get remaining(): number {
    return this.end - this.at;
  }

  /** Marks the input as malformed, from now on. It stands past every end, so that enclosing loops stop as well. */
  fail(): void {
    this.#isFailed = true;
    this.at = this.bytes.length;
  }

  u8(): number {
    if (this.at >= this.end) return this.#failed();
    return this.bytes[this.at++] as number;
  }

  u16(): number {
    if (this.end - this.at < 2) return this.#failed();
    const value = (this.bytes[this.at] as number) | ((this.bytes[this.at + 1] as number) << 8);
    this.at += 2;
    return value;
  }

  u32(): number {
    if (this.end - this.at < 4) return this.#failed();
    const value = readU32(this.bytes, this.at);
    this.at += 4;
    return value;
  }

  /** A varint from 0 to 2^53 - 1. */
  varint(): number {
    const bytes = this.bytes;
    const end = this.end;
    let at = this.at;
    if (at >= end) return this.#failed();
    let byte = bytes[at++] as number;
    if (byte < 128) {
      this.at = at;
      return byte;
    }
    let value = byte & 127;
    let scale = 128;
    for (let count = 1; count < VARINT_BYTES_MAX; count++) {
      if (at >= end) return this.#failed();
      byte = bytes[at++] as number;
      value += (byte & 127) * scale;
      if (byte < 128) {
        // Above 2^53 the sum is rounded but never back below it, so that one comparison at the end is enough.
        if (value > Number.MAX_SAFE_INTEGER) return this.#failed();
        this.at = at;
        return value;
      }
      scale *= 128;
    }
    return this.#failed();
  }

  /** A zigzag varint within ±(2^53 - 1). */
  sint(): number {
    const first = this.u8();
    const sign = first & 1;
    const low = (first & 127) >>> 1;
    if (first < 128) return sign === 1 ? -low - 1 : low;
    const magnitude = this.varint() * 64 + low + sign;
    if (magnitude > Number.MAX_SAFE_INTEGER) return this.#failed();
    return sign === 1 ? -magnitude : magnitude;
  }

  /** Any non-zero varint is true, as in protobuf. */
  flag(): boolean {
    return this.varint() !== 0;
  }

  /** Length-prefixed bytes, as a view. */
  bytesView(): Uint8Array {
    return this.raw(this.varint());
  }

  /** The next `size` bytes, as a view. */
  raw(size: number): Uint8Array {
    if (size > this.end - this.at) {
      this.#failed();
      return EMPTY_BYTES;
    }
    if (size === 0) return EMPTY_BYTES;
    const at = this.at;
    this.at = at + size;
    return this.bytes.subarray(at, at + size);
  }

  /** Length-prefixed UTF-8; malformed text fails the reader. */
  text(): string {
    const size = this.varint();
    if (size > this.end - this.at) {
      this.#failed();
      return '';
    }
    const at = this.at;
    const end = at + size;
    this.at = end;
    if (size <= ASCII_FAST_CHARS_MAX) {
      let text = '';
      let i = at;
      for (; i < end; i++) {
        const byte = this.bytes[i] as number;
        if (byte >= 128) break;
        text += String.fromCharCode(byte);
      }
      if (i === end) return text;
    }
    const text = utf8Decode(this.bytes.subarray(at, end));
    if (text === null) {
      this.#failed();
      return '';
    }
    return text;
  }

  /** Sixteen bytes. */
  id<T extends Ulid>(): T {
    if (this.end - this.at < ID_BYTES) {
      this.#failed();
      return ZERO_ID as T;
    }
    const at = this.at;
    this.at = at + ID_BYTES;
    return cachedId<T>(this.bytes, at);
  }

  /** Passes over `size` bytes. */
  skip(size: number): void {
    if (size > this.end - this.at) this.#failed();
    else this.at += size;
  }

  /** Passes over a varint of any value: up to ten bytes, as protobuf allows. */
  skipVarint(): void {
    for (let count = 0; count < VARINT_BYTES_MAX && this.at < this.end; count++) {
      if ((this.bytes[this.at++] as number) < 128) return;
    }
    this.#failed();
  }

  #failed(): 0 {
    this.fail();
    return 0;
  }
}

/** How many bytes `varint` takes for an integer from 0 to 2^53 - 1. */
export function varintBytes(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x20_0000) return 3;
  if (value < SHIFT_LIMIT) return 4;
  const high = Math.floor(value / SHIFT_LIMIT);
  return high < 0x80 ? 5 : high < 0x4000 ? 6 : high < 0x20_0000 ? 7 : 8;
}

/** Writes a varint at `at` and returns the offset after it. The buffer has room. */
export function putVarint(buffer: Uint8Array, at: number, value: number): number {
  let rest = value;
  if (value >= SHIFT_LIMIT) {
    // Shifts hold below 2^31 only: the low 28 bits go first, and what is above them is below 2^25.
    const high = Math.floor(value / SHIFT_LIMIT);
    rest = value - high * SHIFT_LIMIT;
    buffer[at] = (rest & 127) | 128;
    buffer[at + 1] = ((rest >>> 7) & 127) | 128;
    buffer[at + 2] = ((rest >>> 14) & 127) | 128;
    buffer[at + 3] = (rest >>> 21) | 128;
    at += 4;
    rest = high;
  }
  while (rest >= 128) {
    buffer[at++] = (rest & 127) | 128;
    rest >>>= 7;
  }
  buffer[at++] = rest;
  return at;
}

/** Writes a zigzag varint at `at` and returns the offset after it. The buffer has ten bytes of room. */
export function putSint(buffer: Uint8Array, at: number, value: number): number {
  // Zigzag of a 54-bit integer does not fit a double, so the first seven bits are split off before doubling.
  const magnitude = value < 0 ? -value - 1 : value;
  const first = ((magnitude % 64) << 1) | (value < 0 ? 1 : 0);
  const rest = Math.floor(magnitude / 64);
  if (rest === 0) {
    buffer[at] = first;
    return at + 1;
  }
  buffer[at] = first | 128;
  return putVarint(buffer, at + 1, rest);
}

/** An unsigned 32-bit integer, little endian. */
export function readU32(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24)) >>>
    0
  );
}

/** Writes an unsigned 32-bit integer, little endian. */
export function writeU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
}

/** Whether the text is short and ASCII, and so one byte a character. */
export function isShortAscii(text: string): boolean {
  if (text.length > ASCII_FAST_CHARS_MAX) return false;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) >= 128) return false;
  return true;
}

/** Writes ASCII text, one byte a character. The buffer has room. */
export function putAscii(buffer: Uint8Array, at: number, text: string): void {
  for (let i = 0; i < text.length; i++) buffer[at + i] = text.charCodeAt(i);
}

/** The identifier of sixteen zero bytes: the default of an absent field. */
export const ZERO_ID = '00000000000000000000000000' as Ulid;
export const VARINT_BYTES_MAX = 10;
const SHIFT_LIMIT = 0x1000_0000;
const ASCII_FAST_CHARS_MAX = 256;
