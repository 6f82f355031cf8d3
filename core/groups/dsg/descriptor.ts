/**
 * What a stream is, signed by its source and the same for ever: a member refuses a descriptor that names another
 * replica of itself, another mesh, or an identifier that it has seen with other content.
 */
import type { Crypto } from '../../base/crypto.js';
import { type NodeId, type StreamId, idBytes } from '../../base/ids.js';
import { type ReplicaId, compareReplicas, replicaId } from '../../base/replica.js';
import type { Configuration } from '../../raft/api.js';
import { Attachment, type SignedDescriptor, StreamDescriptor } from '../../wire/group-messages.js';
import { type CompletionPolicy, isPolicyAboveQuorum } from '../policy.js';
import type { StreamShape } from './stream-state.js';

/** Signs the descriptor's encoding under a label of its own. */
export function signDescriptor(crypto: Crypto, privateSeed: Uint8Array, descriptor: StreamDescriptor): SignedDescriptor {
  const encoded = StreamDescriptor.encode(descriptor);
  return { descriptor: encoded, signature: crypto.sign(privateSeed, labelled(encoded)) };
}

/** The descriptor, when it is well-formed and its source signed it; else null. */
export function openDescriptor(
  crypto: Crypto,
  signed: SignedDescriptor,
  publicKeyOf: (node: NodeId) => Uint8Array | null,
): StreamDescriptor | null {
  const descriptor = StreamDescriptor.decode(signed.descriptor);
  if (descriptor === null || !isWellFormed(descriptor)) return null;
  const publicKey = publicKeyOf(descriptor.source);
  if (publicKey === null || !crypto.verify(publicKey, labelled(signed.descriptor), signed.signature)) return null;
  return descriptor;
}

/** What lets a target in that the descriptor does not name. */
export const signAttachment = (crypto: Crypto, privateSeed: Uint8Array, attachment: Attachment): Uint8Array =>
  crypto.sign(privateSeed, labelled(Attachment.encode(attachment), ATTACHMENT_LABEL));

/** What ends a stream for whoever did not see the entry that deleted it. */
export const signDeletion = (crypto: Crypto, privateSeed: Uint8Array, stream: StreamId): Uint8Array =>
  crypto.sign(privateSeed, labelled(idBytes(stream), DELETION_LABEL));

/** Whether the stream's source signed its end. */
export function isDeletion(crypto: Crypto, publicKey: Uint8Array, stream: StreamId, signature: Uint8Array): boolean {
  return crypto.verify(publicKey, labelled(idBytes(stream), DELETION_LABEL), signature);
}

/** Whether the descriptor, or its source by a signature of its own, makes that replica a target. */
export function isInvited(
  crypto: Crypto,
  descriptor: StreamDescriptor,
  self: { readonly node: NodeId; readonly replica: number },
  attachmentSignature: Uint8Array,
  publicKeyOf: (node: NodeId) => Uint8Array | null,
): boolean {
  const isNamed = descriptor.targets.some(({ node, replica }) => node === self.node && replica === self.replica);
  if (isNamed || attachmentSignature.length === 0) return isNamed;
  const publicKey = publicKeyOf(descriptor.source);
  const signed = labelled(Attachment.encode({ stream: descriptor.stream, ...self }), ATTACHMENT_LABEL);
  return publicKey !== null && crypto.verify(publicKey, signed, attachmentSignature);
}

export function policyOf({ quorumCount, namedTargets }: StreamDescriptor): CompletionPolicy {
  if (namedTargets.length > 0) return { kind: 'named', nodes: namedTargets };
  return quorumCount === 0 ? { kind: 'all' } : { kind: 'quorum', count: quorumCount };
}

/** What the replicated state of a stream depends on. */
export const shapeOf = (descriptor: StreamDescriptor): StreamShape => ({
  targets: descriptor.targets,
  policy: policyOf(descriptor),
  isRetained: descriptor.retainMs > 0 || descriptor.retainBytes > 0,
  freeIds: { countMax: descriptor.freeIdsMax, bytesMax: descriptor.freeIdBytesMax },
});

/** The flow that a stream's appends and proposals travel: 1 priority, 2 bulk. */
export const flowClassOf = (descriptor: StreamDescriptor): number => (descriptor.qos === 3 ? 1 : 2);

/** The source and every required target vote; optional targets learn, so that nothing waits for them. */
export function initialConfiguration(descriptor: StreamDescriptor): Configuration {
  const replicas = (isOptional: boolean): ReplicaId[] =>
    descriptor.targets.filter((target) => target.isOptional === isOptional).map(({ node, replica }) => replicaId(node, replica));
  const voters = [replicaId(descriptor.source, descriptor.sourceReplica), ...replicas(false)];
  return { voters: voters.sort(compareReplicas), outgoing: null, learners: replicas(true).sort(compareReplicas) };
}

function isWellFormed(descriptor: StreamDescriptor): boolean {
  const nodes = new Set(descriptor.targets.map(({ node }) => node));
  return (
    nodes.size === descriptor.targets.length &&
    !nodes.has(descriptor.source) &&
    (descriptor.qos === 3 || descriptor.qos === 4) &&
    descriptor.namedTargets.every((named) => descriptor.targets.some(({ node, isOptional }) => node === named && !isOptional)) &&
    isPolicyAboveQuorum(policyOf(descriptor), descriptor.targets.filter(({ isOptional }) => !isOptional).length)
  );
}

function labelled(encoded: Uint8Array, label = LABEL): Uint8Array {
  const out = new Uint8Array(label.length + encoded.length);
  for (let i = 0; i < label.length; i++) out[i] = label.charCodeAt(i);
  out.set(encoded, label.length);
  return out;
}

const LABEL = 'mesh.stream-descriptor.1:';
const ATTACHMENT_LABEL = 'mesh.stream-attachment.1:';
const DELETION_LABEL = 'mesh.stream-deletion.1:';
