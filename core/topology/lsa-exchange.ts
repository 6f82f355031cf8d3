/** Advertisements in and out of the messages between neighbours: parsing with its limits, and batching by size. */
import type { NodeId } from '../base/ids.js';
import { MILLISECOND_US, type MemberIndex, type Micros } from '../base/units.js';
import { LSA_BATCH_MAX, type Lsa, LsaBody, type TopologyMessage } from '../wire/lsa-messages.js';
import { RTT_US_MAX } from './adjacencies.js';
import type { LsdbEntry } from './lsa.js';

/** An advertisement as a neighbour passed it on: well formed, not verified. */
export interface ReceivedLsa {
  readonly body: LsaBody;
  /** A view. */
  readonly bodyBytes: Uint8Array;
  readonly signature: Uint8Array;
  readonly certificateChain: Uint8Array;
  readonly ageUs: number;
}

/** Null when it is malformed, too large, or says what no origin says: then it is dropped. */
export function parseLsa(lsa: Lsa, limits: { readonly lsaBytesMax: number }): ReceivedLsa | null {
  const size = lsa.body.length + lsa.signature.length + lsa.certificateChain.length;
  if (size > limits.lsaBytesMax) return null;
  const body = LsaBody.decode(lsa.body);
  if (body === null || body.seq < 1 || (body.isWithdrawn && body.adjacencies.length > 0)) return null;
  const peers = new Set(body.adjacencies.map((adjacency) => adjacency.peer));
  if (peers.size !== body.adjacencies.length || peers.has(body.origin)) return null;
  for (const { rttUs, utilisationPermille, lossPpm, administrativeCost } of body.adjacencies) {
    if (rttUs < 1 || rttUs > RTT_US_MAX || utilisationPermille > 1000 || lossPpm > 1_000_000) return null;
    if (administrativeCost > ADMINISTRATIVE_COST_MAX) return null;
  }
  const ageUs = Math.min(lsa.ageMs, AGE_MS_MAX) * MILLISECOND_US;
  return { body, bodyBytes: lsa.body, signature: lsa.signature, certificateChain: lsa.certificateChain, ageUs };
}

/** What the node says of an advertisement's signature and certificate chain; null when they do not hold. */
export type VerifyLsa = (
  origin: NodeId,
  certificateChain: Uint8Array,
  signedBytes: Uint8Array,
  signature: Uint8Array,
) => { readonly index: MemberIndex; readonly replica: number } | null;

/** The origin's index, when the node vouches for the advertisement and what it says of its origin is in range. */
export function verifyReceived(
  lsa: ReceivedLsa,
  verifyLsa: VerifyLsa,
  limits: { readonly memberIndexMax: number },
): { readonly index: MemberIndex } | null {
  const { body, certificateChain, bodyBytes, signature } = lsa;
  const verified = verifyLsa(body.origin, certificateChain, bodyBytes, signature);
  if (verified === null || verified.replica !== body.replica) return null;
  return verified.index >= 1 && verified.index <= limits.memberIndexMax ? verified : null;
}

/** Entries as messages of about `bytesMax` each, with their ages at `now`. */
export function* batchLsas(
  now: Micros,
  entries: readonly LsdbEntry[],
  bytesMax: number,
): IterableIterator<TopologyMessage> {
  let lsas: Lsa[] = [];
  let bytes = 0;
  for (const { body, signature, certificateChain, issuedAt } of entries) {
    const size = body.length + signature.length + certificateChain.length + ENVELOPE_BYTES;
    if (lsas.length > 0 && (bytes + size > bytesMax || lsas.length === LSA_BATCH_MAX)) {
      yield { kind: 'batch', lsas };
      lsas = [];
      bytes = 0;
    }
    lsas.push({ body, signature, certificateChain, ageMs: Math.floor((now - issuedAt) / MILLISECOND_US) });
    bytes += size;
  }
  if (lsas.length > 0) yield { kind: 'batch', lsas };
}

/** The greatest cost that policy can add to a link: far above any path that a mesh prefers. */
export const ADMINISTRATIVE_COST_MAX = 1_000_000_000;
/** Over a year. */
const AGE_MS_MAX = 40_000_000_000;
const ENVELOPE_BYTES = 24;
