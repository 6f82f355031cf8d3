/**
 * SHA-256 over messages in order, each as: length of its headers, headers, length of its payload, payload (lengths in 4
 * bytes, little endian). Equal digests: the same messages, whole, in the same order.
 */
import { type Hash, createHash } from 'node:crypto';

export class MessageDigest {
  readonly #hash: Hash = createHash('sha256');

  add(headers: Uint8Array, payload: Uint8Array): void {
    this.#hash.update(lengthOf(headers)).update(headers).update(lengthOf(payload)).update(payload);
  }

  /** Once, at the end. */
  hex(): string {
    return this.#hash.digest('hex');
  }
}

function lengthOf(bytes: Uint8Array): Uint8Array {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return length;
}
