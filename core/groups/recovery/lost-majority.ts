/**
 * Whether a stream's group can still help itself. A majority is lost for good when the mesh's log has let go so many of
 * its voters that those who are left cannot decide; silence, however long, is no loss (DESIGN §8).
 */
import type { ReplicaId } from '../../base/replica.js';
import type { Configuration } from '../../raft/api.js';
import { isQuorum, membersOf } from '../../raft/configuration.js';

/**
 * `whole`: a majority is left, nothing is to be done from outside. `reseal`: the source is left, so that the next
 * generation lacks nothing that was accepted. `consent`: neither is left, and what only the lost ones held is gone: an
 * operator has to say so. `gone`: nobody is left.
 */
export type Verdict = 'whole' | 'reseal' | 'consent' | 'gone';

export function judge(configuration: Configuration, source: ReplicaId, isOut: (replica: ReplicaId) => boolean): Verdict {
  if (isQuorum(configuration, (voter) => !isOut(voter))) return 'whole';
  const isSourceLeft = !isOut(source) && membersOf(configuration).includes(source);
  if (isSourceLeft) return 'reseal';
  return membersOf(configuration).every(isOut) ? 'gone' : 'consent';
}
