/** What a group tells oracles, where the configuration asks for it: what it has applied, and who counts. */
import { crc32c } from '../base/crc32c.js';
import type { GroupId } from '../base/ids.js';
import type { LogIndex } from '../base/units.js';
import type { Configuration, Generation, RaftEntry, RaftSnapshot } from '../raft/api.js';
import type { RaftGroup } from '../raft/raft-group.js';
import type { GroupContext } from './context.js';

/** `state`: after `entry`. */
export function notifyApplied(context: GroupContext, raft: RaftGroup, group: GroupId, entry: RaftEntry, state: Uint8Array): void {
  const { index, term } = entry;
  const generation = raft.generation.number;
  context.emit({ kind: 'notice', notice: { kind: 'raft-committed', group, generation, index, term, digest: crc32c(entry.bytes) } });
  context.emit({ kind: 'notice', notice: { kind: 'raft-applied', group, generation, index, stateDigest: crc32c(state) } });
}

/** The configuration below all that the log holds. A founding stands above what was written before it. */
export function notifyRestored(context: GroupContext, group: GroupId, generation: Generation, { index, term, configuration }: RaftSnapshot): void {
  const { founding } = generation;
  const isOlder = founding !== null && term <= founding.base.term;
  notifyConfiguration(context, group, generation, { index, configuration: isOlder ? founding.configuration : configuration });
}

/** The configuration of `index` is in force, or was: the one after it may have been appended in the same breath. */
export function notifyConfiguration(
  context: GroupContext,
  group: GroupId,
  generation: Generation,
  { index, configuration: { voters, outgoing } }: { readonly index: LogIndex; readonly configuration: Configuration },
): void {
  if (!context.config.withDigests) return;
  context.emit({
    kind: 'notice',
    notice: { kind: 'raft-configuration', group, generation: generation.number, index, voters, outgoing },
  });
}
