import { describe, expect, it } from 'vitest';
import { accept } from '../../core/base/result.js';
import { type Micros, NEVER, laneId, micros, ticket } from '../../core/base/units.js';
import type { Effect, Outbox } from '../../core/node/effects.js';
import type { Input } from '../../core/node/inputs.js';
import { Timeline } from '../time/timeline.js';
import { Disk } from './disk.js';
import { Network } from './network.js';
import { Paths } from './paths.js';
import { NodeProcess, type SessionEffect } from './process.js';
import { Trace } from './trace.js';

/** A process whose core notes what it is given and pushes what the test says. */
function setup(react: (input: Input, out: Outbox) => void = () => undefined, clockStartUs = 0) {
  const timeline = new Timeline();
  const seed = Int32Array.of(1, 2, 3, 4);
  const given: { readonly now: Micros; readonly kind: Input['kind'] }[] = [];
  const state = { deadline: NEVER, checks: 0, failing: false };
  const reported: string[] = [];
  const core = {
    step: (now: Micros, input: Input, out: Outbox): void => {
      given.push({ now, kind: input.kind });
      react(input, out);
    },
    nextDeadline: (): Micros => state.deadline,
    checkInvariants: (): void => {
      state.checks++;
      if (state.failing) throw new Error('broken');
    },
  };
  const process = new NodeProcess({
    node: 0,
    core,
    clockStartUs,
    timeline,
    trace: new Trace(null),
    network: new Network(timeline, seed, new Paths(seed, 1, []), ['ws://n0']),
    disk: new Disk(timeline, seed, 0, 1_000),
    observer: {
      onNotice: (_, notice) => void reported.push(notice.kind),
      onHalt: (_, code) => void reported.push(`halt ${code}`),
      onThrown: (_, error) => void reported.push(`thrown ${String(error)}`),
    },
    runsPerCheck: 4,
  });
  const runUntil = (untilUs: number): void => {
    timeline.schedule(untilUs, { label: 'harness', happen: () => undefined });
    while (timeline.nextUs >= 0 && timeline.nextUs <= untilUs) timeline.advance();
  };
  const kinds = (): string[] => given.splice(0).map(({ kind }) => kind);
  return { timeline, process, given, state, reported, runUntil, kinds };
}

const opened = (lane: number): Input => ({ kind: 'lane-opened', lane: laneId(lane), dial: null, remote: 'x' });

describe('NodeProcess', () => {
  it('begins with a turn, then gives what is ready and one turn after it', () => {
    const { process, runUntil, kinds } = setup();
    runUntil(100);
    expect(kinds()).toEqual(['turn']);
    process.tell(opened(1));
    process.tell(opened(2));
    runUntil(200);
    expect(kinds()).toEqual(['lane-opened', 'lane-opened', 'turn']);
    runUntil(10_000);
    expect(kinds()).toEqual([]);
  });

  it('gathers what comes while it is busy', () => {
    const { process, timeline, runUntil, kinds } = setup();
    process.slowFactor = 100;
    process.tell(opened(1));
    runUntil(10);
    kinds();
    for (let at = 20; at <= 1_000; at += 20) timeline.schedule(at, { label: 'submit', happen: () => process.tell(opened(at)) });
    runUntil(20_000);
    expect(kinds().filter((kind) => kind === 'turn').length).toBeLessThan(4);
  });

  it('shows the core a clock of its own', () => {
    const { given, runUntil } = setup(undefined, 5_000);
    runUntil(10);
    expect(given[0]?.now).toBe(5_000);
  });

  it('wakes the core at its deadline, and not for one that has moved away', () => {
    const { state, process, runUntil, kinds } = setup();
    state.deadline = micros(1_000);
    runUntil(999);
    expect(kinds()).toEqual(['turn']);
    runUntil(1_000);
    expect(kinds()).toEqual(['wake', 'turn']);
    state.deadline = micros(3_000);
    process.tell(opened(1));
    runUntil(2_000);
    kinds();
    state.deadline = micros(9_000);
    runUntil(8_999);
    expect(kinds()).toEqual([]);
    runUntil(9_000);
    expect(kinds()).toEqual(['wake', 'turn']);
  });

  it('does nothing while it is paused, and then catches up at once', () => {
    const { process, runUntil, kinds } = setup();
    runUntil(10);
    kinds();
    process.setPaused(true);
    process.tell(opened(1));
    runUntil(5_000);
    expect(kinds()).toEqual([]);
    process.setPaused(false);
    runUntil(5_001);
    expect(kinds()).toEqual(['lane-opened', 'turn']);
  });

  it('carries out effects in order, and answers calls until they have ended', () => {
    const effects: Effect[] = [
      { kind: 'reply', request: 1, result: accept({ kind: 'watching', sequence: 0 }) },
      { kind: 'notice', notice: { kind: 'mark', name: 'm' } },
      { kind: 'ended', request: 1, result: accept(null) },
      { kind: 'ended', request: 1, result: accept(null) },
    ];
    const { process, reported, runUntil } = setup((input, out) => {
      if (input.kind === 'command') for (const effect of effects) out.push(effect);
    });
    const answers: SessionEffect['kind'][] = [];
    const session = { onEffect: (effect: SessionEffect) => void answers.push(effect.kind), onDisconnected: () => undefined };
    expect(process.open(session, { kind: 'get-status' })).toBe(1);
    runUntil(100);
    expect(answers).toEqual(['reply', 'ended']);
    expect(reported).toEqual(['mark']);
  });

  it('persists, and hears of it', () => {
    const { process, runUntil, kinds } = setup((input, out) => {
      if (input.kind !== 'lane-opened') return;
      out.push({ kind: 'persist', ticket: ticket(1), batch: { records: [], drops: [], ledger: [] } });
    });
    process.tell(opened(1));
    runUntil(100_000);
    expect(kinds()).toEqual(['lane-opened', 'turn', 'persisted', 'turn']);
  });

  it('disconnects its callers when it dies, and is given nothing afterwards', () => {
    const { process, runUntil, kinds } = setup();
    runUntil(10);
    kinds();
    let lost = 0;
    process.open({ onEffect: () => undefined, onDisconnected: () => void lost++ }, { kind: 'get-status' });
    process.kill();
    process.tell(opened(1));
    runUntil(10_000);
    expect([lost, kinds()]).toEqual([1, []]);
  });

  it('reports a core that throws, halts, or fails its own check', () => {
    const thrown = setup(() => {
      throw new Error('oops');
    });
    thrown.runUntil(10);
    expect(thrown.reported).toEqual(['thrown Error: oops']);
    const halted = setup((_, out) => out.push({ kind: 'halt', code: 'C', detail: 'd' }));
    halted.runUntil(10);
    expect(halted.reported).toEqual(['halt C']);
    const broken = setup();
    broken.state.failing = true;
    for (let lane = 1; lane <= 4; lane++) {
      broken.process.tell(opened(lane));
      broken.runUntil(lane * 1_000);
    }
    expect([broken.reported, broken.state.checks]).toEqual([['thrown Error: broken'], 1]);
  });
});
