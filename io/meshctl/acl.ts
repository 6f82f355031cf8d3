/**
 * acl list, show, put, delete: access rules of a tenant, or of one of its streams, as JSON documents in the mesh's
 * configuration under `acl/TENANT` and `acl/TENANT/STREAM`. They are kept and versioned here; nothing enforces them yet.
 */
import { readFile } from 'node:fs/promises';
import { parseId } from '../../core/base/ids.js';
import { type ChangeOptions, deleteConfig, putConfig } from './config.js';
import { type Context, DEFAULT_TENANT } from './context.js';
import { CommandRefused, EXIT } from './outcome.js';
import { table } from './table.js';

export interface AclOptions extends ChangeOptions {
  readonly tenant?: string;
}

export async function listAcls({ client, console }: Context): Promise<void> {
  const { rows } = await client.getMeshConfiguration({ key: ACL_PREFIX, isPrefix: true });
  const documents = rows.map(({ key, revision }) => {
    const [tenant = '', ...stream] = (key ?? '').slice(ACL_PREFIX.length).split('/');
    return { tenant, stream: stream.length === 0 ? null : stream.join('/'), revision: revision ?? 0 };
  });
  const lines = documents.map(({ tenant, stream, revision }) => [tenant, stream ?? '(all streams)', revision]);
  await console.print(table(['TENANT', 'STREAM', 'REVISION'], lines), documents);
}

export async function showAcl({ client, console }: Context, stream: string | undefined, options: AclOptions): Promise<void> {
  const key = keyOf(stream, options);
  const { rows } = await client.getMeshConfiguration({ key });
  const row = rows[0];
  if (row === undefined) throw new CommandRefused(`there are no rules "${key}"`, EXIT.REFUSED);
  const rules: unknown = JSON.parse(row.value ?? '{}');
  await console.print(JSON.stringify(rules, null, 2), { key, revision: row.revision ?? 0, rules });
}

export async function putAcl(context: Context, file: string, stream: string | undefined, options: AclOptions): Promise<void> {
  const text = await readFile(file, 'utf8');
  await putConfig(context, keyOf(stream, options), JSON.stringify(objectOf(text, file)), options);
}

export async function deleteAcl(context: Context, stream: string | undefined, options: AclOptions): Promise<void> {
  await deleteConfig(context, keyOf(stream, options), options);
}

function keyOf(stream: string | undefined, { tenant = DEFAULT_TENANT }: AclOptions): string {
  if (parseId(tenant) === null) throw new CommandRefused('--tenant is a ULID');
  return `${ACL_PREFIX}${tenant}${stream === undefined ? '' : `/${stream}`}`;
}

function objectOf(text: string, file: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new CommandRefused(`${file} does not hold a JSON object`);
}

const ACL_PREFIX = 'acl/';
