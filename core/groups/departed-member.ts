/** A replica that the mesh's log has let go, as the streams that name it are told. */
import type { NodeId } from '../base/ids.js';
import type { LogIndex } from '../base/units.js';

export interface DepartedMember {
  readonly node: NodeId;
  readonly replica: number;
  /** Else it has left by itself. */
  readonly isEvicted: boolean;
  /** By the founding of a generation of the mesh: what it had to settle is not given up by that. */
  readonly isForced: boolean;
  /** Where in the log of the mesh control group. */
  readonly at: LogIndex;
}
