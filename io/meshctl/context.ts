/** What every command of meshctl has: a client of the node and a place to print; and how names become ids. */
import { parseId } from '../../core/base/ids.js';
import type { MeshClient } from '../client/mesh-client.js';
import type { v1 } from '../grpc/messages.js';
import type { Console } from './console.js';
import { CommandRefused, EXIT } from './outcome.js';

export interface Context {
  readonly client: MeshClient;
  readonly console: Console;
}

/** The tenant of who names none. */
export const DEFAULT_TENANT = '00000000000000000000000001';

/** The ids of the members with these names or ids. */
export function resolveNodes(status: v1.MeshStatus, names: readonly string[]): string[] {
  const members = status.mesh?.members ?? [];
  return names.map((name) => {
    const byId = parseId(name);
    const found = members.filter((member) => (byId === null ? member.name === name : member.id === byId));
    if (found.length === 1) return found[0]?.id ?? '';
    const known = members.map((member) => member.name).join(', ');
    if (found.length === 0) {
      throw new CommandRefused(`no member is called "${name}"; members are: ${known || 'none'}`, EXIT.REFUSED);
    }
    throw new CommandRefused(`${found.length} members are called "${name}": name it by its id`, EXIT.REFUSED);
  });
}

/** Names of nodes for people; an id that is not known stays. */
export function nodeNames(status: v1.MeshStatus): (id: string | null | undefined) => string {
  const names = new Map((status.mesh?.members ?? []).map((member) => [member.id ?? '', member.name ?? '']));
  return (id) => names.get(id ?? '') || (id ?? '');
}
