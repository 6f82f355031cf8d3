/**
 * What replicated groups say to each other and write into their logs, in protobuf's wire format
 * (proto/mesh/wire/v1/group.proto holds the same definitions; a test holds both equal).
 */
import type { GroupId, MeshId, MessageId, NodeId, StreamId, TenantId } from '../base/ids.js';
import type { LogIndex } from '../base/units.js';
import { EnterGeneration, FoundingKept, GENERATIONS_MAX, GenerationFounding, GenerationRow, KeepFounding, RecoverAsk, RecoverReport } from './generation-messages.js';
import { type Infer, type InferUnion, bytes, flag, id, message, nested, repeated, text, uint, union } from './schema.js';
import { Checkpoint, DeadLetter, DeadTarget, LetterChunk, TargetPace, TargetStep } from './target-steps.js';
import { AppliedMarks, AppliedReport, DatabaseGroupRow, ForwardedUpdates, UpdateBatch, UpdateSnapshot, UpdatesRefused } from './update-messages.js';
import { DepartWish, ViewedMesh, WishForward, WishRefused } from './wish-messages.js';
import { AdmitAnswer, AdmitForward } from './admission-messages.js';
import { CloseMark, GroupFounding, GroupSeal, Readmission, SealWish, SealedReport, SuccessionRow, TargetReplacement } from './succession-messages.js';

/** One Raft message of one group. Bundled in a RAFT frame, or alone on a flow. */
export const RaftItem = message('RaftItem', {
  group: id<GroupId>(1),
  fromReplica: uint(2),
  toReplica: uint(3),
  message: bytes(4),
});
export type RaftItem = Infer<typeof RaftItem>;

export const RaftBundle = message('RaftBundle', { items: repeated(nested(1, RaftItem)) });
export type RaftBundle = Infer<typeof RaftBundle>;

/** A message, or one chunk of a large one, inside a batch. */
export const BatchRecord = message('BatchRecord', {
  producerSeq: uint(1),
  checksum: uint(2),
  headers: bytes(3),
  payload: bytes(4),
  /** BLAKE3 of the whole payload, with the last chunk; empty where the publisher gave none. */
  digest: bytes(20),
  /** What its publisher calls it, where it counts nothing itself; else empty. */
  freeId: text(30),
});
export type BatchRecord = Infer<typeof BatchRecord>;

/**
 * Consecutive messages of one producer as the source numbered them: either whole messages (chunkCount 1, record n has
 * firstSeq + n) or exactly one chunk of one large message. Message ids are baseMessageId + n.
 */
export const MessageBatch = message('MessageBatch', {
  firstSeq: uint(1),
  chunkSeq: uint(2),
  chunkCount: uint(3),
  producer: text(4),
  baseMessageId: id<MessageId>(5),
  records: repeated(nested(6, BatchRecord)),
  /** The epoch that the producer had when the batch was staged. */
  epoch: uint(7),
  /** The control entry that it follows. */
  controlNo: uint(8),
});
export type MessageBatch = Infer<typeof MessageBatch>;

export const SettledMark = message('SettledMark', { target: id<NodeId>(1), seq: uint(2) });
export type SettledMark = Infer<typeof SettledMark>;

/** `timeMs` is the leader's wall clock, held back to what the log has: it dates what the entry completes. */
export const SettledMarks = message('SettledMarks', { marks: repeated(nested(1, SettledMark)), timeMs: uint(2) });

/** A producer was opened: what older epochs of it publish from here on is fenced. */
export const EpochRaise = message('EpochRaise', { producer: text(1), epoch: uint(2) });

/** What the operator at the source does with one target; see core/groups/dsg/target-table.ts. */
export const TargetChange = message('TargetChange', {
  /** 1 attach, 2 detach, 3 remove, 4 make required, 5 make optional. */
  action: uint(1),
  node: id<NodeId>(2),
  replica: uint(3),
  isOptional: flag(4),
  /** Of an attachment: 1 from now, 2 after `startSeq`, 3 from the earliest message that is kept. */
  start: uint(5),
  startSeq: uint(6),
  /** The source's, over the stream, the node and the replica: what lets a later member in. */
  signature: bytes(7),
});
export type TargetChange = Infer<typeof TargetChange>;

