#!/usr/bin/env node
/**
 * meshd: one node of a mesh. Flags override the environment, that the file, that the defaults. SIGTERM and SIGINT drain
 * and exit 0; a second one exits at once. SIGHUP reads the configuration again and names what needs a restart.
 */
import { Command, CommanderError } from 'commander';
import { type DestinationStream, type Logger, destination, pino } from 'pino';
import { DEFAULT_NODE_CONFIG } from '../../core/node/config.js';
import { type Loaded, type Sources, loadConfig, unknownEnvironment } from '../config/load.js';
import { type Setting, type SettingKey, SETTINGS, environmentName } from '../config/settings.js';
import { nodeConfigOf } from '../config/node-config.js';
import type { TunableTree } from '../config/tunables.js';
import { type HostPort, formatHostPort } from '../config/value-type.js';
import { Daemon } from '../daemon/daemon.js';
import { quarantine } from '../daemon/data-directory.js';
import { EXIT, StartRefused } from '../daemon/start-refused.js';
import { SystemEntropy } from '../host/node-crypto.js';

const CORE_DEFAULTS = DEFAULT_NODE_CONFIG as unknown as TunableTree;

interface Invocation {
  readonly sources: Sources;
  readonly isCheck: boolean;
  readonly isQuarantine: boolean;
}

/** Runs meshd with these arguments. The process ends by `process.exit` or by itself. */
async function main(argv: readonly string[]): Promise<void> {
  const { sources, isCheck, isQuarantine } = parseArguments(argv);
  const loaded = loadConfig(sources, CORE_DEFAULTS);
  if (loaded.mistakes.length > 0) {
    for (const { keyPath, source, message } of loaded.mistakes) say(`${keyPath} (${source}): ${message}`);
    process.exit(EXIT.USAGE);
  }
  for (const name of unknownEnvironment(sources.environment, CORE_DEFAULTS)) say(`${name} in the environment is no setting`);
  if (isCheck) {
    process.stdout.write('the configuration is sound\n');
    return;
  }
  if (isQuarantine) {
    process.stdout.write(`${quarantine(loaded.settings.dataDir, new SystemEntropy())}\n`);
    return;
  }
  await run(sources, loaded);
}

async function run(sources: Sources, loaded: Loaded): Promise<void> {
  const { settings, tunables } = loaded;
  const output = destination({ fd: 1, sync: false });
  const log = pino({ level: settings['log.level'], base: { node: settings.name } }, output);
  const end = (code: number): never => {
    flush(output);
    process.exit(code);
  };
  process.on('uncaughtException', (error) => {
    log.fatal({ event: 'defect', err: error }, 'a defect of this program: the node stops');
    say(`a defect of this program: ${error.message}`);
    end(EXIT.HALTED);
  });
  let current = loaded;
  let mesh: ReadonlyMap<string, string> = new Map();
  const daemon = new Daemon({
    settings,
    nodeConfig: nodeConfigOf({ settings, tunables }),
    log,
    environment: process.env,
    // The configuration of the mesh leads to the same reload as SIGHUP.
    onConfiguration: (rows) => {
      mesh = rows;
      current = reload({ ...sources, mesh }, current, log);
    },
    onHalt: (code, detail) => {
      log.fatal({ event: 'halt', code }, detail);
      say(`the node stops: ${detail} [${code}]`);
      end(EXIT.HALTED);
    },
  });
  // Signals are heard from the first moment on: one that comes during the start is obeyed after it.
  const starting = daemon.start();
  let isStopping = false;
  const onStop = (signal: string): void => {
    if (isStopping) end(EXIT.REFUSED);
    isStopping = true;
    log.info({ event: 'draining', signal }, 'draining');
    const stopping = starting.then(() => daemon.stop());
    stopping.then(
      () => {
        log.info({ event: 'stopped' }, 'stopped');
        end(EXIT.STOPPED);
      },
      // A start that was refused ends the process by itself.
      () => undefined,
    );
  };
  process.on('SIGTERM', onStop);
  process.on('SIGINT', onStop);
  process.on('SIGHUP', () => {
    current = reload({ ...sources, mesh }, current, log);
  });
  const bound = await starting;
  log.info({ event: 'ready', ...bound, dataDir: settings.dataDir, dial: settings.dial }, 'ready');
}

