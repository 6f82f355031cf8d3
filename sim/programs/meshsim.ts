#!/usr/bin/env node
/** `meshsim`: runs the same nodes as production in one process, under a seed. */
import '../poison.js';
import { closeSync, openSync, writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Command, CommanderError } from 'commander';
import { ORACLES, type OracleName } from '../oracles/violations.js';
import { type DriveOutcome, drive } from '../run/drive.js';
import { makeMeshNode } from '../run/mesh-node-factory.js';
import { EXIT, exitCodeOf, withoutWallTimes } from '../run/report.js';
import type { RunRequest } from '../run/run-request.js';
import { type SeedResult, runSwarm } from '../run/swarm.js';
import { summarise } from '../run/swarm-summary.js';
import { SCENARIOS } from '../scenarios/scenarios.js';
import {
  type PlanFlags,
  UsageError,
  loadScenario,
  parseCount,
  parseDuration,
  parseOverrides,
  parseSeeds,
  reproduceCommand,
} from './arguments.js';
import { describeCounts, describeRun } from './report-text.js';

interface RunFlags extends PlanFlags {
  readonly scenario: string;
  readonly seed: string;
  readonly json?: boolean;
  readonly trace?: string;
  readonly checkDeterminism?: boolean;
  readonly limit: string;
}

