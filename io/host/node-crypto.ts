/**
 * The cryptography and entropy ports by node:crypto. Ed25519 keys are 32-byte seeds and 32-byte public keys, wrapped
 * into DER here; imported keys are cached, because importing costs as much as signing.
 */
import {
  type KeyObject,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  randomBytes,
  scryptSync,
  sign,
  verify,
} from 'node:crypto';
import type { Crypto, Entropy } from '../../core/base/crypto.js';
import { toHex } from '../../core/base/bytes.js';

/** Cost of the memory-hard hash of a join key: 16 MiB, about 60 ms. */
const SCRYPT = { N: 16_384, r: 8, p: 1, maxmem: 64 * 1024 * 1024 };
/** RFC 8410: the DER that stands before a raw Ed25519 private seed, and before a raw public key. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
const CACHED_KEYS_MAX = 4096;

export class NodeCrypto implements Crypto {
  readonly #publicKeys = new Map<string, KeyObject>();
  readonly #privateKeys = new Map<string, KeyObject>();

  publicKey(privateSeed: Uint8Array): Uint8Array {
    const der = createPublicKey(this.#privateKey(privateSeed)).export({ format: 'der', type: 'spki' });
    return plain(der.subarray(SPKI_PREFIX.length));
  }

  sign(privateSeed: Uint8Array, message: Uint8Array): Uint8Array {
    return plain(sign(null, message, this.#privateKey(privateSeed)));
  }

  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
    if (publicKey.length !== KEY_BYTES || signature.length !== SIGNATURE_BYTES) return false;
    const name = toHex(publicKey);
    let key = this.#publicKeys.get(name);
    if (key === undefined) {
      const der = Buffer.concat([SPKI_PREFIX, publicKey]);
      key = createPublicKey({ key: der, format: 'der', type: 'spki' });
      remember(this.#publicKeys, name, key);
    }
    return verify(null, message, key, signature);
  }

  sha256(message: Uint8Array): Uint8Array {
    return plain(createHash('sha256').update(message).digest());
  }

  hmac(key: Uint8Array, message: Uint8Array): Uint8Array {
    return plain(createHmac('sha256', key).update(message).digest());
  }

  stretch(secret: Uint8Array, salt: Uint8Array): Uint8Array {
    return plain(scryptSync(secret, salt, 32, SCRYPT));
  }

  #privateKey(seed: Uint8Array): KeyObject {
    const name = toHex(seed);
    let key = this.#privateKeys.get(name);
    if (key === undefined) {
      key = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' });
      remember(this.#privateKeys, name, key);
    }
    return key;
  }
}

/** The operating system's randomness. */
export class SystemEntropy implements Entropy {
  bytes(count: number): Uint8Array {
    return plain(randomBytes(count));
  }
}

/** A Buffer as a bare Uint8Array over the same memory: the core's `slice` must copy, and a Buffer's does not. */
export function plain(buffer: Uint8Array): Uint8Array {
  return new Uint8Array(buffer.buffer as ArrayBuffer, buffer.byteOffset, buffer.byteLength);
}

function remember(cache: Map<string, KeyObject>, name: string, key: KeyObject): void {
  if (cache.size >= CACHED_KEYS_MAX) cache.clear();
  cache.set(name, key);
}