/** The producer is not known any more and never will be again. */
export const ProducerExpiry = message('ProducerExpiry', { producer: text(1) });

export const ControlBody = union('ControlBody', {
  raise: [1, EpochRaise],
  target: [2, TargetChange],
  expire: [3, ProducerExpiry],
});
export type ControlBody = InferUnion<typeof ControlBody>;

/**
 * What the source tells its stream beside messages, staged in their order: admitted once, when `afterSeq` is the last
 * message and `no` follows the last control entry.
 */
export const ControlEntry = message('ControlEntry', { afterSeq: uint(1), no: uint(2), body: nested(3, ControlBody) });
export type ControlEntry = Infer<typeof ControlEntry>;

/** The leader's: a member of the mesh is gone for good. `isForced`: not by consensus of its mesh. */
export const MemberDeparture = message('MemberDeparture', { node: id<NodeId>(1), replica: uint(2), isForced: flag(3) });

/** The leader's: payload up to `throughSeq` may go. The optional targets that lack some of it are lapsed. */
export const PayloadRelease = message('PayloadRelease', { throughSeq: uint(1), timeMs: uint(2) });

/** The source's: the stream is no more, from this entry on. Its signature tells members that were absent, too. */
export const StreamDeletion = message('StreamDeletion', { isForced: flag(1), signature: bytes(2) });
export type StreamDeletion = Infer<typeof StreamDeletion>;

/** An entry in the log of a stream's group. */
export const StreamEntry = union('StreamEntry', {
  messages: [1, MessageBatch],
  settled: [2, SettledMarks],
  close: [3, CloseMark],
  control: [4, ControlEntry],
  departure: [5, MemberDeparture],
  release: [6, PayloadRelease],
  targetStep: [20, message('TargetStepEntry', { change: nested(1, TargetStep) })],
  deletion: [30, StreamDeletion],
  replacement: [60, TargetReplacement],
});
export type StreamEntry = InferUnion<typeof StreamEntry>;

/** What a stream does with messages that keep failing. 0: as the target's node is configured. */
export const FailureChoice = message('FailureChoice', {
  /** 0 blocks the stream, 1 moves the message to the dead-letter list. */
  action: uint(1),
  failuresMax: uint(2),
  retryFirstUs: uint(3),
  retryMaxUs: uint(4),
  /** How long a handler may take for a message; 0 here and in the configuration: for ever. */
  handlerLimitUs: uint(5),
});
export type FailureChoice = Infer<typeof FailureChoice>;

export const StreamTarget = message('StreamTarget', { node: id<NodeId>(1), replica: uint(2), isOptional: flag(3) });

/** What a stream is, for ever. Signed by its source; `counter` is unique within the source's replica. */
export const StreamDescriptor = message('StreamDescriptor', {
  stream: id<StreamId>(1),
  mesh: id<MeshId>(2),
  tenant: id<TenantId>(3),
  name: text(4),
  source: id<NodeId>(5),
  sourceReplica: uint(6),
  counter: uint(7),
  targets: repeated(nested(8, StreamTarget)),
  /** 3 priority, 4 bulk: the traffic class. */
  qos: uint(9),
  priority: uint(10),
  /** 0: all targets complete a message; k: any k of them. */
  quorumCount: uint(11),
  bytesMax: uint(12),
  /** Completed payload is kept this long, and at most this much of it; 0: not at all. */
  retainMs: uint(13),
  retainBytes: uint(14),
  failure: nested(20, FailureChoice),
  /** When there are any, these complete a message. */
  namedTargets: repeated(id<NodeId>(30)),
  /** So many of the newest messages with ids of their publishers, and so many bytes of those, are recognised again. */
  freeIdsMax: uint(31),
  freeIdBytesMax: uint(32),
});
export type StreamDescriptor = Infer<typeof StreamDescriptor>;

export const SignedDescriptor = message('SignedDescriptor', { descriptor: bytes(1), signature: bytes(2) });

/** What a source signs for a target that its descriptor does not name. */
export const Attachment = message('Attachment', { stream: id<StreamId>(1), node: id<NodeId>(2), replica: uint(3) });
export type Attachment = Infer<typeof Attachment>;

