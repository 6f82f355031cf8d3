/** What a run comes to: the stable document of `meshsim run --json`, and the exit code it stands for. */
import { ORACLES, type Violation } from '../oracles/violations.js';
import type { Simulation } from './simulation.js';
import { sorted } from './tally.js';

/** Everything in it but `wallMs` and `eventsPerSecond` is the same for every run of the seed. */
export interface RunReport {
  readonly scenario: string;
  readonly seed: number;
  readonly nodes: number;
  readonly streams: number;
  readonly simulatedUs: number;
  readonly wallMs: number;
  readonly events: number;
  readonly eventsPerSimulatedSecond: number;
  readonly eventsPerSecond: number;
  readonly published: number;
  readonly delivered: number;
  readonly completed: number;
  /** Handled again by a target that had settled them. */
  readonly duplicates: number;
  /** Handled again by a target that trusts the node's offset, within what is promised. */
  readonly redelivered: number;
  readonly gaps: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly violations: readonly Violation[];
  readonly marks: Readonly<Record<string, number>>;
  readonly counters: Readonly<Record<string, number>>;
  readonly refusals: Readonly<Record<string, number>>;
  readonly traceHash: string;
}

export function reportOf(simulation: Simulation, wallMs: number): RunReport {
  const { plan, timeline, ledgers } = simulation;
  const simulatedUs = timeline.nowUs;
  return {
    scenario: plan.scenario,
    seed: plan.seedNumber,
    nodes: plan.nodes.length,
    streams: plan.streams.length,
    simulatedUs,
    wallMs: Math.round(wallMs),
    events: timeline.eventCount,
    eventsPerSimulatedSecond: Math.round((timeline.eventCount * 1_000_000) / Math.max(1, simulatedUs)),
    eventsPerSecond: Math.round((timeline.eventCount * 1_000) / Math.max(1, wallMs)),
    published: simulation.published,
    delivered: ledgers.delivered,
    completed: simulation.completed,
    duplicates: ledgers.duplicates,
    redelivered: ledgers.redelivered,
    gaps: ledgers.gaps,
    faults: sorted(simulation.faults.counts),
    violations: simulation.violations.list,
    marks: simulation.tally.marks,
    counters: simulation.tally.counters,
    refusals: sorted(simulation.refusals),
    traceHash: simulation.trace.hash,
  };
}

/** The report without what differs between two runs of one seed. */
export function withoutWallTimes(report: RunReport): Omit<RunReport, 'wallMs' | 'eventsPerSecond'> {
  const { wallMs: _wallMs, eventsPerSecond: _eventsPerSecond, ...rest } = report;
  return rest;
}

export const EXIT = {
  pass: 0,
  usage: 2,
  safety: 10,
  liveness: 11,
  crash: 12,
  notDeterministic: 13,
  timeLimit: 14,
} as const;

/** The gravest violation decides: broken safety, then a crash, then missing liveness. */
export function exitCodeOf(violations: readonly Violation[]): number {
  const classes = new Set(violations.map(({ oracle }) => ORACLES[oracle]));
  if (classes.has('safety')) return EXIT.safety;
  if (classes.has('crash')) return EXIT.crash;
  return classes.has('liveness') ? EXIT.liveness : EXIT.pass;
}
