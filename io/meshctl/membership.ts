/** seed, join, start, stop, leave, evict. */
import { readFileSync } from 'node:fs';
import { parseId } from '../../core/base/ids.js';
import { type JoinPolicy } from '../../core/node/commands.js';
import { JOIN_POLICIES } from '../grpc/enums.js';
import type { v1 } from '../grpc/messages.js';
import { type Context, nodeNames, resolveNodes } from './context.js';
import { statusDocument } from './documents.js';
import { CommandRefused } from './outcome.js';

export interface JoinKeyOptions {
  readonly joinKey?: string;
  readonly joinKeyFile?: string;
}

export async function seed(
  { client, console }: Context,
  name: string,
  options: JoinKeyOptions & { description?: string; policy?: string },
): Promise<void> {
  const joinKey = joinKeyOf(options);
  const policy = options.policy ?? (joinKey === '' ? 'open' : 'key-required');
  if (!Object.hasOwn(JOIN_POLICIES, policy)) throw new CommandRefused(`--policy must be open, key-required or closed, got "${policy}"`);
  const status = await client.seedMesh({
    meshName: name,
    description: options.description ?? '',
    joinPolicy: JOIN_POLICIES[policy as JoinPolicy],
    joinKey,
  });
  await console.print(`seeded mesh "${name}" (${status.mesh?.id ?? ''})`, statusDocument(status));
}

export async function join(
  { client, console }: Context,
  urls: readonly string[],
  options: JoinKeyOptions & { meshId?: string },
): Promise<void> {
  const status = await client.joinMesh({ urls: [...urls], joinKey: joinKeyOf(options), meshId: options.meshId ?? '' });
  const members = status.mesh?.members?.length ?? 0;
  await console.print(`joined mesh "${status.mesh?.name ?? ''}" (${members} members)`, statusDocument(status));
}

export async function start({ client, console }: Context): Promise<void> {
  const status = await client.startMesh();
  await console.print(`takes part in mesh "${status.mesh?.name ?? ''}" again`, statusDocument(status));
}

export async function stop({ client, console }: Context): Promise<void> {
  const status: v1.MeshStatus = await client.stopMesh();
  await console.print(`left the neighbours of mesh "${status.mesh?.name ?? ''}"; meshctl start brings it back`, statusDocument(status));
}

/** For good: what only has to pause is stopped. */
export async function leave({ client, console }: Context): Promise<void> {
  const before = await client.getMeshStatus();
  const { revision } = await client.leaveMesh();
  const name = before.mesh?.name ?? '';
  await console.print(`left mesh "${name}" for good; meshctl join brings the node back as a new member`, { mesh: name, revision });
}

export async function evict({ client, console }: Context, node: string): Promise<void> {
  const before = await client.getMeshStatus();
  // Who is out already is no name of a member; repeating an eviction by id is harmless.
  const nodeId = parseId(node) ?? resolveNodes(before, [node])[0] ?? '';
  const status = await client.evictNode({ nodeId });
  const nameOf = nodeNames(before);
  const left = status.mesh?.members?.length ?? 0;
  await console.print(`evicted ${nameOf(nodeId)} from mesh "${status.mesh?.name ?? ''}" (${left} members stay)`, statusDocument(status));
}

/** A key in a file does not show in the list of processes. */
function joinKeyOf({ joinKey, joinKeyFile }: JoinKeyOptions): string {
  if (joinKeyFile === undefined) return joinKey ?? process.env['MESH_JOIN_KEY'] ?? '';
  try {
    return readFileSync(joinKeyFile, 'utf8').trimEnd();
  } catch (error) {
    throw new CommandRefused(`--join-key-file cannot be read: ${(error as Error).message}`);
  }
}
