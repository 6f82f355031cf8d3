/** Faults that wait for the elections of one group: see election-ambush.ts. */
import { type AmbushKind, ElectionAmbush } from '../election-ambush.js';
import { kill } from './nodes.js';
import { type Occasion, separate } from './strike.js';

export interface AmbushAim {
  /** At how many elections it strikes. */
  readonly count: number;
  /** The stream whose group it waits for; null for whichever group elects first. */
  readonly stream: number | null;
}

/** The ambush that lies in wait from now on; whoever brought it about ends it. */
export function lieInWait({ world, untilUs, draws, at }: Occasion, kind: AmbushKind, { count, stream }: AmbushAim): ElectionAmbush {
  const { timeline, machines, isLeader, leaderOf } = world;
  const ambush = new ElectionAmbush(
    {
      timeline,
      machines,
      draws,
      kill: (victim) => kill(world, victim, 'crash'),
      separate: (side) => separate(world, side),
      isAimedAt: (group) => stream === null || world.isGroupOf(group, stream),
    },
    kind,
    count,
    untilUs,
  );
  // An election has to come: whoever leads now makes room.
  const leads = stream === null ? isLeader : (node: number): boolean => node === leaderOf(stream);
  const incumbent = machines.find(({ node, isUp }) => isUp && leads(node));
  const undo = incumbent === undefined ? null : kill(world, incumbent, 'crash');
  if (undo !== null) at(timeline.nowUs + INCUMBENT_DOWN_US, undo);
  return ambush;
}

const INCUMBENT_DOWN_US = 300_000;
