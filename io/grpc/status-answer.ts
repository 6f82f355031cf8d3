/** The core's status and events as messages of mesh.v1. */
import { unreachable } from '../../core/base/assert.js';
import { type ReplicaId, nodeOfReplica, numberOfReplica } from '../../core/base/replica.js';
import type { StreamLetter } from '../../core/groups/context.js';
import type {
  GroupStatus,
  LinkStatus,
  MemberStatus,
  MeshEvent,
  MeshStatus,
  NodeStatus,
  Reply,
  StreamStatus,
} from '../../core/node/commands.js';
import { type Viewer, statusFor } from '../../core/node/viewer.js';
import {
  GROUP_KINDS,
  GROUP_ROLES,
  JOIN_POLICIES,
  LIVENESS,
  MEMBER_ROLES,
  MESH_STATES,
  QOS_CLASSES,
  RECOVERY_STEPS,
  STANDINGS,
  STREAM_LOSSES,
  TARGET_STATUSES,
} from './enums.js';
import { v1 } from './messages.js';
import { updateLogAnswer } from './update-commands.js';

export function statusAnswer(whole: NodeStatus, viewer: Viewer): v1.MeshStatus {
  const status = statusFor(viewer, whole);
  return new v1.MeshStatus({
    node: { ...status.node },
    mesh: status.mesh === null ? null : meshAnswer(status.mesh),
    links: status.links.map(linkAnswer),
    groups: status.groups.map(groupAnswer),
    streams: status.streams.map(streamAnswer),
    counters: { ...status.counters },
    updates: status.updates.map(updateLogAnswer),
    tenants: status.tenants.map(({ tenant, quota, ...use }) => ({ id: tenant, quota: { ...quota }, ...use })),
  });
}

export function eventAnswer(event: MeshEvent): v1.MeshEvent {
  return new v1.MeshEvent({ sequence: event.sequence, ...eventBody(event) });
}

function eventBody(event: MeshEvent): v1.MeshEvent.$Properties {
  switch (event.kind) {
    case 'member-joined':
      return { memberJoined: { nodeId: event.node, name: event.name } };
    case 'member-departed':
      return { memberDeparted: { nodeId: event.node, name: event.name, isEvicted: event.isEvicted } };
    case 'member-liveness':
      return { memberLiveness: { nodeId: event.node, liveness: LIVENESS[event.liveness] } };
    case 'link-up':
      return { linkUp: { nodeId: event.node } };
    case 'link-down':
      return { linkDown: { nodeId: event.node, reason: event.reason } };
    case 'topology-changed':
      return { topologyChanged: { reachable: event.reachable } };
    case 'leader-changed':
      return { leaderChanged: { groupId: event.group, leaderId: event.leader ?? '', term: event.term } };
    case 'stream-opened':
      return { streamOpened: { streamId: event.stream, name: event.name } };
    case 'stream-closed':
      return { streamClosed: { streamId: event.stream } };
    case 'stream-watermarks': {
      const { stream, accepted, replicated, completed, settled } = event;
      const targets = settled.map(({ node, seq }) => ({ nodeId: node, seq }));
      return { streamWatermarks: { streamId: stream, accepted, replicated, completed, settled: targets } };
    }
    case 'stream-recovery':
      return { streamRecovery: { streamId: event.stream, step: RECOVERY_STEPS[event.step], generation: event.generation } };
    case 'stream-deleted':
      return { streamDeleted: { streamId: event.stream, name: event.name } };
    case 'delivery-blocked':
      return { deliveryBlocked: failedAnswer(event) };
    case 'dead-lettered':
      return { deadLettered: failedAnswer(event) };
    case 'generation-founded':
      return { generationFounded: { generation: event.generation } };
    case 'mesh-state':
      return { meshState: { state: MESH_STATES[event.state] } };
    case 'configuration-changed':
      return { configurationChanged: { key: event.key, revision: event.revision, isRemoval: event.isRemoval } };
    default:
      return unreachable(event);
  }
}

function failedAnswer({ stream, seq, failures, reason }: Extract<MeshEvent, { kind: 'delivery-blocked' | 'dead-lettered' }>) {
  return { streamId: stream, seq, failures, reason };
}

function meshAnswer(mesh: MeshStatus): v1.Mesh.$Properties {
  return {
    id: mesh.id,
    name: mesh.name,
    description: mesh.description,
    joinPolicy: JOIN_POLICIES[mesh.joinPolicy],
    isStopped: mesh.isStopped,
    state: MESH_STATES[mesh.state],
    standing: STANDINGS[mesh.standing],
    generationTag: mesh.generationTag,
    generation: mesh.generation,
    members: mesh.members.map(memberAnswer),
  };
}

function memberAnswer(member: MemberStatus): v1.Member.$Properties {
  return {
    id: member.id,
    name: member.name,
    index: member.index,
    replica: member.replica,
    liveness: LIVENESS[member.liveness],
    incarnation: member.incarnation,
    role: MEMBER_ROLES[member.role],
    route: [...member.route],
    rttUs: member.rttUs,
  };
}

function linkAnswer(link: LinkStatus): v1.Link.$Properties {
  const { peer, ...rest } = link;
  return { peerId: peer, ...rest };
}

function groupAnswer(group: GroupStatus): v1.Group.$Properties {
  const { kind, role, leader, ...rest } = group;
  return { ...rest, kind: GROUP_KINDS[kind], role: GROUP_ROLES[role], leaderId: leader ?? '' };
}

export function lossAnswer(found: Extract<Reply, { kind: 'stream-loss' }>): v1.RecoverStreamResponse {
  const { stream, verdict, lost, left, isSourceLost, generation, isSealed, lastSeq, settled, isAsked } = found;
  const memberOf = (replica: ReplicaId) => ({ nodeId: nodeOfReplica(replica), replica: numberOfReplica(replica) });
  return new v1.RecoverStreamResponse({
    streamId: stream,
    loss: STREAM_LOSSES[verdict],
    lost: lost.map(memberOf),
    left: left.map(memberOf),
    isSourceLost,
    generation,
    isSealed,
    lastSeq,
    settled: settled.map(({ node, seq }) => ({ nodeId: node, seq })),
    isAccepted: isAsked,
  });
}

export function streamAnswer(stream: StreamStatus): v1.Stream.$Properties {
  const { tenant, source, qos, targets, checkpoints, loss, ...rest } = stream;
  return {
    ...rest,
    loss: STREAM_LOSSES[loss],
    tenantId: tenant,
    sourceId: source,
    qos: QOS_CLASSES[qos],
    checkpoints: checkpoints.map(({ setBy, ...checkpoint }) => ({ ...checkpoint, setById: setBy })),
    targets: targets.map((target) => ({
      nodeId: target.node,
      settled: target.settled,
      isSubscribed: target.isSubscribed,
      status: TARGET_STATUSES[target.status],
      isOptional: target.isOptional,
      start: target.start,
      ...target.pace,
    })),
  };
}

export function letterAnswer({ stream, name, target, ...rest }: StreamLetter): v1.DeadLetter.$Properties {
  return { ...rest, streamId: stream, streamName: name, targetId: target };
}
