/** Nodes that go and come back: they stand at the edge of the mesh, and no stream depends on them. */
import { Draws, type Seed } from '../base/draw.js';
import type { Options } from './options.js';
import type { NodePlan, TripPlan } from './plan.js';
import { describeNode } from './topology.js';

/** `options.guests` nodes after those of the mesh that `nodes` are; each dials one or two that can be dialled. */
export function planGuests(seed: Seed, nodes: readonly NodePlan[], options: Options): NodePlan[] {
  const dialable = nodes.flatMap(({ isBehindNat }, node) => (isBehindNat ? [] : [node]));
  return Array.from({ length: options.guests }, (_, guest) => {
    const draws = new Draws(seed, 'topology', GUESTS_APART + guest);
    const dials = draws.shuffled(dialable).slice(0, draws.between(1, 2));
    return describeNode(seed, nodes.length + guest, `g${guest}`, dials, draws.chance(options.natPerMille), options);
  });
}

/** The trips of all guests. A guest whose trip is not over when the next one is due takes that one later. */
export function planTrips(seed: Seed, meshSize: number, options: Options): TripPlan[] {
  const trips: TripPlan[] = [];
  for (let guest = 0; guest < options.guests; guest++) {
    const draws = new Draws(seed, 'faults', TRIPS_APART + guest);
    const node = meshSize + guest;
    const count = draws.between(options.tripsPerGuest[0], options.tripsPerGuest[1]);
    const part = Math.floor((options.durationUs - TRIPS_FROM_US) / Math.max(1, count));
    for (let trip = 0; trip < count; trip++) {
      const atUs = TRIPS_FROM_US + trip * part + draws.below(Math.max(1, part >> 1));
      const via = draws.chance(LEAVES_PER_MILLE) ? node : draws.below(meshSize);
      trips.push({ node, atUs, via, awayUs: draws.between(100_000, 6_000_000) });
    }
  }
  return trips;
}

const GUESTS_APART = 900_000;
const TRIPS_APART = 900_000;
const TRIPS_FROM_US = 6_000_000;
const LEAVES_PER_MILLE = 400;
