/** checkpoint: the named places of a stream, at any of its members. */
import { type Context, DEFAULT_TENANT, nodeNames } from './context.js';
import { streamDocument } from './documents.js';
import { streamNamed } from './publish.js';
import { table } from './table.js';

export interface CheckpointOptions {
  readonly tenant?: string;
  readonly seq?: number;
}

export async function setCheckpoint({ client, console }: Context, stream: string, name: string, options: CheckpointOptions): Promise<void> {
  const tenantId = options.tenant ?? DEFAULT_TENANT;
  const streamId = await streamNamed({ client, console }, tenantId, stream);
  const { seq } = await client.setCheckpoint({ tenantId, streamId, name, ...(options.seq === undefined ? {} : { seq: options.seq }) });
  await console.print(`${name} is after ${seq}`, { stream: streamId, name, seq });
}

export async function removeCheckpoint({ client, console }: Context, stream: string, name: string, options: CheckpointOptions): Promise<void> {
  const tenantId = options.tenant ?? DEFAULT_TENANT;
  const streamId = await streamNamed({ client, console }, tenantId, stream);
  await client.removeCheckpoint({ tenantId, streamId, name });
  await console.print(`${name} is removed`, { stream: streamId, name });
}

export async function listCheckpoints({ client, console }: Context, stream: string, options: CheckpointOptions): Promise<void> {
  const tenantId = options.tenant ?? DEFAULT_TENANT;
  const streamId = await streamNamed({ client, console }, tenantId, stream);
  const { streams } = await client.listStreams({ tenantId, streamId });
  const nameOf = nodeNames(await client.getMeshStatus({}));
  const checkpoints = streams.flatMap((each) => streamDocument(each).checkpoints);
  const rows = checkpoints.map(({ name, seq, setBy, setAtMs }) => [name, seq, nameOf(setBy), new Date(setAtMs).toISOString()]);
  await console.print(table(['NAME', 'AFTER', 'SET BY', 'AT'], rows), checkpoints);
}
