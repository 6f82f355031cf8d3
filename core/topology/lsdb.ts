/**
 * The link-state database: the newest advertisement of every origin, the member indexes that come with them, and a
 * running sum over all versions that tells at the price of two integers whether a neighbour holds the same.
 *
 * Invariant: an entry is only ever replaced by a newer one of the same origin; the sums are those of the entries; an
 * index names at most one origin.
 * Source: OSPF (RFC 2328 §12.2). Leaves out: areas, and the age of entries (`topology.ts`).
 */
import { assert } from '../base/assert.js';
import type { NodeId } from '../base/ids.js';
import type { MemberIndex } from '../base/units.js';
import type { LsaDigestEntry, LsaSummary } from '../wire/lsa-messages.js';
import type { Infer } from '../wire/schema.js';
import { type LsdbEntry, compareVersions, versionHash } from './lsa.js';

/** How another database compares with this one. */
export interface DigestComparison {
  /** Origins of which this database holds a newer advertisement, or the only one. */
  readonly newerHere: readonly NodeId[];
  /** Whether the other database holds anything newer. */
  readonly isBehind: boolean;
}

export class Lsdb {
  readonly #entries = new Map<NodeId, LsdbEntry>();
  readonly #nodeOfIndex: (NodeId | undefined)[] = [];
  #low = 0;
  #high = 0;

  get size(): number {
    return this.#entries.size;
  }

  get(node: NodeId): LsdbEntry | undefined {
    return this.#entries.get(node);
  }

  entries(): Iterable<LsdbEntry> {
    return this.#entries.values();
  }

  /** The origin with that index, null when none is known. */
  nodeOfIndex(index: MemberIndex): NodeId | null {
    return this.#nodeOfIndex[index] ?? null;
  }

  /** Whether another origin than `node` holds `index`. */
  isIndexTaken(index: MemberIndex, node: NodeId): boolean {
    const holder = this.#nodeOfIndex[index];
    return holder !== undefined && holder !== node;
  }

  /** Puts an entry in place of an older one. Its index must not be another origin's. */
  install(entry: LsdbEntry): void {
    const held = this.#entries.get(entry.node);
    assert(held === undefined || compareVersions(held, entry) < 0, 'only a newer advertisement replaces one');
    assert(!this.isIndexTaken(entry.index, entry.node), 'an index names one origin');
    if (held !== undefined) this.remove(entry.node);
    this.#entries.set(entry.node, entry);
    while (this.#nodeOfIndex.length <= entry.index) this.#nodeOfIndex.push(undefined);
    this.#nodeOfIndex[entry.index] = entry.node;
    this.#add(entry, 1);
  }

  /** Does nothing for an origin that is not held. */
  remove(node: NodeId): void {
    const held = this.#entries.get(node);
    if (held === undefined) return;
    this.#entries.delete(node);
    this.#nodeOfIndex[held.index] = undefined;
    this.#add(held, -1);
  }

  clear(): void {
    this.#entries.clear();
    this.#nodeOfIndex.length = 0;
    this.#low = 0;
    this.#high = 0;
  }

  summary(): Infer<typeof LsaSummary> {
    return { count: this.#entries.size, low: this.#low, high: this.#high };
  }

  isEqualTo(summary: Infer<typeof LsaSummary>): boolean {
    return summary.count === this.#entries.size && summary.low === this.#low && summary.high === this.#high;
  }

  digest(): LsaDigestEntry[] {
    const list: LsaDigestEntry[] = [];
    for (const { node, replica, bootCounter, seq } of this.#entries.values()) {
      list.push({ origin: node, replica, bootCounter, seq });
    }
    return list;
  }

  /** Compares with another database's digest. A digest that names an origin twice counts with its last mention. */
  compare(digest: readonly LsaDigestEntry[]): DigestComparison {
    const theirs = new Map<NodeId, LsaDigestEntry>();
    let isBehind = false;
    for (const entry of digest) {
      theirs.set(entry.origin, entry);
      const held = this.#entries.get(entry.origin);
      if (held === undefined || compareVersions(held, entry) < 0) isBehind = true;
    }
    const newerHere: NodeId[] = [];
    for (const held of this.#entries.values()) {
      const their = theirs.get(held.node);
      if (their === undefined || compareVersions(held, their) > 0) newerHere.push(held.node);
    }
    return { newerHere, isBehind };
  }

  checkInvariants(): void {
    let low = 0;
    let high = 0;
    for (const [node, entry] of this.#entries) {
      assert(entry.node === node, 'an entry stands under its origin');
      assert(this.#nodeOfIndex[entry.index] === node, 'an entry is found by its index');
      const hash = versionHash(node, entry);
      low = (low + hash.low) >>> 0;
      high = (high + hash.high) >>> 0;
      const peers = new Set(entry.adjacencies.map((adjacency) => adjacency.peer));
      assert(peers.size === entry.adjacencies.length, 'an origin advertises a peer once');
      assert(!entry.isWithdrawn || peers.size === 0, 'a withdrawn origin has no adjacencies');
    }
    assert(low === this.#low && high === this.#high, 'the sums are those of the entries');
    const indexed = this.#nodeOfIndex.filter((node) => node !== undefined).length;
    assert(indexed === this.#entries.size, 'every index in use is an entry’s');
  }

  #add(entry: LsdbEntry, sign: 1 | -1): void {
    const hash = versionHash(entry.node, entry);
    this.#low = (this.#low + sign * hash.low) >>> 0;
    this.#high = (this.#high + sign * hash.high) >>> 0;
  }
}
