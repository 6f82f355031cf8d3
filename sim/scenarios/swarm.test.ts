import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type SeedResult, runSwarm } from '../run/swarm.js';
import { summarise } from '../run/swarm-summary.js';
import { builtModule } from '../testing/built-program.js';
import { CORPUS } from './corpus.js';
import { NO_OVERRIDES } from './scenario.js';
import { SCENARIOS } from './scenarios.js';

/** The swarms of `npm test`; hundreds of seeds of every scenario are `npm run nightly:swarm`. */
const SEEDS = new Map([
  ['line', 20],
  ['smoke50', 20],
  ['crash', 20],
  ['partition', 20],
  ['storm', 20],
  ['evict', 1],
  ['idle-groups', 1],
]);
const SEEDS_ELSEWHERE = 3;
/** Fewer need not reach what is rare. */
const SEEDS_FOR_MARKS = 20;

describe('the first seeds', () => {
  for (const scenario of SCENARIOS) {
    const seeds = SEEDS.get(scenario.name) ?? SEEDS_ELSEWHERE;
    it(`of ${scenario.name} break no promise and reach what is rare`, { timeout: 900_000 }, async () => {
      const results = await run(scenario.name, 1, seeds);
      const { failed, missingMarks } = summarise(scenario, results);
      expect(failed).toEqual([]);
      if (seeds >= SEEDS_FOR_MARKS) expect(missingMarks).toEqual([]);
    });
  }
});

describe('seeds that have failed once', () => {
  for (const { scenario, seeds, showed } of CORPUS) {
    it(`pass: ${scenario} ${seeds.join(', ')} (${showed})`, { timeout: 900_000 }, async () => {
      for (const seed of seeds) {
        const [result] = await run(scenario, seed, seed);
        expect(result?.failure ?? result?.report?.violations).toEqual([]);
      }
    });
  }
});

function run(scenario: string, from: number, to: number): Promise<SeedResult[]> {
  return runSwarm({
    request: { scenario, overrides: NO_OVERRIDES, limitMs: 300_000 },
    seeds: { from, to },
    jobs: 2,
    workerFile: fileURLToPath(builtModule('sim/programs/swarm-worker')),
    stopOn: null,
    onResult: () => undefined,
  });
}
