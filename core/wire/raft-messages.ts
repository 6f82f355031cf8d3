/**
 * Messages between the replicas of a Raft group, as `proto/mesh/wire/v1/raft.proto` declares them. Every one carries
 * the group's generation and its sender's term; whatever does not match the receiver's generation is refused whole.
 *
 * `append`, `snapshotChunk`, `relayOrder` and `relayed` travel ordered flows; all others are single frames that may be lost, doubled and
 * reordered. Sources: the Raft thesis (§3, §4.2.1, §6.4, §9.6, §3.10), with `seq` added so that an answer says which
 * append it settles.
 */
import type { NodeId } from '../base/ids.js';
import { type Infer, type InferUnion, bytes, flag, id, message, nested, repeated, uint, union } from './schema.js';

/** Numbers of the kinds of entries. */
export const ENTRY_KINDS = { noop: 0, data: 1, configuration: 2 } as const;

/** What a heartbeat says of rest: nothing, "rest", or "rest, although members are absent that may lag". */
export const REST_OFFERS = { none: 0, whole: 1, partial: 2 } as const;

export const RAFT_ENTRIES_MAX = 4096;
export const RAFT_MEMBERS_MAX = 4096;

/** An entry of a log. Its index follows from its place in the message. */
export const RaftLogEntry = message('RaftLogEntry', { term: uint(1), kind: uint(2), bytes: bytes(3) });
export type RaftLogEntry = Infer<typeof RaftLogEntry>;

export const RaftReplica = message('RaftReplica', { node: id<NodeId>(1), replica: uint(2) });
export type RaftReplica = Infer<typeof RaftReplica>;

/** Also the content of a configuration entry. `outgoing` counts only when `isJoint`. */
export const RaftConfiguration = message('RaftConfiguration', {
  voters: repeated(nested(1, RaftReplica), RAFT_MEMBERS_MAX),
  learners: repeated(nested(2, RaftReplica), RAFT_MEMBERS_MAX),
  isJoint: flag(3),
  outgoing: repeated(nested(4, RaftReplica), RAFT_MEMBERS_MAX),
});
export type RaftConfiguration = Infer<typeof RaftConfiguration>;

/** Log entries after (prevIndex, prevTerm); without entries: "do you have that one?" `seq` counts what this leader sent this peer. */
export const RaftAppend = message('RaftAppend', {
  generation: uint(1),
  term: uint(2),
  seq: uint(3),
  prevIndex: uint(4),
  prevTerm: uint(5),
  commit: uint(6),
  entries: repeated(nested(7, RaftLogEntry), RAFT_ENTRIES_MAX),
});
export type RaftAppend = Infer<typeof RaftAppend>;

/**
 * Everything up to append `seq` is settled: the sender's log equals the leader's up to `match`, durably. When
 * `isRejected`, append `seq` did not fit, and the last place where it might is (hintIndex, hintTerm).
 */
export const RaftAppendAck = message('RaftAppendAck', {
  generation: uint(1),
  term: uint(2),
  seq: uint(3),
  match: uint(4),
  isRejected: flag(5),
  hintIndex: uint(6),
  hintTerm: uint(7),
  /** The sender's log was damaged: its match paces the leader and counts for nothing. */
  isRecovering: flag(8),
});
export type RaftAppendAck = Infer<typeof RaftAppendAck>;

/**
 * "I lead." `commit` is at most what the receiver has acknowledged; `round` is of the reads to confirm. A silent one
 * only tells a new commit and wants no answer.
 */
export const RaftHeartbeat = message('RaftHeartbeat', {
  generation: uint(1),
  term: uint(2),
  commit: uint(3),
  round: uint(4),
  isSilent: flag(5),
  /** Rises whenever the leader begins to offer rest and whenever it takes the offer back, so that late beats are known. */
  epoch: uint(6),
  /** One of `REST_OFFERS`. */
  offer: uint(7),
});
export type RaftHeartbeat = Infer<typeof RaftHeartbeat>;

/** As the newest append ack, repeated. A term above the leader's tells it that it leads no more. */
export const RaftHeartbeatAck = message('RaftHeartbeatAck', {
  generation: uint(1),
  term: uint(2),
  round: uint(3),
  seq: uint(4),
  match: uint(5),
  isRecovering: flag(6),
  /** The epoch whose offer of rest the sender has taken: it expects no heartbeat until something happens. 0: none. */
  restsIn: uint(7),
});
export type RaftHeartbeatAck = Infer<typeof RaftHeartbeatAck>;

/** The candidate's durable log ends at (lastIndex, lastTerm). `isTransfer`: its leader told it to, loyalty is off. */
export const RaftVote = message('RaftVote', {
  generation: uint(1),
  term: uint(2),
  lastIndex: uint(3),
  lastTerm: uint(4),
  isTransfer: flag(5),
});
export type RaftVote = Infer<typeof RaftVote>;

