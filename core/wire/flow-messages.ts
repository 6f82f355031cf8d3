/**
 * The payload of a FLOW_ACK frame: how far each flow between two nodes has come, and how much more its receiver takes.
 * FLOW_DATA has no message of its own: its payload is the flow's message as it is, its header carries the rest
 * (core/flow/flows.ts lists the fields).
 *
 * Every field but `isProbe` is monotone within a pair of boots, so an ack that is late, repeated or overtaken does no
 * harm and no ack has to arrive as long as a later one does.
 */
import { type Infer, flag, message, nested, repeated, uint } from './schema.js';

/** Most ranges of one flow, and most flows, that one ack may tell. */
export const FLOW_RANGES_MAX = 256;
export const FLOW_CLASSES_MAX = 64;

/** Sequence numbers `from` to `to`, both inclusive, that arrived out of order. */
export const FlowRange = message('FlowRange', { from: uint(1), to: uint(2) });
export type FlowRange = Infer<typeof FlowRange>;

/** One flow, as its receiver sees it. */
export const FlowProgress = message('FlowProgress', {
  flowClass: uint(1),
  /** Every message up to this sequence number has arrived; 0 before the first. */
  cumulative: uint(2),
  /** Credit: the sum of message costs, from the pair's first message, that the sender may have sent. */
  creditLimit: uint(3),
  /** What arrived beyond the first gap: ascending, disjoint, not adjacent, the lowest first when not all are told. */
  ranges: repeated(nested(4, FlowRange), FLOW_RANGES_MAX),
});
export type FlowProgress = Infer<typeof FlowProgress>;

/** All flows of one pair of nodes in one direction that have something to tell. */
export const FlowAck = message('FlowAck', {
  /** The sender of this ack wants one in return that tells every flow. */
  isProbe: flag(1),
  flows: repeated(nested(2, FlowProgress), FLOW_CLASSES_MAX),
});
export type FlowAck = Infer<typeof FlowAck>;
