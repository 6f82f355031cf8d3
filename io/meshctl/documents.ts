/**
 * What `--json` prints: stable documents, with the words of the configuration and the logs for enums. Fields are added,
 * never renamed. Streams, events and deliveries are one document a line.
 */
import { GROUP_KINDS, GROUP_ROLES, JOIN_POLICIES, LIVENESS, MEMBER_ROLES, MESH_STATES, QOS_CLASSES, RECOVERY_STEPS, STANDINGS, STREAM_LOSSES, wordOf, TARGET_STATUSES } from '../grpc/enums.js';
import type { v1 } from '../grpc/messages.js';
import { updateLogDocument } from './update-document.js';

const word = <Word extends string>(table: Record<Word, number>, value: number | null | undefined): Word | 'unknown' =>
  wordOf(table, value ?? 0) ?? 'unknown';

export function statusDocument(status: v1.MeshStatus) {
  const { node, mesh } = status;
  return {
    node: { id: node?.id ?? '', name: node?.name ?? '', replica: node?.replica ?? 0, bootCounter: node?.bootCounter ?? 0 },
    mesh: mesh ? meshDocument(mesh) : null,
    links: status.links.map(linkDocument),
    groups: status.groups.map(groupDocument),
    streams: status.streams.map(streamDocument),
    tenants: status.tenants.map(tenantDocument),
    updates: status.updates.map(updateLogDocument),
    counters: status.counters as Record<string, number>,
  };
}

function tenantDocument({ id, streams, subscribers, stagedBytes, waitingBytes, refused, delayed, quota }: v1.Tenant.$Properties) {
  return {
    id: id ?? '',
    streams: streams ?? 0,
    subscribers: subscribers ?? 0,
    stagedBytes: stagedBytes ?? 0,
    waitingBytes: waitingBytes ?? 0,
    refused: refused ?? 0,
    delayed: delayed ?? 0,
    quota: {
      streams: quota?.streams ?? 0,
      stagedBytes: quota?.stagedBytes ?? 0,
      messagesPerSecond: quota?.messagesPerSecond ?? 0,
      bytesPerSecond: quota?.bytesPerSecond ?? 0,
      subscribers: quota?.subscribers ?? 0,
      weight: quota?.weight ?? 1,
    },
  };
}

function meshDocument(mesh: v1.Mesh.$Properties) {
  return {
    id: mesh.id ?? '',
    name: mesh.name ?? '',
    description: mesh.description ?? '',
    joinPolicy: word(JOIN_POLICIES, mesh.joinPolicy),
    isStopped: mesh.isStopped ?? false,
    state: word(MESH_STATES, mesh.state),
    standing: word(STANDINGS, mesh.standing),
    generationTag: mesh.generationTag ?? 0,
    generation: mesh.generation ?? 1,
    members: (mesh.members ?? []).map(memberDocument),
  };
}

export function memberDocument(member: v1.Member.$Properties) {
  return {
    id: member.id ?? '',
    name: member.name ?? '',
    index: member.index ?? 0,
    replica: member.replica ?? 0,
    liveness: word(LIVENESS, member.liveness),
    incarnation: member.incarnation ?? 0,
    role: word(MEMBER_ROLES, member.role),
    route: member.route ?? [],
    rttUs: member.rttUs ?? null,
  };
}

export function linkDocument(link: v1.Link.$Properties) {
  return {
    peer: link.peerId ?? '',
    isProvisional: link.isProvisional ?? false,
    rttUs: link.rttUs ?? 0,
    laneCount: link.laneCount ?? 0,
    queuedBytes: link.queuedBytes ?? 0,
    dialledByUs: link.dialledByUs ?? false,
  };
}

function groupDocument(group: v1.Group.$Properties) {
  return {
    id: group.id ?? '',
    kind: word(GROUP_KINDS, group.kind),
    role: word(GROUP_ROLES, group.role),
    term: group.term ?? 0,
    leader: group.leaderId || null,
    firstIndex: group.firstIndex ?? 0,
    lastIndex: group.lastIndex ?? 0,
    commitIndex: group.commitIndex ?? 0,
    appliedIndex: group.appliedIndex ?? 0,
  };
}

