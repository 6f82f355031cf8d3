/**
 * What two neighbours say to each other about their link, and the certificate that both trust, in protobuf's wire
 * format (proto/mesh/wire/v1/link.proto holds the same definitions; a test holds both equal). Each travels as the
 * payload of one LINK_LOCAL frame; the frame's msg_type says which message it is.
 */
import type { MeshId, NodeId } from '../base/ids.js';
import type { LogIndex, MemberIndex } from '../base/units.js';
import { GENERATIONS_MAX, GenerationRow } from './generation-messages.js';
import { type Infer, type InferUnion, bytes, id, message, nested, repeated, text, uint, union } from './schema.js';

/** More certificates than this in one chain refuse the message that carries them. */
export const CHAIN_CERTIFICATES_MAX = 16;
/** More advertised addresses than this refuse a join. */
export const JOIN_URLS_MAX = 16;

/** A statement by `issuer` (or by the mesh's key, when issuer is the node itself) that a replica is a member. */
export const MembershipCertificate = message('MembershipCertificate', {
  meshId: id<MeshId>(1),
  nodeId: id<NodeId>(2),
  /** Ed25519, 32 bytes. */
  publicKey: bytes(3),
  replica: uint(4),
  index: uint<MemberIndex>(5),
  /** Counter of the mesh's generation, from 1. */
  generation: uint(6),
  generationTag: uint(7),
  /** Where in the MCG's log the membership begins. */
  logIndex: uint<LogIndex>(8),
  issuer: id<NodeId>(9),
  /** Ed25519 over all of the above, 64 bytes. */
  signature: bytes(10),
});
export type MembershipCertificate = Infer<typeof MembershipCertificate>;

/** Leaf first; the last one is signed by the mesh's key. */
export const CertificateChain = message('CertificateChain', {
  certificates: repeated(nested(1, MembershipCertificate), CHAIN_CERTIFICATES_MAX),
});
export type CertificateChain = Infer<typeof CertificateChain>;

/** Who a side of a lane is and what it speaks. A side that is in no mesh leaves the fields of the mesh empty. */
export const LinkHello = message('LinkHello', {
  versionMin: uint(1),
  versionMax: uint(2),
  /** 1 member, 2 join. */
  purpose: uint(3),
  /** Bits; both sides use those that both have. */
  features: uint(4),
  meshId: id<MeshId>(5),
  meshPublicKey: bytes(6),
  generationTag: uint(7),
  nodeId: id<NodeId>(8),
  publicKey: bytes(9),
  replica: uint(10),
  bootCounter: uint(11),
  /** Drawn at boot, 16 bytes: tells two holders of one identity apart. */
  process: bytes(12),
  /** Drawn for this lane, 32 bytes. */
  nonce: bytes(13),
  /** Counts the dials of one boot of the dialler; 0 from the listener. */
  dialSeq: uint(14),
  /** How far the sender has applied the MCG's log. */
  mcgApplied: uint<LogIndex>(15),
  chain: repeated(nested(16, MembershipCertificate), CHAIN_CERTIFICATES_MAX),
  /** The foundings that led to the sender's generation; none in the first. */
  lineage: repeated(nested(17, GenerationRow), GENERATIONS_MAX),
});
export type LinkHello = Infer<typeof LinkHello>;

/** The listener's answer: its own encoded LinkHello, signed together with the dialler's. */
export const LinkHelloReply = message('LinkHelloReply', { hello: bytes(1), signature: bytes(2) });
/** The dialler's signature over both hellos. */
export const LinkHelloFinish = message('LinkHelloFinish', { signature: bytes(1) });

/** `echo` is the sender's own clock and comes back as it is. */
export const LinkHeartbeat = message('LinkHeartbeat', {
  echo: uint(1),
  /** The sender's smoothed round trip, microseconds; 0 before the first. */
  rttUs: uint(2),
  mcgApplied: uint<LogIndex>(3),
});
export const LinkHeartbeatAck = message('LinkHeartbeatAck', { echo: uint(1), mcgApplied: uint<LogIndex>(2) });

/** Why the sender closes the lane: a wire number of core/link/refusal.ts. */
export const LinkGoodbye = message('LinkGoodbye', { code: uint(1) });

/** What a newcomer asks of the mesh. The key itself never crosses the wire: `proof` shows that it is known. */
export const JoinRequest = message('JoinRequest', {
  nodeId: id<NodeId>(1),
  publicKey: bytes(2),
  name: text(3),
  replica: uint(4),
  /** 16 random bytes of the newcomer's journal: repeats of one join carry the same. */
  journalId: bytes(5),
  /** Where others can dial the newcomer; empty behind NAT. */
  urls: repeated(text(6), JOIN_URLS_MAX),
  /** 32 bytes; empty where the policy asks for none. */
  proof: bytes(7),
  /** Where the newcomer says it stands; may be empty. */
  site: text(8),
});
export type JoinRequest = Infer<typeof JoinRequest>;

/** What the newcomer needs to be a member. */
export const JoinGrant = message('JoinGrant', {
  meshId: id<MeshId>(1),
  meshName: text(2),
  description: text(3),
  /** 1 open, 2 key-required, 3 closed. */
  policy: uint(4),
  generation: uint(5),
  generationTag: uint(6),
  meshPublicKey: bytes(7),
  chain: repeated(nested(8, MembershipCertificate), CHAIN_CERTIFICATES_MAX),
  /** The foundings that led to the mesh's generation. */
  lineage: repeated(nested(9, GenerationRow), GENERATIONS_MAX),
});
export type JoinGrant = Infer<typeof JoinGrant>;

/** The steps of a join on a lane whose handshake had the purpose join. */
export const JoinMessage = union('JoinMessage', {
  /** The member, once the lane is up. */
  challenge: [1, message('JoinChallenge', { policy: uint(1), meshName: text(2), salt: bytes(3) })],
  request: [2, JoinRequest],
  grant: [3, JoinGrant],
  /** A Reject: its number, subject, detail and retry hint. */
  refused: [
    4,
    message('JoinRefused', { code: uint(1), subject: text(2), detail: text(3), retryAfterUs: uint(4) }),
  ],
});
export type JoinMessage = InferUnion<typeof JoinMessage>;
