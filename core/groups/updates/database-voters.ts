/**
 * Who votes in the group of internal-database updates: who votes in the mesh control group. All other members learn.
 * The leader brings its configuration there one change at a time; this says the next step.
 */
import type { ReplicaId } from '../../base/replica.js';
import type { Configuration, ConfigurationChange } from '../../raft/api.js';

export interface DatabaseVotersView {
  /** Every member of the mesh. */
  readonly members: readonly ReplicaId[];
  /** The voters of the mesh control group. */
  readonly wanted: readonly ReplicaId[];
  readonly configuration: Configuration;
  readonly self: ReplicaId;
  /** Whether a learner has nearly all of the log. */
  isCaughtUp(replica: ReplicaId): boolean;
}

export type DatabaseVotersStep = ConfigurationChange | { readonly kind: 'transfer'; readonly replica: ReplicaId };

/** Null when the rule holds or nothing can be done now. */
export function nextDatabaseVotersStep(view: DatabaseVotersView): DatabaseVotersStep | null {
  const { members, wanted, configuration, self } = view;
  const { voters, learners } = configuration;
  if (configuration.outgoing !== null) return null;
  const missing = members.find((replica) => !voters.includes(replica) && !learners.includes(replica));
  if (missing !== undefined) return { kind: 'add-learner', replica: missing };
  const ready = wanted.find((replica) => learners.includes(replica) && view.isCaughtUp(replica));
  if (ready !== undefined) return { kind: 'promote', replica: ready };
  const lost = [...learners, ...voters].find((replica) => !members.includes(replica) && replica !== self);
  if (lost !== undefined && (learners.includes(lost) || voters.length > 1)) return { kind: 'remove', replica: lost };
  // The new ones first: demoting before would leave fewer voters than there were.
  const areReady = wanted.every((replica) => voters.includes(replica) || !members.includes(replica));
  const extra = voters.filter((replica) => !wanted.includes(replica));
  if (!areReady || extra.length === 0 || voters.length === 1) return null;
  const other = extra.find((replica) => replica !== self);
  if (other !== undefined) return { kind: 'demote', replica: other };
  const heir = voters.find((replica) => replica !== self);
  return heir === undefined ? null : { kind: 'transfer', replica: heir };
}
