import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runSwarm } from '../run/swarm.js';
import { summarise } from '../run/swarm-summary.js';
import { builtModule } from '../testing/built-program.js';
import { NO_OVERRIDES } from './scenario.js';
import { SCENARIOS } from './scenarios.js';

describe('twenty seeds', () => {
  for (const scenario of SCENARIOS) {
    it(`of ${scenario.name} break no promise and reach what is rare`, { timeout: 900_000 }, async () => {
      const results = await runSwarm({
        request: { scenario: scenario.name, overrides: NO_OVERRIDES, limitMs: 300_000 },
        seeds: { from: 1, to: 20 },
        jobs: 2,
        workerFile: fileURLToPath(builtModule('sim/programs/swarm-worker')),
        stopOn: null,
        onResult: () => undefined,
      });
      const { failed, missingMarks } = summarise(scenario, results);
      expect(failed).toEqual([]);
      expect(missingMarks).toEqual([]);
    });
  }
});
