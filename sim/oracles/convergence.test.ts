import { describe, expect, it } from 'vitest';
import type { MeshId, NodeId } from '../../core/base/ids.js';
import type { NodeStatus } from '../../core/node/commands.js';
import { toyStatus } from '../testing/toy-status.js';
import { divergence } from './convergence.js';

const NODES = ['A', 'B', 'C'].map((letter) => letter.repeat(26) as NodeId);

function statusOf(node: number, mesh = 'M'): NodeStatus {
  const identity = { name: 'x', replica: 1, privateSeed: new Uint8Array(0), journalId: new Uint8Array(0) };
  const reply = toyStatus(
    mesh.repeat(26) as MeshId,
    { ...identity, nodeId: NODES[node] as NodeId },
    new Map(NODES.map((id) => [id, id.slice(0, 1)])),
    [],
  );
  if (reply.kind !== 'status') throw new Error('a toy answers with its status');
  return reply.status;
}

type Member = NonNullable<NodeStatus['mesh']>['members'][number];

/** All statuses, with node 1's view of member 2 changed. */
function withView(change: Partial<Member>): NodeStatus[] {
  return NODES.map((_, node) => {
    const status = statusOf(node);
    if (node !== 1 || status.mesh === null) return status;
    const members = status.mesh.members.map((member, i) => (i === 2 ? { ...member, ...change } : member));
    return { ...status, mesh: { ...status.mesh, members } };
  });
}

describe('divergence', () => {
  it('is null when all see the same, and between liveness facts that differ in detail only', () => {
    expect(divergence(NODES, NODES.map((_, node) => statusOf(node)))).toBeNull();
    expect(divergence(NODES, withView({ incarnation: 9, rttUs: 5 }))).toBeNull();
  });

  it('sees a node that does not answer, or is alone, or elsewhere', () => {
    expect(divergence(NODES, [statusOf(0), null, statusOf(2)])).toBe('node 1 does not answer');
    const alone = { ...statusOf(1), mesh: null };
    expect(divergence(NODES, [statusOf(0), alone, statusOf(2)])).toBe('node 1 is in no mesh');
    expect(divergence(NODES, [statusOf(0), statusOf(1, 'N'), statusOf(2)])).toContain('another mesh');
  });

  it('sees each view of a member that is not as it is', () => {
    expect(divergence(NODES, withView({ liveness: 'suspect' }))).toBe('node 1 sees C suspect');
    expect(divergence(NODES, withView({ route: [] }))).toBe('node 1 sees C without a route');
    expect(divergence(NODES, withView({ replica: 2 }))).toContain("C's replica");
    expect(divergence(NODES, withView({ index: 9 as Member['index'] }))).toContain("C's index");
    expect(divergence(NODES, withView({ role: 'learner' }))).toContain("C's vote");
    expect(divergence(NODES, withView({ role: 'leader' }))).toContain('leads');
    expect(divergence(NODES, withView({ id: 'X'.repeat(26) as NodeId }))).toContain('whom nobody knows');
  });

  it('sees a member that is missing and a mesh without a leader', () => {
    const all = NODES.map((_, node) => statusOf(node));
    const short = all.map((status, node) =>
      node === 2 && status.mesh !== null ? { ...status, mesh: { ...status.mesh, members: status.mesh.members.slice(1) } } : status,
    );
    expect(divergence(NODES, short)).toBe('node 2 sees 2 members');
    const leaderless = all.map((status, node) =>
      node === 0 ? { ...status, groups: status.groups.map((group) => ({ ...group, leader: null })) } : status,
    );
    expect(divergence(NODES, leaderless)).toContain('knows no leader');
  });
});
