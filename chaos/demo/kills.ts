/**
 * The faults of the demo: at given shares of the work a node is killed by SIGKILL, stays away for a while, and starts
 * again with what its disk holds.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { ProcessMesh } from '../processes/process-mesh.js';

export interface Kill {
  readonly node: string;
  /** Of all messages, settled at the slowest target. */
  readonly atShare: number;
}

export const KILLS: readonly Kill[] = [
  { node: 'B', atShare: 0.25 },
  { node: 'C', atShare: 0.6 },
];

/** A kill that was done. */
export interface KillRecord extends Kill {
  /** The highest seq that the slowest target had settled. */
  readonly atSeq: number;
  /** From the kill to the start of the next process. */
  readonly downMs: number;
  /** From the kill until everything that was published by then was settled at every target. */
  readonly recoveredMs: number;
}

export interface KillerOptions {
  readonly mesh: ProcessMesh;
  readonly messageCount: number;
  readonly publishedCount: () => number;
  /** What the slowest target has settled. */
  readonly settledCount: () => number;
  /** For the progress line: what is being done, '' for nothing. */
  readonly onStage: (stage: string) => void;
}

/** Carries out the kills, one after the other. Resolves when the mesh has recovered from the last, or when `isOver`. */
export async function killAll(options: KillerOptions, isOver: () => boolean): Promise<KillRecord[]> {
  const { mesh, messageCount, publishedCount, settledCount, onStage } = options;
  const records: KillRecord[] = [];
  for (const kill of KILLS) {
    while (settledCount() < messageCount * kill.atShare) {
      if (isOver()) return records;
      await delay(WATCH_MS);
    }
    const atSeq = settledCount();
    const owedSeq = publishedCount();
    const killedAt = performance.now();
    const { process } = mesh.node(kill.node);
    onStage(`${kill.node} was killed`);
    await process.kill();
    await delay(DOWN_MS);
    process.start();
    const downMs = performance.now() - killedAt;
    onStage(`${kill.node} starts again`);
    while (settledCount() < owedSeq) {
      if (isOver()) return records;
      await delay(WATCH_MS);
    }
    onStage('');
    records.push({ ...kill, atSeq, downMs, recoveredMs: performance.now() - killedAt });
  }
  return records;
}

const WATCH_MS = 5;
const DOWN_MS = 1_000;
