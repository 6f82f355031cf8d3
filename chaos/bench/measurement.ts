/** What a benchmark measured, and how several runs become one result. */
import { median } from '../processes/latencies.js';

export interface Measurement {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly p50Us?: number;
  readonly p99Us?: number;
  /** The name of the result that this one is compared with. */
  readonly limit?: string;
}

/** A row of the document: the median of the runs. */
export interface BenchResult extends Measurement {
  /** `value` divided by that of `limit`, when both were measured. */
  readonly ratio?: number;
  /** The least and the greatest value of the runs. */
  readonly least: number;
  readonly most: number;
  readonly runs: number;
}

/** A way to measure one or more results in one go. */
export interface Bench {
  readonly names: readonly string[];
  readonly run: () => Promise<readonly Measurement[]>;
}

/** The medians of the measurements of several runs, by name, in the order of their first appearance. */
export function medianResults(runs: readonly (readonly Measurement[])[]): BenchResult[] {
  const byName = new Map<string, Measurement[]>();
  for (const measurement of runs.flat()) byName.set(measurement.name, [...(byName.get(measurement.name) ?? []), measurement]);
  return [...byName.values()].map((all) => {
    const [first] = all as [Measurement];
    const values = all.map(({ value }) => value);
    const p50s = all.flatMap(({ p50Us }) => p50Us ?? []);
    const p99s = all.flatMap(({ p99Us }) => p99Us ?? []);
    return {
      name: first.name,
      value: rounded(median(values)),
      unit: first.unit,
      ...(p50s.length > 0 ? { p50Us: Math.round(median(p50s)) } : {}),
      ...(p99s.length > 0 ? { p99Us: Math.round(median(p99s)) } : {}),
      ...(first.limit === undefined ? {} : { limit: first.limit }),
      least: rounded(Math.min(...values)),
      most: rounded(Math.max(...values)),
      runs: values.length,
    };
  });
}

/** Adds the ratios: each result against the one that it names as its limit, where that was measured too. */
export function withRatios(results: readonly BenchResult[]): BenchResult[] {
  const values = new Map(results.map(({ name, value }) => [name, value]));
  return results.map((result) => {
    const limit = result.limit === undefined ? undefined : values.get(result.limit);
    return limit === undefined || limit === 0 ? result : { ...result, ratio: rounded(result.value / limit) };
  });
}

/** Four digits that count, and whole numbers as they are. */
function rounded(value: number): number {
  return Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(4));
}
