/** What a trial has shown, as one document and as a table. */
import { aligned, grouped } from '../demo/report.js';
import { median } from '../processes/latencies.js';
import type { FaultRecord } from './adversary.js';

export interface LedgerReport {
  readonly stream: string;
  readonly target: string;
  readonly messages: number;
  readonly duplicates: number;
  readonly gaps: number;
  readonly disorder: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly isEqual: boolean;
}

export interface TrialReport {
  readonly isPassed: boolean;
  /** What was wrong; empty when passed. */
  readonly problems: readonly string[];
  readonly messages: number;
  readonly faults: readonly FaultRecord[];
  readonly ledgers: readonly LedgerReport[];
  readonly elapsedMs: number;
  /** Where journals, ledgers and logs are; null when they were removed. */
  readonly directory: string | null;
}

/** How long a stream may take to go on, at most. */
export const RESUME_MS: Readonly<Record<FaultRecord['kind'], number>> = { killed: 5_000, frozen: 2_000 };

export function resumptionProblems(faults: readonly FaultRecord[]): string[] {
  return faults.flatMap(({ kind, node, resumed }, at) =>
    resumed
      .filter(({ ms }) => ms > RESUME_MS[kind])
      .map(({ stream, ms }) => `fault ${at + 1} (${node} ${kind}): ${stream} went on after ${ms} ms, not within ${RESUME_MS[kind]}`),
  );
}

export function tableOf({ messages, faults, ledgers, elapsedMs }: TrialReport): string {
  const header = ['ledger', 'messages', 'duplicates', 'gaps', 'disorder', 'p50', 'p99', 'as published'];
  const rows = ledgers.map((ledger) => [
    `${ledger.stream} at ${ledger.target}`,
    grouped(ledger.messages),
    String(ledger.duplicates),
    String(ledger.gaps),
    String(ledger.disorder),
    `${ledger.p50Ms} ms`,
    `${ledger.p99Ms} ms`,
    ledger.isEqual ? 'yes' : 'NO',
  ]);
  return [
    `${grouped(messages)} messages in ${(elapsedMs / 1000).toFixed(1)} s; ${faults.length} faults, each while messages were unsettled`,
    lineOf('source killed: from its restart to a new message replicated', faults, 'killed'),
    lineOf('leader frozen, not the source: to a new message replicated', faults, 'frozen'),
    '',
    ...aligned([header, ...rows]),
  ].join('\n');
}

function lineOf(what: string, faults: readonly FaultRecord[], kind: FaultRecord['kind']): string {
  const times = faults.filter((fault) => fault.kind === kind).flatMap(({ resumed }) => resumed.map(({ ms }) => ms));
  if (times.length === 0) return `${what}: never happened`;
  return `${what}: ${times.length} times, median ${Math.round(median(times))} ms, at most ${Math.max(...times)} ms (limit ${RESUME_MS[kind]})`;
}
