/** What an application or operator may ask of a node, and what comes back: the core's side of the gRPC contract. */
import type { MeshId, NodeId, StreamId, TenantId } from '../base/ids.js';
import type { MemberIndex, StreamSeq } from '../base/units.js';
import type { StreamReply, UpdateReply } from '../groups/context.js';
import type { CheckpointWish } from '../groups/checkpoint-office.js';
import type { DeleteStream } from '../groups/deletions.js';
import type { Retention } from '../groups/opening.js';
import type { TargetWish } from '../groups/operations.js';
import type { RecoveryPlan } from '../groups/mcg/generations/recovery-plan.js';
import type { MeshStateName } from '../groups/mcg/mesh-state.js';
import type { CompletionPolicy } from '../groups/policy.js';
import type { PaceLimits } from '../groups/dsg/pace.js';
import type { PaceWish } from '../groups/pace-office.js';
import type { LetterSelector } from '../groups/letter-office.js';
import type { FailureChoice } from '../wire/group-messages.js';
import type { ConfigSelector } from '../groups/updates/config-store.js';
import type { SubscribeUpdates } from '../groups/updates/consumers.js';
import type { UpdateFeed } from '../groups/updates/feeds.js';
import type { SendUpdate } from '../groups/updates/submissions.js';
import type { UpdateLogStatus } from '../groups/updates/update-log.js';
import type { StreamWatermarks } from './watermark-watch.js';
import type { TenantStatus } from '../groups/tenant-use.js';
import type { Viewer } from './viewer.js';
import type { RecoveryStep, StreamLoss } from '../groups/recovery/stream-loss.js';

export type JoinPolicy = 'open' | 'key-required' | 'closed';
/** How far a message must have come before a publish answers. */
export type PublishLevel = 'accepted' | 'replicated' | 'completed';
export type QosClass = 'priority' | 'bulk';

