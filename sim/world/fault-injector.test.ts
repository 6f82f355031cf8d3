import { describe, expect, it } from 'vitest';
import type { FaultKind, FaultPlan, Plan } from '../plan/plan.js';
import { Simulation } from '../run/simulation.js';
import { COMMON_RANGES, drawnScenario } from '../scenarios/drawn.js';
import { NO_OVERRIDES } from '../scenarios/scenario.js';
import { ToyNode } from '../testing/toy-node.js';

const CALM = drawnScenario(
  'calm',
  'toys in calm weather',
  {
    ...COMMON_RANGES,
    nodes: [3, 3],
    streams: [1, 1],
    messages: [200, 200],
    largePerMille: [0, 0],
    durationUs: [16_000_000, 16_000_000],
    faults: [0, 0],
    livenessUs: 30_000_000,
  },
  [],
);

/** A run of toys under exactly those faults; its full trace. */
function runUnder(...faults: FaultPlan[]): { simulation: Simulation; lines: string[] } {
  const plan: Plan = { ...CALM.plan(1, NO_OVERRIDES), faults };
  const lines: string[] = [];
  const traceSink = (line: string): void => void lines.push(line);
  const simulation = new Simulation({ plan, factory: (birth) => new ToyNode(birth), traceSink });
  while (!simulation.advance(10_000));
  expect(simulation.violations.list).toEqual([]);
  return { simulation, lines };
}

const at = (atUs: number, forUs: number, what: FaultKind): FaultPlan => ({ when: { kind: 'at', atUs }, forUs, what });
const node = (index: number) => ({ kind: 'node', node: index }) as const;

/** Times at which a node was given inputs, within [from, until). */
function inputsOf(lines: readonly string[], index: number, from: number, until: number): number {
  return lines.filter((line) => {
    const [time, who] = line.split(' ', 2);
    return who === `n${index}` && Number(time) >= from && Number(time) < until;
  }).length;
}

