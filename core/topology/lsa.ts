/**
 * A link-state advertisement as it is held: its version, its content, and the signed bytes that are passed on.
 *
 * Decides which of two advertisements of one origin is newer. The order is (replica, boot counter, seq): a restarted
 * node begins again at seq 1 under a greater boot counter and a wiped one under a greater replica, so what they say
 * fresh always wins over echoes of what they said before.
 * Source: OSPF (RFC 2328 §12, §13.1). Differs: the version needs no wrap, and no LS checksum as tie-break, because
 * the origin signs the body.
 */
import type { NodeId } from '../base/ids.js';
import type { MemberIndex, Micros } from '../base/units.js';
import type { LsaAdjacency } from '../wire/lsa-messages.js';

export interface LsaVersion {
  readonly replica: number;
  readonly bootCounter: number;
  readonly seq: number;
}

/** Negative when `a` is older, zero when both are the same advertisement, positive when `a` is newer. */
export function compareVersions(a: LsaVersion, b: LsaVersion): number {
  if (a.replica !== b.replica) return a.replica - b.replica;
  if (a.bootCounter !== b.bootCounter) return a.bootCounter - b.bootCounter;
  return a.seq - b.seq;
}

/** What routing reads of an origin. Immutable: a change is another object. */
export interface LsdbNode {
  readonly node: NodeId;
  readonly index: MemberIndex;
  readonly isWithdrawn: boolean;
  /** At most one per peer. */
  readonly adjacencies: readonly LsaAdjacency[];
}

/** An advertisement in the database. */
export interface LsdbEntry extends LsdbNode, LsaVersion {
  readonly relayCapacityKbps: number;
  /** The encoded body, as its origin signed it. Owned by the entry. */
  readonly body: Uint8Array;
  readonly signature: Uint8Array;
  readonly certificateChain: Uint8Array;
  /** When its origin made it, on this node's clock; negative when that was before this node's boot. */
  readonly issuedAt: Micros;
}

/** The link-state database as routing reads it. */
export interface LsdbView {
  /** This node, whose adjacencies are its live links, advertised or not; null outside a mesh. */
  readonly self: NodeId | null;
  /** Every origin, this node included, in no meaningful order. */
  nodes(): Iterable<LsdbNode>;
  get(node: NodeId): LsdbNode | undefined;
}

/**
 * Two independent 32-bit hashes of (origin, version), for sums that tell whether two databases are equal.
 * Mixing: multiply-xor with the constants of MurmurHash3's finaliser. Not a defence against forgery: members only.
 */
export function versionHash(node: NodeId, version: LsaVersion): { readonly low: number; readonly high: number } {
  let low = 0x811c9dc5;
  let high = 0x9e3779b9;
  for (let i = 0; i < node.length; i++) {
    const code = node.charCodeAt(i);
    low = Math.imul(low ^ code, 0x01000193);
    high = Math.imul(high + code, 0x85ebca6b) ^ (high >>> 13);
  }
  for (const part of [version.replica, version.bootCounter, version.seq]) {
    const upper = Math.floor(part / 0x1_0000_0000);
    low = mix(mix(low ^ part) + upper);
    high = mix(mix(high + part) ^ upper);
  }
  return { low: low >>> 0, high: high >>> 0 };
}

function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
