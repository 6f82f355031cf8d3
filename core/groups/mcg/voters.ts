/**
 * Which members of the mesh vote: the largest odd number that is at most min(members, votersMax); all others learn.
 * The leader brings the configuration there one change at a time, so this says only the next step.
 */
import type { NodeId } from '../../base/ids.js';
import { type ReplicaId, nodeOfReplica } from '../../base/replica.js';
import type { Configuration, ConfigurationChange } from '../../raft/api.js';
import { voterCount } from '../policy.js';

export interface VoterView {
  /** Members in the order of their indexes. */
  readonly members: readonly ReplicaId[];
  readonly configuration: Configuration;
  readonly self: ReplicaId;
  readonly votersMax: number;
  isAlive(node: NodeId): boolean;
  /** Whether a learner has nearly all of the log. */
  isCaughtUp(replica: ReplicaId): boolean;
}

/** The next change towards the rule, or null when it holds or nothing can be done now. */
export function nextConfigurationChange(view: VoterView): ConfigurationChange | null {
  const { members, configuration, votersMax } = view;
  if (configuration.outgoing !== null) return null;
  const isMember = new Set(members);
  const gone = [...configuration.learners, ...configuration.voters].find((replica) => !isMember.has(replica));
  if (gone !== undefined && configuration.voters.length > 1) return { kind: 'remove', replica: gone };
  if (gone !== undefined && configuration.learners.includes(gone)) return { kind: 'remove', replica: gone };
  const known = new Set([...configuration.voters, ...configuration.learners]);
  const missing = members.find((replica) => !known.has(replica));
  if (missing !== undefined) return { kind: 'add-learner', replica: missing };
  const wanted = voterCount(members.length, votersMax);
  if (configuration.voters.length < wanted) return promotion(view, wanted);
  if (configuration.voters.length > wanted) return demotion(view);
  return null;
}

/**
 * Growing passes through an even number of voters, which tolerates no more failures than the odd one before it: so the
 * first of two steps is taken only when the second can follow at once.
 */
function promotion(view: VoterView, wanted: number): ConfigurationChange | null {
  const { members, configuration } = view;
  const ready = members.filter(
    (replica) =>
      configuration.learners.includes(replica) && view.isAlive(nodeOfReplica(replica)) && view.isCaughtUp(replica),
  );
  const needed = Math.min(wanted - configuration.voters.length, configuration.voters.length % 2 === 1 ? 2 : 1);
  const first = ready[0];
  return first !== undefined && ready.length >= needed ? { kind: 'promote', replica: first } : null;
}

/** The dead leave first, then the youngest; never the leader itself. */
function demotion(view: VoterView): ConfigurationChange | null {
  const candidates = view.members.filter((replica) => view.configuration.voters.includes(replica) && replica !== view.self);
  const dead = candidates.find((replica) => !view.isAlive(nodeOfReplica(replica)));
  const replica = dead ?? candidates.at(-1);
  return replica === undefined ? null : { kind: 'demote', replica };
}
