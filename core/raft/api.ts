/**
 * What a Raft group takes and gives: the contract between `RaftGroup` and whoever hosts it (core/node, tests, the
 * benchmark). The host feeds messages, deadlines, proposals and the outcomes of writes at any time, and once per turn
 * calls `take`, so that proposals batch.
 *
 * Durability lives inside the group: what must wait for a write (votes, vote requests, acks, rejections) stays in the
 * group and comes out of the `take` after `onPersisted`. So everything in `RaftOutput.send` may leave at once, and a
 * host has no order to keep but that of the writes themselves.
 */
import { MILLISECOND_US } from '../base/units.js';
import type { LogIndex, Term } from '../base/units.js';
import type { Notice } from '../base/notice.js';
import type { ReplicaId } from '../base/replica.js';
import type { RaftMessage } from '../wire/raft-messages.js';

/** The two values that must survive any crash, written as one record. */
export interface HardState {
  readonly term: Term;
  /** Who has this replica's vote in `term`. */
  readonly vote: ReplicaId | null;
}

/**
 * Who counts. All lists are sorted by `compareReplicas`. Voters and learners are disjoint; who is in `outgoing` may be
 * in either of them besides: what it will be when the joint configuration is left.
 */
export interface Configuration {
  readonly voters: readonly ReplicaId[];
  /**
   * The voters being left, while a joint configuration is in force: both majorities are needed for votes, commits,
   * reads and check-quorum. Else null. The leader leaves it by itself as soon as it is committed.
   */
  readonly outgoing: readonly ReplicaId[] | null;
  /** Replicas that receive the log and never count. */
  readonly learners: readonly ReplicaId[];
}

/** One change of one server. Takes effect when it is appended; several at once may go through a joint configuration. */
export type ConfigurationChange =
  /** A replica that is in no list becomes a learner. */
  | { readonly kind: 'add-learner'; readonly replica: ReplicaId }
  /** A learner that has caught up becomes a voter. */
  | { readonly kind: 'promote'; readonly replica: ReplicaId }
  /** A voter becomes a learner. */
  | { readonly kind: 'demote'; readonly replica: ReplicaId }
  /** A voter or learner leaves. */
  | { readonly kind: 'remove'; readonly replica: ReplicaId };

/** A place in a log. Logs are compared by term first (thesis §3.6.1). */
export interface LogPlace {
  readonly index: LogIndex;
  readonly term: Term;
}

/**
 * A generation of a group ends when its majority is lost for good, and the next one begins by the word of an authority
 * outside of the group (DESIGN §8). The steps: `seal` at every survivor; of their reports, the most up-to-date log end
 * is the base; `force` at every survivor and at every new replica. What belongs to one generation is void in another.
 */
export interface Generation {
  readonly number: number;
  /** Durably sends and answers nothing any more. */
  readonly isSealed: boolean;
  /** Null for the group's first generation. */
  readonly founding: Founding | null;
}

/** How a generation after the first began; the same at all its members. */
export interface Founding {
  /** In force from the beginning, instead of all that logs up to the base say. Not joint. Whose log is the base votes. */
  readonly configuration: Configuration;
  /** Only a replica whose log reaches this far can lead: it holds all that may have been committed before. */
  readonly base: LogPlace;
}

/** What a sealed replica holds, durably. It will neither vote nor vouch for anything in that generation again. */
export interface SealReport {
  readonly generation: number;
  /** The newest in its log. */
  readonly configuration: Configuration;
  readonly last: LogPlace;
  readonly commit: LogIndex;
  /** Above 0: it once held entries up to here that are unreadable now. Such a one may learn, and is no voter. */
  readonly damagedThrough: LogIndex;
}

export type RaftEntryKind = 'noop' | 'data' | 'configuration';

export interface RaftEntry {
  readonly index: LogIndex;
  readonly term: Term;
  readonly kind: RaftEntryKind;
  /** `data`: the proposer's, opaque. `configuration`: `encodeConfiguration`. `noop`: empty. Never changed or copied. */
  readonly bytes: Uint8Array;
}

