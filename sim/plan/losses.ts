/**
 * Members that are lost for good, all at once: those at the edge of the mesh, of which no stream depends, so that it is
 * known what has to go on. Some of them are found again, as they went, after the others have forgotten them.
 */
import { Draws, type Seed } from '../base/draw.js';
import type { Options } from './options.js';
import type { LossPlan } from './plan.js';

/** All guests of the mesh are lost; null where the scenario loses nobody. `meshSize`: nodes before the guests. */
export function planLoss(seed: Seed, meshSize: number, options: Options): LossPlan | null {
  if (options.losses === 0 || options.guests === 0) return null;
  const draws = new Draws(seed, 'faults', LOSS_ENTITY);
  const nodes = Array.from({ length: options.guests }, (_, guest) => meshSize + guest);
  const atUs = draws.between(Math.floor(options.durationUs / 4), Math.floor(options.durationUs / 2));
  const recoverAtUs = atUs + draws.between(RECOVER_AFTER_US[0], RECOVER_AFTER_US[1]);
  return {
    nodes,
    atUs,
    recoverAtUs,
    via: draws.below(meshSize),
    // All of them together would be the old mesh's majority, and go on as that.
    returning: draws.shuffled(nodes).slice(0, draws.between(1, RETURNING_MAX)),
    returnAtUs: draws.between(recoverAtUs, options.durationUs),
  };
}

const LOSS_ENTITY = 910_000;
const RECOVER_AFTER_US = [500_000, 12_000_000] as const;
const RETURNING_MAX = 2;
