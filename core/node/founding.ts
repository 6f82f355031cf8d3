/** Founding a mesh: its key, its name, and the certificate of its first member. */
import { EMPTY_BYTES } from '../base/bytes.js';
import { type Reject, reject } from '../base/reject.js';
import { logIndex, memberIndex } from '../base/units.js';
import type { GroupContext } from '../groups/context.js';
import { encodeChain, issueCertificate } from '../security/certificate.js';
import { JOIN_SALT_BYTES, joinVerifier } from '../security/join-key.js';
import { generationTagOf, meshIdOf } from '../security/mesh-key.js';
import { FoundMesh } from '../wire/group-messages.js';
import type { Command } from './commands.js';
import { type MembershipRow, STANDINGS } from './membership-row.js';
import type { NodeIdentity } from './options.js';
import { wirePolicyOf } from './status.js';

type SeedMesh = Extract<Command, { kind: 'seed-mesh' }>;

/** INVALID_ARGUMENT for a name or key that is none; null when the mesh can be founded. */
export function refusalOfSeed(command: SeedMesh): Reject | null {
  if (command.meshName.length === 0 || command.meshName.length > NAME_CHARS_MAX) {
    return reject('INVALID_ARGUMENT', 'meshName', `a mesh has a name of 1 to ${NAME_CHARS_MAX} characters`);
  }
  if (command.joinPolicy === 'key-required' && command.joinKey.length < JOIN_KEY_CHARS_MIN) {
    return reject('INVALID_ARGUMENT', 'joinKey', `the policy asks for a join key of at least ${JOIN_KEY_CHARS_MIN} characters`);
  }
  return null;
}

/**
 * The founder's membership, signed by the mesh's key, which goes into the mesh's log with it. Blocks for a memory-hard hash when a join key is asked for.
 */
export function foundMesh(
  context: GroupContext,
  identity: NodeIdentity,
  command: SeedMesh,
  where: { readonly urls: readonly string[]; readonly site: string },
): MembershipRow {
  const { crypto, entropy } = context;
  const meshPrivateSeed = entropy.bytes(32);
  const meshPublicKey = crypto.publicKey(meshPrivateSeed);
  const mesh = meshIdOf(crypto, meshPublicKey);
  const generationTag = generationTagOf(crypto, mesh, FIRST_GENERATION);
  const publicKey = crypto.publicKey(identity.privateSeed);
  const { nodeId, name, journalId } = identity;
  const { replica } = context;
  const index = memberIndex(1);
  const certificate = issueCertificate(
    crypto,
    { kind: 'mesh-key', meshPrivateSeed },
    { meshId: mesh, nodeId, publicKey, replica, index, generation: FIRST_GENERATION, generationTag, logIndex: logIndex(1) },
  );
  const chain = encodeChain([certificate]);
  const isKeyed = command.joinPolicy === 'key-required';
  const joinSalt = isKeyed ? entropy.bytes(JOIN_SALT_BYTES) : EMPTY_BYTES;
  const founding = FoundMesh.encode({
    mesh,
    meshPublicKey,
    name: command.meshName,
    description: command.description,
    joinPolicy: wirePolicyOf(command.joinPolicy),
    joinSalt,
    joinVerifier: isKeyed ? joinVerifier(crypto, { joinKey: command.joinKey, salt: joinSalt }) : EMPTY_BYTES,
    generation: FIRST_GENERATION,
    meshPrivateSeed,
    founder: { node: nodeId, name, publicKey, replica, index, journalId, ...where, chain },
  });
  const generation = FIRST_GENERATION;
  const own = { isFounder: true, founding, isStopped: false, standing: STANDINGS.member, meshName: command.meshName };
  return { mesh, meshPublicKey, generation, generationTag, lineage: [], chain, dialUrls: [], ...own };
}

const FIRST_GENERATION = 1;
const NAME_CHARS_MAX = 255;
const JOIN_KEY_CHARS_MIN = 8;
