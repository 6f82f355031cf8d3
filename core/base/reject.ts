/**
 * The closed list of refusals. A refusal is expected and for a caller: its `code` is stable on the wire and in
 * documents, `subject` names the input that was refused, `detail` says why and what would unblock it.
 */

/** Code → [number on the wire, gRPC status name, whether the same call may succeed later unchanged]. */
export const REJECT_CODES = {
  NOT_IN_MESH: [1, 'FAILED_PRECONDITION', false],
  ALREADY_IN_MESH: [2, 'ALREADY_EXISTS', false],
  MESH_STOPPED: [3, 'FAILED_PRECONDITION', false],
  JOIN_KEY_WRONG: [4, 'PERMISSION_DENIED', false],
  JOIN_CLOSED: [5, 'PERMISSION_DENIED', false],
  IDENTITY_IN_USE: [6, 'ALREADY_EXISTS', false],
  WRONG_MESH: [7, 'FAILED_PRECONDITION', false],
  VERSION_MISMATCH: [8, 'FAILED_PRECONDITION', false],
  UNREACHABLE: [9, 'UNAVAILABLE', true],
  TIMED_OUT: [10, 'DEADLINE_EXCEEDED', true],
  NO_QUORUM: [11, 'UNAVAILABLE', true],
  NOT_LEADER: [12, 'UNAVAILABLE', true],
  OVERLOADED: [13, 'RESOURCE_EXHAUSTED', true],
  OUTBOX_FULL: [14, 'RESOURCE_EXHAUSTED', true],
  STREAM_UNKNOWN: [15, 'NOT_FOUND', false],
  STREAM_CLOSED: [16, 'FAILED_PRECONDITION', false],
  STREAM_EXISTS: [17, 'ALREADY_EXISTS', false],
  NOT_SOURCE: [18, 'FAILED_PRECONDITION', false],
  NOT_TARGET: [19, 'FAILED_PRECONDITION', false],
  TARGET_UNKNOWN: [20, 'NOT_FOUND', false],
  POLICY_BELOW_QUORUM: [21, 'INVALID_ARGUMENT', false],
  INVALID_ARGUMENT: [22, 'INVALID_ARGUMENT', false],
  DUPLICATE: [23, 'ALREADY_EXISTS', false],
  PRODUCER_GAP: [24, 'FAILED_PRECONDITION', false],
  FENCED: [25, 'ABORTED', false],
  OFFSET_AHEAD: [26, 'OUT_OF_RANGE', false],
  OFFSET_OUT_OF_RANGE: [27, 'OUT_OF_RANGE', false],
  PAYLOAD_TOO_LARGE: [28, 'INVALID_ARGUMENT', false],
  CHECKSUM_MISMATCH: [29, 'DATA_LOSS', false],
  JOURNAL_FAILED: [30, 'UNAVAILABLE', false],
  STALE_ATTEMPT: [31, 'ABORTED', false],
  CONFIG_PENDING: [32, 'UNAVAILABLE', true],
  NODE_UNKNOWN: [33, 'NOT_FOUND', false],
  TOO_MANY: [34, 'RESOURCE_EXHAUSTED', true],
  LETTER_UNKNOWN: [35, 'NOT_FOUND', false],
  /** What comes next in a log of updates is not kept any more: restore a snapshot, then resume after its number. */
  NEEDS_RESYNC: [36, 'OUT_OF_RANGE', false],
  /** This node has left its mesh or was evicted: it comes back only by joining again. */
  EVICTED: [37, 'FAILED_PRECONDITION', false],
  /** Half or more of the members is unreachable: only evictions pass. */
  MESH_CRITICAL: [38, 'UNAVAILABLE', true],
  /** What it published is forgotten: another name goes on. */
  PRODUCER_EXPIRED: [39, 'FAILED_PRECONDITION', false],
  /** The stream was deleted; its id is never used again. */
  STREAM_DELETED: [40, 'NOT_FOUND', false],
  /** Something of the stream would be lost that somebody still waits for. */
  STREAM_NOT_SETTLED: [41, 'FAILED_PRECONDITION', true],
  CHECKPOINT_UNKNOWN: [42, 'NOT_FOUND', false],
  /** A key of the configuration has another revision than the change names; `detail` says which. */
  REVISION_MISMATCH: [43, 'ABORTED', false],
  /** The mesh control group can decide by itself: nothing has to be recovered. */
  QUORUM_STANDS: [44, 'FAILED_PRECONDITION', false],
  /** The tenant has used up its quota, which is the subject: how much, and the way out, is in the detail. */
  QUOTA_EXCEEDED: [45, 'RESOURCE_EXHAUSTED', true],
} as const satisfies Record<string, readonly [number, string, boolean]>;

export type RejectCode = keyof typeof REJECT_CODES;

export interface Reject {
  readonly code: RejectCode;
  /** The input that was refused: a field name, an id, an address. */
  readonly subject: string;
  /** Why, and the way out, in one sentence for a person. Never branched on. */
  readonly detail: string;
  /** When retrying makes sense: how long to wait first, in microseconds. */
  readonly retryAfterUs?: number;
}

export const reject = (code: RejectCode, subject: string, detail: string, retryAfterUs?: number): Reject =>
  retryAfterUs === undefined ? { code, subject, detail } : { code, subject, detail, retryAfterUs };

/** The code with that number on the wire; null for a number this version does not know. */
export function rejectCodeOf(wireNumber: number): RejectCode | null {
  return BY_NUMBER.get(wireNumber) ?? null;
}

const BY_NUMBER = new Map(
  Object.entries(REJECT_CODES).map(([code, [wireNumber]]) => [wireNumber as number, code as RejectCode]),
);
