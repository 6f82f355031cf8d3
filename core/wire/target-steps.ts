/**
 * What becomes of a target's part in its stream: dead letters and pace, as they stand in logs, snapshots and frames
 * (proto/mesh/wire/v1/group.proto declares them beside what carries them).
 */
import type { GroupId, MessageId, NodeId } from '../base/ids.js';
import { type Infer, type InferUnion, bytes, flag, id, message, repeated, text, uint, union } from './schema.js';

/** A message that a target gave up on, as it stands in the stream's dead-letter list. */
export const DeadLetter = message('DeadLetter', {
  target: id<NodeId>(1),
  seq: uint(2),
  messageId: id<MessageId>(3),
  producer: text(4),
  producerSeq: uint(5),
  chunkCount: uint(6),
  payloadBytes: uint(7),
  failures: uint(8),
  /** Of the last failure, as the application gave it. */
  reason: text(9),
  /** Wall time at the target. */
  diedAtMs: uint(10),
  /** Its place in the target's replays, from 1; 0 while nobody asks for a replay. */
  replay: uint(11),
});
export type DeadLetter = Infer<typeof DeadLetter>;

const LetterPlace = message('LetterPlace', { target: id<NodeId>(1), seq: uint(2) });
/** How fast a target may deliver a stream to its application. 0: as fast as that takes it. */
export const TargetPace = message('TargetPace', {
  target: id<NodeId>(1),
  isPaused: flag(2),
  messagesPerSecond: uint(3),
  bytesPerSecond: uint(4),
  /** One more than the pace that it replaces: what comes late, or twice, changes nothing. */
  version: uint(5),
  /** Who asked for it finds it by this. */
  ask: id<MessageId>(6),
});
export type TargetPace = Infer<typeof TargetPace>;

/** A place in a stream that an application has named. */
export const Checkpoint = message('Checkpoint', {
  name: text(1),
  /** Everything up to there is before it. */
  seq: uint(2),
  /** The member that named it last, by its wall clock. */
  target: id<NodeId>(3),
  setAtMs: uint(4),
  /** One more than that of the newest change of any checkpoint of the stream: what comes late, or twice, changes nothing. */
  version: uint(5),
  ask: id<MessageId>(6),
  isRemoved: flag(7),
});
export type Checkpoint = Infer<typeof Checkpoint>;

/** What becomes of a target's part in its stream, one step at a time: its dead letters, its pace. */
export const TargetStep = union('TargetStep', {
  /** The target has settled what is before it, and gives up on it. */
  died: [1, DeadLetter],
  /** To be delivered once more, to the target's subscriber of dead letters. */
  replay: [2, LetterPlace],
  /** That subscriber has durably processed the replays up to `replay`. */
  replayed: [3, message('LettersReplayed', { target: id<NodeId>(1), replay: uint(2) })],
  discard: [4, LetterPlace],
  pace: [5, TargetPace],
  checkpoint: [6, Checkpoint],
});
export type TargetStep = InferUnion<typeof TargetStep>;

/** One target's dead letters beyond those that are still in the list. */
export const DeadTarget = message('DeadTarget', {
  target: id<NodeId>(1),
  /** Replays that were asked for, and those that are over. */
  replaysAsked: uint(2),
  replaysDone: uint(3),
  /** The newest messages that died here, ascending, whatever became of them. */
  died: repeated(uint(4)),
});
export type DeadTarget = Infer<typeof DeadTarget>;

/** A chunk of a dead letter for a member that has none of it; travels a flow. `entry` is an encoded StreamEntry. */
export const LetterChunk = message('LetterChunk', {
  group: id<GroupId>(1),
  target: id<NodeId>(2),
  seq: uint(3),
  chunkSeq: uint(4),
  entry: bytes(5),
});
export type LetterChunk = Infer<typeof LetterChunk>;
