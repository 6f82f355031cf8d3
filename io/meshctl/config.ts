/** config get, put, delete, list: the mesh's configuration, `config_kv`. */
import { readFile } from 'node:fs/promises';
import { makeUlid } from '../../core/base/ulid.js';
import type { MessageId } from '../../core/base/ids.js';
import type { v1 } from '../grpc/messages.js';
import { UPDATE_LEVELS } from '../grpc/update-commands.js';
import { SystemEntropy } from '../host/node-crypto.js';
import type { Context } from './context.js';
import { CommandRefused, EXIT } from './outcome.js';
import { table } from './table.js';

export interface ReadOptions {
  /** What this node knows, without asking the others. */
  readonly local?: boolean;
}

export interface ChangeOptions {
  readonly ifRevision?: number;
  readonly level?: string;
  readonly file?: string;
}

/** Prints the value; exit code 1 where the key does not exist. */
export async function getConfig({ client, console }: Context, key: string, options: ReadOptions): Promise<void> {
  const { rows } = await client.getMeshConfiguration({ key, isLocal: options.local ?? false });
  const row = rows[0];
  if (row === undefined) throw new CommandRefused(`there is no key "${key}"`, EXIT.REFUSED);
  await console.print(row.value ?? '', rowDocument(row));
}

export async function listConfig({ client, console }: Context, prefix: string, options: ReadOptions): Promise<void> {
  const { seq, rows } = await client.getMeshConfiguration({ key: prefix, isPrefix: true, isLocal: options.local ?? false });
  const lines = rows.map(({ key, value, revision }) => [key ?? '', revision ?? 0, shortened(value ?? '')]);
  await console.print(table(['KEY', 'REVISION', 'VALUE'], lines), { seq, rows: rows.map(rowDocument) });
}

export async function putConfig(context: Context, key: string, text: string | undefined, options: ChangeOptions): Promise<void> {
  if ((text === undefined) === (options.file === undefined)) throw new CommandRefused('give either a value or --file');
  const value = text ?? (await readFile(options.file as string, 'utf8'));
  await changeConfig(context, { key, value }, options);
}

export async function deleteConfig(context: Context, key: string, options: ChangeOptions): Promise<void> {
  await changeConfig(context, { key, isRemoval: true }, options);
}

async function changeConfig({ client, console }: Context, change: v1.ConfigChange.$Properties, { ifRevision, level = 'committed' }: ChangeOptions): Promise<void> {
  if (!Object.hasOwn(UPDATE_LEVELS, level)) throw new CommandRefused('--level must be committed or applied');
  const result = await client.sendMeshUpdate({
    // The same call repeated by grpc-js would be another change: the id is made here, once.
    header: { updateId: makeUlid<MessageId>(Date.now(), new SystemEntropy()), topic: 'config' },
    config: [ifRevision === undefined ? change : { ...change, ifRevision }],
    level: UPDATE_LEVELS[level as keyof typeof UPDATE_LEVELS],
  });
  const { seq: revision, nodesApplied, nodesTotal } = result;
  const done = change.isRemoval ? 'deleted' : 'set';
  const document = { key: change.key, revision, nodesApplied: nodesApplied ?? 0, nodesTotal: nodesTotal ?? 0 };
  await console.print(`${done} by revision ${revision}; applied by ${nodesApplied ?? 0} of ${nodesTotal} members`, document);
}

const rowDocument = ({ key, value, revision }: v1.ConfigChange.$Properties) => ({ key: key ?? '', value: value ?? '', revision: revision ?? 0 });

function shortened(value: string): string {
  const line = value.replaceAll('\n', ' ');
  return line.length > SHOWN_CHARS_MAX ? `${line.slice(0, SHOWN_CHARS_MAX)}…` : line;
}

const SHOWN_CHARS_MAX = 80;
