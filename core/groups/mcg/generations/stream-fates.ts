/**
 * What becomes of a stream when only some members are left: what an operator has to know before members are forgotten.
 * A reading of this node's own copy of the stream; nothing is decided here.
 */
import type { NodeId } from '../../../base/ids.js';
import { nodeOfReplica } from '../../../base/replica.js';
import { isQuorum } from '../../../raft/configuration.js';
import type { StreamFate } from '../../../wire/generation-messages.js';
import type { Stream } from '../../dsg/stream.js';

/** Bits of `StreamFate.fate`. */
export const FATES = {
  /** It lost a target: it completes nothing until an operator decides. */
  orphaned: 1,
  /** Its group lost its majority, and its source is left: the mesh founds its next generation. */
  resealed: 2,
  /** Its source is lost: nothing can follow what the others hold. */
  sourceLost: 4,
  /** Neither its source nor a majority is left: nothing happens before an operator accepts the loss. */
  needsConsent: 8,
} as const;

/** Null for a stream that is closed, or loses nobody. */
export function fateOf({ stream, descriptor, group, log }: Stream, isLeft: (node: NodeId) => boolean): StreamFate | null {
  const { state } = log;
  if (state.isClosed) return null;
  const { tenant, name, source } = descriptor;
  const lostTargets = state.targets.rows.flatMap(({ node, status }) => (status === 'attached' && !isLeft(node) ? [node] : []));
  const hasMajority = isQuorum(group.raft.configuration, (voter) => isLeft(nodeOfReplica(voter)));
  const isSourceLeft = isLeft(source);
  let fate = lostTargets.length > 0 ? FATES.orphaned : 0;
  if (!isSourceLeft) fate += FATES.sourceLost + (hasMajority ? 0 : FATES.needsConsent);
  else if (!hasMajority) fate += FATES.resealed;
  return fate === 0 ? null : { stream, tenant, name, source, fate, lostTargets };
}
