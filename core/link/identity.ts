/** Who this node is to its neighbours, and who a neighbour has proven to be. */
import type { MeshId, NodeId } from '../base/ids.js';
import type { LogIndex } from '../base/units.js';
import type { GenerationRow } from '../wire/generation-messages.js';
import type { MembershipCertificate } from '../wire/link-messages.js';

export interface LocalIdentity {
  readonly nodeId: NodeId;
  readonly replica: number;
  /** Counts the starts of this replica, durably. */
  readonly bootCounter: number;
  /** Ed25519, 32 bytes each. */
  readonly privateSeed: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** This node's place in its mesh. */
export interface LinkMembership {
  readonly meshId: MeshId;
  readonly meshPublicKey: Uint8Array;
  readonly generationTag: number;
  /** The foundings that led to our generation. */
  readonly lineage: readonly GenerationRow[];
  /** Our own certificate first, up to the one that the mesh's key signed. */
  readonly chain: readonly MembershipCertificate[];
  readonly mcgApplied: LogIndex;
}

export type Purpose = 'member' | 'join';

/** What a completed handshake has shown. A newcomer that joins has no chain, and is believed in its key alone. */
export interface PeerClaims {
  readonly purpose: Purpose;
  readonly nodeId: NodeId;
  readonly publicKey: Uint8Array;
  readonly replica: number;
  readonly bootCounter: number;
  /** Hexadecimal of what the peer's process drew at its start. */
  readonly process: string;
  /** The dialler's count of dials, whichever side the dialler is. */
  readonly dialSeq: number;
  readonly mcgApplied: LogIndex;
  readonly features: number;
  /** The protocol version of the lane: the highest that both speak. */
  readonly version: number;
  readonly chain: readonly MembershipCertificate[];
  /** The mesh of the side that is in one. */
  readonly meshId: MeshId;
  readonly meshPublicKey: Uint8Array;
  readonly generationTag: number;
  /** The foundings that led to its generation; of members. */
  readonly lineage: readonly GenerationRow[];
}

/** How a claimed holder of an identity stands to the one that is linked. */
export type Standing = 'same' | 'newer' | 'stale' | 'clash';

/** Compares two holders of one node id. `clash`: another process of the very same boot. */
export function standingOf(
  held: { readonly replica: number; readonly bootCounter: number; readonly process: string },
  claimed: { readonly replica: number; readonly bootCounter: number; readonly process: string },
): Standing {
  if (claimed.replica !== held.replica) return claimed.replica > held.replica ? 'newer' : 'stale';
  if (claimed.bootCounter !== held.bootCounter) return claimed.bootCounter > held.bootCounter ? 'newer' : 'stale';
  return claimed.process === held.process ? 'same' : 'clash';
}
