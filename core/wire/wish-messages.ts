/**
 * What operators ask of the mesh control group, on its way to the leader and in the log, in protobuf's wire format
 * (proto/mesh/wire/v1/group.proto holds the same definitions; a test holds both equal).
 */
import type { NodeId } from '../base/ids.js';
import type { LogIndex } from '../base/units.js';
import { type Infer, type InferUnion, bytes, flag, id, message, repeated, text, uint, union } from './schema.js';

/** A node has to go: it leaves, or is evicted. `replica` is the one that goes, so that a later one is not meant. */
export const DepartWish = message('DepartWish', { node: id<NodeId>(1), replica: uint(2), isEvicted: flag(3) });
export type DepartWish = Infer<typeof DepartWish>;

/** What an operator asks of the mesh control group through any member. */
export const MeshWish = union('MeshWish', { depart: [1, DepartWish] });
export type MeshWish = InferUnion<typeof MeshWish>;

/** A member's wish on its way to the leader. (boot, number) is the asker's own count of wishes, and only grows. */
export const WishForward = message('WishForward', { boot: uint(1), number: uint(2), wish: bytes(3) });
export type WishForward = Infer<typeof WishForward>;
/** The leader's word on a wish: where its log has it, or why it is refused. */
export const WishRefused = message('WishRefused', {
  boot: uint(1),
  number: uint(2),
  rejectCode: uint(3),
  rejectSubject: text(4),
  rejectDetail: text(5),
  retryAfterUs: uint(6),
  /** 0: refused. */
  grantedAt: uint<LogIndex>(7),
});

/** The state of the mesh as its leader sees it. 1 healthy, 2 degraded, 3 critical; 0: nothing was written yet. */
export const ViewedMesh = message('ViewedMesh', { state: uint(1), unreachable: repeated(id<NodeId>(2)) });
export type ViewedMesh = Infer<typeof ViewedMesh>;
