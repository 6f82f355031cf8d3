/** What `get-status` tells: readings of every machine at this moment, none of them kept for it. */
import type { NodeId, StreamId, TenantId } from '../base/ids.js';
import { nodeOfReplica, replicaId } from '../base/replica.js';
import { memberIndex, streamSeq } from '../base/units.js';
import type { PaceLimits } from '../groups/dsg/pace.js';
import type { Stream } from '../groups/dsg/stream.js';
import { POLICY_CLOSED, POLICY_KEY_REQUIRED, POLICY_OPEN } from '../groups/mcg/admission-desk.js';
import type { StreamLoss } from '../groups/recovery/stream-loss.js';
import type { ReplicatedGroup } from '../groups/replicated-group.js';
import type { Links } from '../link/links.js';
import type { Routes } from '../router/routes.js';
import type { GroupStatus, JoinPolicy, LinkStatus, MemberStatus, MeshStatus, StreamStatus } from './commands.js';
import type { Member } from './member.js';
import type { MembershipRow } from './membership-row.js';
import type { StreamWatermarks } from './watermark-watch.js';

export interface Liveness {
  readonly liveness: MemberStatus['liveness'];
  readonly incarnation: number;
}

export function linkStatuses(links: Links): LinkStatus[] {
  return links.links().map(({ peer, isProvisional, rttUs, laneCount, queuedBytes, dialledByUs }) => ({
    peer,
    isProvisional,
    rttUs,
    laneCount,
    queuedBytes,
    dialledByUs,
  }));
}

export function memberStatuses(
  member: Member,
  self: NodeId,
  routes: Routes,
  livenessOf: (node: NodeId) => Liveness,
): MemberStatus[] {
  const { raft } = member.control.group;
  const voters = new Set(raft.configuration.voters);
  const rows = [...member.control.state.members.values()].sort((a, b) => a.index - b.index);
  return rows.map(({ node, name, index, replica }) => {
    const id = replicaId(node, replica);
    const role = raft.leader === id ? 'leader' : voters.has(id) ? 'voter' : 'learner';
    const rttUs = node === self ? 0 : routes.pathRttUs(node, 0);
    const route = node === self ? [self] : routes.path(node, 0);
    const { liveness, incarnation } = livenessOf(node);
    // Routing notices a death before the gossip has made up its mind: nobody is shown alive whom nothing reaches.
    const shown = liveness === 'alive' && route.length === 0 ? 'suspect' : liveness;
    return { id: node, name, index: memberIndex(index), replica, liveness: shown, incarnation, role, route, rttUs };
  });
}

export function meshStatusOf(
  row: MembershipRow,
  member: Member,
  state: MeshStatus['state'],
  members: readonly MemberStatus[],
): MeshStatus {
  const { founded } = member.control.state;
  return {
    id: row.mesh,
    name: founded?.name ?? row.meshName,
    description: founded?.description ?? '',
    joinPolicy: joinPolicyOf(founded?.joinPolicy ?? POLICY_CLOSED),
    isStopped: row.isStopped,
    standing: 'member',
    state,
    generationTag: row.generationTag,
    generation: row.generation,
    members,
  };
}

export function joinPolicyOf(wireNumber: number): JoinPolicy {
  if (wireNumber === POLICY_OPEN) return 'open';
  return wireNumber === POLICY_CLOSED ? 'closed' : 'key-required';
}

export function wirePolicyOf(policy: JoinPolicy): number {
  if (policy === 'open') return POLICY_OPEN;
  return policy === 'closed' ? POLICY_CLOSED : POLICY_KEY_REQUIRED;
}

export function groupStatuses(member: Member): GroupStatus[] {
  const statuses = [groupStatus(member.control.group, 'mcg')];
  if (member.database !== null) statuses.push(groupStatus(member.database.group, 'updates'));
  for (const stream of member.streams.all()) statuses.push(groupStatus(stream.group, 'dsg'));
  return statuses;
}

export function streamStatuses(member: Member): StreamStatus[] {
  return [...member.streams.all()].map((stream) => streamStatus(stream, member.reseals.lossOf(stream)));
}

/** Those of one tenant; `id` null: all of them. */
export function streamStatusesOf(member: Member, tenant: TenantId, id: StreamId | null): StreamStatus[] {
  return streamStatuses(member).filter((stream) => stream.tenant === tenant && (id === null || stream.id === id));
}

function groupStatus({ group, raft }: ReplicatedGroup, kind: GroupStatus['kind']): GroupStatus {
  return {
    id: group,
    kind,
    role: raft.role,
    term: raft.term,
    leader: raft.leader === null ? null : nodeOfReplica(raft.leader),
    firstIndex: raft.firstIndex,
    lastIndex: raft.lastIndex,
    commitIndex: raft.commitIndex,
    appliedIndex: raft.appliedIndex,
  };
}

/** Of all streams that this node is a member of. */
export function* streamWatermarks(member: Member | null): Generator<StreamWatermarks> {
  if (member === null) return;
  for (const { stream, log, source } of member.streams.all()) {
    const { state } = log;
    const attached = state.targets.rows.filter(({ status }) => status === 'attached');
    yield {
      stream,
      accepted: streamSeq(source?.staging.durableSeq ?? state.lastSeq),
      replicated: state.lastSeq,
      completed: state.completed,
      settled: attached.map(({ node, settledSeq }) => ({ node, seq: streamSeq(settledSeq) })),
    };
  }
}

function streamStatus(stream: Stream, { verdict, generation, isSealed }: StreamLoss): StreamStatus {
  const { descriptor, log, source } = stream;
  const { state } = log;
  return {
    id: stream.stream,
    tenant: descriptor.tenant,
    name: descriptor.name,
    source: descriptor.source,
    qos: descriptor.qos === 3 ? 'priority' : 'bulk',
    priority: descriptor.priority,
    isClosed: state.isClosed,
    accepted: streamSeq(source?.staging.durableSeq ?? state.lastSeq),
    replicated: state.lastSeq,
    completed: state.completed,
    isOrphaned: state.isOrphaned,
    isSourceLost: state.isSourceLost,
    generation,
    isSealed,
    loss: verdict,
    released: state.released,
    targets: state.targets.rows.map(({ node, settledSeq, status, isOptional, startSeq }) => ({
      node,
      settled: streamSeq(settledSeq),
      status,
      isOptional,
      start: streamSeq(startSeq),
      isSubscribed: node === stream.self ? stream.sessions.isSubscribed : null,
      pace: paceOf(state.paceOf(node)),
    })),
    checkpoints: state.checkpoints.all().map(({ name, seq, target, setAtMs }) => ({ name, seq: streamSeq(seq), setBy: target, setAtMs })),
    outstandingBytes: source?.outstandingBytes ?? log.unsettledCost,
  };
}

const paceOf = ({ isPaused, messagesPerSecond, bytesPerSecond }: PaceLimits): PaceLimits => ({ isPaused, messagesPerSecond, bytesPerSecond });
