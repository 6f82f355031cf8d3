/** Faults of the network between nodes. */
import { NOTHING_TO_UNDO, type Strikes, cut, findVictim, pairsFrom, separate } from './strike.js';

export const PATH_STRIKES: Strikes<
  'cut' | 'partition' | 'isolate' | 'clog' | 'slow-link' | 'refuse-accepts' | 'nat-expiry'
> = {
  cut: ({ world }, { from, to }) => cut(world, pairsFrom(from, to)),
  partition: ({ world }, { side }) => separate(world, side),
  isolate: ({ world }, { victim }) => {
    const machine = findVictim(world, victim);
    if (machine === null) return null;
    if (world.isLeader(machine.node)) world.mark('leader-isolated');
    return separate(world, [machine.node]);
  },
  clog: ({ world, untilUs }, { from, to }) => {
    world.paths.clog(from, to, untilUs);
    return NOTHING_TO_UNDO;
  },
  'slow-link': ({ world }, { between, factor }) => {
    const pairs = [between, [between[1], between[0]] as const];
    for (const [from, to] of pairs) world.paths.slow(from, to, factor);
    return () => {
      for (const [from, to] of pairs) world.paths.slow(from, to, 1 / factor);
    };
  },
  'refuse-accepts': ({ world }, { node }) => {
    world.network.setRefusing(node, true);
    return () => world.network.setRefusing(node, false);
  },
  'nat-expiry': ({ world }, { node }) => {
    world.network.expireLanes(node);
    return NOTHING_TO_UNDO;
  },
};
