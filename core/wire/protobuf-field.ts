/** The parts of protobuf's wire format that every decoder of fields needs: wire types, and passing over a field. */
import type { ByteReader } from './varint.js';

/** A tag is a field's number * 8 + its wire type. */
export const WIRE_VARINT = 0;
export const WIRE_FIXED64 = 1;
export const WIRE_SIZED = 2;
export const WIRE_FIXED32 = 5;

/** Passes over the value of a field with this tag. Number 0, tags above 32 bits and groups fail the reader. */
export function skipField(reader: ByteReader, tag: number): void {
  if (tag < 8 || tag > TAG_MAX) return reader.fail();
  switch (tag % 8) {
    case WIRE_VARINT:
      return reader.skipVarint();
    case WIRE_FIXED64:
      return reader.skip(8);
    case WIRE_SIZED:
      return reader.skip(reader.varint());
    case WIRE_FIXED32:
      return reader.skip(4);
    default:
      return reader.fail();
  }
}

const TAG_MAX = 0xffff_ffff;
