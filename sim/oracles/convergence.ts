/** Whether all nodes see the mesh as it is: the same members, all of them alive and with a way to each of them. */
import type { NodeId } from '../../core/base/ids.js';
import type { NodeStatus } from '../../core/node/commands.js';

/** What keeps `statuses` (one per node, all of them members of one mesh) from being converged; null when nothing does. */
export function divergence(nodes: readonly NodeId[], statuses: readonly (NodeStatus | null)[]): string | null {
  const first = statuses[0]?.mesh ?? null;
  for (const [index, status] of statuses.entries()) {
    if (status === null) return `node ${index} does not answer`;
    const mesh = status.mesh;
    if (mesh === null) return `node ${index} is in no mesh`;
    if (mesh.id !== first?.id) return `node ${index} is in another mesh than node 0`;
    if (mesh.members.length !== nodes.length) return `node ${index} sees ${mesh.members.length} members`;
    const mcg = status.groups.find((group) => group.kind === 'mcg');
    if (mcg === undefined || mcg.leader === null) return `node ${index} knows no leader of the mesh`;
    for (const member of mesh.members) {
      const about = `node ${index} sees ${member.name}`;
      if (!nodes.includes(member.id)) return `${about}, whom nobody knows`;
      if (member.liveness !== 'alive') return `${about} ${member.liveness}`;
      if (member.id !== status.node.id && member.route.length === 0) return `${about} without a route`;
    }
    const otherwise = disagreement(first.members, mesh.members);
    if (otherwise !== null) return `node ${index} differs from node 0 about ${otherwise}`;
  }
  return null;
}

type Member = NonNullable<NodeStatus['mesh']>['members'][number];

function disagreement(left: readonly Member[], right: readonly Member[]): string | null {
  const byId = new Map(right.map((member) => [member.id, member]));
  for (const member of left) {
    const other = byId.get(member.id);
    if (other === undefined) return `whether ${member.name} is a member`;
    if (other.index !== member.index) return `${member.name}'s index`;
    if (other.replica !== member.replica) return `${member.name}'s replica`;
    if ((other.role === 'learner') !== (member.role === 'learner')) return `${member.name}'s vote`;
    if ((other.role === 'leader') !== (member.role === 'leader')) return `whether ${member.name} leads`;
  }
  return null;
}
