/**
 * Join keys. The mesh keeps a salt and a verifier (a memory-hard hash of the key); a newcomer that knows the key makes
 * the same verifier and proves it by a MAC over the join transcript, which binds the keys and nonces of both ends of
 * the lane and everything the newcomer asks for. The key itself never crosses the wire, and a proof is worth nothing
 * on another lane or for another request.
 *
 * Leaves out: a password-authenticated exchange. A member that a newcomer joins through learns a proof on which it
 * could try keys offline, at one memory-hard hash a try: keys are to be generated, not remembered.
 */
import { type Crypto, equalBytes } from '../base/crypto.js';
import { EMPTY_BYTES, concatBytes, utf8Encode } from '../base/bytes.js';
import { JoinRequest } from '../wire/link-messages.js';

export const JOIN_SALT_BYTES = 16;

/** What the mesh keeps in place of the key: 32 bytes. Blocks for about 60 ms in production. */
export function joinVerifier(crypto: Crypto, secret: { readonly joinKey: string; readonly salt: Uint8Array }): Uint8Array {
  return crypto.stretch(utf8Encode(secret.joinKey), secret.salt);
}

/** The proof for `request` (whose own `proof` is not looked at) on the lane with that transcript. */
export function joinProof(
  crypto: Crypto,
  verifier: Uint8Array,
  bound: { readonly request: JoinRequest; readonly transcript: Uint8Array },
): Uint8Array {
  const request = JoinRequest.encode({ ...bound.request, proof: EMPTY_BYTES });
  return crypto.hmac(verifier, concatBytes([DOMAIN, crypto.sha256(bound.transcript), request]));
}

/** Whether the proof in `request` was made with the key behind `verifier`, for this very request and lane. */
export function joinProofHolds(
  crypto: Crypto,
  verifier: Uint8Array,
  bound: { readonly request: JoinRequest; readonly transcript: Uint8Array },
): boolean {
  return equalBytes(joinProof(crypto, verifier, bound), bound.request.proof);
}

const DOMAIN = utf8Encode('mesh.join.v1\n');
