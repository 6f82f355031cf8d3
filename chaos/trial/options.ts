/** The trial's command line. */
import { Command, InvalidArgumentError } from 'commander';

export interface TrialOptions {
  /** Of all streams together. */
  readonly messages: number;
  /** Of each payload. */
  readonly bytes: number;
  readonly kills: number;
  readonly freezes: number;
  readonly freezeMs: number;
  /** Decides who is struck, and for how long. */
  readonly seed: string;
  readonly isKept: boolean;
  readonly isJson: boolean;
}

/** Throws `CommanderError` when the arguments are wrong, or when help was asked for. */
export function parseOptions(argv: readonly string[]): TrialOptions {
  const program = new Command('chaos')
    .description('Publishes over five real nodes, kills and freezes them on the way, and compares every ledger.')
    .option('--messages <n>', 'how many messages, of all streams together', count, 100_000)
    .option('--bytes <n>', 'the size of each payload', count, 256)
    .option('--kills <n>', 'how often a node is killed', count, 50)
    .option('--freezes <n>', 'how often a leader stands still', count, 2)
    .option('--freeze-for <ms>', 'for how long', count, 10_000)
    .option('--seed <text>', 'decides who is struck, and for how long', '1')
    .option('--json', 'print one JSON document instead of the table')
    .option('--keep', 'keep the temporary directory with journals, ledgers and logs')
    .allowExcessArguments(false)
    .exitOverride();
  program.parse([...argv], { from: 'user' });
  const { freezeFor, json, keep, ...rest } = program.opts<
    Omit<TrialOptions, 'freezeMs' | 'isKept' | 'isJson'> & { freezeFor: number; json?: boolean; keep?: boolean }
  >();
  return { ...rest, freezeMs: freezeFor, isKept: keep === true, isJson: json === true };
}

function count(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) throw new InvalidArgumentError('a whole number is expected');
  return value;
}