describe('FaultInjector', () => {
  it('keeps a crashed, dark or paused node silent for as long as it says, and not longer', () => {
    const kinds: FaultKind[] = [
      { kind: 'crash', victim: node(1), moment: 'then' },
      { kind: 'power-loss', victim: node(1), moment: 'then' },
      { kind: 'pause', victim: node(1) },
    ];
    for (const what of kinds) {
      const { lines, simulation } = runUnder(at(8_000_000, 2_000_000, what));
      expect(inputsOf(lines, 1, 8_000_001, 10_000_000), what.kind).toBe(0);
      expect(inputsOf(lines, 1, 10_000_000, 11_000_000), what.kind).toBeGreaterThan(0);
      expect(simulation.faults.struckCount).toBe(1);
    }
  });

  it('lets nothing through an isolation but to the node itself', () => {
    const { lines } = runUnder(at(8_000_000, 2_000_000, { kind: 'isolate', victim: node(1) }));
    const received = lines.filter((line) => /^\d+ n1 received/.test(line));
    const within = received.filter((line) => Number(line.split(' ', 1)[0]) > 8_100_000 && Number(line.split(' ', 1)[0]) < 10_000_000);
    expect(within).toEqual([]);
    expect(received.length).toBeGreaterThan(0);
  });

  it('strikes in the midst of a flush when it is told to', () => {
    const { simulation } = runUnder(
      ...[5, 7, 9, 11, 13].map((second) =>
        at(second * 1_000_000, 200_000, { kind: 'crash', victim: node(simulationSource()), moment: 'flushing' }),
      ),
    );
    const { marks } = simulation.tally;
    expect((marks['lost-unsynced-write'] ?? 0) + (marks['crashed-between-persist-and-send'] ?? 0)).toBeGreaterThan(0);
  });

  it('does not start a node twice that two faults have struck', () => {
    const { simulation } = runUnder(
      at(8_000_000, 3_000_000, { kind: 'crash', victim: node(1), moment: 'then' }),
      at(9_000_000, 500_000, { kind: 'crash', victim: node(1), moment: 'then' }),
    );
    expect(simulation.faults.struckCount).toBe(1);
  });

  it('passes over a victim that nobody is, and waits for progress', () => {
    const { simulation } = runUnder(
      at(8_000_000, 1_000_000, { kind: 'crash', victim: { kind: 'leader', group: 'mcg' }, moment: 'then' }),
      { when: { kind: 'settled', perMille: 500 }, forUs: 500_000, what: { kind: 'crash', victim: node(1), moment: 'then' } },
    );
    expect(simulation.faults.counts).toEqual(new Map([['crash', 1]]));
  });

  it('takes all nodes down at once, and brings each of them back in its time', () => {
    const { lines, simulation } = runUnder(at(8_000_000, 2_000_000, { kind: 'blackout', node: 0 }));
    expect(simulation.tally.marks['all-dark']).toBe(1);
    const starts = [0, 1, 2].map((index) => {
      const first = lines.find((line) => {
        const [time, who] = line.split(' ', 2);
        return who === `n${index}` && Number(time) > 8_500_001;
      });
      return Number(first?.split(' ', 1)[0]);
    });
    expect(new Set(starts).size).toBe(3);
    for (const start of starts) expect(start).toBeLessThanOrEqual(10_500_001);
  });

  it('lets a node end by a failed flush and starts it again, or lets nothing happen where nothing was flushed', () => {
    const source = simulationSource();
    const { simulation } = runUnder(...[5, 8, 11].map((second) => at(second * 1_000_000, 1_500_000, { kind: 'flush-fails', node: source })));
    expect(simulation.faults.struckCount).toBe(3);
  });

  it('lets clocks gain or lose as long as it says, and never go back', () => {
    for (const perMillion of [50_000, -50_000]) {
      const { simulation } = runUnder(
        at(5_000_000, 6_000_000, { kind: 'clock-drift', node: 1, perMillion }),
        at(7_000_000, 2_000_000, { kind: 'clock-drift', node: 1, perMillion: 1_000 }),
        at(8_000_000, 500_000, { kind: 'crash', victim: node(1), moment: 'then' }),
      );
      expect(simulation.faults.struckCount).toBe(3);
    }
  });

  it('lets handlers fail, hang and crawl and acknowledgements be lost, and no message is handled twice by an own ledger', () => {
    const { simulation } = runUnder(
      at(5_000_000, 2_000_000, { kind: 'handler-fails', subscriber: 0 }),
      at(7_500_000, 2_000_000, { kind: 'handler-hangs', subscriber: 0 }),
      at(10_000_000, 2_000_000, { kind: 'ack-lost', subscriber: 0 }),
      at(12_500_000, 2_000_000, { kind: 'handler-slow', subscriber: 0, factor: 100 }),
    );
    const { marks } = simulation.tally;
    for (const mark of ['handler-failed', 'handler-hung', 'ack-lost-after-commit']) expect(marks[mark], mark).toBeGreaterThan(0);
  });

  it('undoes whatever slows', () => {
    const { simulation } = runUnder(
      at(6_000_000, 2_000_000, { kind: 'slow-disk', node: 1, factor: 30 }),
      at(6_000_000, 2_000_000, { kind: 'slow-cpu', node: 1, factor: 30 }),
      at(6_000_000, 2_000_000, { kind: 'slow-link', between: [0, 1], factor: 10 }),
      at(6_000_000, 2_000_000, { kind: 'clog', from: 0, to: 1 }),
      at(6_000_000, 2_000_000, { kind: 'refuse-accepts', node: 0 }),
      at(6_000_000, 2_000_000, { kind: 'subscriber-crash', subscriber: 0 }),
    );
    expect(simulation.faults.struckCount).toBe(6);
  });
});

/** The source of the one stream: the node that writes. */
const simulationSource = (): number => CALM.plan(1, NO_OVERRIDES).streams[0]?.source ?? 0;
