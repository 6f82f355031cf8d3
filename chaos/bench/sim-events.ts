/** How many events a second the simulator carries out: `smoke50`, as meshsim itself counts. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Bench, Measurement } from './measurement.js';

export const SIM_EVENTS: Bench = { names: ['sim-events'], run: measure };

async function measure(): Promise<Measurement[]> {
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, [MESHSIM, 'run', '--scenario', 'smoke50', '--seed', '7', '--json'], {
    maxBuffer: 64 * 1024 * 1024,
  });
  const { events, wallMs } = JSON.parse(stdout) as { events: number; wallMs: number };
  return [{ name: 'sim-events', value: (events * 1_000) / wallMs, unit: 'events/s' }];
}

const MESHSIM = fileURLToPath(new URL('../../sim/programs/meshsim.js', import.meta.url));
