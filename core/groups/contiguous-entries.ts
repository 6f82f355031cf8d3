/** Entries as they come back from the journal. */
import { type LogIndex, logIndex } from '../base/units.js';
import type { EntryLocation } from '../journal/api.js';
import { decodeEntries } from '../journal/entry-block.js';
import type { RaftEntry } from '../raft/api.js';

/** The entries from `from` on, as far as the chunks give them without a gap; null when not even the first. */
export function contiguousEntries(
  from: LogIndex,
  locations: readonly EntryLocation[],
  chunks: readonly (Uint8Array | null)[],
): readonly RaftEntry[] | null {
  const entries: RaftEntry[] = [];
  for (let i = 0; i < locations.length; i++) {
    const block = decodeEntries(locations[i] as EntryLocation, chunks[i] ?? null);
    if (block === null) break;
    for (const entry of block) if (entry.index === logIndex(from + entries.length)) entries.push(entry);
  }
  return entries.length === 0 ? null : entries;
}
