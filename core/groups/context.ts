/**
 * What the node lends to its replicated groups: identity, journal, sending, and facts upwards. Groups never know the
 * other machines; they say to whom, the node knows how.
 */
import type { Crypto, Entropy } from '../base/crypto.js';
import type { DeadlineHeap } from '../base/deadlines.js';
import type { GenerationId, MeshId, MessageId, NodeId, StreamId } from '../base/ids.js';
import type { Notice } from '../base/notice.js';
import type { ReplicaId } from '../base/replica.js';
import type { Reject } from '../base/reject.js';
import type { Result } from '../base/result.js';
import type { Rng } from '../base/rng.js';
import type { LogIndex, Micros, StreamSeq, Term } from '../base/units.js';
import type { JournalApi, JournalRead } from '../journal/api.js';
import type { GroupControl } from '../wire/group-messages.js';
import type { DeadLetter } from '../wire/target-steps.js';
import type { ConfigRow, UpdateRecord } from '../wire/update-messages.js';
import type { GroupsConfig } from './config.js';
import type { RecoveryPlan } from './mcg/generations/recovery-plan.js';
import type { RecoveryStep } from './recovery/stream-loss.js';
import type { UpdateFeed } from './updates/feeds.js';

/** A message, or a chunk of one, for a subscriber. */
export interface DeliveredRecord {
  readonly seq: StreamSeq;
  readonly chunkSeq: number;
  readonly chunkCount: number;
  readonly messageId: MessageId;
  readonly producer: string;
  readonly producerSeq: number;
  readonly payload: Uint8Array;
  readonly checksum: number;
  readonly headers: Uint8Array;
  /** BLAKE3 of the message's whole payload, with its last chunk, where its publisher gave one. */
  readonly digest?: Uint8Array;
  /** The target has given up on this message (it is in the dead-letter list): there is nothing to handle. */
  readonly isDead?: true;
  /** A replay of a dead letter: `seq` is the replay's number, and this the message's place in its stream. */
  readonly letterSeq?: StreamSeq;
}

export interface SessionWatermarks {
  readonly accepted: number;
  readonly replicated: number;
  readonly completed: number;
  readonly creditBytes: number;
}

/** An update with its place in its log. */
export interface DeliveredUpdate {
  readonly seq: number;
  readonly record: UpdateRecord;
}

/** A row of the embedded ledger's tables set, or removed (null). */
export interface TableWrite {
  readonly table: string;
  readonly key: Uint8Array;
  readonly value: Uint8Array | null;
}

/** The reply to a command about updates; a subset of the node's `Reply`. */
export type UpdateReply =
  | {
      readonly kind: 'update-sent';
      readonly updateId: MessageId;
      readonly seq: number;
      readonly level: 'committed' | 'applied';
      /** The update had been sent before; `seq` is what it got then. */
      readonly isRepeat: boolean;
      readonly nodesApplied: number;
      readonly nodesTotal: number;
    }
  | {
      readonly kind: 'update-subscription';
      readonly feed: UpdateFeed;
      readonly consumer: string;
      /** Delivery begins after this number. */
      readonly resumeAfter: number;
      readonly attempt: number;
    }
  | { readonly kind: 'consumer-forgotten' }
  /** Rows of `config_kv` after the update `seq`, ascending by key. */
  | { readonly kind: 'configuration'; readonly seq: number; readonly rows: readonly ConfigRow[] };

/** The reply to a command of a stream; a subset of the node's `Reply`. */
export type StreamReply =
  | {
      readonly kind: 'stream';
      readonly stream: StreamId;
      readonly name: string;
      readonly targets: readonly NodeId[];
      readonly lastSeq: StreamSeq;
    }
  | { readonly kind: 'closed'; readonly lastSeq: StreamSeq }
  | { readonly kind: 'changed'; readonly stream: StreamId }
  /** With what was lost to somebody who still waited for it: nothing, unless it was forced. */
  | { readonly kind: 'deleted'; readonly stream: StreamId; readonly lastSeq: StreamSeq; readonly discarded: DiscardedWork }
  | { readonly kind: 'producer'; readonly lastProducerSeq: number; readonly epoch: number }
  | {
      readonly kind: 'published';
      readonly stream: StreamId;
      /** 0 for a chunk that is not the last one of its message. */
      readonly seq: StreamSeq;
      readonly level: 'accepted' | 'replicated' | 'completed';
      /** The message had been published before; `seq` is what it got then. */
      readonly isRepeat: boolean;
    }
  | {
      readonly kind: 'publisher';
      readonly stream: StreamId;
      readonly lastProducerSeq: number;
      readonly epoch: number;
      readonly creditBytes: number;
    }
  | {
      readonly kind: 'subscription';
      readonly stream: StreamId;
      readonly source: NodeId;
      /** Delivery begins after this seq. */
      readonly resumeAfter: StreamSeq;
      readonly attempt: number;
    }
  | { readonly kind: 'dead-letters'; readonly letters: readonly StreamLetter[] }
  | {
      readonly kind: 'dead-letter';
      readonly letter: StreamLetter;
      readonly chunkSeq: number;
      readonly payload: Uint8Array;
      readonly checksum: number;
      readonly headers: Uint8Array;
    }
  | { readonly kind: 'dead-letter-changed' }
  | { readonly kind: 'paced'; readonly streams: readonly StreamId[] }
  | { readonly kind: 'checkpoint'; readonly stream: StreamId; readonly name: string; readonly seq: number };

/** What the deletion of a stream takes from those who still wait for it. */
export interface DiscardedWork {
  /** Accepted, and not settled by all required targets. */
  readonly messages: number;
  readonly deadLetters: number;
}

/** A dead letter and the stream that it belongs to. */
export interface StreamLetter extends DeadLetter {
  readonly stream: StreamId;
  readonly name: string;
}

