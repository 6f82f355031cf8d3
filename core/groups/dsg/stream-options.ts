/** What a stream is made of at one of its members. */
import type { AdmissionSeat } from '../admission/admission.js';
import type { Micros } from '../../base/units.js';
import type { RestoredGroup } from '../../journal/api.js';
import type { StreamDescriptor } from '../../wire/group-messages.js';
import type { MeshStanding } from '../recovery/mesh-standing.js';

export interface StreamOptions {
  readonly descriptor: StreamDescriptor;
  readonly generation: number;
  readonly restored: RestoredGroup | null;
  /** The stream begins here and now: its source stands for election at once. */
  readonly isNew: boolean;
  readonly mesh: MeshStanding;
  readonly onDirty: () => void;
  /** Asked for at the source, which alone admits messages. */
  readonly seat: () => AdmissionSeat;
  /** This node is a target from now on, or knows at last how far it was: its application can begin. */
  readonly onAttached: (now: Micros) => void;
  /** By the log the stream is no more. The source's signature says so to others. */
  readonly onDeleted: (now: Micros, signature: Uint8Array) => void;
}
