/**
 * Why a lane ends: one closed list with numbers on the wire (GOODBYE carries one), and what each means to a join that
 * used the lane.
 */
import { type Reject, type RejectCode, reject } from '../base/reject.js';

/** Code → number on the wire. */
export const LANE_CODES = {
  /** Bytes that are no frame, or a message that has no place in the lane's state. */
  malformed: 1,
  'version-mismatch': 2,
  'wrong-mesh': 3,
  /** The same mesh, another lineage of it. */
  'wrong-generation': 4,
  /** The refusing side is in no mesh. */
  'not-a-member': 5,
  /** The peer's certificates do not lead to the mesh's key, or are not the peer's. */
  'chain-invalid': 6,
  /** The peer did not sign what both sides saw. */
  'signature-invalid': 7,
  /** Another process that holds the same identity is linked and alive. */
  'identity-in-use': 8,
  /** A later boot of the same identity is linked already. */
  'stale-boot': 9,
  /** The lane leads back to the same process. */
  self: 10,
  evicted: 11,
  overloaded: 12,
  /** The handshake or the join did not end in time. */
  'timed-out': 13,
  /** Nothing was heard for too long. */
  silent: 14,
  /** Another lane of the same link is kept. */
  'duplicate-lane': 15,
  /** A later boot of the peer took over. */
  superseded: 16,
  stopping: 17,
  /** The exchange is complete. */
  done: 18,
  /** The socket went away. Never on the wire. */
  lost: 19,
} as const satisfies Record<string, number>;

export type LaneCode = keyof typeof LANE_CODES;

/** The code with that number; `lost` for numbers that this version does not know. */
export function laneCodeOf(wireNumber: number): LaneCode {
  return BY_NUMBER.get(wireNumber) ?? 'lost';
}

/** What a newcomer is told when its join lane ended with `code` before the answer. */
export function joinRejectOf(code: LaneCode, url: string): Reject {
  const [rejectCode, detail] = JOIN_REJECTS[code] ?? UNREACHABLE;
  return reject(rejectCode, url, detail);
}

const UNREACHABLE: readonly [RejectCode, string] = ['UNREACHABLE', 'the lane ended before the member answered; try again or another member'];
const JOIN_REJECTS: { readonly [C in LaneCode]?: readonly [RejectCode, string] } = {
  'version-mismatch': ['VERSION_MISMATCH', 'the member and this node share no protocol version; upgrade one of them'],
  'wrong-mesh': ['WRONG_MESH', 'the member belongs to another mesh than the one asked for'],
  'wrong-generation': ['WRONG_MESH', 'the member belongs to another generation of the mesh'],
  'not-a-member': ['NOT_IN_MESH', 'the node there is in no mesh; seed one on it or dial a member'],
  'chain-invalid': ['WRONG_MESH', 'the node there could not prove that it belongs to the mesh'],
  'signature-invalid': ['WRONG_MESH', 'the node there could not prove its identity'],
  'identity-in-use': ['IDENTITY_IN_USE', 'another process holds the identity of this node; give this one its own data directory'],
  self: ['INVALID_ARGUMENT', 'the address leads back to this node; dial a member'],
  evicted: ['EVICTED', 'this replica has left the mesh or was evicted; the node comes back only as a later one'],
  overloaded: ['OVERLOADED', 'the member has too many lanes in handshake; try again'],
  'timed-out': ['TIMED_OUT', 'the member did not answer in time; try again or another member'],
};

const BY_NUMBER = new Map(Object.entries(LANE_CODES).map(([code, wireNumber]) => [wireNumber as number, code as LaneCode]));
