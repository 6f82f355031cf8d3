/**
 * With whom the next generation of a sealed group begins, and from which log, once every member that is left has told
 * what it holds. DESIGN §8: it starts from the most up-to-date log; survivors are its only voters.
 *
 * All that are left must have reported: what one of them alone knows may have been committed. Learners among them stay
 * learners, unless one of them has the longest log, which then has to lead. Who never had the group, or was not in it, is
 * not in its founding either: the first leader takes it in as a learner.
 */
import { assert } from '../../base/assert.js';
import { type ReplicaId, compareReplicas } from '../../base/replica.js';
import type { Founding, LogPlace, SealReport } from '../../raft/api.js';
import { configurationOf, isVoter, membersOf } from '../../raft/configuration.js';

export type Reports = ReadonlyMap<ReplicaId, SealReport>;

/** Those whose report is lacking: all that are left of the members that the seal, or any report, names. */
export function awaited(members: Iterable<ReplicaId>, reports: Reports, isOut: (replica: ReplicaId) => boolean): ReplicaId[] {
  const named = new Set(members);
  for (const { configuration } of reports.values()) for (const member of membersOf(configuration)) named.add(member);
  return [...named].filter((replica) => !isOut(replica) && !reports.has(replica)).sort(compareReplicas);
}

/**
 * The founding that these survivors make; null when every one of them has lost what it once vouched for, or never had
 * anything (a report without a configuration). A replica that has lost some of it
 * can only learn, and one whose log goes beyond all sound ones is left out: it holds what cannot be checked.
 */
export function foundNext(reports: Reports): Founding | null {
  const held = [...reports].filter(([, { configuration }]) => configuration.voters.length > 0);
  const sound = held.filter(([, { damagedThrough }]) => damagedThrough === 0);
  if (sound.length === 0) return null;
  let base: LogPlace | null = null;
  for (const [, { last }] of sound) if (base === null || comparePlaces(last, base) > 0) base = last;
  assert(base !== null, 'some sound log is the longest');
  const reached = base;
  const votedBefore = sound.filter(([replica, { configuration }]) => isVoter(configuration, replica));
  const hasBase = votedBefore.some(([, { last }]) => comparePlaces(last, reached) === 0);
  const voters = hasBase ? votedBefore : sound.filter((one) => votedBefore.includes(one) || comparePlaces(one[1].last, reached) === 0);
  const voting = new Set(voters.map(([replica]) => replica));
  const learners = held.filter(([replica, { last }]) => !voting.has(replica) && comparePlaces(last, reached) <= 0);
  return {
    configuration: configurationOf([...voting], learners.map(([replica]) => replica)),
    base: reached,
  };
}

/** Logs are compared by term first (thesis §3.6.1). */
export const comparePlaces = (a: LogPlace, b: LogPlace): number => a.term - b.term || a.index - b.index;