/** A descriptor for a node; for a target that came later, with the source's signature of its Attachment. */
export const Invitation = message('Invitation', { descriptor: bytes(1), signature: bytes(2), attachmentSignature: bytes(3) });
export type Invitation = Infer<typeof Invitation>;
export type SignedDescriptor = Infer<typeof SignedDescriptor>;

/** The numbers that a producer's messages got: the first, and how many more in which both numbers count on. */
export const ResultRun = message('ResultRun', { producerSeq: uint(1), seq: uint(2), more: uint(3) });
export type ResultRun = Infer<typeof ResultRun>;
export const ProducerRow = message('ProducerRow', {
  name: text(1),
  last: uint(2),
  recent: repeated(nested(3, ResultRun)),
  epoch: uint(4),
  isExpired: flag(5),
  /** In the source's own row: when it published or was opened last, by the source's wall clock. */
  usedAtMs: uint(6),
});
export type ProducerRow = Infer<typeof ProducerRow>;

/** `status`: 1 attached, 2 detached, 3 lapsed. `startSeq`: messages up to it are not this target's. */
export const TargetRow = message('TargetRow', {
  node: id<NodeId>(1),
  replica: uint(2),
  status: uint(3),
  isOptional: flag(4),
  startSeq: uint(5),
  settledSeq: uint(6),
  signature: bytes(7),
});
export type TargetRow = Infer<typeof TargetRow>;

/** The state of a stream's group at one log index, payloads not included. */
export const StreamSnapshot = message('StreamSnapshot', {
  nextSeq: uint(1),
  nextChunk: uint(2),
  isClosed: flag(3),
  producers: repeated(nested(4, ProducerRow)),
  /** As written before there was `targets`. */
  settled: repeated(nested(5, SettledMark)),
  targets: repeated(nested(6, TargetRow)),
  /** 1: `targets` holds all of them. 0: the descriptor's targets, and `settled`. */
  format: uint(7),
  completedSeq: uint(8),
  releasedSeq: uint(9),
  controlNo: uint(10),
  timeMs: uint(11),
  isForced: flag(12),
  deadLetters: repeated(nested(20, DeadLetter)),
  deadTargets: repeated(nested(21, DeadTarget)),
  paces: repeated(nested(22, TargetPace)),
  isDeleted: flag(30),
  checkpoints: repeated(nested(31, Checkpoint)),
  checkpointVersion: uint(32),
  /** The window of recognised messages, the oldest first. */
  freeIds: repeated(nested(33, message('FreeIdRow', { id: text(1), seq: uint(2) }))),
  isSourceLost: flag(40),
});
export type StreamSnapshot = Infer<typeof StreamSnapshot>;

/** A source asks the leader of its stream's group to append; travels a flow. `entry` is an encoded StreamEntry. */
export const ProposeToLeader = message('ProposeToLeader', { group: id<GroupId>(1), entry: bytes(2) });

/** What a flow carries. */
export const FlowPayload = union('FlowPayload', {
  raft: [1, RaftItem],
  propose: [2, ProposeToLeader],
  letterChunk: [20, LetterChunk],
  updates: [40, ForwardedUpdates],
});
export type FlowPayload = InferUnion<typeof FlowPayload>;

/** Single frames between members about groups. May be lost, doubled and reordered: their senders repeat them. */
export const GroupControl = union('GroupControl', {
  invite: [1, Invitation],
  unknownGroup: [2, message('UnknownGroup', { group: id<GroupId>(1) })],
  settledReport: [3, message('SettledReport', { group: id<GroupId>(1), seq: uint(2), replica: uint(3) })],
  admitForward: [4, AdmitForward],
  admitAnswer: [5, AdmitAnswer],
  /** An invited node has the group now. */
  joinedGroup: [6, message('JoinedGroup', { group: id<GroupId>(1) })],
  /** A member asks the leader of a stream for a change of its dead letters, until it sees it done. */
  targetAsk: [20, message('TargetAsk', { group: id<GroupId>(1), change: nested(2, TargetStep) })],
  /** A member lacks a chunk of a dead letter. */
  letterWant: [21, message('LetterWant', { group: id<GroupId>(1), target: id<NodeId>(2), seq: uint(3), chunkSeq: uint(4) })],
  /** The stream was deleted: its source's signature says so. Repeated until it is known to be known. */
  streamDeleted: [30, message('StreamDeleted', { group: id<GroupId>(1), signature: bytes(2) })],
  deletionKnown: [31, message('DeletionKnown', { group: id<GroupId>(1) })],
  updatesRefused: [40, UpdatesRefused],
  appliedReport: [41, AppliedReport],
  wishForward: [50, WishForward],
  wishRefused: [51, WishRefused],
  recoverAsk: [70, RecoverAsk],
  recoverReport: [71, RecoverReport],
  keepFounding: [72, KeepFounding],
  foundingKept: [73, FoundingKept],
  enterGeneration: [74, EnterGeneration],
  sealWish: [60, SealWish],
  sealedReport: [61, SealedReport],
  readmit: [62, Readmission],
});
export type GroupControl = InferUnion<typeof GroupControl>;

