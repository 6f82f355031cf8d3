/** What links ask of security, as one value that the node hands to them (`LinkTrust` in core/link/trust.ts). */
import type { Crypto } from '../base/crypto.js';
import type { MeshId } from '../base/ids.js';
import type { JoinRequest, MembershipCertificate } from '../wire/link-messages.js';
import { chainFault } from './certificate.js';
import { joinProof, joinProofHolds, joinVerifier } from './join-key.js';

export interface MeshTrust {
  /** Whether the chain (leaf first) leads to the mesh's key and that key is the one of the mesh's id. */
  chainHolds(
    mesh: { readonly meshId: MeshId; readonly meshPublicKey: Uint8Array },
    chain: readonly MembershipCertificate[],
  ): boolean;
  /** The newcomer's proof; blocks for the memory-hard hash. */
  proveJoin(
    secret: { readonly joinKey: string; readonly salt: Uint8Array },
    bound: { readonly request: JoinRequest; readonly transcript: Uint8Array },
  ): Uint8Array;
  joinProofHolds(
    verifier: Uint8Array,
    bound: { readonly request: JoinRequest; readonly transcript: Uint8Array },
  ): boolean;
}

export function meshTrust(crypto: Crypto): MeshTrust {
  return {
    chainHolds: (mesh, chain) => chainFault(crypto, mesh, chain) === null,
    proveJoin: (secret, bound) => joinProof(crypto, joinVerifier(crypto, secret), bound),
    joinProofHolds: (verifier, bound) => joinProofHolds(crypto, verifier, bound),
  };
}
