import { describe, expect, it } from 'vitest';
import { simulate } from './testing/simulation.js';

/** More of them: `RAFT_SEEDS=5000 RAFT_FIRST_SEED=1001 npx vitest run core/raft/simulation`. */
const SEED_COUNT = Number(process.env['RAFT_SEEDS'] ?? 300);
const FIRST_SEED = Number(process.env['RAFT_FIRST_SEED'] ?? 1);

/** What these stories must have reached, or they have tested nothing. */
const REQUIRED_MARKS = [
  'configuration-add-learner',
  'configuration-demote',
  'configuration-promote',
  'configuration-remove',
  'damaged',
  'disk-full',
  'fetched',
  'leader-crashed',
  'lost-unsynced-write',
  'partitioned',
  'raft.joint-entered',
  'raft.joint-inherited',
  'raft.joint-left',
  'raft.leader-removed-itself',
  'raft.quieted',
  'raft.quorum-lost',
  'raft.snapshot-installed',
  'raft.stall-probed',
  'raft.truncated',
  'refounded',
  'raft.woken',
  'refused-OVERLOADED',
];

describe('simulated groups', () => {
  it(`keep every promise of Raft after every step, under ${SEED_COUNT} seeds of faults, and come to rest`, () => {
    const failures: string[] = [];
    const marks = new Set<string>();
    let reads = 0;
    for (let seed = FIRST_SEED; seed < FIRST_SEED + SEED_COUNT; seed++) {
      try {
        const report = simulate(`raft-${seed}`);
        for (const name of report.marks.keys()) marks.add(name);
        reads += report.reads;
        expect(report.checks).toBeGreaterThan(100);
      } catch (error) {
        failures.push(`raft-${seed}: ${String(error)}`);
      }
    }
    expect(failures.slice(0, 10)).toEqual([]);
    expect(REQUIRED_MARKS.filter((name) => !marks.has(name))).toEqual([]);
    expect(reads).toBeGreaterThan(SEED_COUNT);
  }, 300_000);

  it('run the same story for the same seed', () => {
    const [one, two, other] = ['raft-7', 'raft-7', 'raft-8'].map((seed) => simulate(seed));
    expect({ ...one, marks: [...(one?.marks ?? [])] }).toEqual({ ...two, marks: [...(two?.marks ?? [])] });
    expect(one?.events).not.toBe(other?.events);
  });
});
