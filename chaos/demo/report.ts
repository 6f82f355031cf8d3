/** What a run of the demo has shown, as one document and as a table. */
import type { KillRecord } from './kills.js';
import type { LedgerAudit } from './target-ledger.js';

export interface TargetReport {
  readonly name: string;
  readonly messages: number;
  readonly bytes: number;
  readonly duplicates: number;
  readonly gaps: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly sha256: string;
  readonly isEqual: boolean;
}

export interface DemoReport {
  readonly isPassed: boolean;
  /** What was wrong; empty when passed. */
  readonly problems: readonly string[];
  readonly source: {
    readonly files: number;
    readonly rounds: number;
    readonly messages: number;
    readonly bytes: number;
    readonly sha256: string;
  } | null;
  readonly targets: readonly TargetReport[];
  readonly kills: readonly KillRecord[];
  readonly elapsedMs: number;
  /** Where the logs are; null when they were removed. */
  readonly directory: string | null;
}

/** What a ledger says against what was sent. */
export function auditProblems(name: string, audit: LedgerAudit, sent: { readonly messages: number; readonly sha256: string }): string[] {
  const problems: string[] = [];
  if (audit.messageCount !== sent.messages) problems.push(`${name} holds ${audit.messageCount} of ${sent.messages} messages`);
  if (audit.duplicateCount > 0) problems.push(`${name} holds ${audit.duplicateCount} messages twice`);
  if (audit.gapCount > 0) problems.push(`${name} lacks ${audit.gapCount} messages in between`);
  if (audit.disorderCount > 0) problems.push(`${name} took ${audit.disorderCount} messages out of order`);
  if (audit.sha256 !== sent.sha256) problems.push(`the SHA-256 of what ${name} holds is not that of the source`);
  return problems;
}

export function tableOf({ source, targets, kills, elapsedMs }: DemoReport): string {
  const lines: string[] = [];
  if (source !== null) {
    const rounds = source.rounds === 1 ? '' : `, ${source.rounds} times`;
    lines.push(
      `${grouped(source.messages)} messages, ${grouped(source.bytes)} bytes (${grouped(source.files)} files${rounds}) in ${(elapsedMs / 1000).toFixed(1)} s`,
    );
  }
  for (const { node, atShare, atSeq, downMs, recoveredMs } of kills) {
    lines.push(
      `${node} killed at ${Math.round(atShare * 100)} % (seq ${grouped(atSeq)}), restarted after ${Math.round(downMs)} ms; all published by then settled ${Math.round(recoveredMs)} ms after the kill`,
    );
  }
  const header = ['target', 'messages', 'bytes', 'duplicates', 'gaps', 'p50', 'p99', 'SHA-256', 'as the source'];
  const rows = targets.map((target) => [
    target.name,
    grouped(target.messages),
    grouped(target.bytes),
    String(target.duplicates),
    String(target.gaps),
    `${Math.round(target.p50Ms)} ms`,
    `${Math.round(target.p99Ms)} ms`,
    target.sha256.slice(0, 16),
    target.isEqual ? 'yes' : 'NO',
  ]);
  return [...lines, '', ...aligned([header, ...rows])].join('\n');
}

/** Rows as lines: the first column to the left, the others to the right. */
export function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  '),
  );
}

/** 1234567 → 1,234,567 */
export function grouped(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',');
}
