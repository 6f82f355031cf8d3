/**
 * What it costs to use a link, in integers: the specification's weighted sum of latency, scarcity of bandwidth,
 * utilisation, loss and hops. One unit stands for one microsecond of RTT, so that coefficients can be read as "how
 * many microseconds would I wait to avoid this".
 *
 * Invariant: every link costs at least 1 and at most EDGE_COST_MAX; so every hop brings a frame strictly nearer and a
 * path of 255 hops stays an exact integer.
 */
import { assert } from '../base/assert.js';
import type { LsaAdjacency } from '../wire/lsa-messages.js';

/** Coefficients of one class of traffic; all are integers from 0. */
export interface CostCoefficients {
  /** α: units per microsecond of RTT, in thousandths. */
  readonly latencyPermille: number;
  /**
   * β: units for a link of 1 Gbit/s; one of 1 Mbit/s costs a thousand times that. A link that nobody measured costs
   * none.
   */
  readonly bandwidthUnits: number;
  /** γ: units per thousandth of utilisation. */
  readonly utilisationUnits: number;
  /** δ: units per lost frame in ten thousand. */
  readonly lossUnits: number;
  /** ε: units per hop, from 1. */
  readonly hopUnits: number;
}

/** The cost of one direction of a link. */
export function edgeCost(adjacency: LsaAdjacency, coefficients: CostCoefficients): number {
  const { rttUs, bandwidthKbps, utilisationPermille, lossPpm, administrativeCost } = adjacency;
  const latency = Math.floor((rttUs * coefficients.latencyPermille) / 1000);
  const scarcity =
    bandwidthKbps === 0 ? 0 : Math.floor((coefficients.bandwidthUnits * REFERENCE_KBPS) / bandwidthKbps);
  const cost =
    latency +
    scarcity +
    utilisationPermille * coefficients.utilisationUnits +
    Math.floor(lossPpm / 100) * coefficients.lossUnits +
    coefficients.hopUnits +
    administrativeCost;
  return Math.min(cost, EDGE_COST_MAX);
}

/** Throws when coefficients could give a cost of zero or an inexact one. */
export function assertCoefficients(coefficients: CostCoefficients): void {
  for (const value of Object.values(coefficients)) {
    assert(Number.isInteger(value) && value >= 0 && value <= COEFFICIENT_MAX, 'a coefficient is an integer in range');
  }
  assert(coefficients.hopUnits >= 1, 'a hop costs something');
}

/** Interactive traffic goes where it is fast; a hop more must save half a millisecond. */
export const LATENCY_COEFFICIENTS: CostCoefficients = {
  latencyPermille: 1000,
  bandwidthUnits: 10,
  utilisationUnits: 10,
  lossUnits: 100,
  hopUnits: 500,
};
/** Bulk cares less for latency and more for room; every hop costs somebody bandwidth. */
export const BULK_COEFFICIENTS: CostCoefficients = {
  latencyPermille: 300,
  bandwidthUnits: 100,
  utilisationUnits: 50,
  lossUnits: 300,
  hopUnits: 2000,
};

export const EDGE_COST_MAX = 1_000_000_000_000;
const COEFFICIENT_MAX = 1_000_000;
const REFERENCE_KBPS = 1_000_000;
