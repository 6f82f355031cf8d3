/** Faults of whole nodes: they die, go dark, stand still, or their clocks go wrong. */
import type { DiskCrash } from '../disk.js';
import type { Machine } from '../machine.js';
import { type FaultWorld, NOTHING_TO_UNDO, type Occasion, type Strikes, type Undo, findVictim } from './strike.js';

export const NODE_STRIKES: Strikes<
  'crash' | 'power-loss' | 'blackout' | 'torn-write' | 'pause' | 'slow-cpu' | 'clock-step' | 'clock-drift'
> = {
  crash: ({ world }, { victim }) => kill(world, findVictim(world, victim), 'crash'),
  'power-loss': ({ world }, { victim }) => kill(world, findVictim(world, victim), 'dark'),
  'torn-write': ({ world }, { victim }) => kill(world, findVictim(world, victim), 'torn'),
  blackout: goDark,
  pause: ({ world }, { victim }) => {
    const process = findVictim(world, victim)?.process ?? null;
    process?.setPaused(true);
    return process === null ? null : () => process.setPaused(false);
  },
  'slow-cpu': ({ world }, { node, factor }) => {
    const process = world.machines[node]?.process ?? null;
    if (process === null) return null;
    process.slowFactor *= factor;
    return () => void (process.slowFactor /= factor);
  },
  'clock-step': ({ world }, { node, byUs }) => {
    world.machines[node]?.stepWallClock(byUs);
    return NOTHING_TO_UNDO;
  },
  'clock-drift': ({ world }, { node, perMillion }) => {
    const machine = world.machines[node];
    if (machine === undefined) return null;
    machine.setDrift(machine.driftPerMillion + perMillion);
    world.mark('clock-drifted');
    return () => machine.setDrift(machine.driftPerMillion - perMillion);
  },
};

/** Ends a life: as a process, with its machine, or with its machine and a batch half written. */
export type Death = 'crash' | 'dark' | 'torn';

/** Gives what starts the node again; null when it was down already. */
export function kill(world: FaultWorld, victim: Machine | null, death: Death): Undo | null {
  if (victim === null) return null;
  const wasLeader = world.isLeader(victim.node);
  const crash = victim.die(death !== 'crash', death === 'torn');
  if (crash === null) return null;
  noteCrash(world, crash);
  if (wasLeader) world.mark('leader-crashed');
  return () => startAgain(victim);
}

/** All machines at once; each one comes back at a time of its own. */
function goDark({ world, untilUs, draws, at }: Occasion): Undo | null {
  const nowUs = world.timeline.nowUs;
  const undone: Undo[] = [];
  for (const machine of world.machines) {
    const undo = kill(world, machine, 'dark');
    if (undo === null) continue;
    undone.push(undo);
    at(nowUs + 1 + draws.below(Math.max(1, untilUs - nowUs)), undo);
  }
  if (undone.length === 0) return null;
  if (undone.length === world.machines.length) world.mark('all-dark');
  return () => {
    for (const undo of undone) undo();
  };
}

function noteCrash({ mark }: FaultWorld, { lostCount, survivedCount, isTorn }: DiskCrash): void {
  if (lostCount > 0) mark('lost-unsynced-write');
  if (survivedCount > 0) mark('crashed-between-persist-and-send');
  if (isTorn) mark('record-torn');
}

/** Unless another fault has struck it meanwhile, or it runs already. */
export function startAgain(machine: Machine): void {
  if (!machine.isUp) machine.start();
}
