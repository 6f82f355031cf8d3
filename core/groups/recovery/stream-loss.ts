/** What a stream has lost for good with its members, as one of those that are left sees it. */
import type { NodeId, StreamId } from '../../base/ids.js';
import { type ReplicaId, replicaId } from '../../base/replica.js';
import type { StreamSeq } from '../../base/units.js';
import { membersOf } from '../../raft/configuration.js';
import type { Stream } from '../dsg/stream.js';
import { type Verdict, judge } from './lost-majority.js';
import { type MeshStanding, isOut } from './mesh-standing.js';

export interface StreamLoss {
  readonly stream: StreamId;
  readonly verdict: Verdict;
  /** The group's members that are out of the mesh, and those that are left. */
  readonly lost: readonly ReplicaId[];
  readonly left: readonly ReplicaId[];
  readonly isSourceLost: boolean;
  /** The last message that this node holds: what was numbered beyond it may be gone. */
  readonly lastSeq: StreamSeq;
  readonly settled: readonly { readonly node: NodeId; readonly seq: StreamSeq }[];
}

export function lossOf({ stream, descriptor, group, log }: Stream, mesh: MeshStanding): StreamLoss {
  const source = replicaId(descriptor.source, descriptor.sourceReplica);
  const { configuration } = group.raft;
  const isLost = (replica: ReplicaId): boolean => isOut(mesh, replica);
  const members = membersOf(configuration);
  return {
    stream,
    verdict: judge(configuration, source, isLost),
    lost: members.filter(isLost),
    left: members.filter((replica) => !isLost(replica)),
    isSourceLost: isLost(source),
    lastSeq: log.state.lastSeq,
    settled: descriptor.targets.map(({ node }) => ({ node, seq: log.state.settledOf(node) })),
  };
}
