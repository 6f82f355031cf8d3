/**
 * The demo's mesh: A – B – C – D. A and C are behind NAT and dial B; D is in C's network and dials C, which listens there
 * and nowhere else: its address is told to D alone.
 */
import type { ProcessMesh, ProcessNode, Site } from '../processes/process-mesh.js';

export const LINE: readonly Site[] = [
  { name: 'B', isDialable: true, dials: [] },
  { name: 'A', isDialable: false, dials: ['B'] },
  { name: 'C', isDialable: true, dials: ['B'] },
  { name: 'D', isDialable: false, dials: ['C'] },
];

export const SOURCE = 'A';
export const TARGETS: readonly string[] = ['C', 'D'];

/** What of the mesh is not as drawn: each link dialled by the right side and by nobody else, A to D over B and C. */
export async function shapeProblems(mesh: ProcessMesh): Promise<string[]> {
  const problems: string[] = [];
  const names = new Map(mesh.nodes.map(({ id, site }) => [id, site.name]));
  const nameOf = (id: string | null | undefined): string => names.get(id ?? '') ?? '?';
  for (const { site } of mesh.nodes) {
    const { links } = await mesh.statusOf(site.name);
    const dialled = (links ?? []).filter((link) => link.dialledByUs).map((link) => nameOf(link.peerId));
    const accepted = (links ?? []).filter((link) => !link.dialledByUs).map((link) => nameOf(link.peerId));
    const diallers = mesh.nodes.filter((other) => other.site.dials.includes(site.name)).map((other) => other.site.name);
    if (!isSame(dialled, site.dials)) problems.push(`${site.name} dialled ${list(dialled)} and should dial ${list(site.dials)}`);
    if (!isSame(accepted, diallers)) problems.push(`${site.name} was dialled by ${list(accepted)} and should be by ${list(diallers)}`);
  }
  const { mesh: seen } = await mesh.statusOf(SOURCE);
  const route = (seen?.members?.find(({ name }) => name === 'D')?.route ?? []).map(nameOf);
  if (route.join(' ') !== 'A B C D') problems.push(`A reaches D over ${list(route)}`);
  return problems;
}

/** What the killed nodes and the others say of their starts. */
export async function bootProblems(mesh: ProcessMesh): Promise<string[]> {
  const problems: string[] = [];
  for (const { site, process } of mesh.nodes) {
    const { node } = await mesh.statusOf(site.name);
    if (node?.bootCounter !== process.startCount || node.replica !== 1) {
      problems.push(`${site.name} was started ${process.startCount} times and says boot ${node?.bootCounter}, replica ${node?.replica}`);
    }
  }
  return problems;
}

/** What the source's node does not count as settled although everything is published. */
export async function settlementProblems(
  source: ProcessNode,
  { tenantId, streamId }: { readonly tenantId: string; readonly streamId: string },
  messageCount: number,
): Promise<string[]> {
  const { streams } = await source.client.getMeshStatus({ tenantId });
  const stream = streams?.find(({ id }) => id === streamId);
  if (!stream) return [`${source.site.name} does not know the stream any more`];
  const problems: string[] = [];
  if (stream.completed !== messageCount) problems.push(`${source.site.name} counts ${stream.completed} of ${messageCount} messages as completed`);
  for (const { nodeId, settled } of stream.targets ?? []) {
    if (settled !== messageCount) problems.push(`${source.site.name} counts ${settled} of ${messageCount} messages as settled at ${nodeId}`);
  }
  return problems;
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return [...one].sort().join(' ') === [...other].sort().join(' ');
}

function list(names: readonly string[]): string {
  return names.length === 0 ? 'nobody' : names.join(', ');
}
