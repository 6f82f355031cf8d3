/** Reports as people read them. */
import type { RunReport } from '../run/report.js';

/** A run, in a few lines. */
export function describeRun(report: RunReport): string {
  const { scenario, seed, nodes, streams, simulatedUs, wallMs, events } = report;
  const lines = [
    `${scenario} seed ${seed}: ${nodes} nodes, ${streams} streams`,
    `  simulated ${(simulatedUs / 1_000_000).toFixed(1)} s in ${wallMs} ms: ${events} events, ` +
      `${report.eventsPerSimulatedSecond} per simulated second, ${report.eventsPerSecond} per second`,
    `  published ${report.published}, delivered ${report.delivered}, completed ${report.completed}, ` +
      `duplicates ${report.duplicates}, gaps ${report.gaps}, redelivered ${report.redelivered}`,
    `  faults ${describeCounts(report.faults)}`,
    `  marks ${describeCounts(report.marks)}`,
    `  trace ${report.traceHash}`,
  ];
  for (const { oracle, atUs, detail } of report.violations) {
    lines.push(`  VIOLATION ${oracle} at ${(atUs / 1_000_000).toFixed(6)} s: ${detail}`);
  }
  if (report.violations.length === 0) lines.push('  no violations');
  return lines.join('\n');
}

export function describeCounts(counts: Readonly<Record<string, number>>): string {
  const entries = Object.entries(counts);
  return entries.length === 0 ? 'none' : entries.map(([name, count]) => `${name} ${count}`).join(', ');
}
