/** Opens the data directory for the node of that name, making both when there is nothing; else says why not. */
import { existsSync, readdirSync } from 'node:fs';
import { ulid } from 'ulid';
import type { Entropy } from '../../core/base/crypto.js';
import { type NodeId, parseId } from '../../core/base/ids.js';
import { present } from '../../core/base/assert.js';
import { type StoredIdentity, createIdentity, loadIdentity, saveIdentity } from '../journal/identity-store.js';
import type { LmdbJournal } from '../journal/lmdb-journal.js';
import { DEFAULT_OPEN_JOURNAL_OPTIONS, openJournal } from '../journal/open-journal.js';
import { quarantineJournal } from '../journal/quarantine.js';
import type { Refusal } from '../journal/refusal.js';
import { StartRefused } from './start-refused.js';

export interface DataDirectoryOptions {
  readonly directory: string;
  readonly name: string;
  readonly bytesMax: number;
  readonly entropy: Entropy;
}

/** Throws `StartRefused`, having changed nothing. */
export async function openDataDirectory(options: DataDirectoryOptions): Promise<LmdbJournal> {
  const { directory, name, bytesMax, entropy } = options;
  const loaded = loadIdentity(directory);
  if (loaded.ok && loaded.value.name !== name) {
    const { name: owner, nodeId } = loaded.value;
    throw new StartRefused(
      `the data directory ${directory} belongs to node "${owner}" (${nodeId}), not to "${name}": give this node a ` +
        `directory of its own by --data-dir, or start it as --name ${owner}`,
    );
  }
  if (!loaded.ok) {
    if (loaded.refusal.code !== 'no-identity') throw refusedBy(loaded.refusal);
    if (existsSync(directory) && readdirSync(directory).length > 0) {
      throw new StartRefused(
        `the data directory ${directory} holds other files and no node: name an empty or new directory by --data-dir`,
      );
    }
    const created = createIdentity(directory, {
      nodeId: present(parseId<NodeId>(ulid()), 'ulid makes ULIDs'),
      name,
      journalId: entropy.bytes(16),
      privateSeed: entropy.bytes(32),
    });
    if (!created.ok) throw refusedBy(created.refusal);
  }
  const journal = await openJournal({ ...DEFAULT_OPEN_JOURNAL_OPTIONS, directory, bytesMax });
  if (!journal.ok) throw refusedBy(journal.refusal);
  return journal.value;
}

/** The node is that replica from here on: a quarantine of the journal counts on from it. Throws what the disk says. */
export function rememberReplica(directory: string, identity: StoredIdentity, replica: number): void {
  saveIdentity(directory, { ...identity, replica });
}

/** `meshd --quarantine-journal`: the repair of a journal that cannot be opened. Gives the line to print. */
export function quarantine(directory: string, entropy: Entropy): string {
  const result = quarantineJournal(directory, entropy.bytes(16));
  if (!result.ok) throw refusedBy(result.refusal);
  const { movedTo, identity } = result.value;
  const where = movedTo === null ? 'there was no journal to move' : `the journal was moved to ${movedTo}`;
  return `${where}; node "${identity.name}" will return as replica ${identity.replica}`;
}

function refusedBy({ code, path, detail, repair }: Refusal): StartRefused {
  const hint = repair.includes('quarantine') ? `${repair} (meshd --quarantine-journal)` : repair;
  return new StartRefused(`${path}: ${detail} [${code}]. ${hint}`);
}
