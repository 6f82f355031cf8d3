/**
 * A frame: what one node sends to another over any number of relays. A fixed prefix that every hop reads and of which
 * a relay rewrites three bytes in place, a header that the ends read (`header.ts`), an opaque payload, and a CRC-32C
 * over everything but those three bytes. A relay therefore forwards a frame without decoding or copying it, and the
 * ends still find any damage on the way.
 *
 * ```
 *  0 version u8 | 1 trafficClass u8 | 2 flags u8 | 3 ttl u8* | 4 hopCount u8* | 5 pathPosition u8* | 6 headerLength u16
 *  8 generationTag u32 | 12 source u32 | 16 target u32 | 20 tenantIndex u32 | 24 payloadLength u32
 * 28 header | payload | crc32c u32                                    little endian; * not under the checksum
 * ```
 */
import { crc32c } from '../base/crc32c.js';
import type { MemberIndex } from '../base/units.js';
import { assert } from '../base/assert.js';
import { allocateBytes } from './slab.js';
import { readU32, writeU32 } from './varint.js';

/** What a sender decides about a frame's way. */
export interface FramePrefix {
  /** One of TRAFFIC_CLASSES. */
  readonly trafficClass: number;
  /** A sum of FRAME_FLAGS. */
  readonly flags: number;
  /** How many relays may still pass it on; 0 reaches the neighbour only. */
  readonly ttl: number;
  readonly hopCount: number;
  readonly pathPosition: number;
  /** Hash of the mesh's generation, unsigned 32 bits. */
  readonly generationTag: number;
  readonly source: MemberIndex;
  readonly target: MemberIndex;
  /** 0 for the mesh's own traffic. */
  readonly tenantIndex: number;
}

/**
 * Why bytes are not a frame of this version. `version` also stands for a traffic class that this version does not
 * know, `lengths` for a frame without a header. `checksum` is found by `checksumHolds`, not by `parse`.
 */
export type FrameRefusal = 'truncated' | 'version' | 'checksum' | 'lengths' | 'oversize';

/** Strict order of sending: a lower one never waits for a higher one. */
export const TRAFFIC_CLASSES = { CONTROL: 0, SYSTEM: 1, INTERNAL_DB: 2, PRIORITY: 3, BULK: 4 } as const;

export const FRAME_FLAGS = {
  /** For the neighbour only: never forwarded; source and target may be 0. */
  LINK_LOCAL: 1,
  /** The header carries `sourceId` and `targetId`. */
  FULL_IDS: 2,
  /** The header carries a signature. */
  SIGNED: 4,
} as const;

export const FRAME_VERSION = 1;
export const FRAME_PREFIX_BYTES = 28;
/** Prefix and checksum. */
export const FRAME_OVERHEAD_BYTES = 32;
/** Prefix, header, payload and checksum together. */
export const FRAME_BYTES_MAX = 1 << 20;
export const HEADER_BYTES_MAX = 0xffff;
export const TRAFFIC_CLASS_COUNT = 5;

/** One frame in a fresh array: the one copy of the payload on its way out. The header is not empty. */
export function encodeFrame(prefix: FramePrefix, header: Uint8Array, payload: readonly Uint8Array[]): Uint8Array {
  let payloadLength = 0;
  for (const part of payload) payloadLength += part.length;
  const total = FRAME_OVERHEAD_BYTES + header.length + payloadLength;
  assert(total <= FRAME_BYTES_MAX, 'a frame is within its bound');
  assert(header.length > 0 && header.length <= HEADER_BYTES_MAX, 'a frame has a header within its bound');
  assert(prefix.trafficClass < TRAFFIC_CLASS_COUNT, 'a traffic class is known');
  const out = allocateBytes(total);
  out[AT_VERSION] = FRAME_VERSION;
  out[AT_CLASS] = prefix.trafficClass;
  out[AT_FLAGS] = prefix.flags;
  out[AT_TTL] = prefix.ttl;
  out[AT_HOP_COUNT] = prefix.hopCount;
  out[AT_PATH_POSITION] = prefix.pathPosition;
  out[AT_HEADER_LENGTH] = header.length;
  out[AT_HEADER_LENGTH + 1] = header.length >>> 8;
  writeU32(out, AT_GENERATION_TAG, prefix.generationTag);
  writeU32(out, AT_SOURCE, prefix.source);
  writeU32(out, AT_TARGET, prefix.target);
  writeU32(out, AT_TENANT_INDEX, prefix.tenantIndex);
  writeU32(out, AT_PAYLOAD_LENGTH, payloadLength);
  out.set(header, FRAME_PREFIX_BYTES);
  let at = FRAME_PREFIX_BYTES + header.length;
  for (const part of payload) {
    out.set(part, at);
    at += part.length;
  }
  writeU32(out, at, frameChecksum(out));
  return out;
}

/** A received frame: a view of its bytes, read field by field on demand. */
export class FrameView {
  /** Exactly this frame. `rewriteForNextHop` changes it in place; what a relay sends on is this very array. */
  readonly bytes: Uint8Array;

