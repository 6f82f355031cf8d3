/**
 * How a newcomer's wish travels from the member that it dialled to the leader, in protobuf's wire format
 * (proto/mesh/wire/v1/admission.proto holds the same definitions; a test holds both equal).
 */
import type { NodeId } from '../base/ids.js';
import { bytes, id, message, text, uint } from './schema.js';

/** A newcomer's wish, as the member that it dialled forwards it to the leader. `request` is a link JoinRequest. */
export const AdmitForward = message('AdmitForward', { nonce: uint(1), request: bytes(2), transcript: bytes(3) });
export const AdmitAnswer = message('AdmitAnswer', {
  nonce: uint(1),
  /** 0, or a Reject's number with its detail. */
  rejectCode: uint(2),
  rejectSubject: text(3),
  rejectDetail: text(4),
  node: id<NodeId>(5),
});
