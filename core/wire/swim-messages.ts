/**
 * Messages of the membership gossip (SWIM, Lifeguard, Serf), as `proto/mesh/wire/v1/swim.proto` declares them. Every
 * message carries its sender's own incarnation, so that whatever is heard from a node is also its newest "alive".
 */
import type { NodeId } from '../base/ids.js';
import {
  type Infer,
  type InferUnion,
  bytes,
  flag,
  id,
  message,
  nested,
  repeated,
  text,
  uint,
  union,
} from './schema.js';

/** What a claim says of its subject. `JOIN` is an `ALIVE` that the subject itself spoke at its start. */
export const CLAIM_STATES = { JOIN: 1, ALIVE: 2, SUSPECT: 3, CONFIRM: 4, LEAVE: 5 } as const;

/** A claim about a member. `accuser` is who first said it: the subject itself for join, alive and leave. */
export const SwimClaim = message('SwimClaim', {
  state: uint(1),
  subject: id<NodeId>(2),
  incarnation: uint(3),
  accuser: id<NodeId>(4),
});
export type SwimClaim = Infer<typeof SwimClaim>;

/** A user event. (origin, replica, bootCounter, lamport) is unique: an origin never reuses a Lamport time in a boot. */
export const SwimUserEvent = message('SwimUserEvent', {
  lamport: uint(1),
  origin: id<NodeId>(2),
  replica: uint(3),
  bootCounter: uint(4),
  name: text(5),
  payload: bytes(6),
});
export type SwimUserEvent = Infer<typeof SwimUserEvent>;

export const SWIM_CLAIMS_MAX = 512;
export const SWIM_EVENTS_MAX = 64;

const incarnation = uint(1);
const claims = repeated(nested(2, SwimClaim), SWIM_CLAIMS_MAX);
const events = repeated(nested(3, SwimUserEvent), SWIM_EVENTS_MAX);

/** "Answer with this seq." */
export const SwimPing = message('SwimPing', { incarnation, claims, events, seq: uint(4) });
/** "Ping `target` for me and pass its answer on under my seq." */
export const SwimPingRequest = message('SwimPingRequest', {
  incarnation,
  claims,
  events,
  seq: uint(4),
  target: id<NodeId>(5),
});
/** The answer to a ping: the responder itself, or a helper for it, speaks of `responder`. */
export const SwimAck = message('SwimAck', {
  incarnation,
  claims,
  events,
  seq: uint(4),
  responder: id<NodeId>(5),
  responderIncarnation: uint(6),
});
/** A helper says that it works and has not heard from the target. */
export const SwimNack = message('SwimNack', { incarnation, claims, events, seq: uint(4) });
export const SwimGossip = message('SwimGossip', { incarnation, claims, events });
/** One part of a node's whole view; `claims` hold it. `wantsReply` asks for the receiver's view in return. */
export const SwimPushPull = message('SwimPushPull', {
  incarnation,
  claims,
  events,
  wantsReply: flag(4),
  lamport: uint(5),
});

export const SwimMessage = union('SwimMessage', {
  ping: [1, SwimPing],
  'ping-request': [2, SwimPingRequest],
  ack: [3, SwimAck],
  nack: [4, SwimNack],
  gossip: [5, SwimGossip],
  'push-pull': [6, SwimPushPull],
});
export type SwimMessage = InferUnion<typeof SwimMessage>;
