/**
 * `npm run nightly:chaos`: see README. Exits 0 when every ledger holds exactly what was published and every stream went
 * on in time; else 1, saying what was wrong and where the logs are. An interrupt ends the nodes.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommanderError } from 'commander';
import { type TrialOptions, parseOptions } from './options.js';
import { tableOf } from './report.js';
import { Trial } from './trial.js';

async function main(argv: readonly string[]): Promise<number> {
  let options: TrialOptions;
  try {
    options = parseOptions(argv);
  } catch (error) {
    // Commander has told the mistake, or the help.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    throw error;
  }
  const directory = mkdtempSync(join(tmpdir(), 'mesh-chaos-'));
  const trial = new Trial(directory, options, (line) => void process.stderr.write(`chaos: ${line}\n`));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      void trial.end().then(() => process.exit(128 + constants.signals[signal]));
    });
  }
  const report = await trial.run();
  await trial.end();
  const isRemoved = report.isPassed && !options.isKept;
  if (isRemoved) rmSync(directory, { recursive: true, force: true });
  const told = { ...report, directory: isRemoved ? null : directory };
  process.stdout.write(`${options.isJson ? JSON.stringify(told) : tableOf(told)}\n`);
  for (const problem of report.problems) process.stderr.write(`chaos: ${problem}\n`);
  if (!isRemoved) process.stderr.write(`chaos: logs, journals and ledgers are in ${directory}\n`);
  return report.isPassed ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
