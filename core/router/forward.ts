/**
 * What to do with a frame that has come over a link: deliver it here, send it on, or drop it for a counted reason.
 *
 * A relay reads the prefix only: no decoding of the header, no copy of the payload, ttl and hop count rewritten in
 * place; the bytes that came are the bytes that leave. About 50 ns a frame. Membership's opinion of nodes plays no
 * part here, and neither does the checksum, which the end that takes the frame verifies.
 * Leaves out: the checks of tenant, source and target that a relay will make, and source-chosen paths.
 */
import type { NodeId } from '../base/ids.js';
import type { MemberIndex } from '../base/units.js';
import type { FrameView } from '../wire/frame.js';
import { decodeHeader } from '../wire/header.js';
import type { RouteDecision, Routes } from './routes.js';

export type ForwardDecision =
  | { readonly kind: 'deliver' }
  | { readonly kind: 'forward'; readonly nextHop: NodeId }
  | { readonly kind: 'drop'; readonly reason: ForwardDropReason };

/** Each is a counter `router.dropped.REASON`. */
export type ForwardDropReason = 'ttl' | 'unknown-index' | 'no-route' | 'generation' | 'link-local' | 'malformed';

/** Who this node is to a frame. */
export interface ForwardSelf {
  readonly index: MemberIndex;
  readonly generationTag: number;
}

/** What forwarding asks besides the tables by index, for the rare frame that names its target by id. */
export interface ForwardNames {
  indexOf(node: NodeId): MemberIndex | null;
}

/** Decides, and for `forward` takes one hop from the ttl in place. Allocates nothing but for frames with full ids. */
export function forward(frame: FrameView, self: ForwardSelf, routes: Routes, names: ForwardNames): ForwardDecision {
  if (frame.isLinkLocal) return LINK_LOCAL;
  if (frame.generationTag !== self.generationTag) return WRONG_GENERATION;
  const decision = frame.hasFullIds
    ? decisionForId(frame, routes, names)
    : routes.decisionFor(frame.target, frame.trafficClass);
  if (decision === undefined) return frame.target === self.index ? DELIVER : UNKNOWN_INDEX;
  if (decision.kind === 'forward' && !frame.rewriteForNextHop()) return TTL_ENDED;
  return decision;
}

/** A source falls back to full ids when somebody on the way does not know its target's index. */
function decisionForId(
  frame: FrameView,
  routes: Routes,
  names: ForwardNames,
): RouteDecision | ForwardDecision | undefined {
  const header = decodeHeader(frame.header());
  if (header === null || header.targetId === null) return MALFORMED;
  const index = names.indexOf(header.targetId);
  return index === null ? UNKNOWN_INDEX : routes.decisionFor(index, frame.trafficClass);
}

const DELIVER: ForwardDecision = { kind: 'deliver' };
const drop = (reason: ForwardDropReason): ForwardDecision => ({ kind: 'drop', reason });
const LINK_LOCAL = drop('link-local');
const WRONG_GENERATION = drop('generation');
const UNKNOWN_INDEX = drop('unknown-index');
const TTL_ENDED = drop('ttl');
const MALFORMED = drop('malformed');
