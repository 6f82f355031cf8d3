/** status, nodes, links, streams, events: what the node sees. */
import type { MeshEvent } from '../../core/node/commands.js';
import { EVENT_KINDS } from '../grpc/enums.js';
import { type Context, DEFAULT_TENANT, nodeNames } from './context.js';
import { eventDocument, linkDocument, memberDocument, statusDocument, streamDocument } from './documents.js';
import { CommandRefused } from './outcome.js';
import { formatBytes, formatMs, table } from './table.js';

export interface TenantOption {
  readonly tenant?: string;
}

export async function showStatus({ client, console }: Context, { tenant }: TenantOption = {}): Promise<void> {
  const answer = await client.getMeshStatus({ tenantId: tenant ?? DEFAULT_TENANT });
  const status = statusDocument(answer);
  const { node, mesh } = status;
  const lines = [`node     ${node.name} (${node.id}), replica ${node.replica}, boot ${node.bootCounter}`];
  if (mesh === null) {
    lines.push('mesh     none: meshctl seed founds one, meshctl join enters one');
  } else if (mesh.standing !== 'member') {
    const how = mesh.standing === 'evicted' ? 'was evicted from' : 'has left';
    lines.push(`mesh     none: this node ${how} ${mesh.name} (${mesh.id}) for good; meshctl join brings it back as a new member`);
  } else {
    const alive = mesh.members.filter((member) => member.liveness === 'alive').length;
    const nameOf = nodeNames(answer);
    const control = status.groups.find((group) => group.kind === 'mcg');
    lines.push(`mesh     ${mesh.name} (${mesh.id}), ${mesh.isStopped ? 'stopped here' : mesh.state}, join policy ${mesh.joinPolicy}${mesh.generation > 1 ? `, generation ${mesh.generation}` : ''}`);
    lines.push(`members  ${alive} of ${mesh.members.length} alive`);
    lines.push(`control  ${control?.leader ? `led by ${nameOf(control.leader)}` : 'no leader'}, term ${control?.term ?? 0}, commit ${control?.commitIndex ?? 0}`);
    lines.push(`links    ${status.links.length}`);
    lines.push(`streams  ${status.streams.length}, ${status.streams.filter((stream) => !stream.isClosed).length} open`);
  }
  for (const use of status.tenants) lines.push(`tenant   ${tenantLine(use)}`);
  await console.print(lines.join('\n'), status);
}

function tenantLine({ id, streams, stagedBytes, subscribers, refused, quota }: ReturnType<typeof statusDocument>['tenants'][number]): string {
  const of = (most: number, text: string): string => (most === 0 ? '' : ` of ${text}`);
  const parts = [
    `${streams}${of(quota.streams, String(quota.streams))} streams open here`,
    `${formatBytes(stagedBytes)}${of(quota.stagedBytes, formatBytes(quota.stagedBytes))} staged`,
    `${subscribers}${of(quota.subscribers, String(quota.subscribers))} subscribers`,
  ];
  return `${id}: ${parts.join(', ')}${refused === 0 ? '' : `, ${refused} calls refused by its quota`}`;
}

export async function showNodes({ client, console }: Context): Promise<void> {
  const answer = await client.getMeshStatus();
  const nameOf = nodeNames(answer);
  const members = (answer.mesh?.members ?? []).map(memberDocument);
  const rows = members.map(({ name, id, index, role, liveness, rttUs, route }) => [
    name,
    id,
    index,
    role,
    liveness,
    id === answer.node?.id ? 'here' : rttUs === null ? '-' : formatMs(rttUs),
    id === answer.node?.id ? '' : route.length === 0 ? 'no route' : route.map(nameOf).join(' > '),
  ]);
  await console.print(table(['NAME', 'ID', 'INDEX', 'ROLE', 'LIVENESS', 'RTT', 'ROUTE'], rows), members);
}

export async function showLinks({ client, console }: Context): Promise<void> {
  const answer = await client.getMeshStatus();
  const nameOf = nodeNames(answer);
  const links = answer.links.map(linkDocument);
  const rows = links.map(({ peer, isProvisional, rttUs, laneCount, queuedBytes, dialledByUs }) => [
    nameOf(peer),
    peer,
    isProvisional ? 'provisional' : 'full',
    formatMs(rttUs),
    laneCount,
    formatBytes(queuedBytes),
    dialledByUs ? 'us' : 'peer',
  ]);
  await console.print(table(['PEER', 'ID', 'STATE', 'RTT', 'LANES', 'QUEUED', 'DIALLED BY'], rows), links);
}

/** With --json one document a line; `[]` when there are none. */
export async function showStreams({ client, console }: Context, { tenant }: TenantOption = {}): Promise<void> {
  const answer = await client.getMeshStatus({ tenantId: tenant ?? DEFAULT_TENANT });
  const nameOf = nodeNames(answer);
  const streams = answer.streams.map(streamDocument);
  if (console.isJson) {
    for (const stream of streams) await console.print('', stream);
    // One line in any case: silence would look like a command that did not run.
    if (streams.length === 0) await console.print('', []);
    return;
  }
  const rows = streams.map((stream) => [
    stream.name,
    stream.id,
    nameOf(stream.source),
    streamState(stream),
    stream.qos,
    stream.accepted,
    stream.replicated,
    stream.completed,
    stream.targets.map((target) => `${nameOf(target.node)}:${target.settled}${targetNote(target)}`).join(' '),
    formatBytes(stream.outstandingBytes),
  ]);
  const headings = ['NAME', 'ID', 'SOURCE', 'STATE', 'QOS', 'ACCEPTED', 'REPLICATED', 'COMPLETED', 'SETTLED', 'WAITING'];
  await console.print(table(headings, rows), null);
}

/** What an operator has to act upon first. */
function streamState({ isClosed, isOrphaned, isSealed, isSourceLost, loss }: ReturnType<typeof streamDocument>): string {
  if (loss === 'consent') return 'LOST: meshctl recover stream';
  if (isSealed) return 'SEALED';
  if (isClosed) return isSourceLost ? 'closed, source lost' : 'closed';
  return isOrphaned ? 'ORPHANED' : 'open';
}

function targetNote({ status, isOptional, isPaused }: { readonly status: string; readonly isOptional: boolean; readonly isPaused: boolean }): string {
  if (status !== 'attached') return `(${status})`;
  if (isPaused) return '(paused)';
  return isOptional ? '(optional)' : '';
}

export interface EventOptions extends TenantOption {
  readonly kind?: readonly string[];
  readonly after?: number;
  readonly count?: number;
}

/** Until interrupted, or until `count` have come. */
export async function showEvents({ client, console }: Context, options: EventOptions): Promise<void> {
  const kinds = (options.kind ?? []).map((kind) => {
    if (!Object.hasOwn(EVENT_KINDS, kind)) throw new CommandRefused(`--kind must be one of ${Object.keys(EVENT_KINDS).join(', ')}`);
    return EVENT_KINDS[kind as MeshEvent['kind']];
  });
  let left = options.count ?? Infinity;
  const tenantId = options.tenant ?? DEFAULT_TENANT;
  for await (const event of client.watchEvents({ kinds, afterSequence: options.after ?? 0, tenantId })) {
    const document = eventDocument(event);
    const { sequence, kind, ...rest } = document;
    const fields = Object.entries(rest).map(([name, value]) => `${name}=${typeof value === 'object' ? JSON.stringify(value) : String(value)}`);
    await console.print(`${String(sequence).padStart(6)}  ${String(kind).padEnd(16)}  ${fields.join(' ')}`, document);
    if (--left <= 0) return;
  }
}
