/** What a process has used by now, as Linux and its own metrics tell. */
import { readFileSync } from 'node:fs';

export interface Usage {
  readonly atMs: number;
  readonly cpuMs: number;
  /** Payload of WebSocket messages, both directions. */
  readonly laneBytes: number;
}

/** `admin` is HOST:PORT of the process's admin server. */
export async function usageOf(pid: number, admin: string): Promise<Usage> {
  const response = await fetch(`http://${admin}/metrics`);
  const metrics = await response.text();
  const cpuMs = cpuMsOf(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  return { atMs: performance.now(), cpuMs, laneBytes: laneBytesOf(metrics) };
}

/** User and system time of a line of /proc/PID/stat. */
export function cpuMsOf(stat: string): number {
  // The name may hold blanks and parentheses; what follows the last parenthesis does not.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
}

/** The sum of both directions in Prometheus' text form. */
export function laneBytesOf(metrics: string): number {
  let bytes = 0;
  for (const [, value] of metrics.matchAll(/^mesh_lane_bytes_total\{[^}]*\} (\S+)$/gm)) bytes += Number(value);
  return bytes;
}

/** Linux counts in hundredths of a second for user programs on all platforms that Node.js runs on. */
const MS_PER_TICK = 10;
