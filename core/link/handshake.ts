/**
 * The handshake of one lane: three messages, in which each side signs what both have said.
 *
 * ```
 * dialler                                   listener
 *   HELLO        hello_d              →
 *                                     ←     HELLO_REPLY   hello_l, sign_l("listener", H(hello_d, hello_l))
 *   HELLO_FINISH sign_d("dialler", H) →
 * ```
 * A hello carries a fresh nonce, the mesh, the version range, the features, node id, replica, boot counter and the
 * certificate chain, so the signatures bind all of these; they cover the bytes as they were received, not a decoded
 * form. Sides of two generations of one mesh prove themselves to each other too, and their lineages with that, and then
 * part (admission.ts). Invariant: a side that reports `verified` has a signature, made for this lane, by the key that the peer's
 * chain names as its node's (purpose member), or that the peer claims for itself (a newcomer's side of a join).
 *
 * Pure: it knows neither lanes nor other links, and keeps only its own lane's messages. Whoever replays a hello gets
 * a reply to a new nonce and cannot finish.
 * Source: SIGMA-style sign-the-transcript (Krawczyk 2003). Differs: no key exchange, since lanes run inside TLS.
 */
import { type Crypto, type Entropy, equalBytes } from '../base/crypto.js';
import { EMPTY_BYTES, concatBytes, toHex, utf8Encode } from '../base/bytes.js';
import type { MeshId, NodeId } from '../base/ids.js';
import { present } from '../base/assert.js';
import { ZERO_ID, writeU32 } from '../wire/varint.js';
import { LinkHello, LinkHelloFinish, LinkHelloReply } from '../wire/link-messages.js';
import type { LinkMembership, LocalIdentity, PeerClaims, Purpose } from './identity.js';
import type { LaneCode } from './refusal.js';
import type { LinkTrust } from './trust.js';

/** What every handshake of this node shares. */
export interface HandshakeContext {
  readonly crypto: Crypto;
  readonly entropy: Entropy;
  readonly trust: LinkTrust;
  readonly identity: LocalIdentity;
  /** Drawn once at boot. */
  readonly process: Uint8Array;
  readonly versionMin: number;
  readonly versionMax: number;
  readonly features: number;
  readonly membership: () => LinkMembership | null;
  readonly isEvicted: (claims: { readonly nodeId: NodeId; readonly replica: number }) => boolean;
}

export interface Verified {
  readonly kind: 'verified';
  readonly claims: PeerClaims;
  /** H(hello_d, hello_l): what a join proof is bound to. */
  readonly transcript: Uint8Array;
}
/** `claims` are unproven: for reports only. */
export interface Refused {
  readonly kind: 'refused';
  readonly code: LaneCode;
  readonly claims: LinkHello | null;
}

/** The side that dialled. `expectedMesh` is what a join insists on, null for any mesh. */
export class DiallerHandshake {
  /** The payload of HELLO. */
  readonly hello: Uint8Array;
  readonly #context: HandshakeContext;
  readonly #purpose: Purpose;
  readonly #expectedMesh: MeshId | null;
  readonly #dialSeq: number;

  constructor(
    context: HandshakeContext,
    dial: { readonly purpose: Purpose; readonly dialSeq: number; readonly expectedMesh: MeshId | null },
  ) {
    this.#context = context;
    this.#purpose = dial.purpose;
    this.#expectedMesh = dial.expectedMesh;
    this.#dialSeq = dial.dialSeq;
    const membership = dial.purpose === 'member' ? context.membership() : null;
    this.hello = encodeHello(context, { ...dial, membership });
  }