interface SwarmFlags extends PlanFlags {
  readonly scenario: string;
  readonly seeds: string;
  readonly jobs: string;
  readonly json?: boolean;
  readonly stopOn?: string;
  readonly limit: string;
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const warn = (line: string): void => void process.stderr.write(`${line}\n`);

/** Runs one seed. Gives the exit code. */
function runOne(flags: RunFlags): number {
  const request: RunRequest = {
    scenario: flags.scenario,
    seed: parseCount('--seed', flags.seed, 0),
    overrides: parseOverrides(flags),
    limitMs: parseDuration('--limit', flags.limit) / 1000,
  };
  const outcome = traced(flags.trace, (sink) => driveRequest(request, sink));
  const { report } = outcome;
  print(flags.json === true ? JSON.stringify(report) : describeRun(report));
  let code = outcome.isOverTime ? EXIT.timeLimit : exitCodeOf(report.violations);
  if (outcome.isOverTime) warn(`not over after ${request.limitMs} ms of wall time`);
  if (code === EXIT.pass && flags.checkDeterminism === true) {
    const parted = whereTheyPart(outcome, driveRequest(request, null));
    if (parted !== null) {
      warn(`not deterministic: ${parted}`);
      code = EXIT.notDeterministic;
    }
  }
  if (code !== EXIT.pass) (flags.json === true ? warn : print)(reproduceCommand(request));
  return code;
}

function driveRequest({ scenario, seed, overrides, limitMs }: RunRequest, sink: ((line: string) => void) | null): DriveOutcome {
  const plan = loadScenario(scenario).plan(seed, overrides);
  return drive({ plan, factory: makeMeshNode, traceSink: sink, limitMs });
}

/** Where two runs of one seed differ; null when they do not. */
function whereTheyPart(first: DriveOutcome, second: DriveOutcome): string | null {
  const step = first.ladder.findIndex((hash, i) => hash !== second.ladder[i]);
  if (step >= 0) return `the traces part within entries ${step * 10_000} to ${(step + 1) * 10_000}`;
  const texts = [first, second].map(({ report }) => JSON.stringify(withoutWallTimes(report)));
  return texts[0] === texts[1] ? null : 'the traces part after the last ladder entry, or the reports differ';
}

/** Calls `run` with a sink that writes to `file`, if one is wanted. */
function traced<T>(file: string | undefined, run: (sink: ((line: string) => void) | null) => T): T {
  if (file === undefined) return run(null);
  let descriptor: number;
  try {
    descriptor = openSync(file, 'w');
  } catch (error) {
    // Expected: a directory that does not exist or may not be written to.
    throw new UsageError(`--trace ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
  let held = '';
  const result = run((line) => {
    held += `${line}\n`;
    if (held.length < TRACE_CHARS) return;
    writeSync(descriptor, held);
    held = '';
  });
  writeSync(descriptor, held);
  closeSync(descriptor);
  return result;
}

/** Runs many seeds. Gives the exit code: that of the gravest result. */
async function runMany(flags: SwarmFlags): Promise<number> {
  const scenario = loadScenario(flags.scenario);
  const seeds = parseSeeds(flags.seeds);
  const request = {
    scenario: flags.scenario,
    overrides: parseOverrides(flags),
    limitMs: parseDuration('--limit', flags.limit) / 1000,
  };
  const isJson = flags.json === true;
  const onResult = (result: SeedResult): void => {
    const text = describeFailure(result);
    if (text !== null && !isJson) print(text);
  };
  const results = await runSwarm({
    request,
    seeds,
    jobs: parseCount('--jobs', flags.jobs),
    workerFile: fileURLToPath(new URL('swarm-worker.js', import.meta.url)),
    stopOn: parseOracle(flags.stopOn),
    onResult,
  });
  const summary = summarise(scenario, results);
  if (isJson) print(JSON.stringify(summary));
  else {
    print(
      `${scenario.name} seeds ${seeds.from}..${seeds.to}: ${summary.passed} passed, ${summary.failed.length} failed; ` +
        `median ${summary.medianWallMs} ms, ${summary.medianEventsPerSimulatedSecond} events per simulated second`,
    );
    print(`marks ${describeCounts(summary.marks)}`);
    if (summary.missingMarks.length > 0) print(`MARKS NEVER REACHED: ${summary.missingMarks.join(', ')}`);
  }
  const first = summary.failed[0];
  if (first !== undefined) (isJson ? warn : print)(reproduceCommand({ ...request, seed: first.seed }));
  return summary.exitCode;
}

function describeFailure({ seed, report, isOverTime, failure }: SeedResult): string | null {
  if (failure !== null) return `seed ${seed}: ${failure}`;
  const violation = report?.violations[0];
  if (violation !== undefined) {
    return `seed ${seed}: ${violation.oracle} at ${(violation.atUs / 1_000_000).toFixed(6)} s: ${violation.detail}`;
  }
  return isOverTime ? `seed ${seed}: out of wall time` : null;
}

function parseOracle(text: string | undefined): OracleName | 'any' | null {
  if (text === undefined) return null;
  if (text === 'any' || text in ORACLES) return text as OracleName | 'any';
  throw new UsageError(`--stop-on ${text}: any, or one of ${Object.keys(ORACLES).join(', ')}`);
}

function listScenarios(isJson: boolean): void {
  const listed = SCENARIOS.map(({ name, about, requiredMarks }) => ({ name, about, requiredMarks }));
  if (isJson) print(JSON.stringify(listed));
  else for (const { name, about } of listed) print(`${name.padEnd(15)}${about}`);
}

const EXIT_CODES_TEXT = `
Exit codes: ${EXIT.pass} nothing found; ${EXIT.usage} wrong flags or scenario; ${EXIT.safety} a promise was broken; ${EXIT.liveness} something did not
happen in time after the healing; ${EXIT.crash} a node crashed; ${EXIT.notDeterministic} two runs of one seed differ; ${EXIT.timeLimit} over the time limit.`;

function program(setCode: (code: number) => void): Command {
  const root = new Command('meshsim').description('runs many nodes of a mesh in one process, under a seed');
  root.exitOverride();
  root
    .command('run')
    .description('run one seed of a scenario')
    .requiredOption('--scenario <name|file>', 'a scenario of `meshsim list`, or a file')
    .requiredOption('--seed <n>', 'the seed')
    .option('--nodes <n>', 'how many nodes, instead of what the seed draws')
    .option('--streams <n>', 'how many streams, instead of what the seed draws')
    .option('--for <duration>', 'how long until the healing, e.g. 90s')
    .option('--json', 'print one JSON document')
    .option('--trace <file>', 'write every event to a file')
    .option('--check-determinism', 'run twice and compare')
    .option('--limit <duration>', 'give up after that much wall time', '10m')
    .action((flags: RunFlags) => setCode(runOne(flags)));
  root
    .command('swarm')
    .description('run many seeds of a scenario')
    .requiredOption('--scenario <name|file>', 'a scenario of `meshsim list`, or a file')
    .requiredOption('--seeds <a..b>', 'the seeds, both ends included')
    .option('--jobs <n>', 'how many processes', '1')
    .option('--nodes <n>', 'how many nodes, instead of what the seed draws')
    .option('--streams <n>', 'how many streams, instead of what the seed draws')
    .option('--for <duration>', 'how long until the healing, e.g. 90s')
    .option('--json', 'print one JSON document')
    .option('--stop-on <oracle>', 'begin no more seeds once this oracle (or: any) has spoken')
    .option('--limit <duration>', 'give a seed up after that much wall time', '10m')
    .action(async (flags: SwarmFlags) => setCode(await runMany(flags)));
  root
    .command('list')
    .description('list the scenarios')
    .option('--json', 'print one JSON document')
    .action((flags: { readonly json?: boolean }) => listScenarios(flags.json === true));
  root.addHelpText('after', EXIT_CODES_TEXT);
  for (const command of root.commands) command.exitOverride().addHelpText('after', EXIT_CODES_TEXT);
  return root;
}

async function main(): Promise<number> {
  let code: number = EXIT.pass;
  try {
    await program((chosen) => (code = chosen)).parseAsync();
  } catch (error) {
    // Expected: a mistake on the command line. Anything else is a defect of this program and ends it loudly.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.pass : EXIT.usage;
    if (!(error instanceof UsageError)) throw error;
    warn(`meshsim: ${error.message}`);
    return EXIT.usage;
  }
  return code;
}

const TRACE_CHARS = 1 << 20;

process.exitCode = await main();
