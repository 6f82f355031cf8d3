/** What links tell the node, and what they know of one. */
import type { NodeId } from '../base/ids.js';
import type { Notice } from '../base/notice.js';
import type { Result } from '../base/result.js';
import type { LaneId, Ticket } from '../base/units.js';
import type { GenerationRow } from '../wire/generation-messages.js';
import type { JoinGrant, JoinRequest, MembershipCertificate } from '../wire/link-messages.js';
import type { LaneCode } from './refusal.js';

/** A wish to the host. */
export type LinkEffect =
  | { readonly kind: 'transmit'; readonly lane: LaneId; readonly parts: readonly Uint8Array[] }
  | { readonly kind: 'dial'; readonly ticket: Ticket; readonly url: string }
  | { readonly kind: 'close-lane'; readonly lane: LaneId; readonly reason: string };

export type LinkFact =
  | { readonly kind: 'effect'; readonly effect: LinkEffect }
  | {
      readonly kind: 'link-up';
      readonly peer: NodeId;
      readonly replica: number;
      readonly bootCounter: number;
      readonly isProvisional: boolean;
      readonly dialledByUs: boolean;
      /** As the handshake measured it. */
      readonly rttUs: number;
      /** The peer's membership, verified: leaf first. */
      readonly chain: readonly MembershipCertificate[];
    }
  /** Both ends have applied the log up to both certificates. */
  | { readonly kind: 'link-promoted'; readonly peer: NodeId }
  | {
      readonly kind: 'link-down';
      readonly peer: NodeId;
      readonly reason: LaneCode;
      /** Whole frames that no socket was given, control first. What was in a socket is their owners' to repeat. */
      readonly undelivered: readonly Uint8Array[];
    }
  /** A proven member has refused this very replica as no member any more. */
  | { readonly kind: 'told-evicted'; readonly peer: NodeId }
  /** A proven member of another generation of our mesh was at the door. Told at each try. */
  | { readonly kind: 'other-generation'; readonly peer: NodeId; readonly lineage: readonly GenerationRow[] }
  /** The smoothed round trip has changed. */
  | { readonly kind: 'link-rtt'; readonly peer: NodeId; readonly rttUs: number }
  /** The link's queue was above its high mark, or refused, and is below its low one again. */
  | { readonly kind: 'link-writable'; readonly peer: NodeId }
  | { readonly kind: 'lsa'; readonly peer: NodeId; readonly payload: Uint8Array }
  /** A newcomer asks in; its proof holds where the policy wants one. The node calls `answerJoin` when it knows. */
  | {
      readonly kind: 'join-requested';
      readonly lane: LaneId;
      readonly request: JoinRequest;
      /** What the proof is bound to, for a leader that checks it again. */
      readonly transcript: Uint8Array;
    }
  /** The one outcome of a `dialForJoin` that was not cancelled. The grant's certificates are verified. */
  | { readonly kind: 'join-answered'; readonly result: Result<JoinGrant> }
  /** A second process claims an identity that is linked, or our own. It was refused at the door. */
  | {
      readonly kind: 'identity-conflict';
      readonly peer: NodeId;
      readonly isOurs: boolean;
      readonly heldBootCounter: number;
      readonly refusedBootCounter: number;
      readonly remote: string;
    }
  | { readonly kind: 'notice'; readonly notice: Notice };

/** A link as status and topology see it. */
export interface LinkView {
  readonly peer: NodeId;
  readonly replica: number;
  readonly bootCounter: number;
  readonly isProvisional: boolean;
  readonly dialledByUs: boolean;
  readonly rttUs: number;
  readonly laneCount: number;
  readonly queuedBytes: number;
  readonly features: number;
  readonly chain: readonly MembershipCertificate[];
}
