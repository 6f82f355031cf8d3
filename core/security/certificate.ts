/**
 * Membership certificates: what makes a node a member in the eyes of any other, offline. A certificate is signed by
 * the member that issued it; the issuer's own certificate follows it in the chain, and the last one of a chain is
 * signed by the mesh's key, whose hash is the mesh's id.
 *
 * Invariant: a chain that verifies names one mesh, its links are unbroken from leaf to mesh key, no issuer belongs to
 * a later generation than what it issued, and the leaf's key is the only key that speaks for the leaf's node.
 * Leaves out: expiry and revocation. Membership ends by the mesh's log (see `Links.refuseReplica`).
 */
import type { Crypto } from '../base/crypto.js';
import type { MeshId, NodeId } from '../base/ids.js';
import { EMPTY_BYTES, concatBytes, utf8Encode } from '../base/bytes.js';
import {
  CHAIN_CERTIFICATES_MAX,
  CertificateChain,
  MembershipCertificate,
} from '../wire/link-messages.js';
import { meshIdOf } from './mesh-key.js';

/** What a certificate says, before its issuer signs it. */
export type CertificateClaims = Omit<MembershipCertificate, 'signature' | 'issuer'>;

/** Who signs: a member with its own key, or the mesh's key. */
export type Issuer =
  | { readonly kind: 'mesh-key'; readonly meshPrivateSeed: Uint8Array }
  | { readonly kind: 'member'; readonly nodeId: NodeId; readonly privateSeed: Uint8Array };

/** Why a chain is not believed. */
export type ChainFault = 'empty' | 'too-long' | 'mesh' | 'broken' | 'generation' | 'signature';

/** Signs `claims`. A certificate by the mesh's key names its own node as issuer. */
export function issueCertificate(crypto: Crypto, issuer: Issuer, claims: CertificateClaims): MembershipCertificate {
  const issuerId = issuer.kind === 'mesh-key' ? claims.nodeId : issuer.nodeId;
  const unsigned: MembershipCertificate = { ...claims, issuer: issuerId, signature: EMPTY_BYTES };
  const privateSeed = issuer.kind === 'mesh-key' ? issuer.meshPrivateSeed : issuer.privateSeed;
  return { ...unsigned, signature: crypto.sign(privateSeed, signedBytes(unsigned)) };
}

/**
 * Checks `chain` (leaf first) up to the mesh's key, and that key against the mesh's id. Null when it holds. Costs one
 * signature check a certificate (about 124 µs each). Total on anything a peer sends.
 */
export function chainFault(
  crypto: Crypto,
  mesh: { readonly meshId: MeshId; readonly meshPublicKey: Uint8Array },
  chain: readonly MembershipCertificate[],
): ChainFault | null {
  if (chain.length === 0) return 'empty';
  if (chain.length > CHAIN_CERTIFICATES_MAX) return 'too-long';
  if (mesh.meshPublicKey.length !== KEY_BYTES) return 'mesh';
  if (meshIdOf(crypto, mesh.meshPublicKey) !== mesh.meshId) return 'mesh';
  for (let i = 0; i < chain.length; i++) {
    const certificate = chain[i] as MembershipCertificate;
    const parent = chain[i + 1] ?? null;
    if (certificate.meshId !== mesh.meshId) return 'mesh';
    if (certificate.publicKey.length !== KEY_BYTES) return 'broken';
    if (parent === null) {
      if (certificate.issuer !== certificate.nodeId) return 'broken';
    } else {
      if (certificate.issuer !== parent.nodeId || certificate.nodeId === parent.nodeId) return 'broken';
      if (parent.generation > certificate.generation) return 'generation';
    }
  }
  for (let i = 0; i < chain.length; i++) {
    const certificate = chain[i] as MembershipCertificate;
    const key = chain[i + 1]?.publicKey ?? mesh.meshPublicKey;
    if (!crypto.verify(key, signedBytes(certificate), certificate.signature)) return 'signature';
  }
  return null;
}

/** The chain as bytes, for LSAs and for the mesh's state. */
export function encodeChain(chain: readonly MembershipCertificate[]): Uint8Array {
  return CertificateChain.encode({ certificates: chain });
}

/** Null when malformed or longer than CHAIN_CERTIFICATES_MAX. Verifies nothing. */
export function decodeChain(bytes: Uint8Array): readonly MembershipCertificate[] | null {
  return CertificateChain.decode(bytes)?.certificates ?? null;
}

/** The encoding is canonical (one value, one encoding), so the bytes can be made again from the decoded value. */
function signedBytes(certificate: MembershipCertificate): Uint8Array {
  return concatBytes([DOMAIN, MembershipCertificate.encode({ ...certificate, signature: EMPTY_BYTES })]);
}

const DOMAIN = utf8Encode('mesh.certificate.v1\n');
const KEY_BYTES = 32;
