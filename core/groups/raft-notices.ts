/** What a group tells oracles, where the configuration asks for it: what it has applied, and who counts. */
import { crc32c } from '../base/crc32c.js';
import type { GroupId } from '../base/ids.js';
import type { LogIndex } from '../base/units.js';
import type { Configuration, Generation, RaftEntry } from '../raft/api.js';
import type { GroupContext } from './context.js';

/** `state`: after `entry`. */
export function notifyApplied(context: GroupContext, group: GroupId, entry: RaftEntry, state: Uint8Array): void {
  const { index, term } = entry;
  context.emit({ kind: 'notice', notice: { kind: 'raft-committed', group, index, term, digest: crc32c(entry.bytes) } });
  context.emit({ kind: 'notice', notice: { kind: 'raft-applied', group, index, stateDigest: crc32c(state) } });
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
