/**
 * Who the replica on this disk is, in files of its own beside the journal, so that an empty or missing journal is never
 * taken for a new node. `identity.json` is public, `private.key` holds the Ed25519 seed, mode 0600.
 */
import { closeSync, fsyncSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { type NodeId, parseId } from '../../core/base/ids.js';
import { dataPaths, replaceFile, syncDirectory } from './layout.js';
import { makeDirectory } from './make-directory.js';
import { type Opened, opened, refused, systemCode } from './refusal.js';

export interface StoredIdentity {
  readonly nodeId: NodeId;
  readonly name: string;
  /** Which life of the node's disk this is, from 1. */
  readonly replica: number;
  /** 16 bytes, fresh for every replica; the journal carries them too. */
  readonly journalId: Uint8Array;
  /** 32 bytes. */
  readonly privateSeed: Uint8Array;
  /** The replica has had a journal: from now on a missing one is a loss. */
  readonly hasJournal: boolean;
}

/** Reads the identity; refused with `no-identity` when the directory has none. */
export function loadIdentity(directory: string): Opened<StoredIdentity> {
  const paths = dataPaths(directory);
  const text = readText(paths.identity);
  const key = readText(paths.privateKey);
  if (text === null && key === null) return refused('no-identity', directory, 'no identity.json');
  if (text === null) return refused('identity-damaged', paths.identity, 'private.key is there, identity.json is not');
  if (key === null) return refused('identity-damaged', paths.privateKey, 'identity.json is there, private.key is not');
  const mode = statSync(paths.privateKey).mode & 0o777;
  if (process.platform !== 'win32' && (mode & 0o077) !== 0)
    return refused('key-exposed', paths.privateKey, `its mode is ${mode.toString(8)}`);
  const privateSeed = parseHex(key.trim(), SEED_BYTES);
  if (privateSeed === null) return refused('identity-damaged', paths.privateKey, 'it is not 64 hexadecimal digits');
  const fields = parseObject(text);
  if (fields === null) return refused('identity-damaged', paths.identity, 'it is not a JSON object');
  const { format, nodeId, name, replica, journalId, hasJournal } = fields;
  if (typeof format === 'number' && format > IDENTITY_FORMAT)
    return refused('newer-format', paths.identity, `its format is ${format}, this version knows ${IDENTITY_FORMAT}`);
  const node = typeof nodeId === 'string' ? parseId<NodeId>(nodeId) : null;
  const journal = typeof journalId === 'string' ? parseHex(journalId, JOURNAL_ID_BYTES) : null;
  const isReplica = typeof replica === 'number' && Number.isSafeInteger(replica) && replica >= 1;
  if (format !== IDENTITY_FORMAT || node === null || journal === null || !isReplica || typeof name !== 'string')
    return refused('identity-damaged', paths.identity, 'a field is missing or malformed');
  return opened({ nodeId: node, name, replica, journalId: journal, privateSeed, hasJournal: hasJournal === true });
}

/** Makes the identity of a new node in an empty directory (or one that does not exist). Never replaces one. */
export function createIdentity(
  directory: string,
  fresh: { nodeId: NodeId; name: string; journalId: Uint8Array; privateSeed: Uint8Array },
): Opened<StoredIdentity> {
  const paths = dataPaths(directory);
  const identity: StoredIdentity = { ...fresh, replica: 1, hasJournal: false };
  try {
    makeDirectory(directory, 0o700);
    const present = loadIdentity(directory);
    if (present.ok) return refused('identity-damaged', paths.identity, 'there is an identity already');
    if (present.refusal.code !== 'no-identity') return present;
    const file = openSync(paths.privateKey, 'wx', 0o600);
    try {
      writeSync(file, `${toHexText(fresh.privateSeed)}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    syncDirectory(directory);
    saveIdentity(directory, identity);
  } catch (error) {
    if (systemCode(error) === null) throw error;
    return refused('inaccessible', directory, String(error));
  }
  return opened(identity);
}

/** Replaces identity.json (never the key), durably and whole. */
export function saveIdentity(directory: string, identity: StoredIdentity): void {
  const { nodeId, name, replica, journalId, hasJournal } = identity;
  const fields = { format: IDENTITY_FORMAT, nodeId, name, replica, journalId: toHexText(journalId), hasJournal };
  replaceFile(dataPaths(directory).identity, `${JSON.stringify(fields, null, 2)}\n`, 0o644);
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    // ENOTDIR: something above is a file. Making the directory will say so.
    const code = systemCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function parseHex(text: string, size: number): Uint8Array | null {
  return text.length === size * 2 && /^[0-9a-f]*$/.test(text) ? Uint8Array.from(Buffer.from(text, 'hex')) : null;
}

const toHexText = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const IDENTITY_FORMAT = 1;
const SEED_BYTES = 32;
const JOURNAL_ID_BYTES = 16;
