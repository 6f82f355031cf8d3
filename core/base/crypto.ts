/**
 * The cryptography port: pure synchronous functions that the host hands to the core. `io` gives node:crypto, `sim`
 * real keys from seeds or a cheap fake with the same failure behaviour (a wrong key or a changed byte never verifies).
 */

/** Everything the core asks of cryptography. All byte arrays are owned by the caller and not kept. */
export interface Crypto {
  /** The Ed25519 public key (32 bytes) of a 32-byte private seed. */
  publicKey(privateSeed: Uint8Array): Uint8Array;
  /** An Ed25519 signature (64 bytes). Costs about 50 µs in production. */
  sign(privateSeed: Uint8Array, message: Uint8Array): Uint8Array;
  /** Whether `signature` is that of `message` under `publicKey`. Total: malformed keys give false. About 124 µs. */
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  /** SHA-256 (32 bytes). */
  sha256(message: Uint8Array): Uint8Array;
  /** HMAC-SHA-256 (32 bytes). */
  hmac(key: Uint8Array, message: Uint8Array): Uint8Array;
  /** A memory-hard hash (scrypt, 32 bytes) of a join key. Blocks for about 60 ms: once per seed or join. */
  stretch(secret: Uint8Array, salt: Uint8Array): Uint8Array;
}

/** Unpredictable bytes for nonces, keys and identifiers; keyed from the operating system at boot in production. */
export interface Entropy {
  bytes(count: number): Uint8Array;
}

/** Equality in time that depends on the length alone. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number);
  return difference === 0;
}