export type GroupFact =
  | { readonly kind: 'notice'; readonly notice: Notice }
  | { readonly kind: 'reply'; readonly request: number; readonly result: Result<StreamReply | UpdateReply> }
  | {
      readonly kind: 'deliver';
      readonly request: number;
      readonly attempt: number;
      readonly chunks: readonly DeliveredRecord[];
    }
  /** A message failed: its delivery and those after it are void and come again as attempt `next`. */
  | {
      readonly kind: 'attempt-voided';
      readonly request: number;
      readonly attempt: number;
      readonly next: number;
      readonly seq: StreamSeq;
      readonly failures: number;
      readonly reason: string;
      readonly retryAfterUs: number;
    }
  /** An ack, or a failure, of a void attempt changed nothing. */
  | { readonly kind: 'ack-refused'; readonly request: number; readonly attempt: number; readonly seq: StreamSeq; readonly why: Reject }
  | {
      readonly kind: 'delivery-blocked' | 'dead-lettered';
      readonly stream: StreamId;
      readonly seq: StreamSeq;
      readonly failures: number;
      readonly reason: string;
    }
  | {
      readonly kind: 'deliver-updates';
      readonly request: number;
      readonly attempt: number;
      readonly updates: readonly DeliveredUpdate[];
    }
  /** Becomes durable together with what the journal is asked for in the same step. */
  | { readonly kind: 'table-writes'; readonly writes: readonly TableWrite[] }
  | { readonly kind: 'watermarks'; readonly request: number; readonly watermarks: SessionWatermarks }
  | { readonly kind: 'ended'; readonly request: number; readonly result: Result<null> }
  | {
      readonly kind: 'offset';
      readonly stream: StreamId;
      readonly node: NodeId;
      readonly seq: StreamSeq;
      readonly messageId: MessageId;
    }
  /** Nothing of the stream is kept here any more. */
  | { readonly kind: 'offset-removed'; readonly stream: StreamId; readonly node: NodeId }
  | { readonly kind: 'stream-opened'; readonly stream: StreamId; readonly name: string }
  | { readonly kind: 'stream-closed'; readonly stream: StreamId }
  | { readonly kind: 'stream-deleted'; readonly stream: StreamId; readonly name: string }
  /** Members of the stream are gone for good. `generation` is that of its group by then. */
  | { readonly kind: 'stream-recovery'; readonly stream: StreamId; readonly step: RecoveryStep; readonly generation: number }
  | {
      readonly kind: 'leader-changed';
      readonly group: string;
      readonly leader: NodeId | null;
      readonly term: Term;
    }
  | { readonly kind: 'members-changed' }
  /** A row of the mesh's configuration was set, or removed, by the update `revision`. */
  | { readonly kind: 'configuration-changed'; readonly key: string; readonly revision: number; readonly isRemoval: boolean }
  /** What is known of the state of the mesh may have changed: its leader has written it, or leads from now on. */
  | { readonly kind: 'sight-changed' }
  /** The mesh's log has let a replica go; it may be this node's own. */
  | {
      readonly kind: 'member-departed';
      readonly node: NodeId;
      readonly name: string;
      readonly replica: number;
      readonly isEvicted: boolean;
      /** By the founding of a generation: without a majority of the one before it. */
      readonly isForced: boolean;
      readonly at: LogIndex;
    }
  /** The mesh's log begins a generation. */
  | { readonly kind: 'generation-founded'; readonly id: GenerationId }
  | { readonly kind: 'recovery-answered'; readonly request: number; readonly result: Result<RecoveryPlan> }
  /** The outcome of an operator's wish: where the mesh's log has it. */
  | { readonly kind: 'wish-answered'; readonly request: number; readonly result: Result<LogIndex> }
  | { readonly kind: 'admit-answered'; readonly nonce: number; readonly node: NodeId; readonly result: Result<null> }
  | { readonly kind: 'halt'; readonly code: string; readonly detail: string };

export interface GroupContext {
  readonly node: NodeId;
  /** Changes only between two memberships, when no group is open. */
  readonly replica: number;
  readonly replicaId: ReplicaId;
  /** Counts the starts of this node's process. */
  readonly bootCounter: number;
  readonly privateSeed: Uint8Array;
  readonly config: GroupsConfig;
  readonly crypto: Crypto;
  readonly entropy: Entropy;
  readonly rng: Rng;
  readonly deadlines: DeadlineHeap;
  readonly journal: JournalApi;
  emit(fact: GroupFact): void;
  /** Runs once all that is in the journal by now is durable; in order. */
  afterDurable(then: (now: Micros) => void): void;
  /** Reads journal ranges; `then` gets them in order, null for what is missing. */
  fetch(ranges: readonly JournalRead[], then: (now: Micros, chunks: readonly (Uint8Array | null)[]) => void): void;
  /** A single frame: may be lost. */
  sendControl(to: NodeId, message: GroupControl): void;
  /** On the flow of that traffic class. False: full, nothing was taken; `onFlowWritable` follows. */
  sendFlow(to: NodeId, flowClass: number, payload: Uint8Array): boolean;
  /** Raft's single frames, bundled per node at the turn's end. */
  sendRaftFrame(to: ReplicaId, group: string, message: Uint8Array): void;
  /** Whether that replica is believed to run: its node is, and has not begun again under another number. */
  isPresent(replica: ReplicaId): boolean;
  /**
   * Why nothing new of the mesh, or of its streams, is taken at this node while the mesh is CRITICAL; null when it is.
   * Streams go on where the policy `criticalStreams` says so.
   */
  closedBecause(what: 'mesh' | 'streams'): Reject | null;
  wallMs(now: Micros): number;
  meshId(): MeshId;
}
