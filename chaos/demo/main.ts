/**
 * `npm run demo`: see README. Exits 0 when every target holds exactly what was published; else 1, saying what was wrong
 * and where the logs are. An interrupt ends the nodes and removes what was made.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CommanderError } from 'commander';
import { Demo } from './demo.js';
import { type DemoOptions, parseOptions } from './options.js';
import { ProgressLine } from './progress-line.js';
import { type DemoReport, tableOf } from './report.js';
import { filesBelow, planSource, trackedFiles } from './source-files.js';

async function main(argv: readonly string[]): Promise<number> {
  const options = optionsOf(argv);
  if (typeof options === 'number') return options;
  const directory = mkdtempSync(join(tmpdir(), 'mesh-demo-'));
  const line = new ProgressLine(process.stderr);
  let demo: Demo | null = null;
  let isInterrupted = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    isInterrupted = true;
    line.say(`${signal}: ending the nodes`);
    void (demo?.end() ?? Promise.resolve()).then(() => {
      if (!options.isKept) rmSync(directory, { recursive: true, force: true });
      process.exit(128 + constants.signals[signal]);
    });
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, onSignal);
  let report: DemoReport;
  try {
    const source = sourceOf(options);
    demo = new Demo(directory, source, line);
    report = await demo.run();
  } catch (error) {
    // Whatever stopped the run is its result.
    report = failed(error, directory);
  }
  // What the interrupt itself has broken is no result; its handler ends the process.
  if (isInterrupted) return new Promise(() => undefined);
  await demo?.end();
  line.end();
  return conclude(report, directory, options);
}

function optionsOf(argv: readonly string[]): DemoOptions | number {
  try {
    return parseOptions(argv);
  } catch (error) {
    // Commander has told the mistake, or the help.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 1;
    throw error;
  }
}

function sourceOf({ directory, bytesMin }: DemoOptions): ReturnType<typeof planSource> {
  if (directory === null) return planSource(REPOSITORY, trackedFiles(REPOSITORY), bytesMin);
  // npm runs scripts in the package's directory and tells where it was called.
  const absolute = resolve(process.env['INIT_CWD'] ?? process.cwd(), directory);
  return planSource(absolute, filesBelow(absolute), bytesMin);
}

function conclude(report: DemoReport, directory: string, { isKept, isJson }: DemoOptions): number {
  const isRemoved = report.isPassed && !isKept;
  if (isRemoved) rmSync(directory, { recursive: true, force: true });
  const told = { ...report, directory: isRemoved ? null : directory };
  if (isJson) process.stdout.write(`${JSON.stringify(told)}\n`);
  else if (report.targets.length > 0) process.stdout.write(`${tableOf(told)}\n`);
  for (const problem of report.problems) process.stderr.write(`demo: ${problem}\n`);
  if (!isRemoved) process.stderr.write(`demo: logs, journals and ledgers are in ${directory}\n`);
  return report.isPassed ? 0 : 1;
}

function failed(error: unknown, directory: string): DemoReport {
  const problem = error instanceof Error ? error.message : String(error);
  return { isPassed: false, problems: [problem], source: null, targets: [], kills: [], elapsedMs: 0, directory };
}

const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url));

process.exitCode = await main(process.argv.slice(2));