export type Command =
  | {
      readonly kind: 'seed-mesh';
      readonly meshName: string;
      readonly description: string;
      readonly joinPolicy: JoinPolicy;
      /** Required by `key-required`, else ''. */
      readonly joinKey: string;
    }
  | {
      readonly kind: 'join-mesh';
      /** URLs of members, tried in turn. */
      readonly urls: readonly string[];
      readonly joinKey: string;
      /** When given, any other mesh is refused with WRONG_MESH. */
      readonly meshId: MeshId | null;
    }
  | { readonly kind: 'start-mesh' }
  | { readonly kind: 'stop-mesh' }
  /** This node goes for good, by consensus. It comes back only by joining, as a new member. */
  | { readonly kind: 'leave-mesh' }
  /** That node is sent away for good, by consensus, whether or not it can be reached. Repeating it is harmless. */
  | { readonly kind: 'evict-node'; readonly node: NodeId }
  /**
   * The control group has lost its majority for good: founds a generation with the members in reach, or (dry run) tells
   * what that would do. `forget`: whom the operator agreed to forget; null: whoever that turns out to be.
   */
  | { readonly kind: 'recover-mesh'; readonly isDryRun: boolean; readonly forget: readonly NodeId[] | null }
  /** The process is about to end: peers are told, what is staged is made durable. Replies when nothing is left to do. */
  | { readonly kind: 'shut-down' }
  /** All there is, for the host: `statusFor` (viewer.ts) leaves to a caller what it may see. */
  | { readonly kind: 'get-status' }
  /** Stays open: `event` effects until cancelled. Starts with events after `afterSequence` that are still kept. */
  | { readonly kind: 'watch-events'; readonly kinds: readonly MeshEvent['kind'][]; readonly afterSequence: number; readonly viewer: Viewer }
  | {
      readonly kind: 'open-stream';
      readonly tenant: TenantId;
      /** Unique per (tenant, source); opening the same name with the same content again gives the same stream. */
      readonly name: string;
      readonly targets: readonly NodeId[];
      readonly qos: QosClass;
      readonly priority: number;
      readonly policy: CompletionPolicy;
      /** What it does with messages that keep failing; absent: blocks, as its targets' nodes are configured. */
      readonly failure?: FailureChoice;
      /** Of the targets, those that hold nothing back and may lapse; none unless given. */
      readonly optionalTargets?: readonly NodeId[];
      /** Keeps completed payload for a time; without it, it goes when it is settled everywhere. */
      readonly retention?: Retention;
    }
  | { readonly kind: 'close-stream'; readonly tenant: TenantId; readonly stream: StreamId }
  /** Lets go of all that any member holds of the stream. Answers with `deleted` when its log has it. */
  | ({ readonly kind: 'delete-stream' } & DeleteStream)
  /** Names a place in a stream, durably and on all members; null: what is settled here, at the source what is completed. */
  | ({ readonly kind: 'set-checkpoint'; readonly seq: number | null } & CheckpointWish)
  | ({ readonly kind: 'remove-checkpoint' } & CheckpointWish)
  /** Answers with `changed` when the stream has admitted it. */
  | ({ readonly kind: 'change-target' } & TargetWish)
  /** The producer is refused from here on, for ever. Answers like `change-target`. */
  | {
      readonly kind: 'expire-producer';
      readonly tenant: TenantId;
      readonly stream: StreamId;
      readonly producer: string;
    }
  /** The tenant's streams of which this node is the source or a target; of one, or of all. */
  | { readonly kind: 'list-streams'; readonly tenant: TenantId; readonly stream: StreamId | null }
  /**
   * What a stream has lost for good with its members. With `isLossAccepted`, where neither its source nor a majority is
   * left: what only the lost ones held is given up, the rest is delivered, and the stream closes.
   */
  | { readonly kind: 'recover-stream'; readonly tenant: TenantId; readonly stream: StreamId; readonly isLossAccepted: boolean }
  /** Where a producer stands; creates nothing. */
  | {
      readonly kind: 'get-producer';
      readonly tenant: TenantId;
      readonly stream: StreamId;
      readonly producer: string;
    }
  /** Opens a producer anew: what older epochs of it publish from here on is FENCED. Replies when that is accepted. */
  | {
      readonly kind: 'open-producer';
      readonly tenant: TenantId;
      readonly stream: StreamId;
      readonly producer: string;
    }
  /** Publishes one message, or one chunk of it. Replies when the message has come to `level`. */
  | {
      readonly kind: 'publish-one';
      readonly tenant: TenantId;
      readonly stream: StreamId;
      readonly producer: string;
      /** As its opening gave it; nothing for one that was never opened. */
      readonly epoch?: number;
      readonly producerSeq: number;
      readonly chunkSeq: number;
      readonly chunkCount: number;
      readonly payload: Uint8Array;
      readonly headers: Uint8Array;
      readonly digest?: Uint8Array;
      /** What its publisher calls it; `producerSeq` is 0 then. A repeat gets what the first got, while that is recognised. */
      readonly freeId?: string;
      readonly level: PublishLevel;
    }
  /**
   * Stays open: `publish` inputs in, `watermarks` out. Replies with `publisher`. The newest session of a producer wins:
   * without an epoch it opens the producer anew, with one it goes on in that.
   */
  | {
      readonly kind: 'attach-publisher';
      readonly tenant: TenantId;
      readonly stream: StreamId;
      readonly producer: string;
      readonly epoch?: number;
    }
  /**
   * Stays open: `deliver` effects out, `processed` and `window` inputs in. Replies with `subscription` when it begins.
   * A subscriber of a stream that this node has not heard of yet waits. The newest subscriber of a stream wins.
   */
  | {
      readonly kind: 'subscribe';
      readonly tenant: TenantId;
      readonly selector: { readonly kind: 'id'; readonly stream: StreamId } | { readonly kind: 'name'; readonly name: string };
      /** The last seq that the application has durably processed; null takes the node's own offset. */
      readonly resumeAfter: StreamSeq | null;
      /** Begins after that checkpoint of the stream instead. */
      readonly fromCheckpoint?: string;
      readonly windowMessages: number;
      readonly windowBytes: number;
      /** Of the stream's dead letters that are to be replayed at this node; their numbers count replays from 1. */
      readonly isOfLetters?: boolean;
    }
  /** The dead letters of one stream, or (null) of all streams of the tenant that this node is a member of. */
  | { readonly kind: 'list-dead-letters'; readonly tenant: TenantId; readonly stream: StreamId | null }
  /** One chunk of a letter's payload. */
  | ({ readonly kind: 'show-dead-letter'; readonly chunkSeq: number } & LetterSelector)
  /** To be delivered once more to the subscriber of dead letters at its target, or dropped for good. */
  /** Pauses, resumes or throttles a target; the pace is in the streams' logs. */
  | ({ readonly kind: 'pace-target' } & PaceWish)
  | ({ readonly kind: 'replay-dead-letter' | 'discard-dead-letter' } & LetterSelector)
  /** Sends an update to every member. Replies with `update-sent` when it has come to its level. */
  | ({ readonly kind: 'send-update' } & SendUpdate)
  /** Stays open: `deliver-updates` effects out, `updates-processed` and `window` inputs in. Replies with `update-subscription`. */
  | ({ readonly kind: 'subscribe-updates' } & SubscribeUpdates)
  /**
   * Rows of the mesh's configuration, which its updates come to. Replies with `configuration`. `isLocal`: as far as this
   * node has the log, at once and without a quorum; else with everything that was answered before to anybody.
   */
  | { readonly kind: 'get-configuration'; readonly selector: ConfigSelector; readonly isLocal: boolean }
  /** A named consumer of updates will not come back. Replies with `consumer-forgotten`. */
  | { readonly kind: 'forget-consumer'; readonly feed: UpdateFeed; readonly consumer: string };

