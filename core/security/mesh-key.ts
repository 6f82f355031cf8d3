/**
 * The mesh's own key and the names derived from it. A mesh's id is the hash of its public key, so whoever knows the
 * id can check the key offline; a generation's tag is a short hash that frames carry, so that frames of another
 * lineage are recognised and dropped.
 *
 * The tag tells lineages apart by accident, not against an adversary: certificates do that.
 */
import type { Crypto } from '../base/crypto.js';
import { type GenerationId, ID_BYTES, type MeshId, idFromBytes, idToBytes } from '../base/ids.js';
import { concatBytes, utf8Encode } from '../base/bytes.js';

/** The id of the mesh with that public key (32 bytes): the first 128 bits of a hash. */
export function meshIdOf(crypto: Crypto, meshPublicKey: Uint8Array): MeshId {
  return idFromBytes<MeshId>(crypto.sha256(concatBytes([MESH_ID_DOMAIN, meshPublicKey])));
}

/**
 * The tag in frames of that generation: unsigned 32 bits, never 0. `generation` counts from 1; `id` is that of one after
 * the first, so that two that were founded side by side have tags of their own.
 */
export function generationTagOf(crypto: Crypto, meshId: MeshId, generation: number, id: GenerationId | null = null): number {
  const numberEnd = GENERATION_DOMAIN.length + ID_BYTES + 8;
  const input = new Uint8Array(numberEnd + (id === null ? 0 : ID_BYTES));
  input.set(GENERATION_DOMAIN);
  idToBytes(meshId, input, GENERATION_DOMAIN.length);
  if (id !== null) idToBytes(id, input, numberEnd);
  let rest = generation;
  for (let i = numberEnd - 1; i >= numberEnd - 8; i--) {
    input[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  const hash = crypto.sha256(input);
  let tag = 0;
  for (let i = 0; i < 4; i++) tag = tag * 256 + (hash[i] as number);
  return tag === 0 ? 1 : tag;
}

const MESH_ID_DOMAIN = utf8Encode('mesh.id.v1\n');
const GENERATION_DOMAIN = utf8Encode('mesh.generation.v1\n');
