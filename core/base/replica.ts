/** A replica: one life of a node's disk. A node whose disk was wiped comes back as a new replica. */
import type { NodeId } from './ids.js';
import type { Brand } from './units.js';

/** `NODEID.N`: the node and the number of the replica, from 1. */
export type ReplicaId = Brand<string, 'ReplicaId'>;

export const replicaId = (node: NodeId, replica: number): ReplicaId => `${node}.${replica}` as ReplicaId;
export const nodeOfReplica = (id: ReplicaId): NodeId => id.slice(0, 26) as NodeId;
export const numberOfReplica = (id: ReplicaId): number => Number(id.slice(27));

/** Total order for sorted configurations. */
export function compareReplicas(a: ReplicaId, b: ReplicaId): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
