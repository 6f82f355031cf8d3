/**
 * `npm run bench`: the bare limits of this machine and this system, side by side in one run, each the median of several
 * runs, with ratios. `--json` prints one document for programs. Exits 0 when everything was measured.
 */
import { cpus } from 'node:os';
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { aligned, grouped } from '../demo/report.js';
import { type Bench, type BenchResult, type Measurement, medianResults, withRatios } from './measurement.js';
import { suite } from './suite.js';

interface BenchOptions {
  readonly json?: boolean;
  readonly only?: readonly string[];
  readonly runs: number;
  readonly profile?: string;
}

/** What `--json` prints. */
export interface BenchDocument {
  /** Version of the runtime. */
  readonly node: string;
  readonly cpus: number;
  readonly cpuModel: string;
  readonly results: readonly BenchResult[];
}

async function main(argv: readonly string[]): Promise<number> {
  const program = new Command('bench')
    .description('Measures the bare limits of this machine and this system beside them.')
    .option('--json', 'print one JSON document')
    .option('--only <name...>', 'only the benchmarks that give these results')
    .option('--runs <n>', 'how often each is measured; the median counts', positive, RUNS)
    .option('--profile <directory>', 'CPU profiles of the processes of relay-* and stream-* (one run)')
    .allowExcessArguments(false)
    .exitOverride();
  let options: BenchOptions;
  try {
    options = program.parse([...argv], { from: 'user' }).opts<BenchOptions & { [name: string]: unknown }>();
  } catch (error) {
    // Commander has told the mistake, or the help.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    throw error;
  }
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
  const results = withRatios(medianResults(await measureAll(chosen, profile === null ? options.runs : 1)));
  const document: BenchDocument = { node: process.version, cpus: cpus().length, cpuModel: cpus()[0]?.model.trim() ?? 'unknown', results };
  process.stdout.write(options.json === true ? `${JSON.stringify(document)}\n` : `${tableOf(document)}\n`);
  return 0;
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

function tableOf({ node, cpus: cpuCount, cpuModel, results }: BenchDocument): string {
  const header = ['result', 'median', 'unit', 'least', 'most', 'p50', 'p99', 'ratio', 'of'];
  const rows = results.map(({ name, value, unit, least, most, p50Us, p99Us, ratio, limit }) => [
    name, shown(value), unit, shown(least), shown(most), time(p50Us), time(p99Us),
    ratio === undefined ? '' : String(ratio), ratio === undefined ? '' : (limit ?? ''),
  ]);
  return [`node ${node}, ${cpuCount} x ${cpuModel}`, '', ...aligned([header, ...rows])].join('\n');
}

function shown(value: number): string {
  return Number.isInteger(value) ? grouped(value) : String(value);
}

function time(us: number | undefined): string {
  if (us === undefined) return '';
  return us < 1_000 ? `${us} us` : `${(us / 1_000).toFixed(1)} ms`;
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('a whole number from 1');
  return value;
}

const RUNS = 3;

process.exitCode = await main(process.argv.slice(2));
