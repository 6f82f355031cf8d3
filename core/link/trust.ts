/** What links ask of security. `meshTrust` of core/security is the one implementation; the node hands it over. */
import type { MeshId } from '../base/ids.js';
import type { JoinRequest, MembershipCertificate } from '../wire/link-messages.js';

/** A join request and the transcript of the lane that it came on. */
export interface BoundJoin {
  readonly request: JoinRequest;
  readonly transcript: Uint8Array;
}

export interface LinkTrust {
  /** Whether the chain (leaf first) leads to the mesh's key and that key is the one of the mesh's id. Total. */
  chainHolds(
    mesh: { readonly meshId: MeshId; readonly meshPublicKey: Uint8Array },
    chain: readonly MembershipCertificate[],
  ): boolean;
  /** The newcomer's proof that it knows the key; blocks for a memory-hard hash. */
  proveJoin(secret: { readonly joinKey: string; readonly salt: Uint8Array }, bound: BoundJoin): Uint8Array;
  joinProofHolds(verifier: Uint8Array, bound: BoundJoin): boolean;
}
