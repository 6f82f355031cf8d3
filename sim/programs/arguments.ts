/** What `meshsim` is asked for on its command line, checked. A mistake is one clear line, and exit code 2. */
import { readFileSync } from 'node:fs';
import type { RunRequest } from '../run/run-request.js';
import { type Overrides, type Scenario, NO_OVERRIDES } from '../scenarios/scenario.js';
import { parseScenario } from '../scenarios/scenario-file.js';
import { SCENARIOS, findScenario } from '../scenarios/scenarios.js';

/** A mistake of the caller: its message is for a person. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The scenario of that name, or in that file. */
export function loadScenario(nameOrFile: string): Scenario {
  const known = findScenario(nameOrFile);
  if (known !== null) return known;
  let text: string;
  try {
    text = readFileSync(nameOrFile, 'utf8');
  } catch {
    // Expected: no such file, or none that can be read. Either way it names nothing.
    const names = SCENARIOS.map(({ name }) => name).join(', ');
    throw new UsageError(`--scenario ${nameOrFile}: neither a scenario (${names}) nor a file that can be read`);
  }
  const scenario = parseScenario(nameOrFile, text);
  if (typeof scenario === 'string') throw new UsageError(`--scenario ${nameOrFile}: the file ${scenario}`);
  return scenario;
}

export function parseCount(flag: string, text: string, least = 1): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < least) {
    throw new UsageError(`${flag} ${text}: a whole number from ${least} on is expected`);
  }
  return value;
}

/** `A..B`, both included, or one seed. */
export function parseSeeds(text: string): { readonly from: number; readonly to: number } {
  const [first, second] = text.split('..', 2) as [string, string?];
  const from = parseCount('--seeds', first, 0);
  const to = second === undefined ? from : parseCount('--seeds', second, 0);
  if (to < from) throw new UsageError(`--seeds ${text}: the last seed is before the first`);
  return { from, to };
}

/** `90s`, `2m`, `1500ms`, `1h`: microseconds. */
export function parseDuration(flag: string, text: string): number {
  const match = /^(\d+)(ms|s|m|h)$/.exec(text);
  const unitUs = match === null ? undefined : UNITS_US.get(match[2] as string);
  if (match === null || unitUs === undefined) throw new UsageError(`${flag} ${text}: a duration like 90s, 2m or 500ms is expected`);
  return parseCount(flag, match[1] as string) * unitUs;
}

/** The flags that shape a plan. */
export interface PlanFlags {
  readonly nodes?: string;
  readonly streams?: string;
  readonly for?: string;
}

export function parseOverrides(flags: PlanFlags): Overrides {
  return {
    ...NO_OVERRIDES,
    nodes: flags.nodes === undefined ? null : parseCount('--nodes', flags.nodes, 2),
    streams: flags.streams === undefined ? null : parseCount('--streams', flags.streams),
    durationUs: flags.for === undefined ? null : atLeast(MIN_DURATION_US, '--for', parseDuration('--for', flags.for)),
  };
}

/** The command that runs this again. */
export function reproduceCommand({ scenario, seed, overrides }: RunRequest): string {
  let command = `meshsim run --scenario ${scenario} --seed ${seed}`;
  if (overrides.nodes !== null) command += ` --nodes ${overrides.nodes}`;
  if (overrides.streams !== null) command += ` --streams ${overrides.streams}`;
  if (overrides.durationUs !== null) command += ` --for ${Math.floor(overrides.durationUs / 1000)}ms`;
  return command;
}

function atLeast(leastUs: number, flag: string, valueUs: number): number {
  if (valueUs < leastUs) throw new UsageError(`${flag}: at least ${leastUs / 1_000_000}s are needed`);
  return valueUs;
}

const UNITS_US = new Map([
  ['ms', 1_000],
  ['s', 1_000_000],
  ['m', 60_000_000],
  ['h', 3_600_000_000],
]);
/** Before that a mesh has hardly formed. */
const MIN_DURATION_US = 12_000_000;
