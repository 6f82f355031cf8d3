/** Where a group's proposals go, as this replica knows it. */
import type { NodeId } from '../base/ids.js';
import { type ReplicaId, nodeOfReplica } from '../base/replica.js';
import type { RaftGroup } from '../raft/raft-group.js';

/** `local` and `remote` only once that leader is known to take proposals; else `none`. */
export type LeaderView =
  | { readonly kind: 'none' }
  | { readonly kind: 'local' }
  | { readonly kind: 'remote'; readonly node: NodeId };

/** A leader takes proposals once it has committed an entry of its own term, which is also how others know. */
export function leaderViewOf(raft: RaftGroup, self: ReplicaId): LeaderView {
  if (raft.leader === null || raft.isHalted) return { kind: 'none' };
  if (raft.leader === self) {
    const isReady = raft.role === 'leader' && raft.termAt(raft.appliedIndex) === raft.term;
    return isReady ? { kind: 'local' } : { kind: 'none' };
  }
  const isReady = raft.termAt(raft.commitIndex) === raft.term;
  return isReady ? { kind: 'remote', node: nodeOfReplica(raft.leader) } : { kind: 'none' };
}

export function isSameView(a: LeaderView, b: LeaderView): boolean {
  return a.kind === b.kind && (a.kind !== 'remote' || (b.kind === 'remote' && a.node === b.node));
}