/** All that the log up to `index` amounts to. Index 0, term 0, empty state: a group that has not compacted yet. */
export interface RaftSnapshot {
  readonly index: LogIndex;
  readonly term: Term;
  /** In force, and committed, at `index`. */
  readonly configuration: Configuration;
  readonly state: Uint8Array;
}

/** Consecutive entries of one term, both ends included. */
export interface TermRun {
  readonly term: Term;
  readonly from: LogIndex;
  readonly through: LogIndex;
}

/** What the disk of a replica holds. A new group: hard state (0, null), snapshot at 0 with its first configuration. */
export interface RestoredRaft {
  readonly hardState: HardState;
  /** As it was written last; null when it never was. */
  readonly generation: Generation | null;
  readonly snapshot: RaftSnapshot;
  /** The terms of all entries after the snapshot, ascending, without gaps. */
  readonly terms: readonly TermRun[];
  /** Every configuration entry after the snapshot, ascending. */
  readonly configurations: readonly RaftEntry[];
  /** The newest entries with their bytes, without gaps up to the last one; as many as the host likes, also none. */
  readonly tail: readonly RaftEntry[];
  /**
   * Entries up to here were durable and acknowledged once, and those after the last of `terms` are unreadable now
   * (rule 37): no vote and no counted ack until this much has come back from the peers. The host remembers it across
   * restarts until `recovered`. 0: nothing is damaged.
   */
  readonly damagedThrough: LogIndex;
}

/** 'learner' is every replica that its own configuration does not name as a voter. */
export type RaftRole = 'follower' | 'pre-candidate' | 'candidate' | 'leader' | 'learner';

/** Appends and snapshot chunks travel by flow (ordered); all else in single frames that may be lost. */
export interface Envelope {
  readonly to: ReplicaId;
  readonly carrier: 'flow' | 'frame';
  readonly message: RaftMessage;
}

/**
 * One atomic write, carried out in this order: hard state and generation; snapshot; entries. Writes must become durable in the order
 * of their ids. At most `writesInFlightMax` are out at a time.
 */
export interface RaftWrite {
  readonly id: number;
  readonly hardState: HardState | null;
  readonly generation: Generation | null;
  /** Replaces the older snapshot and makes void all entries up to its index, and all those after `keptThrough`. */
  readonly snapshot: { readonly snapshot: RaftSnapshot; readonly keptThrough: LogIndex } | null;
  /** Without gaps. Whatever the log held at or after the first one's index is replaced. */
  readonly entries: readonly RaftEntry[];
}

/** Entries to read back, both ends included. A prefix of at least one entry is a fine answer. */
export interface FetchRange {
  readonly from: LogIndex;
  readonly through: LogIndex;
  /** Stop after this many bytes. */
  readonly bytesMax: number;
}

/** The state machine may answer this read once it has applied `index`. */
export interface ConfirmedRead {
  readonly context: number;
  readonly index: LogIndex;
}

export type RaftEvent =
  /** Role, term or known leader changed. */
  | { readonly kind: 'role'; readonly role: RaftRole; readonly term: Term; readonly leader: ReplicaId | null }
  /** In force from here on: appended, or restored by a truncation or a snapshot. */
  | { readonly kind: 'configuration'; readonly index: LogIndex; readonly configuration: Configuration }
  /** Entries at and after `from` were replaced: what was proposed there is of unknown fate, not failed. */
  | { readonly kind: 'truncated'; readonly from: LogIndex }
  /** All of `damagedThrough` has come back, durably: the replica votes and counts again. */
  | { readonly kind: 'recovered'; readonly index: LogIndex }
  /** Sealed, durably. Told once a boot. */
  | { readonly kind: 'sealed'; readonly report: SealReport }
  /** A message of a generation that this replica has not been told of; each generation is told once. */
  | { readonly kind: 'newer-generation'; readonly generation: number; readonly from: ReplicaId }
  /** Fail-stop: the group does nothing any more, and the node has to stop. */
  | { readonly kind: 'halted'; readonly code: 'conflict-below-commit' | 'log-unreadable'; readonly index: LogIndex }
  | { readonly kind: 'notice'; readonly notice: Notice };

