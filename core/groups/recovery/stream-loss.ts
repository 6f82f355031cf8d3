/** What a stream has lost for good with its members, as one of those that are left sees it. */
import type { NodeId, StreamId } from '../../base/ids.js';
import { type ReplicaId, replicaId } from '../../base/replica.js';
import type { StreamSeq } from '../../base/units.js';
import { membersOf } from '../../raft/configuration.js';
import type { Stream } from '../dsg/stream.js';
import { type Verdict, judge } from './lost-majority.js';
import { type MeshStanding, isOut } from './mesh-standing.js';

/**
 * What becomes of a stream with lost members, as each member that is left tells its operator. `consent-needed`: neither
 * the source nor a majority is left. `source-lost`: it is closed, because nobody can number what would follow.
 */
export type RecoveryStep = 'consent-needed' | 'sealed' | 'founded' | 'target-replaced' | 'source-lost';

export interface StreamLoss {
  readonly stream: StreamId;
  readonly verdict: Verdict;
  /** The group's members that are out of the mesh, and those that are left. */
  readonly lost: readonly ReplicaId[];
  readonly left: readonly ReplicaId[];
  readonly isSourceLost: boolean;
  /** Of the group, and whether it is over: the next one begins when all that are left have reported. */
  readonly generation: number;
  readonly isSealed: boolean;
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
    generation: group.raft.generation.number,
    isSealed: group.raft.generation.isSealed,
    lastSeq: log.state.lastSeq,
    settled: descriptor.targets.map(({ node }) => ({ node, seq: log.state.settledOf(node) })),
  };
}
