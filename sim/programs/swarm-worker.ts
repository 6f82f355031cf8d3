/** Runs one seed for each message that its parent sends, and answers with what became of it. */
import '../poison.js';
import { drive } from '../run/drive.js';
import { makeMeshNode } from '../run/mesh-node-factory.js';
import type { RunRequest } from '../run/run-request.js';
import type { SeedResult } from '../run/swarm.js';
import { loadScenario } from './arguments.js';

process.on('message', (message: RunRequest) => {
  const { scenario, seed, overrides, limitMs } = message;
  const plan = loadScenario(scenario).plan(seed, overrides);
  const { report, isOverTime } = drive({ plan, factory: makeMeshNode, traceSink: null, limitMs });
  const result: SeedResult = { seed, report, isOverTime, failure: null };
  process.send?.(result);
});
process.on('disconnect', () => process.exit(0));
