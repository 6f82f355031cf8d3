/** Requests of mesh.v1 as commands of the core. */
import type { MeshId, NodeId, StreamId, TenantId } from '../../core/base/ids.js';
import { type Result, refuse } from '../../core/base/result.js';
import { reject } from '../../core/base/reject.js';
import { streamSeq } from '../../core/base/units.js';
import type { TargetAction, TargetStart } from '../../core/groups/operations.js';
import type { CompletionPolicy } from '../../core/groups/policy.js';
import type { LetterSelector } from '../../core/groups/letter-office.js';
import type { Command } from '../../core/node/commands.js';
import type { Viewer } from '../../core/node/viewer.js';
import type { FailureChoice } from '../../core/wire/group-messages.js';
import { EVENT_KINDS, FAILURE_ACTIONS, JOIN_POLICIES, PUBLISH_LEVELS, QOS_CLASSES, TARGET_ACTIONS, TARGET_STARTS } from './enums.js';
import {
  CHUNK_BYTES_MAX,
  DESCRIPTION_CHARS_MAX,
  NAME_CHARS_MAX,
  boundedText,
  invalid,
  optionalId,
  readChunk,
  readFreeChunk,
  readEnum,
  requireEnum,
  reading,
  requireId,
  requireSafe,
  requireText,
} from './fields.js';
import type { v1 } from './messages.js';

export type CommandOf<Kind extends Command['kind']> = Extract<Command, { kind: Kind }>;

export function seedCommand(request: v1.SeedMeshRequest): Result<Command> {
  return reading(() => ({
    kind: 'seed-mesh',
    meshName: requireText('mesh_name', request.meshName),
    description: boundedText('description', request.description, DESCRIPTION_CHARS_MAX),
    joinPolicy: readEnum('join_policy', JOIN_POLICIES, request.joinPolicy, 'open'),
    joinKey: boundedText('join_key', request.joinKey, NAME_CHARS_MAX),
  }));
}

export function joinCommand(request: v1.JoinMeshRequest): Result<Command> {
  if (request.urls.length === 0) {
    return refuse(reject('INVALID_ARGUMENT', 'urls', 'urls must name at least one member, as ws://HOST:PORT'));
  }
  if (request.urls.length > JOIN_URLS_MAX) {
    return refuse(reject('INVALID_ARGUMENT', 'urls', `urls must be at most ${JOIN_URLS_MAX}`));
  }
  return reading(() => ({
    kind: 'join-mesh',
    urls: request.urls.map((url) => requireText('urls', url, URL_CHARS_MAX)),
    joinKey: boundedText('join_key', request.joinKey, NAME_CHARS_MAX),
    meshId: optionalId<MeshId>('mesh_id', request.meshId),
  }));
}

export function evictCommand(request: v1.EvictNodeRequest): Result<Command> {
  return reading(() => ({ kind: 'evict-node', node: requireId<NodeId>('node_id', request.nodeId) }));
}

export function recoverCommand(request: v1.RecoverMeshRequest): Result<Command> {
  return reading(() => ({
    kind: 'recover-mesh',
    isDryRun: !request.execute,
    forget: request.execute ? request.forgetIds.map((node) => requireId<NodeId>('forget_ids', node)) : null,
  }));
}

export function statusViewer(request: v1.GetMeshStatusRequest): Result<Viewer> {
  return reading(() => callerOf(request.tenantId));
}

const callerOf = (tenantId: string): Viewer => ({ kind: 'caller', tenant: optionalId<TenantId>('tenant_id', tenantId) });

export function watchCommand(request: v1.EventFilter): Result<Command> {
  return reading(() => ({
    kind: 'watch-events',
    kinds: request.kinds.map((kind) => readEnum('kinds', EVENT_KINDS, kind, 'mesh-state')),
    afterSequence: requireSafe('after_sequence', request.afterSequence),
    viewer: callerOf(request.tenantId),
  }));
}

export function openCommand(request: v1.OpenClientDataStreamRequest): Result<CommandOf<'open-stream'>> {
  if (request.targetIds.length === 0) {
    return refuse(reject('INVALID_ARGUMENT', 'target_ids', 'target_ids must name at least one node'));
  }
  return reading(() => ({
    kind: 'open-stream',
    tenant: requireId<TenantId>('tenant_id', request.tenantId),
    name: requireText('name', request.name),
    optionalTargets: request.optionalTargetIds.map((id) => requireId<NodeId>('optional_target_ids', id)),
    targets: request.targetIds.map((id) => requireId<NodeId>('target_ids', id)),
    qos: readEnum('qos', QOS_CLASSES, request.qos, 'bulk'),
    priority: request.priority,
    retention: { ms: requireSafe('retain_ms', request.retainMs), bytes: requireSafe('retain_bytes', request.retainBytes) },
    policy: completionPolicy(request.policy ?? {}),
    failure: failureChoice(request.failure ?? {}),
  }));
}

