/**
 * `npm run bench`: the bare limits of this machine and this system, side by side in one run, each the median of several
 * runs, with ratios. `--json` prints one document for programs. Exits 0 when everything was measured.
 */
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { optionsOf, positive } from '../processes/command-line.js';
import { documentOf, tableOf } from './document.js';
import { record } from './history.js';
import { type Bench, type Measurement, medianResults, withRatios } from './measurement.js';
import { suite } from './suite.js';

interface BenchOptions {
  readonly json?: boolean;
  readonly only?: readonly string[];
  readonly runs: number;
  readonly profile?: string;
  readonly record?: boolean;
}

async function main(argv: readonly string[]): Promise<number> {
  const options = parseOptions(argv);
  if (typeof options === 'number') return options;
  const profile = options.profile === undefined ? null : resolve(process.env['INIT_CWD'] ?? process.cwd(), options.profile);
  if (profile !== null) mkdirSync(profile, { recursive: true });
  const all = suite(profile);
  const names = all.flatMap((bench) => bench.names);
  const unknown = options.only?.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    process.stderr.write(`bench: there is no ${unknown}; there are ${names.join(', ')}\n`);
    return 2;
  }
  const chosen = all.filter((bench) => options.only === undefined || bench.names.some((name) => options.only?.includes(name)));
  const document = documentOf(withRatios(medianResults(await measureAll(chosen, profile === null ? options.runs : 1))));
  if (options.record === true) record(HISTORY, document, new Date());
  process.stdout.write(options.json === true ? `${JSON.stringify(document)}\n` : `${tableOf(document)}\n`);
  return 0;
}

/** An exit code when the arguments are wrong or help was asked for. */
function parseOptions(argv: readonly string[]): BenchOptions | number {
  const program = new Command('bench')
    .description('Measures the bare limits of this machine and this system beside them.')
    .option('--json', 'print one JSON document')
    .option('--only <name...>', 'only the benchmarks that give these results')
    .option('--runs <n>', 'how often each is measured; the median counts', positive, RUNS)
    .option('--profile <directory>', 'CPU profiles of the processes of relay-* and stream-* (one run)')
    .option('--record', 'add the document to ci/bench/history.jsonl')
    .allowExcessArguments(false)
    .exitOverride();
  return optionsOf(program, argv);
}

/** Whole rounds one after the other, so that a slow minute of the machine does not fall on one result alone. */
async function measureAll(benches: readonly Bench[], runs: number): Promise<Measurement[][]> {
  const rounds: Measurement[][] = [];
  for (let round = 1; round <= runs; round++) {
    const measured: Measurement[] = [];
    for (const bench of benches) {
      process.stderr.write(`run ${round} of ${runs}: ${bench.names.join(', ')}\n`);
      measured.push(...(await bench.run()));
    }
    rounds.push(measured);
  }
  return rounds;
}

const RUNS = 3;
const HISTORY = fileURLToPath(new URL('../../../ci/bench/history.jsonl', import.meta.url));

process.exitCode = await main(process.argv.slice(2));
