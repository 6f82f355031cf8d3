/** Why a data directory is not opened: a stable code, what was found, and what to do about it. Nothing was changed. */
import { unreachable } from '../../core/base/assert.js';
import type { JournalDamage } from '../../core/journal/api.js';

export type RefusalCode =
  /** Another process has it open. */
  | 'locked'
  /** There is no identity in it. */
  | 'no-identity'
  /** identity.json or private.key cannot be used. */
  | 'identity-damaged'
  /** Other users can read private.key. */
  | 'key-exposed'
  /** The replica has had a journal, and it is gone or empty. */
  | 'journal-missing'
  | 'journal-truncated'
  | 'journal-damaged'
  /** The journal belongs to another replica. */
  | 'journal-foreign'
  | 'newer-format'
  /** The operating system refused: permissions, no such device. */
  | 'inaccessible';

export interface Refusal {
  readonly code: RefusalCode;
  /** The file or directory that it is about. */
  readonly path: string;
  /** What was found, for a person. */
  readonly detail: string;
  /** What to do, for a person. */
  readonly repair: string;
}

export type Opened<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: Refusal };

export const opened = <T>(value: T): Opened<T> => ({ ok: true, value });

export function refused(code: RefusalCode, path: string, detail: string): { readonly ok: false; readonly refusal: Refusal } {
  return { ok: false, refusal: { code, path, detail, repair: REPAIRS[code] } };
}

/** The refusal for records that the core cannot replay, though LMDB could read them. `path`: the journal's file. */
export function refusalOfDamage(path: string, damage: JournalDamage): Refusal {
  switch (damage.kind) {
    case 'corrupt':
      return refused('journal-damaged', path, `record ${damage.seq} is corrupt (${damage.reason})`).refusal;
    case 'newer-format':
      return refused('newer-format', path, `record ${damage.seq} has format ${damage.format}`).refusal;
    case 'gap':
      return refused('journal-damaged', path, `entry ${damage.index} of group ${damage.group} is missing`).refusal;
    default:
      return unreachable(damage);
  }
}

/** The code of a system error (`ENOENT`), or null when `error` is none. */
export function systemCode(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

const QUARANTINE =
  'Restore the file if you have it as it was. Otherwise quarantine the journal: its files are moved aside and the node ' +
  'returns as a new replica that fetches everything from its peers; what only this disk held is lost.';

const REPAIRS: Readonly<Record<RefusalCode, string>> = {
  locked: 'Stop that process first, or use another data directory.',
  'no-identity': 'Check the data directory; a new node is made by starting on an empty one.',
  'identity-damaged': 'Restore identity.json and private.key from a copy; without the key the node has to join anew.',
  'key-exposed': 'Make the key private (chmod 600) and consider whether somebody has read it.',
  'journal-missing': QUARANTINE,
  'journal-truncated': QUARANTINE,
  'journal-damaged': QUARANTINE,
  'journal-foreign': 'The directory mixes files of two replicas. Restore the right journal, or quarantine this one.',
  'newer-format': 'Start the later version of this program that wrote it.',
  inaccessible: 'Check that the path exists and that this user may read and write it.',
};
