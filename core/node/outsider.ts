/**
 * A node whose membership is over: what it tells its operator and its applications, and how the machines fall silent.
 * What its streams hold stays on the disk.
 */
import type { NodeId } from '../base/ids.js';
import { type Reject, reject } from '../base/reject.js';
import type { Micros } from '../base/units.js';
import type { GroupContext } from '../groups/context.js';
import type { MeshStatus } from './commands.js';
import type { Machines } from './machines.js';
import { type MembershipRow, STANDINGS } from './membership-row.js';

/** Why a node that was a member refuses. */
export function outsiderReject({ meshName, mesh, standing }: MembershipRow): Reject {
  const how = standing === STANDINGS.evicted ? 'was evicted from' : 'has left';
  return reject('EVICTED', mesh, `this node ${how} mesh "${meshName}" for good and acts in it no more; join again to come back as a new member`);
}

/** What it still knows of the mesh. */
export function outsiderStatus({ mesh, meshName, generation, generationTag, standing }: MembershipRow): MeshStatus {
  const nothing = { description: '', joinPolicy: 'closed', isStopped: false, state: 'critical', members: [] } as const;
  return { id: mesh, name: meshName, generation, generationTag, standing: standing === STANDINGS.evicted ? 'evicted' : 'left', ...nothing };
}

/** Its links end, and nothing of the mesh of `nodes` is spoken or remembered any more. */
export function fallSilent(now: Micros, machines: Machines, nodes: readonly NodeId[]): void {
  const { links, swim, topology, overlay, flows } = machines;
  links.setMembership(now, null);
  links.setJoinOffer(null);
  swim.stop(now);
  swim.setMembers(now, []);
  topology.setIdentity(now, null);
  overlay.setSelf(null);
  for (const node of nodes) flows.forget(node);
}

/** Says it to whoever reads the logs. */
export function logOutsider(context: GroupContext, { mesh, meshName, standing }: MembershipRow): void {
  const fields = { mesh, meshName, isEvicted: standing === STANDINGS.evicted };
  context.emit({ kind: 'notice', notice: { kind: 'log', level: 'warn', event: 'out-of-mesh', fields } });
}

/** Why a member enters no other mesh. */
export const alreadyIn = ({ mesh }: MembershipRow): Reject =>
  reject('ALREADY_IN_MESH', mesh, 'this node is in a mesh; use another data directory for another mesh');

export const ENTERING = reject('ALREADY_IN_MESH', 'node', 'a seed or join of this node is under way; wait for its answer');
export const NOT_IN_MESH = reject('NOT_IN_MESH', 'node', 'this node is in no mesh; seed one or join one');
export const STOPPED = reject('MESH_STOPPED', 'node', 'its part in the mesh was stopped; start it');
