/** Frames for the neighbour only: no indexes, no ttl, one message each. */
import { memberIndex } from '../base/units.js';
import { FRAME_FLAGS, encodeFrame } from '../wire/frame.js';
import { EMPTY_HEADER, encodeHeader } from '../wire/header.js';

/** A whole LINK_LOCAL frame around `payload`. */
export function linkLocalFrame(msgType: number, payload: Uint8Array, trafficClass: number): Uint8Array {
  const prefix = {
    trafficClass,
    flags: FRAME_FLAGS.LINK_LOCAL,
    ttl: 0,
    hopCount: 0,
    pathPosition: 0,
    generationTag: 0,
    source: memberIndex(0),
    target: memberIndex(0),
    tenantIndex: 0,
  };
  return encodeFrame(prefix, headerOf(msgType), [payload]);
}

/** Whether the frame in `bytes` is for the neighbour only. */
export function isLinkLocal(bytes: Uint8Array): boolean {
  return ((bytes[FLAGS_AT] as number) & FRAME_FLAGS.LINK_LOCAL) !== 0;
}

/** Headers of link-local frames differ by type alone, so each is encoded once. */
function headerOf(msgType: number): Uint8Array {
  let header = HEADERS.get(msgType);
  if (header === undefined) {
    header = encodeHeader({ ...EMPTY_HEADER, msgType });
    HEADERS.set(msgType, header);
  }
  return header;
}

const FLAGS_AT = 2;
const HEADERS = new Map<number, Uint8Array>();
