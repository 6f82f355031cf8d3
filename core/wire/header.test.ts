import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NodeId, StreamId } from '../base/ids.js';
import { EMPTY_HEADER, type Header, MSG_TYPES, decodeHeader, encodeHeader } from './header.js';
import { type Codec, bytes, id, message, optional, uint } from './schema.js';
import { arbitraryOf } from './testing/arbitrary.js';
import { holdsEqual, loadProto } from './testing/proto-equality.js';
import { fixedRuns } from './testing/runs.js';

/** The header by the table-driven codec: names the fields for the tests. */
const HeaderSchema: Codec<Header> = message('Header', {
  msgType: uint(1),
  streamId: optional(id<StreamId>(2)),
  seq: uint(3),
  ack: uint(4),
  pathId: uint(5),
  priority: uint(6),
  keyEpoch: uint(7),
  traceContext: bytes(8),
  signature: bytes(9),
  flowClass: uint(10),
  sourceReplica: uint(11),
  sourceBoot: uint(12),
  targetReplica: uint(13),
  targetBoot: uint(14),
  sourceId: optional(id<NodeId>(15)),
  targetId: optional(id<NodeId>(16)),
});
const HandCodec: Codec<Header> = { ...HeaderSchema, encode: encodeHeader, decode: decodeHeader };
const headers = arbitraryOf(HeaderSchema.plan) as unknown as fc.Arbitrary<Header>;

describe('the header', () => {
  it('is coded by hand as header.proto declares it', () => {
    holdsEqual('header.proto', 'Header', HeaderSchema);
    holdsEqual('header.proto', 'Header', HandCodec);
  });

  it('is decoded by hand as the schema decodes it, malformed bytes included', () => {
    fc.assert(
      fc.property(headers, fc.nat(), fc.nat({ max: 255 }), (header, at, byte) => {
        const encoded = encodeHeader(header);
        if (encoded.length > 0) encoded[at % encoded.length] = byte;
        expect(decodeHeader(encoded)).toEqual(HeaderSchema.decode(encoded));
        const cut = encoded.subarray(0, at % (encoded.length + 1));
        expect(decodeHeader(cut)).toEqual(HeaderSchema.decode(cut));
      }),
      fixedRuns(5_000),
    );
  });

  it('refuses a known field of the wrong wire type and skips an unknown one', () => {
    expect(decodeHeader(Uint8Array.of(0x0a, 0x00))).toBe(null);
    expect(decodeHeader(Uint8Array.of(0x88, 0x01, 0x07))).toEqual(EMPTY_HEADER);
  });

  it('has the message types of frame.proto', () => {
    const { MSG_TYPE_NONE, ...declared } = loadProto('frame.proto').lookupEnum('mesh.wire.v1.MsgType').values;
    expect(MSG_TYPE_NONE).toBe(0);
    expect(MSG_TYPES).toEqual(declared);
  });
});
