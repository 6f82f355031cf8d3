/** Tunables of the topology machine, and why the defaults are what they are. */
import { assert } from '../base/assert.js';
import { MILLISECOND_US, SECOND_US } from '../base/units.js';
import type { RttFilterConfig } from './adjacencies.js';
import type { OriginationHoldConfig } from './origination-hold.js';

export interface TopologyConfig extends RttFilterConfig, OriginationHoldConfig {
  /** An advertisement that its origin has not renewed for that long is forgotten. */
  readonly maxAgeUs: number;
  /** How often a node renews an advertisement that has not changed; up to a tenth sooner, at random. */
  readonly refreshUs: number;
  /** How often one neighbour, at random, is asked whether it holds the same. */
  readonly antiEntropyUs: number;
  /** How soon after a link came up, or after a refused send, the neighbour is asked (once more). */
  readonly recheckUs: number;
  /** Advertisements renewed for their RTT alone are at least that far apart. */
  readonly rttRenewUsMin: number;
  /** Origins held; further ones are refused and counted. */
  readonly originsMax: number;
  /** Links advertised; further ones are used by nobody. */
  readonly adjacenciesMax: number;
  /** One message to a neighbour. A single larger advertisement still goes, alone. */
  readonly payloadBytesMax: number;
  /** Body, signature and chain of one advertisement. Larger ones are refused and counted. */
  readonly lsaBytesMax: number;
  /** The greatest member index that is taken from an advertisement; it bounds every table indexed by it. */
  readonly memberIndexMax: number;
}

/**
 * Age and refresh are OSPF's (1 h, 30 min) with a shorter refresh: two may be lost. An ageing LSA harms no route,
 * because an edge needs both ends; age only bounds memory. Holds of 50 ms to 2 s let the first news of a broken link
 * out at once. The digest every 10 s repairs what a full queue dropped, for 30 bytes when there is nothing to repair.
 */
export const DEFAULT_TOPOLOGY_CONFIG: TopologyConfig = {
  maxAgeUs: 3600 * SECOND_US,
  refreshUs: 1200 * SECOND_US,
  antiEntropyUs: 10 * SECOND_US,
  recheckUs: SECOND_US,
  rttBandPermille: 250,
  rttBandUsMin: 2 * MILLISECOND_US,
  rttReadingCount: 3,
  rttUnknownUs: 10 * MILLISECOND_US,
  rttRenewUsMin: 10 * SECOND_US,
  originationHoldUsMin: 50 * MILLISECOND_US,
  originationHoldUsMax: 2 * SECOND_US,
  originsMax: 4096,
  adjacenciesMax: 1024,
  payloadBytesMax: 32 * 1024,
  lsaBytesMax: 64 * 1024,
  memberIndexMax: 1 << 20,
};

/** Throws when the tunables contradict one another. */
export function assertTopologyConfig(config: TopologyConfig): void {
  assert(config.refreshUs * 2 < config.maxAgeUs, 'one refresh may be lost before an LSA ages out');
  assert(config.antiEntropyUs * 2 < config.refreshUs, 'anti-entropy runs several times per refresh');
  assert(config.recheckUs <= config.antiEntropyUs, 'a recheck comes before the next anti-entropy');
  assert(config.rttReadingCount >= 1, 'at least one reading renews an RTT');
  assert(config.lsaBytesMax >= 1024 && config.payloadBytesMax >= 1024, 'messages have room for an LSA');
  assert(config.originsMax >= 2 && config.originsMax <= 8192, 'a digest names every origin');
  assert(config.adjacenciesMax >= 1 && config.adjacenciesMax <= 1024, 'an LSA holds every adjacency');
}
