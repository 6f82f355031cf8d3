import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { RunReport } from '../run/report.js';
import { SCENARIOS } from '../scenarios/scenarios.js';
import type { SwarmSummary } from '../run/swarm-summary.js';
import { builtModule, meshsim, runScript } from '../testing/built-program.js';

const folder = mkdtempSync(join(tmpdir(), 'meshsim-'));
afterAll(() => rmSync(folder, { recursive: true }));

const SMALL = ['--nodes', '3', '--streams', '2', '--for', '14s'];
const LITTLE = join(folder, 'little.json');
writeFileSync(LITTLE, '{"extends": "crash", "ranges": {"messages": [300, 300], "faults": [8, 8]}}');
const run = (...args: string[]): RunReport => {
  const { stdout } = meshsim(['run', ...args, '--json']);
  return JSON.parse(stdout) as RunReport;
};
const timeless = ({ wallMs: _wallMs, eventsPerSecond: _eventsPerSecond, ...rest }: RunReport): unknown => rest;

describe('meshsim', { timeout: 120_000 }, () => {
  it('lists the scenarios', () => {
    const { stdout, status } = meshsim(['list', '--json']);
    expect(status).toBe(0);
    const names = (JSON.parse(stdout) as { name: string }[]).map(({ name }) => name);
    expect(names).toEqual(SCENARIOS.map(({ name }) => name));
    expect(names).toEqual(expect.arrayContaining(['line', 'smoke50', 'crash', 'partition', 'storm']));
  });

  it('prints one document with what other programs rely on', () => {
    const report = run('--scenario', LITTLE, '--seed', '1', ...SMALL);
    expect(report).toMatchObject({ scenario: LITTLE, seed: 1, nodes: 3, streams: 2, violations: [] });
    expect(report.traceHash).toMatch(/^[0-9a-f]{32}$/);
    for (const key of ['simulatedUs', 'wallMs', 'events', 'published', 'delivered', 'completed', 'duplicates', 'gaps']) {
      expect(typeof Reflect.get(report, key)).toBe('number');
    }
    expect(typeof report.marks).toBe('object');
  });

  it('gives the same document for a seed in every process, time zone, language, and without a compiler', () => {
    const args = ['run', '--scenario', LITTLE, '--seed', '2', ...SMALL, '--json'];
    const outputs = [
      meshsim(args),
      meshsim(args, [], { TZ: 'Asia/Kathmandu', LANG: 'tr_TR.UTF-8' }),
      meshsim([...args, '--trace', join(folder, 'trace.txt')]),
      meshsim(args, ['--jitless', '--no-expose-wasm']),
    ];
    const reports = outputs.map(({ stdout }) => timeless(JSON.parse(stdout) as RunReport));
    for (const report of reports) expect(report).toEqual(reports[0]);
    expect(readFileSync(join(folder, 'trace.txt'), 'utf8').split('\n').length).toBeGreaterThan(1_000);
  });

  it('passes its own check of determinism', () => {
    const { status, stderr } = meshsim(['run', '--scenario', LITTLE, '--seed', '3', ...SMALL, '--check-determinism']);
    expect([status, stderr]).toEqual([0, '']);
  });

  it('gives the same results from one process and from two', () => {
    const swarm = (jobs: string): unknown => {
      const { stdout } = meshsim(['swarm', '--scenario', LITTLE, '--seeds', '1..4', '--jobs', jobs, ...SMALL, '--json']);
      const { medianWallMs: _medianWallMs, ...rest } = JSON.parse(stdout) as SwarmSummary;
      return rest;
    };
    expect(swarm('2')).toEqual(swarm('1'));
  });

  it('makes no promise in a run', () => {
    const { stdout, stderr } = runScript(`
      await import('${builtModule('sim/poison')}');
      const { createHook } = await import('node:async_hooks');
      const { drive } = await import('${builtModule('sim/run/drive')}');
      const { makeMeshNode } = await import('${builtModule('sim/run/mesh-node-factory')}');
      const { findScenario } = await import('${builtModule('sim/scenarios/scenarios')}');
      let promises = 0;
      const hook = createHook({ init: (_, type) => { if (type === 'PROMISE') promises++; } });
      const plan = findScenario('crash').plan(5, { nodes: 3, streams: 2, durationUs: 14_000_000 });
      hook.enable();
      const { report } = drive({ plan, factory: makeMeshNode, traceSink: null, limitMs: 100_000 });
      hook.disable();
      console.log(JSON.stringify([promises, report.published > 0]));
    `);
    expect([stdout.trim(), stderr]).toEqual(['[0,true]', '']);
  });

  it('says in one line what is wrong with a call, and ends with 2', () => {
    const broken = join(folder, 'broken.json');
    writeFileSync(broken, '{"extends": "crash", "ranges": {"nodes": 3}}');
    const calls: readonly [string[], string][] = [
      [['run', '--scenario', 'calm', '--seed', '1'], 'neither a scenario'],
      [['run', '--scenario', 'crash', '--seed', 'x'], '--seed x'],
      [['run', '--scenario', 'crash'], '--seed'],
      [['run', '--scenario', broken, '--seed', '1'], '"ranges.nodes" is no range'],
      [['run', '--scenario', 'crash', '--seed', '1', '--for', '5'], '--for 5'],
      [['run', '--scenario', 'crash', '--seed', '1', '--for', '1s'], 'at least'],
      [['run', '--scenario', 'crash', '--seed', '1', '--nodes', '1'], '--nodes 1'],
      [['run', '--scenario', 'crash', '--seed', '1', '--trace', join(folder, 'no', 'where')], '--trace'],
      [['swarm', '--scenario', 'crash', '--seeds', '9..3'], '--seeds 9..3'],
      [['swarm', '--scenario', 'crash', '--seeds', '1..2', '--stop-on', 'luck'], '--stop-on luck'],
      [['shrink'], 'shrink'],
    ];
    for (const [args, said] of calls) {
      const { status, stdout, stderr } = meshsim(args);
      expect([status, stdout], args.join(' ')).toEqual([2, '']);
      expect(stderr).toContain(said);
      expect(stderr.trim().split('\n').length).toBe(1);
    }
  });

  it('ends with 14 when the wall time is up, naming the command as its last line', () => {
    const args = ['run', '--scenario', 'smoke50', '--seed', '1', '--limit', '1ms'];
    const { status, stdout } = meshsim(args);
    expect(status).toBe(14);
    expect(stdout.trim().split('\n').at(-1)).toBe('meshsim run --scenario smoke50 --seed 1');
  });
});