export const RaftVoteAnswer = message('RaftVoteAnswer', { generation: uint(1), term: uint(2), isGranted: flag(3) });
export type RaftVoteAnswer = Infer<typeof RaftVoteAnswer>;

/** "Would you vote for me in `term`?" Changes nothing at the receiver. */
export const RaftPreVote = message('RaftPreVote', {
  generation: uint(1),
  term: uint(2),
  lastIndex: uint(3),
  lastTerm: uint(4),
});
export type RaftPreVote = Infer<typeof RaftPreVote>;

/** A grant repeats the term that was asked about, a refusal carries the term of the sender. */
export const RaftPreVoteAnswer = message('RaftPreVoteAnswer', {
  generation: uint(1),
  term: uint(2),
  isGranted: flag(3),
});
export type RaftPreVoteAnswer = Infer<typeof RaftPreVoteAnswer>;

/** The leader of `term` asks the receiver to campaign at once. */
export const RaftTimeoutNow = message('RaftTimeoutNow', { generation: uint(1), term: uint(2) });
export type RaftTimeoutNow = Infer<typeof RaftTimeoutNow>;

/** A part of the snapshot at (index, snapshotTerm), whose state has `total` bytes. */
export const RaftSnapshotChunk = message('RaftSnapshotChunk', {
  generation: uint(1),
  term: uint(2),
  seq: uint(3),
  index: uint(4),
  snapshotTerm: uint(5),
  configuration: nested(6, RaftConfiguration),
  total: uint(7),
  offset: uint(8),
  /** CRC-32C of the whole state. */
  checksum: uint(9),
  bytes: bytes(10),
});
export type RaftSnapshotChunk = Infer<typeof RaftSnapshotChunk>;

/** The sender holds the first `received` bytes of the state of the snapshot at `index`. */
export const RaftSnapshotAck = message('RaftSnapshotAck', {
  generation: uint(1),
  term: uint(2),
  seq: uint(3),
  index: uint(4),
  received: uint(5),
});
export type RaftSnapshotAck = Infer<typeof RaftSnapshotAck>;

/** "How far must I have applied to answer a read now?" (session, serial) names the question for ever. */
export const RaftReadIndex = message('RaftReadIndex', {
  generation: uint(1),
  term: uint(2),
  session: uint(3),
  serial: uint(4),
});
export type RaftReadIndex = Infer<typeof RaftReadIndex>;

export const RaftReadIndexAnswer = message('RaftReadIndexAnswer', {
  generation: uint(1),
  term: uint(2),
  session: uint(3),
  serial: uint(4),
  index: uint(5),
});
export type RaftReadIndexAnswer = Infer<typeof RaftReadIndexAnswer>;

/** "There is something to do: lead on, or let us elect." To all voters, from one that is no leader and has rested. */
export const RaftWake = message('RaftWake', { generation: uint(1), term: uint(2) });
export type RaftWake = Infer<typeof RaftWake>;

/** A learner, and the number of the append that it gets. */
export const RaftRelayTarget = message('RaftRelayTarget', { replica: nested(1, RaftReplica), seq: uint(2) });

/**
 * The leader asks a voter to send these learners its entries after `prevIndex` up to `through`, which are committed and which
 * the voter has acknowledged.
 */
export const RaftRelayOrder = message('RaftRelayOrder', {
  generation: uint(1),
  term: uint(2),
  prevIndex: uint(3),
  through: uint(4),
  targets: repeated(nested(5, RaftRelayTarget), RAFT_MEMBERS_MAX),
});
export type RaftRelayOrder = Infer<typeof RaftRelayOrder>;

/** An append of `leader` that a voter sends in its stead: committed entries alone. It is answered to the leader. */
export const RaftRelayed = message('RaftRelayed', {
  generation: uint(1),
  term: uint(2),
  seq: uint(3),
  prevIndex: uint(4),
  prevTerm: uint(5),
  commit: uint(6),
  entries: repeated(nested(7, RaftLogEntry), RAFT_ENTRIES_MAX),
  leader: nested(8, RaftReplica),
});
export type RaftRelayed = Infer<typeof RaftRelayed>;

export const RaftMessage = union('RaftMessage', {
  append: [1, RaftAppend],
  appendAck: [2, RaftAppendAck],
  heartbeat: [3, RaftHeartbeat],
  heartbeatAck: [4, RaftHeartbeatAck],
  vote: [5, RaftVote],
  voteAnswer: [6, RaftVoteAnswer],
  preVote: [7, RaftPreVote],
  preVoteAnswer: [8, RaftPreVoteAnswer],
  timeoutNow: [9, RaftTimeoutNow],
  snapshotChunk: [10, RaftSnapshotChunk],
  snapshotAck: [11, RaftSnapshotAck],
  readIndex: [12, RaftReadIndex],
  readIndexAnswer: [13, RaftReadIndexAnswer],
  wake: [14, RaftWake],
  relayOrder: [20, RaftRelayOrder],
  relayed: [21, RaftRelayed],
});
export type RaftMessage = InferUnion<typeof RaftMessage>;
