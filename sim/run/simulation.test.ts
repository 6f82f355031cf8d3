import { describe, expect, it } from 'vitest';
import type { OracleName } from '../oracles/violations.js';
import type { OptionRanges } from '../plan/options.js';
import type { Plan } from '../plan/plan.js';
import { COMMON_RANGES, drawnScenario } from '../scenarios/drawn.js';
import { NO_OVERRIDES } from '../scenarios/scenario.js';
import { type ToyBug, ToyNode } from '../testing/toy-node.js';
import { type NodeFactory } from '../world/simulated-node.js';
import { Simulation } from './simulation.js';

const toys =
  (bug: ToyBug | null): NodeFactory =>
  (birth) =>
    new ToyNode(birth, bug);

const SMALL: OptionRanges = {
  ...COMMON_RANGES,
  nodes: [3, 4],
  streams: [2, 3],
  messages: [250, 300],
  payloadBytes: [1, 200],
  durationUs: [25_000_000, 25_000_000],
  faults: [10, 14],
  faultKinds: ['crash', 'crash', 'power-loss', 'partition', 'cut', 'isolate', 'nat-expiry', 'subscriber-crash', 'clog'],
  faultForUs: [200_000, 3_000_000],
  quorumPolicyPerMille: [0, 1000],
  rivals: [0, 0],
  livenessUs: 40_000_000,
};

const planOf = (seed: number, ranges: OptionRanges = SMALL): Plan =>
  drawnScenario('toy', 'toys in bad weather', ranges, []).plan(seed, NO_OVERRIDES);

function run(plan: Plan, bug: ToyBug | null = null): Simulation {
  const simulation = new Simulation({ plan, factory: toys(bug), traceSink: null });
  while (!simulation.advance(10_000));
  return simulation;
}

describe('Simulation', () => {
  it('finds nothing in toys that keep the promises, whatever strikes them', () => {
    let faults = 0;
    for (let seed = 1; seed <= 12; seed++) {
      const simulation = run(planOf(seed));
      expect(simulation.violations.list, `seed ${seed}`).toEqual([]);
      expect(simulation.published).toBe(simulation.plan.publishes.length + simulation.plan.streams.length);
      faults += simulation.faults.struckCount;
    }
    expect(faults).toBeGreaterThan(60);
  });

  const caught: readonly [ToyBug, readonly OracleName[]][] = [
    ['accepts-before-durable', ['acknowledged-lost', 'stream-order']],
    ['settles-before-durable', ['completed-ahead']],
    ['forgets-producers', ['acknowledged-lost']],
    ['damages-content', ['stream-content']],
    ['never-repeats', ['not-drained']],
    ['throws', ['core-assertion']],
    ['halts', ['core-halted']],
  ];
  for (const [bug, oracles] of caught) {
    it(`catches a toy that ${bug}`, () => {
      for (let seed = 1; seed <= 40; seed++) {
        const found = run(planOf(seed), bug).violations.list;
        if (found.length === 0) continue;
        expect(oracles).toContain(found[0]?.oracle);
        return;
      }
      expect.fail('40 seeds found nothing');
    });
  }

  it('gives the same trace hash for the same seed and another for another', () => {
    const hashes = [1, 1, 2].map((seed) => run(planOf(seed)).trace.hash);
    expect(hashes[0]).toBe(hashes[1]);
    expect(hashes[0]).not.toBe(hashes[2]);
  });

  it('changes the hash when one message has one byte more', () => {
    const plan = planOf(3);
    const [first, ...rest] = plan.publishes;
    if (first === undefined) throw new Error('the plan publishes something');
    const changed = { ...plan, publishes: [{ ...first, bytes: first.bytes + 1 }, ...rest] };
    expect(run(changed).trace.hash).not.toBe(run(plan).trace.hash);
  });

  it('reports the same hash with the full trace on, and every line of it again', () => {
    const lines: string[][] = [[], []];
    const hashes = lines.map((sink) => {
      const traceSink = (line: string): void => void sink.push(line);
      const simulation = new Simulation({ plan: planOf(4), factory: toys(null), traceSink });
      while (!simulation.advance(10_000));
      return simulation.trace.hash;
    });
    expect(hashes[0]).toBe(run(planOf(4)).trace.hash);
    expect(lines[0]).toEqual(lines[1]);
    expect(lines[0]?.length).toBeGreaterThan(1000);
  });

  it('marks crashes that lose writes and such that come between flush and send', () => {
    const marks = new Set<string>();
    for (let seed = 1; seed <= 10; seed++) for (const name of Object.keys(run(planOf(seed)).tally.marks)) marks.add(name);
    expect([...marks].sort()).toEqual(['crashed-between-persist-and-send', 'lost-unsynced-write']);
  });
});
