/** The leader founds the group of database updates once, with itself as its first voter. */
import type { GroupId } from '../../base/ids.js';
import type { Reject } from '../../base/reject.js';
import { makeUlid } from '../../base/ulid.js';
import { type LogIndex, type Micros, logIndex } from '../../base/units.js';
import { MeshEntry } from '../../wire/group-messages.js';
import type { GroupContext } from '../context.js';
import type { ReplicatedGroup } from '../replicated-group.js';
import type { MeshState } from './mesh-state.js';

export interface DatabaseFoundingOptions {
  readonly context: GroupContext;
  readonly state: MeshState;
  readonly group: () => ReplicatedGroup;
  readonly applied: () => LogIndex;
  /** Why nothing but evictions passes now; null when all does. */
  readonly closedBecause: () => Reject | null;
}

export class DatabaseFounding {
  readonly #options: DatabaseFoundingOptions;
  #proposedAt: LogIndex = logIndex(0);

  constructor(options: DatabaseFoundingOptions) {
    this.#options = options;
  }

  /** Another leadership, or none. */
  reset(): void {
    this.#proposedAt = logIndex(0);
  }

  /** Only at the leader. */
  propose(now: Micros): void {
    const { context, state, group, applied, closedBecause } = this.#options;
    if (state.founded === null || state.database !== null || this.#proposedAt > applied()) return;
    if (closedBecause() !== null) return;
    const { node, replica, entropy } = context;
    const id = makeUlid<GroupId>(context.wallMs(now), entropy);
    const result = group().propose(now, MeshEntry.encode({ kind: 'database', group: id, founder: node, replica }));
    if (result.ok) this.#proposedAt = result.value;
  }
}
