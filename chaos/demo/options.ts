/** The demo's command line. */
import { Command, InvalidArgumentError } from 'commander';

export interface DemoOptions {
  /** Whose files are published; null takes this repository's. */
  readonly directory: string | null;
  /** At least so many payload bytes: the files are repeated. */
  readonly bytesMin: number;
  /** Keep the temporary directory. */
  readonly isKept: boolean;
  /** One JSON document on standard output instead of a table; progress goes to standard error. */
  readonly isJson: boolean;
}

/** Throws `CommanderError` when the arguments are wrong, or when help was asked for. */
export function parseOptions(argv: readonly string[]): DemoOptions {
  const program = new Command('demo')
    .description('Publishes files over a line of four real nodes and kills two of them on the way.')
    .argument('[directory]', 'whose files are published (default: the tracked files of this repository)')
    .option('--size <size>', 'repeat the files up to at least this many bytes, as 500kB, 32MB, 1GB', byteCount, DEFAULT_BYTES)
    .option('--json', 'print one JSON document instead of the table')
    .option('--keep', 'keep the temporary directory with journals, ledgers and logs')
    .allowExcessArguments(false)
    .exitOverride();
  program.parse([...argv], { from: 'user' });
  const options = program.opts<{ size: number; json?: boolean; keep?: boolean }>();
  return {
    directory: program.args[0] ?? null,
    bytesMin: options.size,
    isKept: options.keep === true,
    isJson: options.json === true,
  };
}

/** `32MB` → 32,000,000; a bare number counts bytes. */
export function byteCount(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([kKMG]?)B?$/.exec(text.trim());
  const unit = { '': 1, k: 1e3, K: 1e3, M: 1e6, G: 1e9 }[match?.[2] ?? ''] ?? 1;
  const bytes = Math.round(Number(match?.[1] ?? Number.NaN) * unit);
  if (!Number.isSafeInteger(bytes) || bytes < 1) throw new InvalidArgumentError('a size is a number with kB, MB or GB');
  return bytes;
}

const DEFAULT_BYTES = 32_000_000;
