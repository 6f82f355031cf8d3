/**
 * How a stream's group that has lost its majority for good comes to its next generation, in protobuf's wire format
 * (proto/mesh/wire/v1/succession.proto holds the same definitions; a test holds both equal).
 */
import type { GroupId, NodeId } from '../base/ids.js';
import type { LogIndex, Term } from '../base/units.js';
import { type Infer, bytes, flag, id, message, nested, optional, repeated, uint } from './schema.js';

/** One replica. */
export const Seat = message('Seat', { node: id<NodeId>(1), replica: uint(2) });
export type Seat = Infer<typeof Seat>;

/** How far a target is, as the log of its stream's group has it. */
export const TargetPlace = message('TargetPlace', { node: id<NodeId>(1), seq: uint(2) });
export type TargetPlace = Infer<typeof TargetPlace>;

/** A member that is left asks the mesh's authority to seal its group. Repeated until the mesh's log has answered. */
export const SealWish = message('SealWish', {
  group: id<GroupId>(1),
  generation: uint(2),
  /** As the asker's log has it, encoded. */
  configuration: bytes(3),
  /** The stream's descriptor with its source's signature. */
  descriptor: bytes(4),
  signature: bytes(5),
  /** An operator accepts that what only the lost members held is gone. */
  isLossAccepted: flag(6),
});
export type SealWish = Infer<typeof SealWish>;

/** What a sealed replica holds, durably. Repeated until the mesh's log has the founding. */
export const SealedReport = message('SealedReport', {
  group: id<GroupId>(1),
  generation: uint(2),
  configuration: bytes(3),
  lastIndex: uint<LogIndex>(4),
  lastTerm: uint<Term>(5),
  commit: uint<LogIndex>(6),
  damagedThrough: uint<LogIndex>(7),
  offsets: repeated(nested(8, TargetPlace)),
  /** The sender's. */
  replica: uint(9),
});
export type SealedReport = Infer<typeof SealedReport>;

/** An entry of the mesh's log: that generation of the group is over. */
export const GroupSeal = message('GroupSeal', {
  group: id<GroupId>(1),
  generation: uint(2),
  source: nested(3, Seat),
  /** Everybody in the configuration that its asker knew. */
  members: repeated(nested(4, Seat)),
  isLossAccepted: flag(5),
});
export type GroupSeal = Infer<typeof GroupSeal>;

/** An entry of the mesh's log: the next generation of a sealed group begins, so. */
export const GroupFounding = message('GroupFounding', {
  group: id<GroupId>(1),
  generation: uint(2),
  voters: repeated(nested(3, Seat)),
  learners: repeated(nested(4, Seat)),
  baseIndex: uint<LogIndex>(5),
  baseTerm: uint<Term>(6),
  /** The furthest that any survivor knew. */
  offsets: repeated(nested(7, TargetPlace)),
});
export type GroupFounding = Infer<typeof GroupFounding>;

/** The newest succession of one group. `founding` is of the generation after `seal`. */
export const SuccessionRow = message('SuccessionRow', {
  seal: nested(1, GroupSeal),
  founding: optional(nested(2, GroupFounding)),
});
export type SuccessionRow = Infer<typeof SuccessionRow>;

/**
 * The log of a stream's group, or the mesh's, has let in the later replica of a node that the descriptor names. From a
 * member of that group.
 */
export const Readmission = message('Readmission', { descriptor: bytes(1), signature: bytes(2), replica: uint(3) });
export type Readmission = Infer<typeof Readmission>;

/** The stream takes no more messages. */
export const CloseMark = message('CloseMark', {
  lastSeq: uint(1),
  /** The source is gone for good: what it numbered beyond `lastSeq` reached nobody who could tell. */
  isSourceLost: flag(40),
});

/** The leader's: a target's disk was lost, and its later replica goes on at the offset that is settled for the node. */
export const TargetReplacement = message('TargetReplacement', { node: id<NodeId>(1), replica: uint(2) });
