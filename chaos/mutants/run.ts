#!/usr/bin/env node
/**
 * Plants each bug of this folder in a copy of the core and lets a swarm look for it: the oracle that owns the promise
 * must speak within the given number of seeds; or the rule's own tests, where the bug names them, must fail. Ends with 0 when every bug is caught, 1 when one survives or cannot be
 * planted, 2 for a mistake on the command line.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { assert } from '../../core/base/assert.js';
import { type SeedResult, hasSpoken, runSwarm } from '../../sim/run/swarm.js';
import { NO_OVERRIDES } from '../../sim/scenarios/scenario.js';
import { type Mutant, MutantError, type Proof, parseMutant } from './mutant-file.js';
import { MutantTree } from './mutant-tree.js';

/** What became of one planted bug. */
interface Verdict {
  readonly mutant: string;
  /** Who had to speak, the oracle or the test, and where. */
  readonly oracle: string;
  readonly scenario: string;
  /** How many seeds it took, 0 for a test; null when nobody spoke. */
  readonly seedsNeeded: number | null;
  /** Seeds in which only other oracles spoke, by oracle. */
  readonly others: Readonly<Record<string, number>>;
}

type TestProof = Extract<Proof, { kind: 'test' }>;
type SwarmProof = Extract<Proof, { kind: 'swarm' }>;

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const FOLDER = join(ROOT, 'chaos/mutants');
const SUFFIX = '.mutant';
const LIMIT_MS = 120_000;

async function main(): Promise<void> {
  const flags = new Command('mutants')
    .description('plants known bugs and sees whether the simulator finds them')
    .argument('[names...]', 'which ones; all of them by default')
    .option('--seeds <n>', 'within how many seeds each must be found', '200')
    .option('--jobs <n>', 'how many processes', '2')
    .option('--json', 'print one JSON document')
    .parse();
  const { seeds, jobs, json } = flags.opts<{ seeds: string; jobs: string; json?: boolean }>();
  const verdicts: Verdict[] = [];
  const chosen = loadMutants(flags.args);
  const tests = chosen.some(({ proof }) => proof.kind === 'test') ? MutantTree.copyOf(ROOT, true) : null;
  try {
    for (const mutant of chosen) {
      const { proof } = mutant;
      const isTested = tests !== null && proof.kind === 'test';
      const verdict = isTested
        ? judgeTests(mutant, proof, tests)
        : await hunt(mutant, wholeNumber('--seeds', seeds), wholeNumber('--jobs', jobs));
      verdicts.push(verdict);
      if (json !== true) console.log(describe(verdict, mutant));
    }
  } finally {
    tests?.remove();
  }
  const survivors = verdicts.filter(({ seedsNeeded }) => seedsNeeded === null);
  if (json === true) console.log(JSON.stringify(verdicts));
  else console.log(`${verdicts.length - survivors.length} caught, ${survivors.length} survived`);
  process.exitCode = survivors.length === 0 ? 0 : 1;
}

function loadMutants(names: readonly string[]): Mutant[] {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith(SUFFIX)).sort();
  const known = files.map((file) => basename(file, SUFFIX));
  for (const name of names) {
    if (!known.includes(name)) fail(`there is no mutant ${name}; there are ${known.join(', ')}`);
  }
  const chosen = names.length === 0 ? known : names;
  return chosen.map((name) => parseMutant(name, readFileSync(join(FOLDER, name + SUFFIX), 'utf8')));
}

function judgeTests(mutant: Mutant, proof: TestProof, tree: MutantTree): Verdict {
  const { failed } = tree.runTests(mutant, proof);
  return { mutant: mutant.name, oracle: proof.promise, scenario: proof.file, seedsNeeded: failed > 0 ? 0 : null, others: {} };
}

async function hunt(mutant: Mutant, seeds: number, jobs: number): Promise<Verdict> {
  const { proof } = mutant;
  assert(proof.kind === 'swarm', 'tests are run elsewhere');
  const tree = MutantTree.copyOf(ROOT);
  try {
    tree.plant(mutant);
    tree.build(mutant.name);
    const results = await runSwarm({
      request: { scenario: scenarioOf(proof), overrides: NO_OVERRIDES, limitMs: LIMIT_MS },
      seeds: { from: 1, to: seeds },
      jobs,
      workerFile: tree.workerFile,
      stopOn: proof.oracle,
      onResult: () => undefined,
    });
    return judge(mutant.name, proof, results);
  } finally {
    tree.remove();
  }
}

/** A scenario's name, or the file of that name in this folder. */
const scenarioOf = ({ scenario }: SwarmProof): string => (scenario.endsWith('.json') ? join(FOLDER, scenario) : scenario);

function judge(name: string, { oracle, scenario }: SwarmProof, results: readonly SeedResult[]): Verdict {
  const at = results.findIndex((result) => hasSpoken(result, oracle));
  const others: Record<string, number> = {};
  for (const result of at < 0 ? results : results.slice(0, at)) {
    const spoke = result.failure === null ? result.report?.violations[0]?.oracle : 'died';
    if (spoke !== undefined) others[spoke] = (others[spoke] ?? 0) + 1;
  }
  return { mutant: name, oracle, scenario, seedsNeeded: at < 0 ? null : at + 1, others };
}

function describe({ mutant, oracle, scenario, seedsNeeded, others }: Verdict, { about }: Mutant): string {
  const after = seedsNeeded === 0 ? '' : ` after ${seedsNeeded} seeds`;
  const found = seedsNeeded === null ? `SURVIVED ${scenario}` : `caught by "${oracle}" in ${scenario}${after}`;
  const also = Object.entries(others).map(([name, count]) => `${name} ${count}`);
  return `${mutant}: ${found}${also.length === 0 ? '' : ` (also: ${also.join(', ')})`}; ${about}`;
}

function wholeNumber(flag: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) fail(`${flag} ${text}: a whole number from 1 on is expected`);
  return value;
}

function fail(message: string): never {
  console.error(`mutants: ${message}`);
  process.exit(2);
}

try {
  await main();
} catch (error) {
  // Expected: a patch that is out of date or does not compile. Anything else is a defect here.
  if (!(error instanceof MutantError)) throw error;
  console.error(`mutants: ${error.message}`);
  process.exitCode = 1;
}
