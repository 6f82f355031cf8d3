/**
 * Reads the fields of requests into the core's types, at the edge. A field that is wrong becomes an INVALID_ARGUMENT
 * that names it.
 */
import { type Ulid, parseId } from '../../core/base/ids.js';
import { type Reject, reject } from '../../core/base/reject.js';
import { type Result, accept, refuse } from '../../core/base/result.js';
import { crc32c } from '../../core/base/crc32c.js';
import { EMPTY_BYTES } from '../../core/base/bytes.js';
import { DEFAULT_GROUPS_CONFIG } from '../../core/groups/config.js';
import type { OfferedChunk } from '../../core/node/inputs.js';
import { plain } from '../host/node-crypto.js';
import { wordOf } from './enums.js';

/** A request with a field that cannot be read. Thrown and caught within this folder only: see `reading`. */
class FieldRefused extends Error {
  readonly reject: Reject;

  constructor(refusal: Reject) {
    super(refusal.detail);
    this.reject = refusal;
  }
}

/** Runs `read`, which uses the functions below, and gives its value or the refusal of the first wrong field. */
export function reading<T>(read: () => T): Result<T> {
  try {
    return accept(read());
  } catch (error) {
    if (error instanceof FieldRefused) return refuse(error.reject);
    throw error;
  }
}

export type Maybe<T> = T | null | undefined;

export function requireId<T extends Ulid>(field: string, text: Maybe<string>): T {
  const id = parseId<T>(text ?? '');
  if (id === null) throw invalid(field, `${field} must be a ULID of 26 characters, got "${shorten(text ?? '')}"`);
  return id;
}

/** Null for an empty field. */
export function optionalId<T extends Ulid>(field: string, text: Maybe<string>): T | null {
  return (text ?? '') === '' ? null : requireId<T>(field, text);
}

export function requireText(field: string, text: Maybe<string>, charsMax = NAME_CHARS_MAX): string {
  if ((text ?? '') === '') throw invalid(field, `${field} must not be empty`);
  return boundedText(field, text, charsMax);
}

export function boundedText(field: string, text: Maybe<string>, charsMax: number): string {
  const given = text ?? '';
  if (given.length > charsMax) throw invalid(field, `${field} must be at most ${charsMax} characters`);
  return given;
}

/** A number of the wire that this version can count with. */
export function requireSafe(field: string, value: Maybe<number>, least = 0): number {
  const given = value ?? 0;
  if (!Number.isSafeInteger(given) || given < least) {
    throw invalid(field, `${field} must be from ${least} to 2^53 - 1`);
  }
  return given;
}

/** The word of an enum; `fallback` for unspecified. */
export function readEnum<Word extends string>(
  field: string,
  table: Record<Word, number>,
  wireNumber: Maybe<number>,
  fallback: Word,
): Word {
  if ((wireNumber ?? 0) === 0) return fallback;
  const word = wordOf(table, wireNumber ?? 0);
  if (word === null) throw invalid(field, `${field} has no value ${wireNumber}`);
  return word;
}

/** As `readEnum`, where the caller has to say. */
export function requireEnum<Word extends string>(field: string, table: Record<Word, number>, wireNumber: Maybe<number>): Word {
  const word = wordOf(table, wireNumber ?? 0);
  if (word === null) throw invalid(field, `${field} must be given`);
  return word;
}

/** What a publish of either form carries. */
export interface WireChunk {
  readonly producerSeq?: Maybe<number>;
  readonly chunkSeq?: Maybe<number>;
  readonly chunkCount?: Maybe<number>;
  readonly payload?: Maybe<Uint8Array>;
  readonly headers?: Maybe<Uint8Array>;
  readonly checksum?: Maybe<number>;
  readonly blake3?: Maybe<Uint8Array>;
}

/** How large it may be is for the core to say, which knows the node's configuration. */
export function readChunk(wire: WireChunk): OfferedChunk {
  return { ...readBody(wire), producerSeq: requireSafe('producer_seq', wire.producerSeq, 1) };
}

/** One that its publisher calls by an id of its own, and does not count. */
export function readFreeChunk(wire: WireChunk & { readonly messageId: string }): OfferedChunk & { readonly freeId: string } {
  if ((wire.producerSeq ?? 0) !== 0) throw invalid('message_id', 'a message has a producer_seq or a message_id, not both');
  return { ...readBody(wire), producerSeq: 0, freeId: boundedText('message_id', wire.messageId, NAME_CHARS_MAX) };
}

function readBody(wire: WireChunk): Omit<OfferedChunk, 'producerSeq'> {
  const payload = bytesOf(wire.payload);
  const headers = bytesOf(wire.headers);
  if (wire.checksum !== null && wire.checksum !== undefined && crc32c(payload) !== wire.checksum >>> 0) {
    const detail = 'the payload does not match its CRC-32C: it was damaged on the way here';
    throw new FieldRefused(reject('CHECKSUM_MISMATCH', 'checksum', detail));
  }
  const chunkCount = Math.max(1, wire.chunkCount ?? 0);
  const chunkSeq = wire.chunkSeq ?? 0;
  if (chunkSeq >= chunkCount) throw invalid('chunk_seq', `chunk_seq ${chunkSeq} is not below chunk_count ${chunkCount}`);
  const digest = bytesOf(wire.blake3);
  return { chunkSeq, chunkCount, payload, headers, ...(digest.length > 0 && { digest }) };
}

function bytesOf(bytes: Maybe<Uint8Array>): Uint8Array {
  return bytes === null || bytes === undefined || bytes.length === 0 ? EMPTY_BYTES : plain(bytes);
}

/** To be thrown within `reading`. */
export function invalid(subject: string, detail: string): FieldRefused {
  return new FieldRefused(reject('INVALID_ARGUMENT', subject, detail));
}

const shorten = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text);

export const NAME_CHARS_MAX = 256;
export const DESCRIPTION_CHARS_MAX = 4096;
/** What a client keeps to: the limits of a node that is not configured otherwise. A larger payload travels as chunks. */
export const CHUNK_BYTES_MAX = DEFAULT_GROUPS_CONFIG.chunkBytesMax;
/** Payload of a whole message. */
export const MESSAGE_BYTES_MAX = DEFAULT_GROUPS_CONFIG.messageBytesMax;
/** Of a whole message; they do not count as payload. */
export const HEADERS_BYTES_MAX = DEFAULT_GROUPS_CONFIG.headersBytesMax;
