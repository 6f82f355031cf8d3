/**
 * The leader's sight of the mesh: written into the log when it is news, and what has to wait while it is CRITICAL. What
 * is asked for after a sight was found stands behind it in the log.
 */
import type { MeshId } from '../../base/ids.js';
import { type Reject, reject } from '../../base/reject.js';
import { type LogIndex, type Micros, logIndex } from '../../base/units.js';
import { MeshEntry } from '../../wire/group-messages.js';
import type { ReplicatedGroup } from '../replicated-group.js';
import { type MeshSight, type MeshState, viewedOf } from './mesh-state.js';

export interface SightWriterOptions {
  readonly mesh: MeshId;
  readonly state: MeshState;
  readonly group: () => ReplicatedGroup;
  readonly applied: () => LogIndex;
  readonly retryAfterUs: number;
}

export class SightWriter {
  readonly #options: SightWriterOptions;
  /** How this node sees the mesh while it leads. */
  #sight: MeshSight | null = null;
  #writtenAt: LogIndex = logIndex(0);

  constructor(options: SightWriterOptions) {
    this.#options = options;
  }

  /** Another leadership, or none. */
  reset(): void {
    this.#sight = null;
    this.#writtenAt = logIndex(0);
  }

  /** True when the log has to be told. */
  observe(sight: MeshSight): boolean {
    this.#sight = sight;
    return isNews(sight, this.#options.state.view);
  }

  write(now: Micros): void {
    const { state, group, applied } = this.#options;
    if (this.#sight === null || this.#writtenAt > applied() || !isNews(this.#sight, state.view)) return;
    const result = group().propose(now, MeshEntry.encode({ ...viewedOf(this.#sight), kind: 'viewed' }));
    if (result.ok) this.#writtenAt = result.value;
  }

  /** Why nothing but evictions and the replacement of voters passes now; null when all does. */
  refusal(): Reject | null {
    const { state, mesh, retryAfterUs } = this.#options;
    if (this.#sight?.state !== 'critical' && state.view?.state !== 'critical') return null;
    const unreachable = this.#sight?.unreachable ?? state.view?.unreachable ?? [];
    const names = unreachable.map((node) => state.members.get(node)?.name ?? node);
    return criticalReject(mesh, names, retryAfterUs);
  }
}

/** The refusal of what has to wait while half or more of the members, `names` among them, cannot be reached. */
export function criticalReject(mesh: MeshId, names: readonly string[], retryAfterUs: number): Reject {
  const who = names.length === 0 ? '' : ` (${names.slice(0, NAMED_MAX).join(', ')}${names.length > NAMED_MAX ? ', …' : ''})`;
  const detail = `the mesh is CRITICAL: half or more of its members cannot be reached${who}; bring them back, or evict those that are gone for good`;
  return reject('MESH_CRITICAL', mesh, detail, retryAfterUs);
}

function isNews(sight: MeshSight, written: MeshSight | null): boolean {
  return written === null ? sight.state !== 'healthy' : written.state !== sight.state;
}

const NAMED_MAX = 5;
