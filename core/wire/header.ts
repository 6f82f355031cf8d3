/**
 * The header of a frame, which only the two ends read: what the payload is, and its place in a flow and a stream.
 * Coded by hand in protobuf's wire format; a test holds it equal to `proto/mesh/wire/v1/header.proto`. The decoder is
 * total. Hand-coded because every frame has one.
 */
import type { NodeId, StreamId } from '../base/ids.js';
import { ID_BYTES, idToBytes } from '../base/ids.js';
import { EMPTY_BYTES } from '../base/bytes.js';
import { skipField } from './protobuf-field.js';
import { ByteReader, putVarint } from './varint.js';

/** Numbers are from 0 to 2^53 - 1. Zero, empty and null stand for "absent" and take no bytes. */
export interface Header {
  /** One of MSG_TYPES. An unknown one is a counted drop of the receiver. */
  readonly msgType: number;
  readonly streamId: StreamId | null;
  /** The message's place in its flow. */
  readonly seq: number;
  /** Cumulative: every message of the opposite flow through this seq has arrived. */
  readonly ack: number;
  readonly pathId: number;
  readonly priority: number;
  readonly keyEpoch: number;
  /** W3C trace context in its binary form, or empty. */
  readonly traceContext: Uint8Array;
  readonly signature: Uint8Array;
  /** Which of the flows between the two nodes. */
  readonly flowClass: number;
  /** Boot ids of both ends: (replica, boot counter). Target's are 0 while it is unknown. */
  readonly sourceReplica: number;
  readonly sourceBoot: number;
  readonly targetReplica: number;
  readonly targetBoot: number;
  /** Full ids, when the prefix says FULL_IDS. */
  readonly sourceId: NodeId | null;
  readonly targetId: NodeId | null;
}

/** What a payload is. */
export const MSG_TYPES = {
  HELLO: 1,
  HELLO_REPLY: 2,
  HELLO_FINISH: 3,
  HEARTBEAT: 4,
  HEARTBEAT_ACK: 5,
  GOODBYE: 6,
  JOIN: 7,
  LSA: 8,
  SWIM: 9,
  FLOW_DATA: 10,
  FLOW_ACK: 11,
  /** A bundle of Raft messages that fits one frame and may be lost. */
  RAFT: 12,
  /** Other control messages of groups. */
  GROUP: 13,
} as const;

/** A header with nothing but its type: spread it and set what is needed. */
export const EMPTY_HEADER: Header = {
  msgType: 0,
  streamId: null,
  seq: 0,
  ack: 0,
  pathId: 0,
  priority: 0,
  keyEpoch: 0,
  traceContext: EMPTY_BYTES,
  signature: EMPTY_BYTES,
  flowClass: 0,
  sourceReplica: 0,
  sourceBoot: 0,
  targetReplica: 0,
  targetBoot: 0,
  sourceId: null,
  targetId: null,
};

/** The header's bytes, a fresh array. `traceContext` and `signature` together stay below HEADER_BYTES_MAX. */
export function encodeHeader(header: Header): Uint8Array {
  const sizeMax = FIXED_FIELDS_BYTES_MAX + header.traceContext.length + header.signature.length;
  const out = sizeMax <= SCRATCH.length ? SCRATCH : new Uint8Array(sizeMax);
  let at = putUint(out, 0, 0x08, header.msgType);
  at = putId(out, at, 0x12, header.streamId);
  at = putUint(out, at, 0x18, header.seq);
  at = putUint(out, at, 0x20, header.ack);
  at = putUint(out, at, 0x28, header.pathId);
  at = putUint(out, at, 0x30, header.priority);
  at = putUint(out, at, 0x38, header.keyEpoch);
  at = putBytes(out, at, 0x42, header.traceContext);
  at = putBytes(out, at, 0x4a, header.signature);
  at = putUint(out, at, 0x50, header.flowClass);
  at = putUint(out, at, 0x58, header.sourceReplica);
  at = putUint(out, at, 0x60, header.sourceBoot);
  at = putUint(out, at, 0x68, header.targetReplica);
  at = putUint(out, at, 0x70, header.targetBoot);
  at = putId(out, at, 0x7a, header.sourceId);
  if (header.targetId !== null) {
    // Field 16 has a tag of two bytes: 0x82 0x01.
    out[at] = 0x82;
    at = putId(out, at + 1, 0x01, header.targetId);
  }
  return out.slice(0, at);
}

/**
 * The header in `bytes`, or null when they are malformed. Unknown fields are skipped, the last of a repeated field
 * wins. `traceContext` and `signature` are views.
 */
export function decodeHeader(bytes: Uint8Array): Header | null {
  const reader = new ByteReader(bytes);
  const header: Mutable<Header> = { ...EMPTY_HEADER };
  while (reader.at < reader.end) readField(reader, reader.varint(), header);
  return reader.isFailed ? null : header;
}

function readField(reader: ByteReader, tag: number, header: Mutable<Header>): void {
  switch (tag) {
    case 0x08: header.msgType = reader.varint(); break;
    case 0x12: header.streamId = readId<StreamId>(reader); break;
    case 0x18: header.seq = reader.varint(); break;
    case 0x20: header.ack = reader.varint(); break;
    case 0x28: header.pathId = reader.varint(); break;
    case 0x30: header.priority = reader.varint(); break;
    case 0x38: header.keyEpoch = reader.varint(); break;
    case 0x42: header.traceContext = reader.bytesView(); break;
    case 0x4a: header.signature = reader.bytesView(); break;
    case 0x50: header.flowClass = reader.varint(); break;
    case 0x58: header.sourceReplica = reader.varint(); break;
    case 0x60: header.sourceBoot = reader.varint(); break;
    case 0x68: header.targetReplica = reader.varint(); break;
    case 0x70: header.targetBoot = reader.varint(); break;
    case 0x7a: header.sourceId = readId<NodeId>(reader); break;
    case 0x82: header.targetId = readId<NodeId>(reader); break;
    default:
      if (tag >= 8 && tag < (KNOWN_NUMBER_MAX + 1) * 8) reader.fail();
      else skipField(reader, tag);
  }
}

function readId<T extends NodeId | StreamId>(reader: ByteReader): T {
  if (reader.varint() !== ID_BYTES) reader.fail();
  return reader.id<T>();
}

function putUint(out: Uint8Array, at: number, tag: number, value: number): number {
  if (value === 0) return at;
  out[at] = tag;
  if (value < 128) {
    out[at + 1] = value;
    return at + 2;
  }
  return putVarint(out, at + 1, value);
}

function putBytes(out: Uint8Array, at: number, tag: number, value: Uint8Array): number {
  if (value.length === 0) return at;
  out[at] = tag;
  const start = putVarint(out, at + 1, value.length);
  out.set(value, start);
  return start + value.length;
}

function putId(out: Uint8Array, at: number, tag: number, value: NodeId | StreamId | null): number {
  if (value === null) return at;
  out[at] = tag;
  out[at + 1] = ID_BYTES;
  idToBytes(value, out, at + 2);
  return at + 2 + ID_BYTES;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Every field but the two of free length: ten integers of at most 9 bytes, three identifiers of at most 19. */
const FIXED_FIELDS_BYTES_MAX = 200;
const KNOWN_NUMBER_MAX = 16;
const SCRATCH = new Uint8Array(1024);
