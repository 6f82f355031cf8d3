/** Faults of disks. */
import { kill } from './nodes.js';
import { type Occasion, type Strikes, type Undo } from './strike.js';

export const DISK_STRIKES: Strikes<'slow-disk' | 'disk-full' | 'flush-fails' | 'bit-flip' | 'disk-lost'> = {
  'slow-disk': ({ world }, { node, factor }) => {
    const disk = world.machines[node]?.disk;
    if (disk === undefined) return null;
    disk.slowFactor *= factor;
    return () => void (disk.slowFactor /= factor);
  },
  'disk-full': ({ world }, { node }) => {
    const disk = world.machines[node]?.disk;
    if (disk === undefined || disk.isFull) return null;
    disk.isFull = true;
    return () => void (disk.isFull = false);
  },
  'flush-fails': ({ world }, { node }) => {
    const machine = world.machines[node];
    if (machine === undefined || !machine.isUp) return null;
    machine.disk.failNext();
    // Where nothing was written meanwhile nothing has failed, and nothing will.
    return () => {
      machine.disk.forgetFailing();
      if (!machine.isUp) machine.start();
    };
  },
  'bit-flip': rot,
  'disk-lost': lose,
};

/** The node dies with all that it had written, and comes back as a later replica of itself. */
function lose({ world }: Occasion, { node }: { readonly node: number }): Undo | null {
  const machine = world.machines[node] ?? null;
  const undo = kill(world, machine, 'dark');
  if (machine === null || undo === null) return null;
  if (world.wipe(node)) world.mark('disk-lost');
  return undo;
}

/** The node is down while its disk rots: what it has read already is in its memory. */
function rot({ world, draws }: Occasion, { node, count }: { readonly node: number; readonly count: number }): Undo | null {
  const machine = world.machines[node] ?? null;
  const undo = kill(world, machine, 'crash');
  if (machine === null || undo === null) return null;
  const flipped = machine.disk.rot(draws, count, (group) => world.isExpendable(group, node));
  if (flipped > 0) world.onRotten(node);
  for (let i = 0; i < flipped; i++) world.mark('bit-flipped');
  return undo;
}
