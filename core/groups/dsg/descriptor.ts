/**
 * What a stream is, signed by its source and the same for ever: a member refuses a descriptor that names another
 * replica of itself, another mesh, or an identifier that it has seen with other content.
 */
import type { Crypto } from '../../base/crypto.js';
import type { NodeId } from '../../base/ids.js';
import { type ReplicaId, compareReplicas, replicaId } from '../../base/replica.js';
import type { Configuration } from '../../raft/api.js';
import { SignedDescriptor, StreamDescriptor } from '../../wire/group-messages.js';
import { type CompletionPolicy, isPolicyAboveQuorum } from '../policy.js';

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

export function policyOf(descriptor: StreamDescriptor): CompletionPolicy {
  return descriptor.quorumCount === 0 ? { kind: 'all' } : { kind: 'quorum', count: descriptor.quorumCount };
}

/** The flow that a stream's appends and proposals travel: 1 priority, 2 bulk. */
export const flowClassOf = (descriptor: StreamDescriptor): number => (descriptor.qos === 3 ? 1 : 2);

/** All members vote: the source and every target. */
export function initialConfiguration(descriptor: StreamDescriptor): Configuration {
  const voters: ReplicaId[] = [
    replicaId(descriptor.source, descriptor.sourceReplica),
    ...descriptor.targets.map(({ node, replica }) => replicaId(node, replica)),
  ];
  return { voters: voters.sort(compareReplicas), outgoing: null, learners: [] };
}

function isWellFormed(descriptor: StreamDescriptor): boolean {
  const nodes = new Set(descriptor.targets.map(({ node }) => node));
  return (
    nodes.size === descriptor.targets.length &&
    !nodes.has(descriptor.source) &&
    (descriptor.qos === 3 || descriptor.qos === 4) &&
    isPolicyAboveQuorum(policyOf(descriptor), nodes.size)
  );
}

function labelled(encoded: Uint8Array): Uint8Array {
  const out = new Uint8Array(LABEL.length + encoded.length);
  for (let i = 0; i < LABEL.length; i++) out[i] = LABEL.charCodeAt(i);
  out.set(encoded, LABEL.length);
  return out;
}

const LABEL = 'mesh.stream-descriptor.1:';
