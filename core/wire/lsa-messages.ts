/**
 * Messages of the link-state flood between neighbours, as `proto/mesh/wire/v1/lsa.proto` declares them. They carry
 * full ids, because neighbours may not know one another's indexes yet. An LSA's body travels as the bytes that its
 * origin signed: whoever passes it on re-encodes only the envelope, whose age grows on the way.
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
  uint,
  union,
} from './schema.js';

export const LSA_ADJACENCIES_MAX = 1024;
export const LSA_BATCH_MAX = 256;
export const LSA_DIGEST_MAX = 8192;

/** One direction of a link, as its sending end sees it. Zero in bandwidth means "not measured". */
export const LsaAdjacency = message('LsaAdjacency', {
  peer: id<NodeId>(1),
  rttUs: uint(2),
  bandwidthKbps: uint(3),
  /** 0 to 1000. */
  utilisationPermille: uint(4),
  /** 0 to 1,000,000. */
  lossPpm: uint(5),
  /** Added to the cost of the link by an operator's policy, in units of cost. */
  administrativeCost: uint(6),
});
export type LsaAdjacency = Infer<typeof LsaAdjacency>;

/** What an origin signs. Newer means greater (replica, bootCounter, seq). */
export const LsaBody = message('LsaBody', {
  origin: id<NodeId>(1),
  replica: uint(2),
  bootCounter: uint(3),
  seq: uint(4),
  /** The origin has gone on purpose: no adjacencies. */
  isWithdrawn: flag(5),
  /** A hint of what the origin can relay, 0 when it does not say. */
  relayCapacityKbps: uint(6),
  adjacencies: repeated(nested(7, LsaAdjacency), LSA_ADJACENCIES_MAX),
});
export type LsaBody = Infer<typeof LsaBody>;

export const Lsa = message('Lsa', {
  body: bytes(1),
  signature: bytes(2),
  /** The origin's membership certificate and what it rests on; opaque here. */
  certificateChain: bytes(3),
  /** How long ago the origin made it; grows wherever it is held. */
  ageMs: uint(4),
});
export type Lsa = Infer<typeof Lsa>;

export const LsaDigestEntry = message('LsaDigestEntry', {
  origin: id<NodeId>(1),
  replica: uint(2),
  bootCounter: uint(3),
  seq: uint(4),
});
export type LsaDigestEntry = Infer<typeof LsaDigestEntry>;

export const LsaBatch = message('LsaBatch', { lsas: repeated(nested(1, Lsa), LSA_BATCH_MAX) });
/** Two 32-bit sums over all versions that the sender holds: equal sums, equal databases. */
export const LsaSummary = message('LsaSummary', { count: uint(1), low: uint(2), high: uint(3) });
/** Every version that the sender holds. `isReply` ends the exchange. */
export const LsaDigest = message('LsaDigest', {
  isReply: flag(1),
  entries: repeated(nested(2, LsaDigestEntry), LSA_DIGEST_MAX),
});

export const TopologyMessage = union('TopologyMessage', {
  batch: [1, LsaBatch],
  summary: [2, LsaSummary],
  digest: [3, LsaDigest],
});
export type TopologyMessage = InferUnion<typeof TopologyMessage>;
