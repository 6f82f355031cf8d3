import { describe, expect, it } from 'vitest';
import { simulate } from './testing/simulation.js';

const SEEDS = Number(process.env['RAFT_SEEDS'] ?? 300);
const FIRST = Number(process.env['RAFT_FIRST_SEED'] ?? 1);

describe('a simulated group keeps every promise of Raft after every step', () => {
  it(`under ${SEEDS} seeds of crashes, partitions, lost frames, reset flows, pauses, full and damaged disks`, () => {
    const marks = new Map<string, number>();
    let events = 0, committed = 0, acknowledged = 0, reads = 0;
    const failures: string[] = [];
    for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
      try {
        const report = simulate(`raft-${seed}`);
        events += report.events; committed += report.committed; acknowledged += report.acknowledged; reads += report.reads;
        for (const [name, count] of report.marks) marks.set(name, (marks.get(name) ?? 0) + count);
      } catch (error) {
        failures.push(`seed raft-${seed}: ${(error as Error).message} ${process.env['RAFT_STACK'] ? (error as Error).stack : ''}`);
      }
    }
    console.log({ events, committed, acknowledged, reads }, [...marks].sort(), failures.length);
    expect(failures.slice(0, 15)).toEqual([]);
  }, 120_000);
});
