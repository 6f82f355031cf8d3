/** What a run of the benchmark prints: one document for programs, a table for people. */
import { cpus, totalmem } from 'node:os';
import { aligned, grouped } from '../demo/report.js';
import type { BenchResult } from './measurement.js';

/** What `--json` prints. */
export interface BenchDocument {
  /** Version of the runtime. */
  readonly node: string;
  readonly cpus: number;
  readonly cpuModel: string;
  readonly memoryGb: number;
  readonly results: readonly BenchResult[];
}

export function documentOf(results: readonly BenchResult[]): BenchDocument {
  const processors = cpus();
  return {
    node: process.version,
    cpus: processors.length,
    cpuModel: processors[0]?.model.trim() ?? 'unknown',
    memoryGb: Math.round(totalmem() / 1024 ** 3),
    results,
  };
}

export function tableOf({ node, cpus: count, cpuModel, memoryGb, results }: BenchDocument): string {
  const header = ['result', 'median', 'unit', 'least', 'most', 'p50', 'p99', 'ratio', 'of'];
  const rows = results.map(({ name, value, unit, least, most, p50Us, p99Us, ratio, limit }) => [
    name, shown(value), unit, shown(least), shown(most), time(p50Us), time(p99Us),
    ratio === undefined ? '' : String(ratio), ratio === undefined ? '' : (limit ?? ''),
  ]);
  return [`node ${node}, ${count} x ${cpuModel}, ${memoryGb} GB`, '', ...aligned([header, ...rows])].join('\n');
}

function shown(value: number): string {
  return Number.isInteger(value) ? grouped(value) : String(value);
}

function time(us: number | undefined): string {
  if (us === undefined) return '';
  return us < 1_000 ? `${us} us` : `${(us / 1_000).toFixed(1)} ms`;
}
