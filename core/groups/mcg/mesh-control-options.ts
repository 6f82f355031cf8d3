/** What the mesh control group at one node is made of. */
import type { MeshId, NodeId } from '../../base/ids.js';
import type { ReplicaId } from '../../base/replica.js';
import type { Micros } from '../../base/units.js';
import type { RestoredGroup } from '../../journal/api.js';
import type { MembershipCertificate } from '../../wire/link-messages.js';
import type { GenerationFounding } from '../../wire/generation-messages.js';
import type { DatabaseGroupRow } from '../../wire/update-messages.js';

export interface MeshControlOptions {
  readonly mesh: MeshId;
  readonly generation: number;
  readonly generationTag: number;
  /** Our own membership, leaf first: what we issue certificates under. */
  readonly chain: readonly MembershipCertificate[];
  readonly restored: RestoredGroup | null;
  /** Of a generation after the first, at its founders: how it begins. */
  readonly founding: GenerationFounding | null;
  /** The founder's first replica; null at everybody else, who learn the configuration from the leader. */
  readonly founder: ReplicaId | null;
  readonly isAlive: (node: NodeId) => boolean;
  /** Since when a member has been failed, or gone on purpose; null when it is not. */
  readonly failedSince: (node: NodeId) => Micros | null;
  /** The mesh's log has founded the group of database updates. May be told again. */
  readonly onDatabaseGroup: (now: Micros, row: DatabaseGroupRow) => void;
  readonly onDirty: () => void;
}
