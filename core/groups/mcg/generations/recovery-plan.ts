/** What a recovery does, or did: what an operator is shown. */
import type { NodeId, StreamId, TenantId } from '../../../base/ids.js';
import { type ReplicaId, replicaId } from '../../../base/replica.js';
import type { LogIndex } from '../../../base/units.js';
import { isVoter } from '../../../raft/configuration.js';
import type { RecoverReport, StreamFate } from '../../../wire/generation-messages.js';
import { type HeldLog, longestOf } from './founding.js';
import { FATES } from './stream-fates.js';

export interface RecoveryPlan {
  /** False: this is what would be done. */
  readonly isDone: boolean;
  /** The number of the generation that is founded; the mesh was seeded in 1. */
  readonly generation: number;
  readonly founders: readonly RecoveryMember[];
  /** Members that are out for good unless they come back by joining. */
  readonly forgotten: readonly RecoveryMember[];
  /** Where the new log takes up the old one. Whatever others committed beyond this is not seen. */
  readonly logEnd: LogIndex;
  /** How far the founders know that the old one is committed: what lies between is taken over as if it were. */
  readonly committed: LogIndex;
  readonly streams: readonly StreamLosses[];
}

export interface RecoveryMember {
  readonly node: NodeId;
  readonly name: string;
  readonly replica: number;
  readonly wasVoter: boolean;
  /** The end of its log; null for who is forgotten. */
  readonly lastIndex: LogIndex | null;
}

/** A stream that loses members. */
export interface StreamLosses {
  readonly stream: StreamId;
  readonly tenant: TenantId;
  readonly name: string;
  readonly source: NodeId;
  readonly lostTargets: readonly NodeId[];
  readonly isOrphaned: boolean;
  readonly isResealed: boolean;
  readonly isSourceLost: boolean;
  readonly needsConsent: boolean;
}

export interface RecoveryFindings {
  readonly isDone: boolean;
  readonly generation: number;
  readonly members: ReadonlyMap<NodeId, { readonly name: string; readonly replica: number }>;
  readonly reports: ReadonlyMap<NodeId, RecoverReport>;
  readonly logs: ReadonlyMap<ReplicaId, HeldLog>;
  readonly fates: readonly StreamFate[];
}

export function planOf({ isDone, generation, members, reports, logs, fates }: RecoveryFindings): RecoveryPlan {
  const newest = longestOf(logs);
  const memberOf = (node: NodeId, replica: number, name: string): RecoveryMember => {
    const id = replicaId(node, replica);
    const wasVoter = newest !== null && isVoter(newest.configuration, id);
    return { node, name, replica, wasVoter, lastIndex: logs.get(id)?.last.index ?? null };
  };
  const founders = [...reports].map(([node, { replica }]) => memberOf(node, replica, members.get(node)?.name ?? node));
  const lost = [...members].filter(([node]) => !reports.has(node));
  let committed = 0;
  for (const { commit } of logs.values()) committed = Math.max(committed, commit);
  return {
    isDone,
    generation,
    founders,
    forgotten: lost.map(([node, { replica, name }]) => memberOf(node, replica, name)),
    logEnd: (newest?.last.index ?? 0) as LogIndex,
    committed: committed as LogIndex,
    streams: fates.map(lossesOf),
  };
}

const has = (fate: number, bit: number): boolean => Math.floor(fate / bit) % 2 === 1;

const lossesOf = ({ stream, tenant, name, source, fate, lostTargets }: StreamFate): StreamLosses => ({
  stream,
  tenant,
  name,
  source,
  lostTargets,
  isOrphaned: has(fate, FATES.orphaned),
  isResealed: has(fate, FATES.resealed),
  isSourceLost: has(fate, FATES.sourceLost),
  needsConsent: has(fate, FATES.needsConsent),
});