  private constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /**
   * The frame that begins at `offset`; more may follow it. Total, O(1): it checks version and lengths. The checksum
   * costs a pass over the payload (50 µs for 64 KiB), so it is the ends' business: see `checksumHolds`.
   */
  static parse(bytes: Uint8Array, offset = 0): FrameView | FrameRefusal {
    const available = bytes.length - offset;
    if (available < FRAME_OVERHEAD_BYTES) return 'truncated';
    if (bytes[offset + AT_VERSION] !== FRAME_VERSION) return 'version';
    if ((bytes[offset + AT_CLASS] as number) >= TRAFFIC_CLASS_COUNT) return 'version';
    const headerLength = readU16(bytes, offset + AT_HEADER_LENGTH);
    if (headerLength === 0) return 'lengths';
    const total = FRAME_OVERHEAD_BYTES + headerLength + readU32(bytes, offset + AT_PAYLOAD_LENGTH);
    if (total > FRAME_BYTES_MAX) return 'oversize';
    if (total > available) return 'truncated';
    return new FrameView(total === bytes.length ? bytes : bytes.subarray(offset, offset + total));
  }

  get trafficClass(): number {
    return this.bytes[AT_CLASS] as number;
  }

  get flags(): number {
    return this.bytes[AT_FLAGS] as number;
  }

  get isLinkLocal(): boolean {
    return (this.flags & FRAME_FLAGS.LINK_LOCAL) !== 0;
  }

  get hasFullIds(): boolean {
    return (this.flags & FRAME_FLAGS.FULL_IDS) !== 0;
  }

  get ttl(): number {
    return this.bytes[AT_TTL] as number;
  }

  get hopCount(): number {
    return this.bytes[AT_HOP_COUNT] as number;
  }

  get pathPosition(): number {
    return this.bytes[AT_PATH_POSITION] as number;
  }

  get headerLength(): number {
    return readU16(this.bytes, AT_HEADER_LENGTH);
  }

  get generationTag(): number {
    return readU32(this.bytes, AT_GENERATION_TAG);
  }

  get source(): MemberIndex {
    return readU32(this.bytes, AT_SOURCE) as MemberIndex;
  }

  get target(): MemberIndex {
    return readU32(this.bytes, AT_TARGET) as MemberIndex;
  }

  get tenantIndex(): number {
    return readU32(this.bytes, AT_TENANT_INDEX);
  }

  get payloadLength(): number {
    return readU32(this.bytes, AT_PAYLOAD_LENGTH);
  }

  /** The header's bytes, a view; for `decodeHeader`. */
  header(): Uint8Array {
    return this.bytes.subarray(FRAME_PREFIX_BYTES, FRAME_PREFIX_BYTES + this.headerLength);
  }

  /** The payload, a view. */
  payload(): Uint8Array {
    const start = FRAME_PREFIX_BYTES + this.headerLength;
    return this.bytes.subarray(start, start + this.payloadLength);
  }

  /**
   * Takes one hop from the ttl and adds one to the hop count, in place. False, and nothing changed, when the frame
   * may make no further hop.
   */
  rewriteForNextHop(): boolean {
    const ttl = this.ttl;
    if (ttl === 0) return false;
    this.bytes[AT_TTL] = ttl - 1;
    if (this.hopCount < 255) this.bytes[AT_HOP_COUNT] = this.hopCount + 1;
    return true;
  }

  /** Sets the place in a given path, in place. */
  rewritePathPosition(position: number): void {
    this.bytes[AT_PATH_POSITION] = position;
  }

  /** Whether nothing but the three rewritable bytes has changed since the source encoded it. O(length). */
  checksumHolds(): boolean {
    return readU32(this.bytes, this.bytes.length - CHECKSUM_BYTES) === frameChecksum(this.bytes);
  }
}

/**
 * The frames of one WebSocket message, in order, as views of it. `refusal` says why the rest after them is not a
 * frame; it cannot be skipped, so the lane is to be closed.
 */
export function splitFrames(message: Uint8Array): { frames: FrameView[]; refusal: FrameRefusal | null } {
  const frames: FrameView[] = [];
  for (let offset = 0; offset < message.length; ) {
    const frame = FrameView.parse(message, offset);
    if (typeof frame === 'string') return { frames, refusal: frame };
    frames.push(frame);
    offset += frame.bytes.length;
  }
  return { frames, refusal: null };
}

function frameChecksum(frame: Uint8Array): number {
  const upToTtl = crc32c(frame, 0, AT_TTL);
  return crc32c(frame, AT_HEADER_LENGTH, frame.length - CHECKSUM_BYTES, upToTtl);
}

function readU16(bytes: Uint8Array, at: number): number {
  return (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
}

const AT_VERSION = 0;
const AT_CLASS = 1;
const AT_FLAGS = 2;
const AT_TTL = 3;
const AT_HOP_COUNT = 4;
const AT_PATH_POSITION = 5;
const AT_HEADER_LENGTH = 6;
const AT_GENERATION_TAG = 8;
const AT_SOURCE = 12;
const AT_TARGET = 16;
const AT_TENANT_INDEX = 20;
const AT_PAYLOAD_LENGTH = 24;
const CHECKSUM_BYTES = 4;