function completionPolicy({ quorum, requiredTargetIds }: v1.CompletionPolicy.$Properties): CompletionPolicy {
  const nodes = (requiredTargetIds ?? []).map((id) => requireId<NodeId>('policy.required_target_ids', id));
  if (nodes.length > 0 && (quorum ?? 0) > 0) throw invalid('policy', 'policy must have a quorum or required_target_ids, not both');
  if (nodes.length > 0) return { kind: 'named', nodes };
  return (quorum ?? 0) === 0 ? { kind: 'all' } : { kind: 'quorum', count: quorum ?? 0 };
}

function failureChoice(wire: v1.FailurePolicy.$Properties): FailureChoice {
  const action = readEnum('failure.action', FAILURE_ACTIONS, wire.action, 'block');
  return {
    action: action === 'block' ? 0 : 1,
    failuresMax: wire.failuresMax ?? 0,
    retryFirstUs: 1000 * (wire.retryFirstMs ?? 0),
    retryMaxUs: 1000 * (wire.retryMaxMs ?? 0),
    handlerLimitUs: 1000 * (wire.handlerLimitMs ?? 0),
  };
}

export function paceCommand(request: v1.PaceTargetRequest): Result<Command> {
  const rate = (field: string, value: number | null | undefined): number | null => ((value ?? null) === null ? null : requireSafe(field, value));
  return reading(() => ({
    kind: 'pace-target',
    tenant: requireId<TenantId>('tenant_id', request.tenantId),
    target: requireId<NodeId>('target_id', request.targetId),
    stream: optionalId<StreamId>('stream_id', request.streamId),
    priority: request.priority ?? null,
    isPaused: request.isPaused ?? null,
    messagesPerSecond: rate('messages_per_second', request.messagesPerSecond),
    bytesPerSecond: rate('bytes_per_second', request.bytesPerSecond),
  }));
}

export function listLettersCommand(request: v1.ListDeadLettersRequest): Result<Command> {
  return reading(() => ({
    kind: 'list-dead-letters',
    tenant: requireId<TenantId>('tenant_id', request.tenantId),
    stream: optionalId<StreamId>('stream_id', request.streamId),
  }));
}

export function showLetterCommand(request: v1.ShowDeadLetterRequest): Result<Command> {
  return reading(() => ({ kind: 'show-dead-letter', ...readLetter(request.letter), chunkSeq: request.chunkSeq }));
}

export function changeLetterCommand(kind: 'replay-dead-letter' | 'discard-dead-letter') {
  return (request: v1.ReplayDeadLetterRequest | v1.DiscardDeadLetterRequest): Result<Command> =>
    reading(() => ({ kind, ...readLetter(request.letter) }));
}

function readLetter(wire: v1.DeadLetterSelector.$Properties | null | undefined): LetterSelector {
  return {
    tenant: requireId<TenantId>('letter.tenant_id', wire?.tenantId),
    stream: requireId<StreamId>('letter.stream_id', wire?.streamId),
    target: requireId<NodeId>('letter.target_id', wire?.targetId),
    seq: requireSafe('letter.seq', wire?.seq, 1),
  };
}

export function listStreamsCommand(request: v1.ListClientDataStreamsRequest): Result<Command> {
  return reading(() => ({
    kind: 'list-streams',
    tenant: requireId<TenantId>('tenant_id', request.tenantId),
    stream: optionalId<StreamId>('stream_id', request.streamId),
  }));
}

export function changeTargetCommand(request: v1.ChangeStreamTargetRequest): Result<CommandOf<'change-target'>> {
  return reading(() => ({
    kind: 'change-target',
    tenant: requireId<TenantId>('tenant_id', request.tenantId),
    stream: requireId<StreamId>('stream_id', request.streamId),
    target: requireId<NodeId>('target_id', request.targetId),
    action: targetAction(request),
  }));
}

function targetAction(request: v1.ChangeStreamTargetRequest): TargetAction {
  const kind = requireEnum('action', TARGET_ACTIONS, request.action);
  if (kind !== 'attach') return { kind };
  const start = requireEnum('start', TARGET_STARTS, request.start);
  return { kind, start: targetStart(start, request), isOptional: request.isOptional };
}

function targetStart(kind: TargetStart['kind'], { afterSeq, afterCheckpoint }: v1.ChangeStreamTargetRequest): TargetStart {
  if (kind === 'after') return { kind, seq: requireSafe('after_seq', afterSeq) };
  return kind === 'checkpoint' ? { kind, name: requireText('after_checkpoint', afterCheckpoint) } : { kind };
}

export function setCheckpointCommand(request: v1.SetCheckpointRequest): Result<Command> {
  return reading(() => ({
    kind: 'set-checkpoint',
    tenant: requireId<TenantId>('tenant_id', request.tenantId),
    stream: requireId<StreamId>('stream_id', request.streamId),
    name: requireText('name', request.name),
    seq: request.seq == null ? null : requireSafe('seq', request.seq),
  }));
}