export const MemberRow = message('MemberRow', {
  node: id<NodeId>(1),
  name: text(2),
  publicKey: bytes(3),
  replica: uint(4),
  index: uint(5),
  journalId: bytes(6),
  urls: repeated(text(7)),
  /** The membership certificate and its issuers', leaf first, encoded. */
  chain: bytes(8),
  /** Where the node says it stands, for the spread of voters; empty: nowhere in particular. */
  site: text(9),
});
export type MemberRow = Infer<typeof MemberRow>;

/** A replica that was a member and is none any more, for ever. */
export const DepartedRow = message('DepartedRow', {
  node: id<NodeId>(1),
  name: text(2),
  publicKey: bytes(3),
  replica: uint(4),
  index: uint(5),
  /** Else it has left by itself. */
  isEvicted: flag(6),
  /** Where in the log it went. */
  logIndex: uint<LogIndex>(7),
  /** Evicted by the founding of a generation, not by consensus of its mesh. */
  isForced: flag(8),
});
export type DepartedRow = Infer<typeof DepartedRow>;

export const FoundMesh = message('FoundMesh', {
  mesh: id<MeshId>(1),
  meshPublicKey: bytes(2),
  name: text(3),
  description: text(4),
  /** 1 open, 2 key required, 3 closed. */
  joinPolicy: uint(5),
  joinSalt: bytes(6),
  joinVerifier: bytes(7),
  generation: uint(8),
  founder: nested(9, MemberRow),
  /** Of the mesh's key: whoever leads signs certificates with it. */
  meshPrivateSeed: bytes(30),
});
export type FoundMesh = Infer<typeof FoundMesh>;

/** An entry in the log of the mesh control group. */
export const MeshEntry = union('MeshEntry', {
  found: [1, FoundMesh],
  admit: [2, MemberRow],
  depart: [10, DepartWish],
  viewed: [11, ViewedMesh],
  updates: [40, UpdateBatch],
  applied: [41, AppliedMarks],
  database: [42, DatabaseGroupRow],
  /** The first entry of a generation after the first. */
  generation: [70, GenerationFounding],
  seal: [60, GroupSeal],
  succeed: [61, GroupFounding],
});
export type MeshEntry = InferUnion<typeof MeshEntry>;

/** The whole state of the mesh control group at one log index. */
export const MeshSnapshot = message('MeshSnapshot', {
  mesh: id<MeshId>(1),
  meshPublicKey: bytes(2),
  name: text(3),
  description: text(4),
  joinPolicy: uint(5),
  joinSalt: bytes(6),
  joinVerifier: bytes(7),
  generation: uint(8),
  meshPrivateSeed: bytes(30),
  nextIndex: uint(9),
  members: repeated(nested(10, MemberRow)),
  /** The last replica of each node that went. */
  departed: repeated(nested(11, DepartedRow)),
  view: nested(12, ViewedMesh),
  updates: nested(40, UpdateSnapshot),
  database: repeated(nested(41, DatabaseGroupRow), 1),
  /** The foundings from the oldest to the newest. */
  generations: repeated(nested(70, GenerationRow), GENERATIONS_MAX),
  successions: repeated(nested(60, SuccessionRow)),
});
export type MeshSnapshot = Infer<typeof MeshSnapshot>;
