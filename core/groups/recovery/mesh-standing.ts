/** What streams must know of the mesh's log: which replica a node is by now, and which are out for good. */
import type { GroupId, NodeId } from '../../base/ids.js';
import { type ReplicaId, nodeOfReplica, numberOfReplica } from '../../base/replica.js';

export interface MeshStanding {
  /** The replica that is a member; null for a node that is none. */
  replicaNumberOf(node: NodeId): number | null;
  /** Replicas of `node` up to this number left, were evicted, or had their place taken by a later one. */
  outThrough(node: NodeId): number;
  /** The group's generation was founded with an operator's consent to what only lost members held. */
  isLossAccepted(group: GroupId): boolean;
}

/** Whether that replica can never again be heard: the mesh's log says so, not its silence. */
export const isOut = (mesh: MeshStanding, replica: ReplicaId): boolean =>
  numberOfReplica(replica) <= mesh.outThrough(nodeOfReplica(replica));
