/**
 * Generations of a mesh: how one is founded by those that are left, as they agree on it in single frames and as their
 * log has it, in protobuf's wire format (proto/mesh/wire/v1/generation.proto holds the same definitions; a test holds
 * both equal).
 */
import type { GenerationId, GroupId, MessageId, NodeId, StreamId, TenantId } from '../base/ids.js';
import type { LogIndex, Term } from '../base/units.js';
import { type Infer, bytes, flag, id, message, nested, repeated, text, uint } from './schema.js';

/** More generations than this are not founded, and refuse the hello that lists them. */
export const GENERATIONS_MAX = 64;
/** Streams in one report. */
export const REPORTED_STREAMS_MAX = 32;

/** What a founding records for ever; see core/groups/mcg/generations/lineage.ts. */
export const GenerationRow = message('GenerationFoundingRecord', {
  id: id<GenerationId>(1),
  parent: id<GenerationId>(2),
  forkIndex: uint<LogIndex>(3),
  forkTerm: uint<Term>(4),
  memberCount: uint(5),
});
export type GenerationRow = Infer<typeof GenerationRow>;

/** How a mesh-wide group goes on in the new generation: `configuration` is an encoded RaftConfiguration. */
export const MeshGroupFounding = message('MeshGroupFounding', {
  group: id<GroupId>(1),
  configuration: bytes(2),
  baseIndex: uint<LogIndex>(3),
  baseTerm: uint<Term>(4),
});
export type MeshGroupFounding = Infer<typeof MeshGroupFounding>;

export const Founder = message('Founder', { node: id<NodeId>(1), replica: uint(2) });
export type Founder = Infer<typeof Founder>;

/** The founding of a generation: durable at every founder before any of them enters it, and then its log's first entry. */
export const GenerationFounding = message('GenerationFounding', {
  record: nested(1, GenerationRow),
  groups: repeated(nested(2, MeshGroupFounding)),
  founders: repeated(nested(3, Founder)),
  /** Who voted in the parent at the fork: an encoded RaftConfiguration. */
  parentVoters: bytes(4),
  /** The foundings before this one, from the oldest. */
  ancestors: repeated(nested(5, GenerationRow), GENERATIONS_MAX),
});
export type GenerationFounding = Infer<typeof GenerationFounding>;

/** The node that runs a recovery asks a member. `session` is drawn for the recovery; repeats are harmless. */
export const RecoverAsk = message('RecoverAsk', {
  session: id<MessageId>(1),
  /** 1: say what you hold. 2: also what becomes of your streams. 3: stop in this generation, then say what you hold. */
  step: uint(2),
  /** Of step 2: who would be left. */
  founders: repeated(id<NodeId>(3)),
  /** Of step 2: leave out so many streams. */
  streamsFrom: uint(4),
});
export type RecoverAsk = Infer<typeof RecoverAsk>;

/** What a replica of a mesh-wide group holds. */
export const GroupReport = message('GroupReport', {
  group: id<GroupId>(1),
  configuration: bytes(2),
  lastIndex: uint<LogIndex>(3),
  lastTerm: uint<Term>(4),
  commit: uint<LogIndex>(5),
  damagedThrough: uint<LogIndex>(6),
  /** It is durably sealed, and this is all of it. */
  isSealed: flag(7),
});
export type GroupReport = Infer<typeof GroupReport>;

/** A stream that loses members. Bits of `fate`: see core/groups/mcg/generations/stream-fates.ts. */
export const StreamFate = message('StreamFate', {
  stream: id<StreamId>(1),
  tenant: id<TenantId>(2),
  name: text(3),
  source: id<NodeId>(4),
  fate: uint(5),
  lostTargets: repeated(id<NodeId>(6)),
});
export type StreamFate = Infer<typeof StreamFate>;

export const RecoverReport = message('RecoverReport', {
  session: id<MessageId>(1),
  step: uint(2),
  replica: uint(3),
  /** A voter that hears a leader, or is one: there is a quorum. */
  isLed: flag(4),
  groups: repeated(nested(5, GroupReport)),
  streams: repeated(nested(6, StreamFate), REPORTED_STREAMS_MAX),
  streamsFrom: uint(7),
  /** All that this member has that lose somebody. */
  streamCount: uint(8),
});
export type RecoverReport = Infer<typeof RecoverReport>;

/** Keep this founding; `founding` is an encoded GenerationFounding. */
export const KeepFounding = message('KeepFounding', { session: id<MessageId>(1), founding: bytes(2) });
/** It is durable here. */
export const FoundingKept = message('FoundingKept', { session: id<MessageId>(1), generation: id<GenerationId>(2) });
/** All founders have it: it begins. */
export const EnterGeneration = message('EnterGeneration', { generation: id<GenerationId>(1) });
