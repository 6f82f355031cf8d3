/**
 * What the mesh-wide logs of updates hold and what members say to each other about them, in protobuf's wire format
 * (proto/mesh/wire/v1/update.proto holds the same definitions; a test holds both equal).
 *
 * There are two logs: system updates are entries of the mesh control group, internal-database updates those of a group
 * of their own. Both are numbered without gaps in the order of their log.
 */
import type { GroupId, MessageId, NodeId } from '../base/ids.js';
import { type Infer, type InferUnion, bytes, flag, id, message, nested, repeated, text, uint, union } from './schema.js';

/** Which log a message is about. */
export const UPDATE_LOGS = { system: 1, database: 2 } as const;
/** What an update is: the first two ride the system log. */
export const UPDATE_FEEDS = { mesh: 1, node: 2, database: 3 } as const;

export const UPDATE_CHANGES_MAX = 4096;
const RECORDS_MAX = 65_536;

/** One row of a table set, or removed. The table of configuration is `config_kv`. */
export const UpdateChange = message('UpdateChange', {
  table: text(1),
  key: bytes(2),
  value: bytes(3),
  isRemoval: flag(4),
  /** Of configuration: n + 1 makes the whole update only where the key's revision is n (0: there is no row). 0: always. */
  ifRevision: uint(5),
});
export type UpdateChange = Infer<typeof UpdateChange>;

/** A row of `config_kv` and the number of the update that wrote it last. */
export const ConfigRow = message('ConfigRow', { key: bytes(2), value: bytes(3), revision: uint(6) });
export type ConfigRow = Infer<typeof ConfigRow>;

/** An update as its sender gave it to the node `origin`. Without a `sender` it is recognised by its id alone. */
export const UpdateRecord = message('UpdateRecord', {
  updateId: id<MessageId>(1),
  feed: uint(2),
  origin: id<NodeId>(3),
  sender: text(4),
  senderSeq: uint(5),
  topic: text(6),
  changes: repeated(nested(7, UpdateChange), UPDATE_CHANGES_MAX),
  payload: bytes(8),
});
export type UpdateRecord = Infer<typeof UpdateRecord>;

/** An entry: updates in the order of their origin, and what of all updates is kept from here on. */
export const UpdateBatch = message('UpdateBatch', {
  origin: id<NodeId>(1),
  retainBytesMax: uint(2),
  retainCountMax: uint(3),
  records: repeated(nested(4, UpdateRecord), RECORDS_MAX),
});
export type UpdateBatch = Infer<typeof UpdateBatch>;

export const AppliedMark = message('AppliedMark', { node: id<NodeId>(1), seq: uint(2) });
export type AppliedMark = Infer<typeof AppliedMark>;

/** An entry: how far nodes have applied, and up to where every member has. */
export const AppliedMarks = message('AppliedMarks', { marks: repeated(nested(1, AppliedMark)), floor: uint(2) });
export type AppliedMarks = Infer<typeof AppliedMarks>;

/** An entry of the group of internal-database updates. */
export const UpdateEntry = union('UpdateEntry', { updates: [1, UpdateBatch], applied: [2, AppliedMarks] });
export type UpdateEntry = InferUnion<typeof UpdateEntry>;

export const NumberedUpdate = message('NumberedUpdate', { seq: uint(1), record: nested(2, UpdateRecord) });
export type NumberedUpdate = Infer<typeof NumberedUpdate>;

export const SenderResult = message('SenderResult', { senderSeq: uint(1), seq: uint(2), updateId: id<MessageId>(3) });
export const SenderRow = message('SenderRow', { name: text(1), last: uint(2), recent: repeated(nested(3, SenderResult)) });
export type SenderRow = Infer<typeof SenderRow>;

/** `seq` 0, here and above: it was refused by a condition of its own. */
export const UpdateIdRow = message('UpdateIdRow', { updateId: id<MessageId>(1), seq: uint(2) });

/** A log of updates at one index: what is retained, and what repeats are recognised by. */
export const UpdateSnapshot = message('UpdateSnapshot', {
  lastSeq: uint(1),
  digest: uint(2),
  floor: uint(3),
  senders: repeated(nested(4, SenderRow)),
  ids: repeated(nested(5, UpdateIdRow)),
  applied: repeated(nested(6, AppliedMark)),
  retained: repeated(nested(7, NumberedUpdate)),
  /** Rows of `config_kv`: the sum of all changes so far. */
  configuration: repeated(nested(8, ConfigRow)),
});
export type UpdateSnapshot = Infer<typeof UpdateSnapshot>;

/** An entry of the mesh control group: the group of database updates, with its first voter. */
export const DatabaseGroupRow = message('DatabaseGroupRow', { group: id<GroupId>(1), founder: id<NodeId>(2), replica: uint(3) });
export type DatabaseGroupRow = Infer<typeof DatabaseGroupRow>;

/** A member's updates on their way to the leader; travels a flow. */
export const ForwardedUpdates = message('ForwardedUpdates', { log: uint(1), nonce: uint(2), batch: nested(3, UpdateBatch) });
export type ForwardedUpdates = Infer<typeof ForwardedUpdates>;

/** The leader did not append a batch. A single frame. */
export const UpdatesRefused = message('UpdatesRefused', {
  log: uint(1),
  nonce: uint(2),
  rejectCode: uint(3),
  rejectSubject: text(4),
  rejectDetail: text(5),
  retryAfterUs: uint(6),
});

/** The sender has applied everything up to `seq`, durably. A single frame, repeated until the log has it. */
export const AppliedReport = message('AppliedReport', { log: uint(1), seq: uint(2) });
