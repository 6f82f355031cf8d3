/** What a group tells oracles, where the configuration asks for it: what it has applied, and who counts. */
import { crc32c } from '../base/crc32c.js';
import type { GroupId } from '../base/ids.js';
import type { LogIndex } from '../base/units.js';
import type { RaftEntry } from '../raft/api.js';
import type { RaftGroup } from '../raft/raft-group.js';
import type { GroupContext } from './context.js';

/** `state`: after `entry`. */
export function notifyApplied(context: GroupContext, group: GroupId, entry: RaftEntry, state: Uint8Array): void {
  const { index, term } = entry;
  context.emit({ kind: 'notice', notice: { kind: 'raft-committed', group, index, term, digest: crc32c(entry.bytes) } });
  context.emit({ kind: 'notice', notice: { kind: 'raft-applied', group, index, stateDigest: crc32c(state) } });
}

/** The configuration of `index` is in force. */
export function notifyConfiguration(context: GroupContext, group: GroupId, raft: RaftGroup, index: LogIndex): void {
  if (!context.config.withDigests) return;
  const { configuration, generation } = raft;
  const { voters, outgoing } = configuration;
  context.emit({
    kind: 'notice',
    notice: { kind: 'raft-configuration', group, generation: generation.number, index, voters, outgoing },
  });
}
