/**
 * What replicated groups say to each other and write into their logs, in protobuf's wire format
 * (proto/mesh/wire/v1/group.proto holds the same definitions; a test holds both equal).
 */
import type { GroupId, MeshId, MessageId, NodeId, StreamId, TenantId } from '../base/ids.js';
import {
  type Infer,
  type InferUnion,
  bytes,
  flag,
  id,
  message,
  nested,
  repeated,
  text,
  uint,
  union,
} from './schema.js';

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
});
export type MessageBatch = Infer<typeof MessageBatch>;

export const SettledMark = message('SettledMark', { target: id<NodeId>(1), seq: uint(2) });
export type SettledMark = Infer<typeof SettledMark>;

export const SettledMarks = message('SettledMarks', { marks: repeated(nested(1, SettledMark)) });
export const CloseMark = message('CloseMark', { lastSeq: uint(1) });

/** An entry in the log of a stream's group. */
export const StreamEntry = union('StreamEntry', {
  messages: [1, MessageBatch],
  settled: [2, SettledMarks],
  close: [3, CloseMark],
});
export type StreamEntry = InferUnion<typeof StreamEntry>;

export const StreamTarget = message('StreamTarget', { node: id<NodeId>(1), replica: uint(2) });

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
});
export type StreamDescriptor = Infer<typeof StreamDescriptor>;

export const SignedDescriptor = message('SignedDescriptor', { descriptor: bytes(1), signature: bytes(2) });
export type SignedDescriptor = Infer<typeof SignedDescriptor>;

const ProducerResult = message('ProducerResult', { producerSeq: uint(1), seq: uint(2) });
export const ProducerRow = message('ProducerRow', {
  name: text(1),
  last: uint(2),
  recent: repeated(nested(3, ProducerResult)),
});
export type ProducerRow = Infer<typeof ProducerRow>;

/** The state of a stream's group at one log index, payloads not included. */
export const StreamSnapshot = message('StreamSnapshot', {
  nextSeq: uint(1),
  nextChunk: uint(2),
  isClosed: flag(3),
  producers: repeated(nested(4, ProducerRow)),
  settled: repeated(nested(5, SettledMark)),
});
export type StreamSnapshot = Infer<typeof StreamSnapshot>;

/** A source asks the leader of its stream's group to append; travels a flow. `entry` is an encoded StreamEntry. */
export const ProposeToLeader = message('ProposeToLeader', { group: id<GroupId>(1), entry: bytes(2) });

/** What a flow carries. */
export const FlowPayload = union('FlowPayload', { raft: [1, RaftItem], propose: [2, ProposeToLeader] });
export type FlowPayload = InferUnion<typeof FlowPayload>;

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

/** Single frames between members about groups. May be lost, doubled and reordered: their senders repeat them. */
export const GroupControl = union('GroupControl', {
  invite: [1, SignedDescriptor],
  unknownGroup: [2, message('UnknownGroup', { group: id<GroupId>(1) })],
  settledReport: [3, message('SettledReport', { group: id<GroupId>(1), seq: uint(2) })],
  admitForward: [4, AdmitForward],
  admitAnswer: [5, AdmitAnswer],
  /** An invited node has the group now. */
  joinedGroup: [6, message('JoinedGroup', { group: id<GroupId>(1) })],
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
});
export type MemberRow = Infer<typeof MemberRow>;

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
});
export type FoundMesh = Infer<typeof FoundMesh>;

/** An entry in the log of the mesh control group. */
export const MeshEntry = union('MeshEntry', { found: [1, FoundMesh], admit: [2, MemberRow] });
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
  nextIndex: uint(9),
  members: repeated(nested(10, MemberRow)),
});
export type MeshSnapshot = Infer<typeof MeshSnapshot>;
