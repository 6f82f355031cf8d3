/** Which updates are sent when, and at which node. */
import { Draws, type Seed } from '../base/draw.js';
import type { Options } from './options.js';
import type { UpdatePlan } from './plan.js';

/** Spread over [fromUs, untilUs), ascending. */
export function planUpdates(seed: Seed, options: Options, fromUs: number, untilUs: number): UpdatePlan[] {
  const updates = Array.from({ length: options.updates }, (_, update): UpdatePlan => {
    const draws = new Draws(seed, 'workload', UPDATES_ENTITY + update);
    return {
      atUs: draws.between(fromUs, untilUs - 1),
      node: draws.below(options.nodes),
      feed: draws.chance(400) ? 'mesh' : 'database',
    };
  });
  return updates.sort((a, b) => a.atUs - b.atUs || a.node - b.node);
}

/** Keeps these draws apart from those of the other workload. */
const UPDATES_ENTITY = 90_000_000;
