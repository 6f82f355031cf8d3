/** What the topology machine tells its node, and what it asks of it. */
import type { NodeId } from '../base/ids.js';
import type { Notice } from '../base/notice.js';
import type { MemberIndex } from '../base/units.js';

/** What the node says of an advertisement's signature and certificate chain; null when they do not hold. */
export type VerifyLsa = (
  origin: NodeId,
  certificateChain: Uint8Array,
  signedBytes: Uint8Array,
  signature: Uint8Array,
) => { readonly index: MemberIndex; readonly replica: number } | null;

export type TopologyFact =
  /** A link-local LSA frame for a linked neighbour. */
  | { readonly kind: 'topology-send'; readonly peer: NodeId; readonly payload: Uint8Array }
  /**
   * Routes must be computed anew before they are used next. At most once per turn for all that was heard, and at once,
   * with `isUrgent`, for each link of this node that went down.
   */
  | { readonly kind: 'topology-changed'; readonly isUrgent: boolean }
  | { readonly kind: 'notice'; readonly notice: Notice };