export function streamDocument(stream: v1.Stream.$Properties) {
  return {
    id: stream.id ?? '',
    tenant: stream.tenantId ?? '',
    name: stream.name ?? '',
    source: stream.sourceId ?? '',
    qos: word(QOS_CLASSES, stream.qos),
    priority: stream.priority ?? 0,
    isClosed: stream.isClosed ?? false,
    isOrphaned: stream.isOrphaned ?? false,
    isSourceLost: stream.isSourceLost ?? false,
    generation: stream.generation ?? 0,
    isSealed: stream.isSealed ?? false,
    loss: word(STREAM_LOSSES, stream.loss),
    accepted: stream.accepted ?? 0,
    replicated: stream.replicated ?? 0,
    completed: stream.completed ?? 0,
    targets: (stream.targets ?? []).map((target) => ({
      node: target.nodeId ?? '',
      settled: target.settled ?? 0,
      status: word(TARGET_STATUSES, target.status),
      isOptional: target.isOptional ?? false,
      start: target.start ?? 0,
      isSubscribed: target.isSubscribed ?? null,
      isPaused: target.isPaused ?? false,
      messagesPerSecond: target.messagesPerSecond ?? 0,
      bytesPerSecond: target.bytesPerSecond ?? 0,
    })),
    checkpoints: (stream.checkpoints ?? []).map(({ name, seq, setById, setAtMs }) => ({ name: name ?? '', seq: seq ?? 0, setBy: setById ?? '', setAtMs: setAtMs ?? 0 })),
    outstandingBytes: stream.outstandingBytes ?? 0,
  };
}

/** `{sequence, kind, …}` with the core's words. */
export function eventDocument(event: v1.MeshEvent): Record<string, unknown> {
  const { sequence } = event;
  if (event.memberJoined) return { sequence, kind: 'member-joined', node: event.memberJoined.nodeId, name: event.memberJoined.name };
  if (event.memberDeparted) {
    const { nodeId, name, isEvicted } = event.memberDeparted;
    return { sequence, kind: 'member-departed', node: nodeId, name, isEvicted: isEvicted ?? false };
  }
  if (event.memberLiveness) {
    const { nodeId, liveness } = event.memberLiveness;
    return { sequence, kind: 'member-liveness', node: nodeId, liveness: word(LIVENESS, liveness) };
  }
  if (event.linkUp) return { sequence, kind: 'link-up', node: event.linkUp.nodeId };
  if (event.linkDown) return { sequence, kind: 'link-down', node: event.linkDown.nodeId, reason: event.linkDown.reason ?? '' };
  if (event.topologyChanged) return { sequence, kind: 'topology-changed', reachable: event.topologyChanged.reachable ?? 0 };
  if (event.leaderChanged) {
    const { groupId, leaderId, term } = event.leaderChanged;
    return { sequence, kind: 'leader-changed', group: groupId, leader: leaderId || null, term };
  }
  if (event.streamOpened) return { sequence, kind: 'stream-opened', stream: event.streamOpened.streamId, name: event.streamOpened.name };
  if (event.streamClosed) return { sequence, kind: 'stream-closed', stream: event.streamClosed.streamId };
  if (event.streamDeleted) return { sequence, kind: 'stream-deleted', stream: event.streamDeleted.streamId, name: event.streamDeleted.name };
  if (event.streamWatermarks) {
    const { streamId, accepted, replicated, completed, settled } = event.streamWatermarks;
    const targets = Object.fromEntries((settled ?? []).map(({ nodeId, seq }) => [nodeId ?? '', seq ?? 0]));
    return { sequence, kind: 'stream-watermarks', stream: streamId, accepted: accepted ?? 0, replicated: replicated ?? 0, settled: targets, completed: completed ?? 0 };
  }
  if (event.streamRecovery) {
    const { streamId, step, generation } = event.streamRecovery;
    return { sequence, kind: 'stream-recovery', stream: streamId, step: word(RECOVERY_STEPS, step), generation: generation ?? 0 };
  }
  if (event.deliveryBlocked) return { sequence, kind: 'delivery-blocked', ...failedDocument(event.deliveryBlocked) };
  if (event.deadLettered) return { sequence, kind: 'dead-lettered', ...failedDocument(event.deadLettered) };
  if (event.configurationChanged) {
    const { key, revision, isRemoval } = event.configurationChanged;
    return { sequence, kind: 'configuration-changed', key: key ?? '', revision: revision ?? 0, isRemoval: isRemoval ?? false };
  }
  if (event.generationFounded) return { sequence, kind: 'generation-founded', generation: event.generationFounded.generation };
  if (event.meshState) return { sequence, kind: 'mesh-state', state: word(MESH_STATES, event.meshState.state) };
  return { sequence, kind: 'unknown' };
}

function failedDocument({ streamId, seq, failures, reason }: v1.MessageFailed.$Properties) {
  return { stream: streamId ?? '', seq: seq ?? 0, failures: failures ?? 0, reason: reason ?? '' };
}

export function letterDocument(letter: v1.DeadLetter.$Properties) {
  return {
    stream: letter.streamId ?? '',
    name: letter.streamName ?? '',
    target: letter.targetId ?? '',
    seq: letter.seq ?? 0,
    messageId: letter.messageId ?? '',
    producer: letter.producer ?? '',
    producerSeq: letter.producerSeq ?? 0,
    bytes: letter.payloadBytes ?? 0,
    failures: letter.failures ?? 0,
    reason: letter.reason ?? '',
    diedAtMs: letter.diedAtMs ?? 0,
    replay: letter.replay || null,
  };
}
