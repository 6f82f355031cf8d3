/** Members of the mesh by the certificate chains that they show; a chain that was seen is not checked again. */
import { compareBytes } from '../base/bytes.js';
import type { Crypto } from '../base/crypto.js';
import type { NodeId } from '../base/ids.js';
import type { MemberIndex } from '../base/units.js';
import { chainFault, decodeChain } from '../security/certificate.js';
import type { MembershipRow } from './membership-row.js';

/** What a verified certificate chain says of its node. */
interface VerifiedMember {
  readonly chainBytes: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly index: MemberIndex;
  readonly replica: number;
}

export class VerifiedMembers {
  readonly #crypto: Crypto;
  readonly #row: MembershipRow;
  readonly #known = new Map<NodeId, VerifiedMember>();

  constructor(crypto: Crypto, row: MembershipRow) {
    this.#crypto = crypto;
    this.#row = row;
  }

  /** As its newest replica showed itself. */
  get(node: NodeId): VerifiedMember | null {
    return this.#known.get(node) ?? null;
  }

  /** Null when the chain is not sound, or not that node's. */
  of(node: NodeId, chainBytes: Uint8Array): VerifiedMember | null {
    const known = this.#known.get(node);
    if (known !== undefined && compareBytes(known.chainBytes, chainBytes) === 0) return known;
    const chain = decodeChain(chainBytes);
    const leaf = chain?.[0];
    if (chain === null || leaf === undefined || leaf.nodeId !== node) return null;
    const { mesh: meshId, meshPublicKey } = this.#row;
    if (chainFault(this.#crypto, { meshId, meshPublicKey }, chain) !== null) return null;
    const { publicKey, index, replica } = leaf;
    const verified = { chainBytes: chainBytes.slice(), publicKey: publicKey.slice(), index, replica };
    if (known === undefined || known.replica <= replica) this.#known.set(node, verified);
    return verified;
  }
}
