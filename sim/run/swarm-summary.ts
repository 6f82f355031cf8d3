/** What a swarm comes to. Everything but the wall times is the same for every run of the seeds. */
import type { Violation } from '../oracles/violations.js';
import type { Scenario } from '../scenarios/scenario.js';
import { EXIT, exitCodeOf } from './report.js';
import type { SeedResult } from './swarm.js';
import { sorted } from './tally.js';

export interface SwarmSummary {
  readonly scenario: string;
  readonly seeds: number;
  readonly passed: number;
  /** By ascending seed. */
  readonly failed: readonly {
    readonly seed: number;
    readonly exitCode: number;
    readonly violations: readonly Violation[];
    readonly failure: string | null;
  }[];
  /** In how many seeds each mark was reached. */
  readonly marks: Readonly<Record<string, number>>;
  readonly missingMarks: readonly string[];
  readonly results: readonly { readonly seed: number; readonly traceHash: string | null }[];
  readonly events: number;
  readonly published: number;
  readonly medianEventsPerSimulatedSecond: number;
  readonly medianWallMs: number;
  readonly exitCode: number;
}

export function summarise(scenario: Scenario, results: readonly SeedResult[]): SwarmSummary {
  const reports = results.flatMap(({ report }) => report ?? []);
  const marks = new Map<string, number>();
  for (const report of reports) for (const name of Object.keys(report.marks)) marks.set(name, (marks.get(name) ?? 0) + 1);
  const failed = results.flatMap((result) => {
    const exitCode = exitCodeOfSeed(result);
    const violations = result.report?.violations ?? [];
    return exitCode === EXIT.pass ? [] : { seed: result.seed, exitCode, violations, failure: result.failure };
  });
  return {
    scenario: scenario.name,
    seeds: results.length,
    passed: results.length - failed.length,
    failed,
    marks: sorted(marks),
    // A handful of seeds proves nothing about rare things.
    missingMarks: results.length < SEEDS_FOR_MARKS ? [] : scenario.requiredMarks.filter((name) => !marks.has(name)),
    results: results.map(({ seed, report }) => ({ seed, traceHash: report?.traceHash ?? null })),
    events: reports.reduce((total, { events }) => total + events, 0),
    published: reports.reduce((total, { published }) => total + published, 0),
    medianEventsPerSimulatedSecond: median(reports.map((report) => report.eventsPerSimulatedSecond)),
    medianWallMs: median(reports.map(({ wallMs }) => wallMs)),
    exitCode: gravest(failed.map(({ exitCode }) => exitCode)),
  };
}

function exitCodeOfSeed({ report, isOverTime }: SeedResult): number {
  if (report === null) return EXIT.crash;
  return isOverTime ? EXIT.timeLimit : exitCodeOf(report.violations);
}

const gravest = (codes: readonly number[]): number =>
  [EXIT.safety, EXIT.crash, EXIT.liveness, EXIT.timeLimit].find((code) => codes.includes(code)) ?? EXIT.pass;

function median(values: readonly number[]): number {
  const ascending = [...values].sort((a, b) => a - b);
  return ascending[ascending.length >> 1] ?? 0;
}

const SEEDS_FOR_MARKS = 20;