export type Reply =
  | { readonly kind: 'status'; readonly status: NodeStatus }
  | { readonly kind: 'streams'; readonly streams: readonly StreamStatus[] }
  | StreamReply
  | ({ readonly kind: 'stream-loss'; readonly isAsked: boolean } & StreamLoss)
  | UpdateReply
  /** The mesh's log has what was asked for, at that index. */
  | { readonly kind: 'decided'; readonly revision: number }
  | { readonly kind: 'recovery'; readonly plan: RecoveryPlan }
  | { readonly kind: 'watching'; readonly sequence: number }
  | { readonly kind: 'shut-down' };

/** Everything `GetMeshStatus` tells, as this node sees it. */
export interface NodeStatus {
  readonly node: { readonly id: NodeId; readonly name: string; readonly replica: number; readonly bootCounter: number };
  /** Null before seed or join. */
  readonly mesh: MeshStatus | null;
  readonly links: readonly LinkStatus[];
  readonly groups: readonly GroupStatus[];
  readonly streams: readonly StreamStatus[];
  /** What each tenant uses of its quota at this node. */
  readonly tenants: readonly TenantStatus[];
  /** Both logs of updates; none outside of a mesh. */
  readonly updates: readonly UpdateLogStatus[];
  readonly counters: Readonly<Record<string, number>>;
}

export interface MeshStatus {
  readonly id: MeshId;
  readonly name: string;
  readonly description: string;
  readonly joinPolicy: JoinPolicy;
  readonly isStopped: boolean;
  /** `left` and `evicted`: this node is no member any more; the rest is what it remembers. */
  readonly standing: 'member' | 'left' | 'evicted';
  readonly state: MeshStateName;
  readonly generationTag: number;
  /** The mesh was seeded in 1; each recovery founds the next. */
  readonly generation: number;
  readonly members: readonly MemberStatus[];
}

export interface MemberStatus {
  readonly id: NodeId;
  readonly name: string;
  readonly index: MemberIndex;
  readonly replica: number;
  /** `alive` only while there is a route. */
  readonly liveness: 'alive' | 'suspect' | 'failed' | 'left';
  readonly incarnation: number;
  readonly role: 'leader' | 'voter' | 'learner';
  /** The nodes on the way there, this node first; empty when there is no route. */
  readonly route: readonly NodeId[];
  readonly rttUs: number | null;
}

export interface LinkStatus {
  readonly peer: NodeId;
  readonly isProvisional: boolean;
  readonly rttUs: number;
  readonly laneCount: number;
  readonly queuedBytes: number;
  readonly dialledByUs: boolean;
}

export interface GroupStatus {
  readonly id: string;
  readonly kind: 'mcg' | 'dsg' | 'updates';
  readonly role: 'follower' | 'pre-candidate' | 'candidate' | 'leader' | 'learner';
  readonly term: number;
  readonly leader: NodeId | null;
  readonly firstIndex: number;
  readonly lastIndex: number;
  readonly commitIndex: number;
  readonly appliedIndex: number;
}

