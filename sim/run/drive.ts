/** Drives a simulation to its end under poison, in slices, with an eye on the wall clock between them. */
import { underPoison } from '../poison.js';
import type { Plan } from '../plan/plan.js';
import type { NodeFactory } from '../world/simulated-node.js';
import type { TraceSink } from '../world/trace.js';
import { type RunReport, reportOf } from './report.js';
import { Simulation } from './simulation.js';

export interface DriveOptions {
  readonly plan: Plan;
  readonly factory: NodeFactory;
  readonly traceSink: TraceSink | null;
  /** Wall time after which a run is given up. */
  readonly limitMs: number;
}

export interface DriveOutcome {
  readonly report: RunReport;
  /** The trace's hash after every 10,000 entries. */
  readonly ladder: readonly string[];
  /** The wall time was up before the run was over. */
  readonly isOverTime: boolean;
}

export function drive({ plan, factory, traceSink, limitMs }: DriveOptions): DriveOutcome {
  const startMs = performance.now();
  const simulation = underPoison(() => new Simulation({ plan, factory, traceSink }));
  let isOver = false;
  let isOverTime = false;
  while (!isOver && !isOverTime) {
    isOver = underPoison(() => simulation.advance(EVENTS_PER_SLICE));
    isOverTime = performance.now() - startMs > limitMs;
  }
  const report = reportOf(simulation, performance.now() - startMs);
  return { report, ladder: simulation.trace.ladder, isOverTime: !isOver };
}

const EVENTS_PER_SLICE = 20_000;
