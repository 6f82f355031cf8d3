/** What a node remembers of its mesh in its journal, so that it comes back by itself. */
import type { MeshId } from '../base/ids.js';
import { GenerationRow } from '../wire/generation-messages.js';
import { type Infer, bytes, flag, id, message, nested, repeated, text, uint } from '../wire/schema.js';

export const MembershipRow = message('MembershipRow', {
  mesh: id<MeshId>(1),
  meshPublicKey: bytes(2),
  generation: uint(3),
  generationTag: uint(4),
  /** Our certificate and its issuers', leaf first, encoded. */
  chain: bytes(5),
  /** Addresses of members that we have joined by. */
  dialUrls: repeated(text(6)),
  isFounder: flag(7),
  /** The founding entry, until our log has it: an encoded FoundMesh. */
  founding: bytes(8),
  /** An operator has stopped this node's part in the mesh. */
  isStopped: flag(9),
  /** One of STANDINGS. */
  standing: uint(10),
  /** What the mesh was called when this node came in, for when its log is gone. */
  meshName: text(11),
  /** The foundings that led to the generation, from the oldest; none in the first. */
  lineage: repeated(nested(12, GenerationRow)),
});
export type MembershipRow = Infer<typeof MembershipRow>;

/** How this node stands to that mesh → number in the row. */
export const STANDINGS = { member: 0, left: 1, evicted: 2 } as const;

/** The replica that this node acts as, where that is a later one than its identity says. */
export const ReplicaRow = message('ReplicaRow', { replica: uint(1) });
export const REPLICA_KEY = 'replica';

export const BootRow = message('BootRow', { bootCounter: uint(1) });

export const MEMBERSHIP_KEY = 'mesh';
export const BOOT_KEY = 'boot';