export interface StreamStatus {
  readonly id: StreamId;
  readonly tenant: TenantId;
  readonly name: string;
  readonly source: NodeId;
  readonly qos: QosClass;
  readonly priority: number;
  readonly isClosed: boolean;
  readonly accepted: StreamSeq;
  readonly replicated: StreamSeq;
  readonly completed: StreamSeq;
  /** Completes nothing: fewer targets are left than the policy needs. */
  readonly isOrphaned: boolean;
  /** It was closed because its source is gone for good. */
  readonly isSourceLost: boolean;
  /** Of its group; it grows when a lost majority is replaced. */
  readonly generation: number;
  /** That generation is over, and the next one has not begun here. */
  readonly isSealed: boolean;
  /** What is left of the group's members. */
  readonly loss: StreamLoss['verdict'];
  /** Payload up to here is gone, or may go. */
  readonly released: StreamSeq;
  readonly targets: readonly StreamTargetStatus[];
  readonly checkpoints: readonly CheckpointStatus[];
  /** Bytes that are accepted and not yet settled everywhere. */
  readonly outstandingBytes: number;
}

/** A place that an application has named. */
export interface CheckpointStatus {
  readonly name: string;
  readonly seq: StreamSeq;
  readonly setBy: NodeId;
  readonly setAtMs: number;
}

export interface StreamTargetStatus {
  readonly node: NodeId;
  readonly settled: StreamSeq;
  readonly status: 'attached' | 'detached' | 'lapsed';
  readonly isOptional: boolean;
  /** Messages up to here are not this target's. */
  readonly start: StreamSeq;
  /** Null for other nodes than this one. */
  readonly isSubscribed: boolean | null;
  readonly pace: PaceLimits;
}

/** `sequence` counts this boot's events from 1. */
export type MeshEvent =
  | { readonly kind: 'member-joined'; readonly sequence: number; readonly node: NodeId; readonly name: string }
  /** A member has left, or was evicted; it may be this node itself. */
  | { readonly kind: 'member-departed'; readonly sequence: number; readonly node: NodeId; readonly name: string; readonly isEvicted: boolean }
  | { readonly kind: 'member-liveness'; readonly sequence: number; readonly node: NodeId; readonly liveness: MemberStatus['liveness'] }
  | { readonly kind: 'link-up'; readonly sequence: number; readonly node: NodeId }
  | { readonly kind: 'link-down'; readonly sequence: number; readonly node: NodeId; readonly reason: string }
  | { readonly kind: 'topology-changed'; readonly sequence: number; readonly reachable: number }
  | { readonly kind: 'leader-changed'; readonly sequence: number; readonly group: string; readonly leader: NodeId | null; readonly term: number }
  | { readonly kind: 'stream-opened'; readonly sequence: number; readonly stream: StreamId; readonly name: string }
  | { readonly kind: 'stream-closed'; readonly sequence: number; readonly stream: StreamId }
  /** Nothing of it is kept here any more. */
  | { readonly kind: 'stream-deleted'; readonly sequence: number; readonly stream: StreamId; readonly name: string }
  /** Members of the stream are gone for good: what becomes of it. */
  | { readonly kind: 'stream-recovery'; readonly sequence: number; readonly stream: StreamId; readonly step: RecoveryStep; readonly generation: number }
  /** An alarm: a message has failed as often as its stream lets it, and nothing after it is delivered at this node. */
  | { readonly kind: 'delivery-blocked'; readonly sequence: number; readonly stream: StreamId; readonly seq: StreamSeq; readonly failures: number; readonly reason: string }
  /** This node has given up on a message: it is in the dead-letter list. */
  | { readonly kind: 'dead-lettered'; readonly sequence: number; readonly stream: StreamId; readonly seq: StreamSeq; readonly failures: number; readonly reason: string }
  /** A row of the mesh's configuration was set, or removed. */
  | { readonly kind: 'configuration-changed'; readonly sequence: number; readonly key: string; readonly revision: number; readonly isRemoval: boolean }
  /** To watchers that name this kind: how far a stream is, when a watch begins and whenever that has moved. */
  | ({ readonly kind: 'stream-watermarks'; readonly sequence: number } & StreamWatermarks)
  /** The mesh's log begins another generation. */
  | { readonly kind: 'generation-founded'; readonly sequence: number; readonly generation: number }
  | { readonly kind: 'mesh-state'; readonly sequence: number; readonly state: MeshStatus['state'] };
