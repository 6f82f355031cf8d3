/** How a member shows itself to the others: by its links, its advertisements and its membership protocol. */
import { present } from '../base/assert.js';
import type { LogIndex, Micros } from '../base/units.js';
import { decodeChain } from '../security/certificate.js';
import type { Machines } from './machines.js';
import type { MembershipRow } from './membership-row.js';
import type { NodeIdentity } from './options.js';

/** Opens up to the other members. */
export function openUp(
  now: Micros,
  machines: Machines,
  { identity, dialUrls }: { readonly identity: NodeIdentity; readonly dialUrls: readonly string[] },
  { row, mcgApplied }: { readonly row: MembershipRow; readonly mcgApplied: LogIndex },
): void {
  const { links, topology, swim, bootCounter, context, own } = machines;
  const [leaf] = present(decodeChain(row.chain), 'our own certificate chain decodes');
  topology.setIdentity(now, {
    nodeId: identity.nodeId,
    replica: own.number,
    bootCounter,
    index: present(leaf, 'a membership has a certificate').index,
    certificateChain: row.chain,
    sign: (bytes) => context.crypto.sign(identity.privateSeed, bytes),
  });
  links.setDialTargets(now, [...new Set([...dialUrls, ...row.dialUrls])]);
  showGeneration(now, machines, { row, mcgApplied });
  links.start(now);
  swim.start(now);
}

/** From here on frames and handshakes are of the generation that `row` names; lanes of another one end. */
export function showGeneration(
  now: Micros,
  { links, overlay }: Machines,
  { row, mcgApplied }: { readonly row: MembershipRow; readonly mcgApplied: LogIndex },
): void {
  const chain = present(decodeChain(row.chain), 'our own certificate chain decodes');
  const { mesh: meshId, meshPublicKey, generationTag, lineage } = row;
  overlay.setSelf({ index: present(chain[0], 'a membership has a certificate').index, generationTag });
  links.setMembership(now, { meshId, meshPublicKey, generationTag, lineage, chain, mcgApplied });
}
