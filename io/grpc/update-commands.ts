/** Updates of mesh.v1 as commands of the core, and updates of the core as messages. */
import { EMPTY_BYTES, utf8Decode, utf8Encode } from '../../core/base/bytes.js';
import { AssertionFailed } from '../../core/base/assert.js';
import type { MessageId } from '../../core/base/ids.js';
import type { Result } from '../../core/base/result.js';
import type { DeliveredUpdate, UpdateReply } from '../../core/groups/context.js';
import type { SendUpdate } from '../../core/groups/updates/submissions.js';
import type { UpdateFeed } from '../../core/groups/updates/feeds.js';
import { CONFIGURATION_TABLE } from '../../core/groups/updates/update-state.js';
import type { UpdateLogStatus } from '../../core/groups/updates/update-log.js';
import type { Command, Reply } from '../../core/node/commands.js';
import type { ConfigRow, UpdateChange } from '../../core/wire/update-messages.js';
import { plain } from '../host/node-crypto.js';
import type { CommandOf } from './commands.js';
import { wordOf } from './enums.js';
import { type Maybe, boundedText, optionalId, readEnum, reading, requireSafe, requireText } from './fields.js';
import { v1 } from './messages.js';

export function meshUpdateCommand(request: v1.MeshUpdate): Result<Command> {
  return reading(() => ({ ...sendCommand('mesh', request), changes: (request.config ?? []).map(configChange) }));
}

export function nodeUpdateCommand(request: v1.NodeUpdate): Result<Command> {
  return reading(() => sendCommand('node', request));
}

export function databaseUpdateCommand(request: v1.DBUpdate): Result<Command> {
  return reading(() => ({
    ...sendCommand('database', request),
    changes: (request.rows ?? []).map((row) => ({
      table: requireText('rows.table', row.table),
      key: bytesOf(row.key),
      value: bytesOf(row.value),
      isRemoval: row.isRemoval ?? false,
      ifRevision: 0,
    })),
  }));
}

export function subscribeUpdatesCommand(feed: UpdateFeed, request: v1.UpdateSubscribe.$Properties): Result<CommandOf<'subscribe-updates'>> {
  return reading(() => ({
    kind: 'subscribe-updates',
    feed,
    consumer: boundedText('subscribe.consumer', request.consumer, CONSUMER_CHARS_MAX),
    resumeAfter:
      request.resumeAfter === null || request.resumeAfter === undefined
        ? null
        : requireSafe('subscribe.resume_after', request.resumeAfter),
    isFromStart: request.fromStart ?? false,
    windowMessages: request.windowMessages || DEFAULT_WINDOW_MESSAGES,
    windowBytes: request.windowBytes || DEFAULT_WINDOW_BYTES,
  }));
}

export function forgetConsumerCommand(request: v1.ForgetUpdateConsumerRequest): Result<Command> {
  return reading(() => ({
    kind: 'forget-consumer',
    feed: readEnum('feed', UPDATE_FEEDS, request.feed, 'mesh'),
    consumer: requireText('consumer', request.consumer),
  }));
}

export function getConfigurationCommand({ key, isPrefix, isLocal }: v1.GetMeshConfigurationRequest): Result<Command> {
  const text = key ?? '';
  return reading(() => ({
    kind: 'get-configuration',
    selector: { key: utf8Encode(boundedText('key', text, KEY_CHARS_MAX)), isPrefix: (isPrefix ?? false) || text === '' },
    isLocal: isLocal ?? false,
  }));
}

export function broadcastResult(reply: Reply): v1.BroadcastResult {
  const { updateId, seq, level, isRepeat, nodesApplied, nodesTotal } = expect(reply, 'update-sent');
  return new v1.BroadcastResult({ updateId, seq, level: UPDATE_LEVELS[level], isRepeat, nodesApplied, nodesTotal });
}

export function configurationAnswer(reply: Reply): v1.MeshConfiguration {
  const { seq, rows } = expect(reply, 'configuration');
  return new v1.MeshConfiguration({ seq, rows: rows.map(rowAnswer) });
}

/** A batch of one feed. */
export function updateBatch(feed: UpdateFeed, attempt: number, updates: readonly DeliveredUpdate[]): v1.UpdateBatch.$Properties {
  if (feed === 'mesh') {
    return { attempt, mesh: updates.map((update) => ({ ...updateAnswer(update), config: update.record.changes.map((change) => configAnswer(change, update.seq)) })) };
  }
  if (feed === 'node') return { attempt, nodes: updates.map(updateAnswer) };
  return { attempt, database: updates.map((update) => ({ ...updateAnswer(update), rows: [...update.record.changes] })) };
}

