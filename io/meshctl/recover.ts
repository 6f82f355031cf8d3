/** recover: what would be forgotten, and, with --yes, the founding of a generation with those that are left. */
import type { v1 } from '../grpc/messages.js';
import { type Context, DEFAULT_TENANT, nodeNames } from './context.js';

export interface RecoverOptions {
  readonly yes?: boolean;
  readonly tenant?: string;
}

/** The dry run is shown first in any case, and is what --yes agrees to: when others are in reach by then, nothing is done. */
export async function recover({ client, console }: Context, { yes, tenant }: RecoverOptions): Promise<void> {
  const tenantId = tenant ?? DEFAULT_TENANT;
  const nameOf = nodeNames(await client.getMeshStatus());
  const plan = await client.recoverMesh({ execute: false, tenantId });
  const shown = recoveryDocument(plan);
  if (yes !== true) {
    const lines = [...describe(plan, nameOf), 'Nothing was done: run it again with --yes to found the generation and forget these members.'];
    return console.print(lines.join('\n'), shown);
  }
  for (const line of describe(plan, nameOf)) console.say(line);
  const done = await client.recoverMesh({ execute: true, forgetIds: shown.forgotten.map(({ node }) => node), tenantId });
  const text = `founded generation ${done.generation} with ${named(done.founders)}; forgot ${named(done.forgotten)}`;
  await console.print(text, { ...recoveryDocument(done), streams: shown.streams, otherStreams: shown.otherStreams });
}

function describe(plan: v1.RecoverMeshResponse, nameOf: (id: string) => string): string[] {
  const { generation, founders, forgotten, logEnd, committed, streams, otherStreamCount } = plan;
  const unsure = logEnd - committed;
  const lines = [
    `founds generation ${generation} of the mesh with the members in reach: ${named(founders)}`,
    `forgets ${named(forgotten)}: they are out, and nothing that they hold counts in it`,
    `takes over the log up to ${logEnd}${unsure > 0 ? `, of which ${unsure} entries are not known to be committed` : ''}; what the forgotten committed beyond that is not seen`,
  ];
  for (const stream of streams) lines.push(`stream ${stream.name || stream.streamId}: ${fateOf(stream, nameOf)}`);
  if (otherStreamCount > 0) lines.push(`${otherStreamCount} streams of other tenants lose members`);
  return lines;
}

function fateOf(stream: v1.StreamLosses.$Properties, nameOf: (id: string) => string): string {
  const parts: string[] = [];
  const lost = (stream.lostTargetIds ?? []).map(nameOf).join(', ');
  if (stream.isOrphaned) parts.push(`ORPHANED: it loses ${lost}, and completes nothing until you decide about them`);
  if (stream.isResealed) parts.push('its group lost its majority and goes on from what its source and the others hold');
  if (stream.isSourceLost) parts.push(`its source ${nameOf(stream.sourceId ?? '')} is lost: nothing can follow what the others hold`);
  if (stream.needsConsent) parts.push('neither its source nor a majority is left: nothing happens before you accept the loss');
  return parts.join('; ');
}

function recoveryDocument(plan: v1.RecoverMeshResponse) {
  return {
    isDone: plan.isDone,
    generation: plan.generation,
    founders: plan.founders.map(memberDocument),
    forgotten: plan.forgotten.map(memberDocument),
    logEnd: plan.logEnd,
    committed: plan.committed,
    streams: plan.streams.map((stream) => ({
      stream: stream.streamId ?? '',
      name: stream.name ?? '',
      source: stream.sourceId ?? '',
      lostTargets: [...(stream.lostTargetIds ?? [])],
      isOrphaned: stream.isOrphaned ?? false,
      isResealed: stream.isResealed ?? false,
      isSourceLost: stream.isSourceLost ?? false,
      needsConsent: stream.needsConsent ?? false,
    })),
    otherStreams: plan.otherStreamCount,
  };
}

const memberDocument = ({ nodeId, name, replica, wasVoter, lastIndex }: v1.RecoveryMember.$Properties) => ({
  node: nodeId ?? '',
  name: name ?? '',
  replica: replica ?? 0,
  wasVoter: wasVoter ?? false,
  lastIndex: lastIndex ?? null,
});

const named = (members: readonly v1.RecoveryMember.$Properties[]): string =>
  members.length === 0 ? 'nobody' : members.map(({ name, nodeId }) => name || nodeId).join(', ');
