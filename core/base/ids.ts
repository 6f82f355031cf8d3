/**
 * 128-bit identifiers: in memory and in text a ULID (26 characters of Crockford's base 32, upper case), on the wire
 * and in PostgreSQL the same sixteen bytes. Identifiers identify; they never order anything.
 * Source: the ULID specification (github.com/ulid/spec).
 */
import type { Brand } from './units.js';

/** A node, for life: bound to its Ed25519 key. */
export type NodeId = Brand<string, 'NodeId'>;
export type MeshId = Brand<string, 'MeshId'>;
export type StreamId = Brand<string, 'StreamId'>;
export type TenantId = Brand<string, 'TenantId'>;
export type MessageId = Brand<string, 'MessageId'>;
/** A Raft group on the wire: the mesh id for the MCG, the stream id for a DSG. */
export type GroupId = Brand<string, 'GroupId'>;
/** A generation of a mesh, drawn by whoever founds it. */
export type GenerationId = Brand<string, 'GenerationId'>;
/** Any of the identifiers above. */
export type Ulid = NodeId | MeshId | StreamId | TenantId | MessageId | GroupId | GenerationId;

/** Decodes sixteen bytes at `offset` into the canonical text. Total: every sixteen bytes are an identifier. */
export function idFromBytes<T extends Ulid>(bytes: Uint8Array, offset = 0): T {
  let text = '';
  // 128 bits are read as 26 groups of five, the first of them with two bits of zero padding in front.
  let accumulator = 0;
  let bits = 2;
  for (let i = 0; i < ID_BYTES; i++) {
    accumulator = ((accumulator << 8) | (bytes[offset + i] as number)) & 0x1fff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET[(accumulator >>> bits) & 31];
    }
  }
  return text as T;
}

/** Writes the sixteen bytes of `id` at `offset`. `id` must be canonical text, which every branded id is. */
export function idToBytes(id: Ulid, target: Uint8Array, offset: number): void {
  let accumulator = 0;
  let bits = -2;
  let at = offset;
  for (let i = 0; i < ID_CHARS; i++) {
    accumulator = ((accumulator << 5) | (VALUES[id.charCodeAt(i)] as number)) & 0x1fff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      target[at++] = (accumulator >>> bits) & 255;
    }
  }
}

/** The sixteen bytes of `id`. */
export function idBytes(id: Ulid): Uint8Array {
  const bytes = new Uint8Array(ID_BYTES);
  idToBytes(id, bytes, 0);
  return bytes;
}

/** Parses text typed by a person or sent by a client: upper or lower case. Null when it is not a ULID. */
export function parseId<T extends Ulid>(text: string): T | null {
  if (text.length !== ID_CHARS) return null;
  // Some letters beyond ASCII become ASCII ones in upper case: they are refused before.
  for (let i = 0; i < ID_CHARS; i++) if (text.charCodeAt(i) >= 128) return null;
  const upper = text.toUpperCase();
  for (let i = 0; i < ID_CHARS; i++) if ((VALUES[upper.charCodeAt(i)] as number) > 31) return null;
  return (VALUES[upper.charCodeAt(0)] as number) <= 7 ? (upper as T) : null;
}

export const ID_BYTES = 16;
export const ID_CHARS = 26;
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const VALUES = (() => {
  const values = new Uint8Array(128).fill(255);
  for (let i = 0; i < ALPHABET.length; i++) values[ALPHABET.charCodeAt(i)] = i;
  return values;
})();
