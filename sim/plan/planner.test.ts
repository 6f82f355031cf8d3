import { describe, expect, it } from 'vitest';
import { findScenario, SCENARIOS } from '../scenarios/scenarios.js';
import { NO_OVERRIDES } from '../scenarios/scenario.js';
import type { Plan } from './plan.js';
import { areJoined } from './topology.js';

function plan(scenario: string, seed: number): Plan {
  const found = findScenario(scenario);
  if (found === null) throw new Error(`there is a scenario ${scenario}`);
  return found.plan(seed, NO_OVERRIDES);
}

describe('plans', () => {
  it('are the same for the same seed, to the byte, and differ between seeds', () => {
    for (const { name } of SCENARIOS) {
      expect(JSON.stringify(plan(name, 7))).toBe(JSON.stringify(plan(name, 7)));
      expect(JSON.stringify(plan(name, 7))).not.toBe(JSON.stringify(plan(name, 8)));
    }
  });

  it('connect all nodes by dials that can be made, to nodes planned before', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const { nodes, paths } = plan('crash', seed);
      for (const [node, { dials, isBehindNat, isSeed }] of nodes.entries()) {
        expect(isSeed).toBe(node === 0);
        if (node === 0) expect([isBehindNat, dials]).toEqual([false, []]);
        else expect(dials.length).toBeGreaterThan(0);
        for (const other of dials) {
          expect(other).toBeLessThan(node);
          expect(paths[node * nodes.length + other]?.isDialable).toBe(true);
        }
        for (const [from] of nodes.entries()) {
          if (isBehindNat) expect(paths[from * nodes.length + node]?.isDialable).toBe(false);
        }
      }
    }
  });

  it('of all scenarios with faults cover a minute, 5,000 messages and 20 faults, all over before the healing', () => {
    for (const name of ['crash', 'partition', 'failover', 'minority', 'power-loss', 'bit-rot', 'clock-storm', 'handlers']) {
      for (let seed = 1; seed <= 8; seed++) {
        const { publishes, faults, healedAtUs } = plan(name, seed);
        expect(healedAtUs).toBeGreaterThanOrEqual(60_000_000);
        expect(publishes.length).toBeGreaterThanOrEqual(5_000);
        expect(faults.length).toBeGreaterThanOrEqual(20);
        for (const { when, forUs } of faults) {
          expect(when.kind === 'at' && when.atUs + forUs <= healedAtUs).toBe(true);
        }
        expect(publishes.every(({ atUs }, i) => atUs >= (publishes[i - 1]?.atUs ?? 0))).toBe(true);
      }
    }
  });

  it('lose only disks of nodes without which the others still hear of each other, and are a majority', () => {
    let lost = 0;
    for (let seed = 1; seed <= 50; seed++) {
      const { nodes, streams, faults } = plan('reseal', seed);
      const absent = new Set(faults.flatMap(({ what }) => (what.kind === 'disk-lost' ? [what.node] : [])));
      lost += absent.size;
      expect(areJoined(nodes, absent)).toBe(true);
      expect(absent.size).toBeLessThan(Math.min(nodes.length, 5) / 2);
      expect(streams.some(({ source }) => absent.has(source))).toBe(false);
    }
    expect(lost).toBeGreaterThan(30);
  });

  it('of smoke50 have the asked shape', () => {
    const { nodes, streams, faults } = plan('smoke50', 7);
    expect([nodes.length, streams.length, faults.length]).toEqual([50, 200, 0]);
    const hidden = nodes.filter(({ isBehindNat }) => isBehindNat).length;
    expect(hidden).toBeGreaterThanOrEqual(12);
    expect(hidden).toBeLessThanOrEqual(28);
    expect(streams.some(({ targets }) => targets.length === 1)).toBe(true);
    expect(streams.some(({ targets }) => targets.length > 1)).toBe(true);
  });

  it('of line are the demo: A and C behind NAT dial B, D reaches C alone', () => {
    const { nodes, paths, streams, faults } = plan('line', 1);
    const dialable = (from: number, to: number): boolean => paths[from * 4 + to]?.isDialable === true;
    expect(nodes.map(({ name, isSeed }) => `${name}${isSeed ? '*' : ''}`)).toEqual(['A', 'B*', 'C', 'D']);
    expect([dialable(0, 1), dialable(2, 1), dialable(3, 2)]).toEqual([true, true, true]);
    expect([dialable(1, 0), dialable(1, 2), dialable(0, 2), dialable(1, 3)]).toEqual([false, false, false, false]);
    expect(streams[0]).toMatchObject({ source: 0, targets: [2, 3] });
    expect(faults.map(({ when }) => when)).toEqual([
      { kind: 'settled', perMille: 250 },
      { kind: 'settled', perMille: 600 },
    ]);
  });

  it('have policies that their quorums can keep, and no target twice', () => {
    for (let seed = 1; seed <= 50; seed++) {
      for (const { source, targets, policy } of plan('crash', seed).streams) {
        expect(targets).not.toContain(source);
        expect(new Set(targets).size).toBe(targets.length);
        const count = policy.kind === 'quorum' ? policy.count : targets.length;
        expect(count + 1).toBeGreaterThanOrEqual(Math.floor((targets.length + 1) / 2) + 1);
      }
    }
  });

  it('let the disk of one node rot at most', () => {
    for (let seed = 1; seed <= 30; seed++) {
      const rotten = plan('bit-rot', seed).faults.flatMap(({ what }) => (what.kind === 'bit-flip' ? [what.node] : []));
      expect(new Set(rotten).size).toBeLessThanOrEqual(1);
    }
  });

  it('follow what the caller sets', () => {
    const scenario = findScenario('crash');
    const { nodes, streams, healedAtUs } = scenario?.plan(1, { nodes: 3, streams: 2, durationUs: 20_000_000 }) ?? plan('crash', 1);
    expect([nodes.length, streams.length, healedAtUs]).toEqual([3, 2, 20_000_000]);
  });
});