export interface RaftOutput {
  /** May leave at once, in this order. */
  readonly send: readonly Envelope[];
  /** To be made durable; answered by `onPersisted(id)` or `onWriteRefused(id)`. */
  readonly write: RaftWrite | null;
  /** Durable here and to be installed in the state machine, in place of all it holds; comes before `apply`. */
  readonly installed: RaftSnapshot | null;
  /** Committed and durable here, in order, once. Answered by `onApplied` when the state machine has them. */
  readonly apply: readonly RaftEntry[];
  /** At most one is out at a time; answered by `onFetched`. */
  readonly fetch: FetchRange | null;
  readonly reads: readonly ConfirmedRead[];
  /** Reads that this group gave up (leader lost, time over): ask again. */
  readonly lostReads: readonly number[];
  readonly events: readonly RaftEvent[];
}

/** Nothing is wished. */
export const NO_OUTPUT: RaftOutput = {
  send: [],
  write: null,
  installed: null,
  apply: [],
  fetch: null,
  reads: [],
  lostReads: [],
  events: [],
};

export interface RaftConfig {
  readonly heartbeatIntervalUs: number;
  /** Election timeouts are drawn from [min, max]; min is also the time of stickiness and of check-quorum. */
  readonly electionTimeoutMinUs: number;
  readonly electionTimeoutMaxUs: number;
  /** A group in which nothing happened for this long is offered rest. */
  readonly restAfterUs: number;
  /** Appends on their way to one peer. */
  readonly inflightAppendsMax: number;
  readonly inflightBytesMax: number;
  /** One append message; a single larger entry travels alone. */
  readonly appendBytesMax: number;
  readonly appendEntriesMax: number;
  /** With nothing heard about what is on its way for this long, an empty append asks where the peer stands. */
  readonly stallProbeUs: number;
  /** Data a proposal may carry. */
  readonly entryBytesMax: number;
  /** Data of proposals that are not committed yet; beyond it: OVERLOADED. */
  readonly uncommittedBytesMax: number;
  /** Data handed out and not answered by `onApplied`; beyond it no more is handed out, and proposals: OVERLOADED. */
  readonly unappliedBytesMax: number;
  /** Entries kept in memory; only durable ones are let go. */
  readonly tailBytesMax: number;
  readonly fetchBytesMax: number;
  readonly applyBytesMax: number;
  readonly snapshotBytesMax: number;
  readonly snapshotChunkBytesMax: number;
  readonly snapshotChunksInflightMax: number;
  /** Reads that wait, local and forwarded; beyond it: OVERLOADED. */
  readonly pendingReadsMax: number;
  /** How far behind the leader's last entry a learner may be when it is promoted. */
  readonly promotionLagMax: number;
  /** From so many learners on, voters relay committed entries to them in groups that are always led. */
  readonly relayLearnersMin: number;
  /** Members of all kinds in a configuration. */
  readonly membersMax: number;
  readonly writesInFlightMax: number;
}

export const DEFAULT_RAFT_CONFIG: RaftConfig = {
  heartbeatIntervalUs: 200 * MILLISECOND_US,
  electionTimeoutMinUs: 900 * MILLISECOND_US,
  electionTimeoutMaxUs: 1_500 * MILLISECOND_US,
  restAfterUs: 400 * MILLISECOND_US,
  inflightAppendsMax: 64,
  inflightBytesMax: 4 * 1024 * 1024,
  appendBytesMax: 256 * 1024,
  appendEntriesMax: 1024,
  stallProbeUs: 2_000 * MILLISECOND_US,
  entryBytesMax: 400 * 1024,
  uncommittedBytesMax: 8 * 1024 * 1024,
  unappliedBytesMax: 8 * 1024 * 1024,
  tailBytesMax: 4 * 1024 * 1024,
  fetchBytesMax: 1024 * 1024,
  applyBytesMax: 1024 * 1024,
  snapshotBytesMax: 64 * 1024 * 1024,
  snapshotChunkBytesMax: 64 * 1024,
  snapshotChunksInflightMax: 8,
  pendingReadsMax: 1024,
  promotionLagMax: 256,
  relayLearnersMin: 3,
  membersMax: 1024,
  writesInFlightMax: 2,
};