export function updateLogAnswer(log: UpdateLogStatus): v1.UpdateLog.$Properties {
  const { lastSeq, baseSeq, appliedSeq, nodesApplied, members, consumers } = log;
  return {
    log: UPDATE_LOG_KINDS[log.log],
    lastSeq,
    baseSeq,
    appliedSeq,
    nodesApplied,
    members: members.map(({ node, seq }) => ({ nodeId: node, appliedSeq: seq })),
    consumers: consumers.map(({ feed, name, seq, isSubscribed }) => ({ feed: UPDATE_FEEDS[feed], name, seq, isSubscribed })),
  };
}

interface WireUpdate {
  readonly header?: Maybe<v1.UpdateHeader.$Properties>;
  readonly payload?: Maybe<Uint8Array>;
  readonly level?: Maybe<number>;
}

function sendCommand(feed: UpdateFeed, { header, payload, level }: WireUpdate): CommandOf<'send-update'> {
  const wish: SendUpdate = {
    feed,
    sender: boundedText('header.sender', header?.sender, SENDER_CHARS_MAX),
    senderSeq: requireSafe('header.sender_seq', header?.senderSeq),
    updateId: optionalId<MessageId>('header.update_id', header?.updateId),
    topic: boundedText('header.topic', header?.topic, SENDER_CHARS_MAX),
    changes: [],
    payload: bytesOf(payload),
    level: readEnum('level', UPDATE_LEVELS, level, 'committed'),
  };
  return { kind: 'send-update', ...wish };
}

function updateAnswer({ seq, record }: DeliveredUpdate) {
  const { updateId, sender, senderSeq, topic, origin, payload } = record;
  return { header: { updateId, sender, senderSeq, topic, seq, originId: origin }, payload };
}

function configChange({ key, value, isRemoval, ifRevision }: v1.ConfigChange.$Properties): UpdateChange {
  const text = requireText('config.key', key);
  return {
    table: CONFIGURATION_TABLE,
    key: utf8Encode(text),
    value: isRemoval ? EMPTY_BYTES : utf8Encode(value ?? ''),
    isRemoval: isRemoval ?? false,
    ifRevision: ifRevision === null || ifRevision === undefined ? 0 : requireSafe('config.if_revision', ifRevision) + 1,
  };
}

/** Keys and values were checked to be text when they were sent. */
const rowAnswer = ({ key, value, revision }: ConfigRow): v1.ConfigChange.$Properties => ({
  key: utf8Decode(key) ?? '',
  value: utf8Decode(value) ?? '',
  revision,
});

/** A change within the update `seq`. */
const configAnswer = ({ key, value, isRemoval }: UpdateChange, seq: number): v1.ConfigChange.$Properties => ({
  ...rowAnswer({ key, value, revision: seq }),
  isRemoval,
});

function bytesOf(bytes: Maybe<Uint8Array>): Uint8Array {
  return bytes === null || bytes === undefined || bytes.length === 0 ? EMPTY_BYTES : plain(bytes);
}

function expect<Kind extends UpdateReply['kind']>(reply: Reply, kind: Kind): Extract<UpdateReply, { kind: Kind }> {
  if (reply.kind !== kind) throw new AssertionFailed('a command gets the kind of reply that it asks for');
  return reply as Extract<UpdateReply, { kind: Kind }>;
}

export const UPDATE_FEEDS: Record<UpdateFeed, v1.UpdateFeed> = {
  mesh: v1.UpdateFeed.UPDATE_FEED_MESH,
  node: v1.UpdateFeed.UPDATE_FEED_NODE,
  database: v1.UpdateFeed.UPDATE_FEED_DATABASE,
};
export const UPDATE_LEVELS: Record<SendUpdate['level'], v1.UpdateLevel> = {
  committed: v1.UpdateLevel.UPDATE_LEVEL_COMMITTED,
  applied: v1.UpdateLevel.UPDATE_LEVEL_APPLIED,
};
export const UPDATE_LOG_KINDS: Record<UpdateLogStatus['log'], v1.UpdateLogKind> = {
  system: v1.UpdateLogKind.UPDATE_LOG_KIND_SYSTEM,
  database: v1.UpdateLogKind.UPDATE_LOG_KIND_DATABASE,
};
export const feedWord = (feed: Maybe<number>): UpdateFeed | null => wordOf(UPDATE_FEEDS, feed ?? 0);
const CONSUMER_CHARS_MAX = 64;
const SENDER_CHARS_MAX = 255;
const KEY_CHARS_MAX = 255;
const DEFAULT_WINDOW_MESSAGES = 256;
const DEFAULT_WINDOW_BYTES = 1024 * 1024;