/** What changed is applied where that is possible; the rest is named. A file with mistakes changes nothing. */
function reload(sources: Sources, current: Loaded, log: Logger): Loaded {
  const next = loadConfig(sources, CORE_DEFAULTS);
  if (next.mistakes.length > 0) {
    for (const mistake of next.mistakes) log.error({ event: 'reload-refused', ...mistake }, 'the configuration is wrong; nothing was changed');
    return current;
  }
  const applied: string[] = [];
  const needRestart: string[] = [];
  for (const key of Object.keys(SETTINGS) as SettingKey[]) {
    if (JSON.stringify(next.settings[key]) === JSON.stringify(current.settings[key])) continue;
    ((SETTINGS[key] as Setting<unknown>).isLive === true ? applied : needRestart).push(key);
  }
  for (const key of new Set([...next.tunables.keys(), ...current.tunables.keys()])) {
    if (next.tunables.get(key) !== current.tunables.get(key)) needRestart.push(key);
  }
  log.level = next.settings['log.level'];
  log.info({ event: 'reloaded', applied, needRestart }, needRestart.length > 0 ? `reloaded; ${needRestart.join(', ')} need a restart` : 'reloaded');
  // What needs a restart stays as it runs, so that the next reload names it again.
  return { ...current, settings: { ...current.settings, 'log.level': next.settings['log.level'] } };
}

function parseArguments(argv: readonly string[]): Invocation {
  const program = new Command('meshd')
    .description('Runs one node of a mesh.')
    .option('--config <file>', 'settings as YAML (MESH_CONFIG)')
    .option('--check-config', 'report every mistake of the configuration with its key path, and exit')
    .option('--quarantine-journal', 'move a journal that cannot be opened aside, and exit: the node returns as a new replica')
    .option('--set <key=value>', 'any setting by its key path, also core.… tunables', collect, [])
    .helpOption('-h, --help', 'this text')
    .addHelpText('after', helpText())
    .showHelpAfterError('(meshd --help lists the flags)')
    .allowExcessArguments(false)
    .exitOverride();
  for (const setting of Object.values(SETTINGS) as Setting<unknown>[]) {
    if (setting.flag !== undefined) program.option(setting.flag, setting.help);
  }
  try {
    program.parse([...argv], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : EXIT.USAGE);
    throw error;
  }
  const options = program.opts<Record<string, unknown>>();
  const flags = new Map<string, unknown>();
  for (const pair of options['set'] as string[]) {
    const at = pair.indexOf('=');
    flags.set(at < 0 ? pair : pair.slice(0, at), at < 0 ? '' : pair.slice(at + 1));
  }
  for (const [key, setting] of Object.entries(SETTINGS) as [SettingKey, Setting<unknown>][]) {
    const value = setting.flag === undefined ? undefined : options[attributeOf(setting.flag)];
    if (value !== undefined) flags.set(key, value);
  }
  const file = (options['config'] as string | undefined) ?? process.env['MESH_CONFIG'] ?? null;
  return {
    sources: { file, environment: process.env, flags },
    isCheck: options['checkConfig'] === true,
    isQuarantine: options['quarantineJournal'] === true,
  };
}

/** `--data-dir <directory>` → `dataDir`, as commander names it. */
function attributeOf(flag: string): string {
  const long = /^--([a-z-]+)/.exec(flag)?.[1] ?? '';
  return long.replace(/-([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}

function helpText(): string {
  const settings = Object.entries(SETTINGS) as [SettingKey, Setting<unknown>][];
  const rows = settings.map(([key, setting]) => [key, environmentName(key), `${setting.help} (${defaultOf(setting.fallback)})`]);
  const all = [...rows, ['core.…', 'MESH_CORE_…', 'tunables of the protocol: core/node/config.ts lists them, with their defaults']];
  const widthOf = (column: number): number => Math.max(...all.map((cells) => cells[column]?.length ?? 0)) + 2;
  const [keyWidth, nameWidth] = [widthOf(0), widthOf(1)];
  return [
    '',
    'Settings by key path in the file, and in the environment, with their defaults:',
    ...all.map(([key = '', name = '', help = '']) => `  ${key.padEnd(keyWidth)}${name.padEnd(nameWidth)}${help}`),
    '',
    'Exit codes: 0 stopped in order; 1 refused to start (a port in use; a data directory in use, damaged, of another',
    'node or of a newer version; nothing was changed); 2 wrong flags or configuration; 70 the journal failed while',
    'running, or a defect.',
  ].join('\n');
}

function defaultOf(fallback: unknown): string {
  if (fallback === null) return 'off';
  if (Array.isArray(fallback)) return 'none';
  if (typeof fallback === 'object') return formatHostPort(fallback as HostPort);
  return String(fallback);
}

function collect(value: string, before: string[]): string[] {
  return [...before, value];
}

function say(line: string): void {
  process.stderr.write(`meshd: ${line}\n`);
}

/** A destination that has not opened yet has nothing to flush, and says so by throwing. */
function flush(output: DestinationStream & { flushSync(): void }): void {
  try {
    output.flushSync();
  } catch (error) {
    if (!(error instanceof Error && error.message.includes('not ready'))) throw error;
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  if (error instanceof StartRefused) {
    say(error.message);
    process.exit(EXIT.REFUSED);
  }
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exit(EXIT.HALTED);
});
