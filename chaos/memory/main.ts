/**
 * `npm run nightly:memory`: by how much a source grows while it is offered 1 GB in 64 KiB payloads and its target does
 * not keep up, and while the target then reads it all. Exits 0 when it is less than the bound in every variant.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { optionsOf, positive } from '../processes/command-line.js';
import type { Resident } from './resident.js';
import { type Trial, runTrial } from './trial.js';
import { VARIANTS } from './variants.js';

interface Options {
  readonly json?: boolean;
  readonly only?: readonly string[];
  readonly mib: number;
  readonly more?: readonly string[];
  readonly node?: readonly string[];
}

async function main(argv: readonly string[]): Promise<number> {
  const options = parseOptions(argv);
  if (typeof options === 'number') return options;
  const chosen = VARIANTS.filter(({ name }) => options.only?.includes(name) ?? true);
  const directory = mkdtempSync(join(tmpdir(), 'mesh-memory-'));
  const trials: Trial[] = [];
  try {
    for (const variant of chosen) {
      process.stderr.write(`memory: ${variant.name}\n`);
      const place = join(directory, variant.name);
      mkdirSync(place);
      const load = { payloadBytes: PAYLOAD_BYTES, offeredBytes: options.mib * MIB };
      const trial = { directory: place, ...load, more: options.more ?? [], nodeArguments: options.node ?? [] };
      trials.push(await runTrial(variant, trial));
    }
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    process.stderr.write(`memory: ${error.message}\nmemory: logs and journals are in ${directory}\n`);
    return 1;
  }
  rmSync(directory, { recursive: true });
  process.stdout.write(options.json === true ? `${JSON.stringify({ heldBytesMax: HELD_BYTES_MAX, drainedBytesMax: DRAINED_BYTES_MAX, trials })}\n` : tableOf(trials));
  const large = trials.filter(isTooLarge);
  for (const { variant } of large) process.stderr.write(`memory: the source of ${variant} has grown by too much\n`);
  return large.length === 0 && trials.length > 0 ? 0 : 1;
}

/** An exit code when the arguments are wrong or help was asked for. */
function parseOptions(argv: readonly string[]): Options | number {
  const program = new Command('memory')
    .description('Measures how much a source grows while its target does not keep up.')
    .option('--json', 'print one JSON document')
    .option('--only <name...>', VARIANTS.map(({ name }) => name).join(', '))
    .option('--mib <n>', 'how much is offered', positive, 1024)
    .option('--more <argument...>', 'arguments of every meshd')
    .option('--node <argument...>', 'arguments of the runtime of every meshd')
    .allowExcessArguments(false)
    .exitOverride();
  return optionsOf(program, argv);
}

const isTooLarge = ({ before, held, drained }: Trial): boolean =>
  held.total - before.total >= HELD_BYTES_MAX || drained.total - before.total >= DRAINED_BYTES_MAX;

function tableOf(trials: readonly Trial[]): string {
  const head = ['variant', 'accepted', 'refused', 'before', 'held', 'growth', 'drained', 'growth'];
  const rows = trials.map(({ variant, accepted, refused, before, held, drained }) => [
    variant,
    `${accepted}`,
    `${refused}`,
    cellOf(before),
    cellOf(held),
    mib(held.total - before.total),
    cellOf(drained),
    mib(drained.total - before.total),
  ]);
  const widths = head.map((title, at) => Math.max(title.length, ...rows.map((row) => (row[at] ?? '').length)));
  const lineOf = (cells: readonly string[]): string => cells.map((cell, at) => cell.padStart(widths[at] ?? 0)).join('  ');
  const legend = 'MiB resident: all (anonymous + mapped files), at its peak while the target did not keep up, and while it then read';
  return `${[head, ...rows].map(lineOf).join('\n')}\n${legend}\n`;
}

const cellOf = ({ total, anonymous, file }: Resident): string => `${mib(total)} (${mib(anonymous)} + ${mib(file)})`;
const mib = (bytes: number): string => (bytes / MIB).toFixed(0);

const MIB = 1024 * 1024;
const PAYLOAD_BYTES = 64 * 1024;
/** While the target does not keep up. */
const HELD_BYTES_MAX = 64 * MIB;
/** While the target then reads everything at once: windows, queues and reads of the journal are all full. */
const DRAINED_BYTES_MAX = 128 * MIB;

process.exitCode = await main(process.argv.slice(2));
