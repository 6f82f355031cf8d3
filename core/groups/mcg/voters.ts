/**
 * Which members of the mesh vote: the largest odd number that is at most min(members, votersMax), spread over the sites
 * that members state; all others learn. Who departs and who has been failed for long gives its vote to a learner. The
 * leader brings the configuration there one change of one server at a time, so this says only the next step.
 *
 * Invariant: no change is proposed after which fewer than a majority of the voters would be alive; whoever lost the
 * quorum has to be brought back by people.
 * Leaves out: joint changes; a replacement passes through one voter more.
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
  /** Members that are about to go: they get no vote and give up theirs. */
  readonly departing: ReadonlySet<ReplicaId>;
  /** Where a node says it stands; '' for nowhere: such a node is a site of its own. */
  siteOf(node: NodeId): string;
  isAlive(node: NodeId): boolean;
  /** Whether it has been failed for so long that its vote may go to another member. */
  isLost(node: NodeId): boolean;
  /** Whether a learner has nearly all of the log. */
  isCaughtUp(replica: ReplicaId): boolean;
}

/** The next change towards the rule, or null when it holds or nothing can be done now. */
export function nextConfigurationChange(view: VoterView): ConfigurationChange | null {
  const { members, configuration, votersMax, departing } = view;
  if (configuration.outgoing !== null) return null;
  const isMember = new Set(members);
  const goneLearner = configuration.learners.find((replica) => !isMember.has(replica));
  if (goneLearner !== undefined) return { kind: 'remove', replica: goneLearner };
  const known = new Set([...configuration.voters, ...configuration.learners]);
  const missing = members.find((replica) => !known.has(replica));
  if (missing !== undefined) return { kind: 'add-learner', replica: missing };
  const staying = members.filter((replica) => !departing.has(replica));
  const wanted = voterCount(Math.max(1, staying.length), votersMax);
  const leaving = configuration.voters.find((voter) => !isMember.has(voter) || departing.has(voter));
  if (leaving !== undefined) return dismissal(view, leaving, wanted, isMember.has(leaving));
  if (configuration.voters.length < wanted) return growth(view, wanted);
  if (configuration.voters.length > wanted) return demotion(view);
  return replacement(view) ?? betterSpread(view);
}

/** Whether a majority of those voters is alive. The leader counts itself; who is no member never answers again. */
export function keepsQuorum(view: VoterView, voters: readonly ReplicaId[]): boolean {
  const isLiving = (voter: ReplicaId): boolean => view.members.includes(voter) && view.isAlive(nodeOfReplica(voter));
  const alive = voters.filter((voter) => voter === view.self || isLiving(voter));
  return voters.length > 0 && alive.length * 2 > voters.length;
}

/** A voter that has to go. Its place is taken first when there is somebody to take it. */
function dismissal(view: VoterView, leaving: ReplicaId, wanted: number, isMember: boolean): ConfigurationChange | null {
  const { voters } = view.configuration;
  const heir = bestLearner(view);
  if (voters.length <= wanted && heir !== null) {
    const promoted = promote(view, heir);
    if (promoted !== null) return promoted;
  }
  const rest = voters.filter((voter) => voter !== leaving);
  if (rest.length === 0) return heir === null ? null : promote(view, heir);
  if (!keepsQuorum(view, rest)) return null;
  return { kind: isMember ? 'demote' : 'remove', replica: leaving };
}

/**
 * Growing passes through an even number of voters, which tolerates no more failures than the odd one before it: so the
 * first of two steps is taken only when the second can follow at once.
 */
function growth(view: VoterView, wanted: number): ConfigurationChange | null {
  const { voters } = view.configuration;
  const needed = Math.min(wanted - voters.length, voters.length % 2 === 1 ? 2 : 1);
  const first = bestLearner(view);
  return first !== null && readyLearners(view).length >= needed ? promote(view, first) : null;
}

/** The lost leave first, then who shares its site with most others, then the youngest; never the leader itself. */
function demotion(view: VoterView): ConfigurationChange | null {
  const { voters } = view.configuration;
  const count = siteCounts(view);
  const candidates = view.members.filter((replica) => voters.includes(replica) && replica !== view.self);
  const lost = candidates.find((replica) => !view.isAlive(nodeOfReplica(replica)));
  let chosen: ReplicaId | null = lost ?? null;
  for (const replica of lost === undefined ? candidates : []) {
    if (chosen === null || count(replica) >= count(chosen)) chosen = replica;
  }
  if (chosen === null || !keepsQuorum(view, voters.filter((voter) => voter !== chosen))) return null;
  return { kind: 'demote', replica: chosen };
}

/** A voter that has been failed for long: a learner gets a vote, and the next step takes that of the lost one. */
function replacement(view: VoterView): ConfigurationChange | null {
  const isNeeded = view.configuration.voters.some(
    (voter) => voter !== view.self && view.isLost(nodeOfReplica(voter)) && !view.isAlive(nodeOfReplica(voter)),
  );
  const heir = isNeeded ? bestLearner(view) : null;
  return heir === null ? null : promote(view, heir);
}

/** One step towards an even spread; each makes the sum of the squares of the sites' voters smaller, so they end. */
function betterSpread(view: VoterView): ConfigurationChange | null {
  const count = siteCounts(view);
  const heir = bestLearner(view);
  if (heir === null) return null;
  const crowded = view.configuration.voters.filter((voter) => voter !== view.self && count(voter) >= count(heir) + 2);
  return crowded.length === 0 ? null : promote(view, heir);
}

function promote(view: VoterView, replica: ReplicaId): ConfigurationChange | null {
  return keepsQuorum(view, [...view.configuration.voters, replica]) ? { kind: 'promote', replica } : null;
}

/** Of those that may vote at once: on the site with the fewest voters, and there the eldest. */
function bestLearner(view: VoterView): ReplicaId | null {
  const count = siteCounts(view);
  let best: ReplicaId | null = null;
  for (const replica of readyLearners(view)) if (best === null || count(replica) < count(best)) best = replica;
  return best;
}

function readyLearners(view: VoterView): ReplicaId[] {
  const { members, configuration, departing } = view;
  return members.filter(
    (replica) =>
      configuration.learners.includes(replica) &&
      !departing.has(replica) &&
      view.isAlive(nodeOfReplica(replica)) &&
      view.isCaughtUp(replica),
  );
}

/** How many voters stand on the site of a replica. */
function siteCounts(view: VoterView): (replica: ReplicaId) => number {
  const counts = new Map<string, number>();
  const site = (replica: ReplicaId): string => view.siteOf(nodeOfReplica(replica)) || `${SITELESS}${replica}`;
  for (const voter of view.configuration.voters) counts.set(site(voter), (counts.get(site(voter)) ?? 0) + 1);
  return (replica) => counts.get(site(replica)) ?? 0;
}

/** No site that a node states begins like this. */
const SITELESS = '\u0000';
