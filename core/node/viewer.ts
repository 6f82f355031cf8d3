/**
 * Who asks what there is to see. A caller sees what is of the mesh and, where it names a tenant, that tenant's streams; of
 * another tenant it sees neither a stream, nor its group, nor an event about either. The node's own host (metrics, the
 * operator's debug page, handlers in the process) sees all.
 */
import type { TenantId } from '../base/ids.js';
import type { NodeStatus } from './commands.js';

export type Viewer = { readonly kind: 'host' } | { readonly kind: 'caller'; readonly tenant: TenantId | null };

/** Whose something is; `unknown` is of a stream that this node knows no more. */
export type Owner = TenantId | 'mesh' | 'unknown';

export const HOST: Viewer = { kind: 'host' };

export function mayView(viewer: Viewer, owner: Owner): boolean {
  return viewer.kind === 'host' || owner === 'mesh' || (owner !== 'unknown' && owner === viewer.tenant);
}

/** The status without what `viewer` may not see. */
export function statusFor(viewer: Viewer, status: NodeStatus): NodeStatus {
  if (viewer.kind === 'host') return status;
  const streams = status.streams.filter(({ tenant }) => mayView(viewer, tenant));
  const visible = new Set<string>(streams.map(({ id }) => id));
  const tenants = status.tenants.filter(({ tenant }) => mayView(viewer, tenant));
  return { ...status, streams, tenants, groups: status.groups.filter(({ id, kind }) => kind !== 'dsg' || visible.has(id)) };
}
