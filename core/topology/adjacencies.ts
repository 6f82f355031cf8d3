/**
 * This node's own links as it advertises them, and the filter between a link's measured RTT and the advertised one.
 *
 * Decides when an RTT is worth telling the mesh: it has left the band around what was advertised (a quarter of it, at
 * least 2 ms, by default) in several readings on end. A flood costs every link of the mesh a frame and every node a
 * recompute, and a path choice that follows noise moves flows for nothing.
 * Leaves out: bandwidth, loss and utilisation, which nobody measures yet; they are advertised as zero.
 */
import { assert } from '../base/assert.js';
import type { NodeId } from '../base/ids.js';
import type { LsaAdjacency } from '../wire/lsa-messages.js';

export interface RttFilterConfig {
  /** Half the width of the band, in thousandths of the advertised RTT. */
  readonly rttBandPermille: number;
  /** Least half-width of the band. */
  readonly rttBandUsMin: number;
  /** Readings on end outside the band before it counts. */
  readonly rttReadingCount: number;
  /** Advertised before the first reading. */
  readonly rttUnknownUs: number;
}

interface LocalLink {
  rttUs: number;
  advertisedRttUs: number;
  /** Readings on end outside the band. */
  outsideCount: number;
  isMeasured: boolean;
}

export class Adjacencies {
  readonly #config: RttFilterConfig;
  readonly #links = new Map<NodeId, LocalLink>();

  constructor(config: RttFilterConfig) {
    this.#config = config;
  }

  get size(): number {
    return this.#links.size;
  }

  has(peer: NodeId): boolean {
    return this.#links.has(peer);
  }

  peers(): NodeId[] {
    return [...this.#links.keys()];
  }

  /** A link is up. `rttUs` of 0 means "not measured yet". */
  up(peer: NodeId, rttUs: number): void {
    const isMeasured = rttUs > 0;
    const known = isMeasured ? Math.min(Math.floor(rttUs) || 1, RTT_US_MAX) : this.#config.rttUnknownUs;
    this.#links.set(peer, { rttUs: known, advertisedRttUs: known, outsideCount: 0, isMeasured });
  }

  /** Whether there was such a link. */
  down(peer: NodeId): boolean {
    return this.#links.delete(peer);
  }

  /** Takes a (smoothed) reading. True when the advertised RTT of that link should be renewed. */
  read(peer: NodeId, rttUs: number): boolean {
    const link = this.#links.get(peer);
    if (link === undefined) return false;
    link.rttUs = Math.min(Math.max(1, Math.floor(rttUs)), RTT_US_MAX);
    link.outsideCount = this.#isOutside(link) ? link.outsideCount + 1 : 0;
    if (!link.isMeasured) link.outsideCount = this.#config.rttReadingCount;
    link.isMeasured = true;
    return link.outsideCount >= this.#config.rttReadingCount;
  }

  /** Adopts every reading that is worth it; what `list` then says is what is advertised. Whether anything changed. */
  renew(): boolean {
    let isRenewed = false;
    for (const link of this.#links.values()) {
      if (link.outsideCount < this.#config.rttReadingCount) continue;
      isRenewed ||= link.advertisedRttUs !== link.rttUs;
      link.advertisedRttUs = link.rttUs;
      link.outsideCount = 0;
    }
    return isRenewed;
  }

  /** The advertised adjacencies, in the order of the peers' ids: equal links give equal bytes. */
  list(): LsaAdjacency[] {
    const list: LsaAdjacency[] = [];
    for (const [peer, link] of this.#links) {
      list.push({
        peer,
        rttUs: link.advertisedRttUs,
        bandwidthKbps: 0,
        utilisationPermille: 0,
        lossPpm: 0,
        administrativeCost: 0,
      });
    }
    return list.sort((a, b) => (a.peer < b.peer ? -1 : 1));
  }

  checkInvariants(): void {
    for (const link of this.#links.values()) {
      assert(link.rttUs >= 1 && link.rttUs <= RTT_US_MAX, 'an RTT is in range');
      assert(link.advertisedRttUs >= 1 && link.advertisedRttUs <= RTT_US_MAX, 'an advertised RTT is in range');
    }
  }

  #isOutside(link: LocalLink): boolean {
    const band = Math.max(
      this.#config.rttBandUsMin,
      Math.floor((link.advertisedRttUs * this.#config.rttBandPermille) / 1000),
    );
    return Math.abs(link.rttUs - link.advertisedRttUs) > band;
  }
}

/** One minute: longer than any lane lives without an answer. */
export const RTT_US_MAX = 60_000_000;