export function removeCheckpointCommand(request: v1.RemoveCheckpointRequest): Result<Command> {
  return reading(() => ({
    kind: 'remove-checkpoint',
    tenant: requireId<TenantId>('tenant_id', request.tenantId),
    stream: requireId<StreamId>('stream_id', request.streamId),
    name: requireText('name', request.name),
  }));
}

export function recoverStreamCommand(request: v1.RecoverStreamRequest): Result<Command> {
  return reading(() => ({
    kind: 'recover-stream',
    tenant: requireId<TenantId>('tenant_id', request.tenantId),
    stream: requireId<StreamId>('stream_id', request.streamId),
    isLossAccepted: request.acceptLoss,
  }));
}

export function expireProducerCommand(request: v1.ExpireProducerRequest): Result<CommandOf<'expire-producer'>> {
  return reading(() => ({
    kind: 'expire-producer',
    tenant: requireId<TenantId>('tenant_id', request.tenantId),
    stream: requireId<StreamId>('stream_id', request.streamId),
    producer: requireText('producer', request.producer),
  }));
}

export function openProducerCommand(request: v1.OpenProducerRequest): Result<Command> {
  return reading(() => ({
    kind: 'open-producer',
    tenant: requireId<TenantId>('tenant_id', request.tenantId),
    stream: requireId<StreamId>('stream_id', request.streamId),
    producer: requireText('producer', request.producer),
  }));
}

export function closeCommand(request: v1.CloseClientDataStreamRequest): Result<Command> {
  return reading(() => ({
    kind: 'close-stream',
    tenant: requireId<TenantId>('tenant_id', request.tenantId),
    stream: requireId<StreamId>('stream_id', request.streamId),
  }));
}

export function deleteCommand(request: v1.DeleteClientDataStreamRequest): Result<Command> {
  return reading(() => ({
    kind: 'delete-stream',
    tenant: requireId<TenantId>('tenant_id', request.tenantId),
    stream: requireId<StreamId>('stream_id', request.streamId),
    isForced: request.isForced,
  }));
}

export function publishCommand(request: v1.Chunk): Result<Command> {
  return reading(() => ({
    kind: 'publish-one',
    tenant: requireId<TenantId>('tenant_id', request.tenantId),
    stream: requireId<StreamId>('stream_id', request.streamId),
    producer: requireText('producer', request.producer),
    epoch: requireSafe('epoch', request.epoch),
    ...(request.messageId === '' ? readChunk(request) : readFreeChunk(request)),
    level: readEnum('level', PUBLISH_LEVELS, request.level, 'replicated'),
  }));
}

export function attachCommand(request: v1.PublishOpen.$Properties): Result<CommandOf<'attach-publisher'>> {
  return reading(() => ({
    kind: 'attach-publisher',
    tenant: requireId<TenantId>('open.tenant_id', request.tenantId),
    stream: requireId<StreamId>('open.stream_id', request.streamId),
    producer: requireText('open.producer', request.producer),
    ...(request.epoch == null ? {} : { epoch: requireSafe('open.epoch', request.epoch) }),
  }));
}

/** The window in it is the client's; the session gives the core its own. */
export function subscribeCommand(request: v1.Subscribe.$Properties): Result<CommandOf<'subscribe'>> {
  const windowBytes = request.windowBytes || DEFAULT_WINDOW_BYTES;
  if (windowBytes < CHUNK_BYTES_MAX) {
    const detail = `subscribe.window_bytes must be at least ${CHUNK_BYTES_MAX}, or a chunk would never fit`;
    return refuse(reject('INVALID_ARGUMENT', 'subscribe.window_bytes', detail));
  }
  return reading(() => {
    const byName = request.streamName ?? '';
    const resumeAfter = request.resumeAfter ?? null;
    const fromCheckpoint = request.fromCheckpoint ?? '';
    if (fromCheckpoint !== '' && resumeAfter !== null) throw invalid('subscribe', 'subscribe must have resume_after or from_checkpoint, not both');
    return {
      kind: 'subscribe',
      tenant: requireId<TenantId>('subscribe.tenant_id', request.tenantId),
      selector:
        byName === ''
          ? { kind: 'id', stream: requireId<StreamId>('subscribe.stream_id', request.streamId) }
          : { kind: 'name', name: boundedText('subscribe.stream_name', byName, NAME_CHARS_MAX) },
      resumeAfter: resumeAfter === null ? null : streamSeq(requireSafe('subscribe.resume_after', resumeAfter)),
      windowMessages: request.windowMessages || DEFAULT_WINDOW_MESSAGES,
      windowBytes,
      isOfLetters: request.deadLetters ?? false,
      ...(fromCheckpoint === '' ? {} : { fromCheckpoint: boundedText('subscribe.from_checkpoint', fromCheckpoint, NAME_CHARS_MAX) }),
    };
  });
}

const JOIN_URLS_MAX = 64;
const URL_CHARS_MAX = 2048;
const DEFAULT_WINDOW_MESSAGES = 1024;
const DEFAULT_WINDOW_BYTES = 1024 * 1024;
