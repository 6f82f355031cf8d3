/** Faults that wait for the elections of one group: see election-ambush.ts. */
import { type AmbushKind, ElectionAmbush } from '../election-ambush.js';
import { kill } from './nodes.js';
import { type Occasion, separate } from './strike.js';

/** The ambush that lies in wait from now on; whoever brought it about ends it. */
export function lieInWait({ world, untilUs, draws, at }: Occasion, kind: AmbushKind, count: number): ElectionAmbush {
  const { timeline, machines, isLeader } = world;
  const ambush = new ElectionAmbush(
    {
      timeline,
      machines,
      draws,
      kill: (victim) => kill(world, victim, 'crash'),
      separate: (side) => separate(world, side),
    },
    kind,
    count,
    untilUs,
  );
  // An election has to come: whoever leads anything now makes room.
  const incumbent = machines.find(({ node, isUp }) => isUp && isLeader(node));
  const undo = incumbent === undefined ? null : kill(world, incumbent, 'crash');
  if (undo !== null) at(timeline.nowUs + INCUMBENT_DOWN_US, undo);
  return ambush;
}

const INCUMBENT_DOWN_US = 300_000;