  /** `finish` is the payload of HELLO_FINISH, to be sent once the peer is welcome. */
  onReply(payload: Uint8Array): (Verified & { readonly finish: Uint8Array }) | Refused {
    const reply = LinkHelloReply.decode(payload);
    const hello = reply === null ? null : LinkHello.decode(reply.hello);
    if (reply === null || hello === null || !isWellFormed(hello)) return refused('malformed', null);
    const { crypto } = this.#context;
    const version = sharedVersion(this.#context, hello);
    if (version === null) return refused('version-mismatch', hello);
    if (purposeOf(hello) !== this.#purpose) return refused('malformed', hello);
    const mesh = this.#meshToTrust(hello);
    if (typeof mesh === 'string') return refused(mesh, hello);
    // An evicted peer is refused later, once it can see that a member says so.
    if (isSelf(this.#context, hello)) return refused('self', hello);
    const transcript = transcriptOf(crypto, this.hello, reply.hello);
    if (!crypto.verify(hello.publicKey, signedBytes(LISTENER, transcript), reply.signature)) {
      return refused('signature-invalid', hello);
    }
    if (!chainIsOf(this.#context, mesh, hello)) return refused('chain-invalid', hello);
    if (isDouble(this.#context, hello)) return refused('identity-in-use', hello);
    const signature = crypto.sign(this.#context.identity.privateSeed, signedBytes(DIALLER, transcript));
    return {
      kind: 'verified',
      claims: claimsOf(this.#context, hello, { purpose: this.#purpose, version, dialSeq: this.#dialSeq }),
      transcript,
      finish: LinkHelloFinish.encode({ signature }),
    };
  }

  /** A member holds the peer to its own mesh; a newcomer takes the peer's word for which mesh, unless it insists. */
  #meshToTrust(hello: LinkHello): { meshId: MeshId; meshPublicKey: Uint8Array } | LaneCode {
    const { meshId, meshPublicKey } = hello;
    if (meshId === ZERO_ID) return 'not-a-member';
    if (this.#purpose === 'join') {
      const isExpected = this.#expectedMesh === null || this.#expectedMesh === meshId;
      return isExpected ? { meshId, meshPublicKey } : 'wrong-mesh';
    }
    const membership = this.#context.membership();
    if (membership === null) return 'not-a-member';
    return meshFault(membership, hello) ?? membership;
  }
}

/** The side that accepted the socket. */
export class ListenerHandshake {
  readonly #context: HandshakeContext;
  #hello: LinkHello | null = null;
  #transcript: Uint8Array = EMPTY_BYTES;
  #version = 0;

  constructor(context: HandshakeContext) {
    this.#context = context;
  }

  /** `reply` is the payload of HELLO_REPLY. */
  onHello(payload: Uint8Array): { readonly kind: 'reply'; readonly reply: Uint8Array } | Refused {
    const hello = LinkHello.decode(payload);
    if (hello === null || !isWellFormed(hello)) return refused('malformed', null);
    const version = sharedVersion(this.#context, hello);
    if (version === null) return refused('version-mismatch', hello);
    const purpose = purposeOf(hello);
    if (purpose === null) return refused('malformed', hello);
    const membership = this.#context.membership();
    const fault = isSelf(this.#context, hello) ? 'self' : purposeFault(membership, purpose, hello);
    if (fault !== null) return refused(fault, hello);
    const mesh = present(membership, 'a listener that replies is in a mesh');
    if (purpose === 'member' && !chainIsOf(this.#context, mesh, hello)) return refused('chain-invalid', hello);
    const { crypto, identity } = this.#context;
    const ours = encodeHello(this.#context, { purpose, dialSeq: 0, membership: mesh, expectedMesh: null });
    this.#hello = hello;
    this.#version = version;
    this.#transcript = transcriptOf(crypto, payload, ours);
    const signature = crypto.sign(identity.privateSeed, signedBytes(LISTENER, this.#transcript));
    return { kind: 'reply', reply: LinkHelloReply.encode({ hello: ours, signature }) };
  }

  onFinish(payload: Uint8Array): Verified | Refused {
    const hello = this.#hello;
    const finish = LinkHelloFinish.decode(payload);
    if (finish === null || hello === null) return refused('malformed', hello);
    const { crypto } = this.#context;
    if (!crypto.verify(hello.publicKey, signedBytes(DIALLER, this.#transcript), finish.signature)) {
      return refused('signature-invalid', hello);
    }
    // Membership may have changed since the reply.
    const purpose = present(purposeOf(hello), 'the purpose was checked with the hello');
    const membership = this.#context.membership();
    // Another generation has its own view of who is out: it is no word for this one (admission.ts).
    const isOurs = purpose === 'join' || hello.generationTag === membership?.generationTag;
    const fault = isOurs && this.#context.isEvicted(hello) ? 'evicted' : purposeFault(membership, purpose, hello);
    if (fault !== null) return refused(fault, hello);
    if (isDouble(this.#context, hello)) return refused('identity-in-use', hello);
    const claims = claimsOf(this.#context, hello, { purpose, version: this.#version, dialSeq: hello.dialSeq });
    return { kind: 'verified', claims, transcript: this.#transcript };
  }
}

function encodeHello(
  context: HandshakeContext,
  lane: {
    readonly purpose: Purpose;
    readonly dialSeq: number;
    readonly membership: LinkMembership | null;
    readonly expectedMesh: MeshId | null;
  },
): Uint8Array {
  const { identity } = context;
  return LinkHello.encode({
    versionMin: context.versionMin,
    versionMax: context.versionMax,
    purpose: lane.purpose === 'member' ? PURPOSE_MEMBER : PURPOSE_JOIN,
    features: context.features,
    meshId: lane.membership?.meshId ?? lane.expectedMesh ?? (ZERO_ID as MeshId),
    meshPublicKey: lane.membership?.meshPublicKey ?? EMPTY_BYTES,
    generationTag: lane.membership?.generationTag ?? 0,
    nodeId: identity.nodeId,
    publicKey: identity.publicKey,
    replica: identity.replica,
    bootCounter: identity.bootCounter,
    process: context.process,
    nonce: context.entropy.bytes(NONCE_BYTES),
    dialSeq: lane.dialSeq,
    mcgApplied: lane.membership?.mcgApplied ?? (0 as LinkHello['mcgApplied']),
    chain: lane.membership?.chain ?? [],
    lineage: lane.membership?.lineage ?? [],
  });
}

function isWellFormed(hello: LinkHello): boolean {
  return (
    hello.publicKey.length === KEY_BYTES &&
    hello.process.length === PROCESS_BYTES &&
    hello.nonce.length === NONCE_BYTES &&
    hello.nodeId !== ZERO_ID &&
    hello.replica > 0 &&
    hello.bootCounter > 0
  );
}

function sharedVersion(context: HandshakeContext, hello: LinkHello): number | null {
  const highest = Math.min(context.versionMax, hello.versionMax);
  return highest >= Math.max(context.versionMin, hello.versionMin) ? highest : null;
}

function purposeOf(hello: LinkHello): Purpose | null {
  if (hello.purpose === PURPOSE_MEMBER) return 'member';
  return hello.purpose === PURPOSE_JOIN ? 'join' : null;
}

/** The lane leads back to this process. */
function isSelf(context: HandshakeContext, hello: LinkHello): boolean {
  return equalBytes(hello.process, context.process);
}

/** Another process with our own identity. Asked last, because it is reported and so must be proven. */
function isDouble(context: HandshakeContext, hello: LinkHello): boolean {
  return hello.nodeId === context.identity.nodeId;
}

/** What a listener asks of the dialler's mesh, before it looks at signatures. */
function purposeFault(membership: LinkMembership | null, purpose: Purpose, hello: LinkHello): LaneCode | null {
  if (membership === null) return 'not-a-member';
  if (purpose === 'member') return meshFault(membership, hello);
  return hello.meshId === ZERO_ID || hello.meshId === membership.meshId ? null : 'wrong-mesh';
}

function meshFault(membership: LinkMembership, hello: LinkHello): LaneCode | null {
  return hello.meshId === membership.meshId ? null : 'wrong-mesh';
}

function chainIsOf(
  context: HandshakeContext,
  mesh: { readonly meshId: MeshId; readonly meshPublicKey: Uint8Array },
  hello: LinkHello,
): boolean {
  const leaf = hello.chain[0];
  return (
    leaf !== undefined &&
    leaf.nodeId === hello.nodeId &&
    leaf.replica === hello.replica &&
    equalBytes(leaf.publicKey, hello.publicKey) &&
    context.trust.chainHolds(mesh, hello.chain)
  );
}

/** Views into the received message are copied: claims live as long as the link. */
function claimsOf(
  context: HandshakeContext,
  hello: LinkHello,
  lane: { readonly purpose: Purpose; readonly version: number; readonly dialSeq: number },
): PeerClaims {
  return {
    purpose: lane.purpose,
    nodeId: hello.nodeId,
    publicKey: hello.publicKey.slice(),
    replica: hello.replica,
    bootCounter: hello.bootCounter,
    process: toHex(hello.process),
    dialSeq: lane.dialSeq,
    mcgApplied: hello.mcgApplied,
    features: (hello.features & context.features) >>> 0,
    version: lane.version,
    chain: hello.chain.map((certificate) => ({
      ...certificate,
      publicKey: certificate.publicKey.slice(),
      signature: certificate.signature.slice(),
    })),
    meshId: hello.meshId,
    generationTag: hello.generationTag,
    lineage: hello.lineage,
    meshPublicKey: hello.meshPublicKey.slice(),
  };
}

function transcriptOf(crypto: Crypto, diallerHello: Uint8Array, listenerHello: Uint8Array): Uint8Array {
  const lengths = new Uint8Array(8);
  writeU32(lengths, 0, diallerHello.length);
  writeU32(lengths, 4, listenerHello.length);
  return crypto.sha256(concatBytes([TRANSCRIPT, lengths, diallerHello, listenerHello]));
}

function signedBytes(role: Uint8Array, transcript: Uint8Array): Uint8Array {
  return concatBytes([role, transcript]);
}

const refused = (code: LaneCode, claims: LinkHello | null): Refused => ({ kind: 'refused', code, claims });

const PURPOSE_MEMBER = 1;
const PURPOSE_JOIN = 2;
const KEY_BYTES = 32;
const NONCE_BYTES = 32;
/** Of the random bytes that tell two processes with one identity apart. */
export const PROCESS_BYTES = 16;
const TRANSCRIPT = utf8Encode('mesh.link.v1 transcript\n');
const LISTENER = utf8Encode('mesh.link.v1 listener\n');
const DIALLER = utf8Encode('mesh.link.v1 dialler\n');
