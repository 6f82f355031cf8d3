import { describe, expect, it } from 'vitest';
import { DeadlineHeap } from '../base/deadlines.js';
import type { NodeId } from '../base/ids.js';
import { Rng } from '../base/rng.js';
import { type Ticket, micros, ticket } from '../base/units.js';
import { DEFAULT_LINK_CONFIG } from './config.js';
import { Redial } from './redial.js';

const config = {
  ...DEFAULT_LINK_CONFIG,
  redialBaseUs: 1_000, redialCapUs: 16_000, stableAfterUs: 100_000, dialSpacingUs: 10, dialBurst: 100, dialsInFlightMax: 16,
  dialTimeoutUs: 50_000,
};
const PEER = '7ZZZZZZZZZZZZZZZZZZZZZZZZZ' as NodeId;

class Bench {
  now = micros(1_000);
  readonly deadlines = new DeadlineHeap();
  readonly dials: { readonly url: string; readonly ticket: Ticket; readonly at: number }[] = [];
  readonly linked = new Set<NodeId>();
  readonly redial: Redial;

  constructor(overrides: object = {}, seed = 'redial') {
    this.redial = new Redial({
      config: { ...config, ...overrides },
      rng: Rng.fromSeed(seed),
      deadlines: this.deadlines,
      dial: (url) => {
        const made = ticket(this.dials.length + 1);
        this.dials.push({ url, ticket: made, at: this.now });
        return made;
      },
      isLinked: (node) => this.linked.has(node),
    });
  }

  run(forUs: number): void {
    const end = this.now + forUs;
    while (this.deadlines.next() <= end) {
      this.now = micros(Math.max(this.now, this.deadlines.next()));
      for (let due = this.deadlines.popDue(this.now); due !== null; due = this.deadlines.popDue(this.now)) {
        due.owner.onDeadline(this.now, due);
        this.redial.checkInvariants();
      }
    }
    this.now = micros(end);
  }

  get last() {
    const dial = this.dials.at(-1);
    if (dial === undefined) throw new Error('nothing was dialled');
    return dial;
  }

  /** The delays between a failure and the next dial, over `count` failures in a row. */
  delays(count: number): number[] {
    const delays: number[] = [];
    for (let i = 0; i < count; i++) {
      const before = this.dials.length;
      const failedAt = this.now;
      this.redial.onDialFailed(this.now, this.last.ticket);
      this.run(config.redialCapUs + 1);
      if (this.dials.length !== before + 1) throw new Error('one dial follows a failure');
      delays.push(this.last.at - failedAt);
    }
    return delays;
  }
}

describe('redial', () => {
  it('waits anything up to a bound that doubles and stops at the cap', () => {
    const longest = [0, 0, 0, 0, 0, 0, 0];
    const shortest = longest.map(() => Infinity);
    for (let seed = 0; seed < 300; seed++) {
      const bench = new Bench({}, `backoff ${seed}`);
      bench.redial.setTargets(bench.now, ['u']);
      bench.delays(longest.length).forEach((delay, i) => {
        longest[i] = Math.max(longest[i] ?? 0, delay);
        shortest[i] = Math.min(shortest[i] ?? 0, delay);
      });
    }
    const bounds = [1_000, 2_000, 4_000, 8_000, 16_000, 16_000, 16_000];
    bounds.forEach((bound, i) => {
      expect(longest[i]).toBeLessThanOrEqual(bound);
      expect(longest[i]).toBeGreaterThan(bound * 0.95);
      expect(shortest[i]).toBeLessThan(bound * 0.05);
    });
  });

  it('holds all addresses together to a rate and to a number in flight', () => {
    const urls = Array.from({ length: 100 }, (_, i) => `u${i}`);
    const bench = new Bench({ dialSpacingUs: 1_000, dialBurst: 5, dialsInFlightMax: 100 });
    bench.redial.setTargets(bench.now, urls);
    expect(bench.dials).toHaveLength(5);
    bench.run(20_000);
    expect(bench.dials).toHaveLength(25);
    const narrow = new Bench({ dialsInFlightMax: 3 });
    narrow.redial.setTargets(narrow.now, urls);
    narrow.run(10_000);
    expect(narrow.dials).toHaveLength(3);
    narrow.redial.onDialFailed(narrow.now, narrow.last.ticket);
    expect(narrow.dials).toHaveLength(4);
  });

  it('takes a dial that nobody answers for failed, and a late answer for a stranger', () => {
    const bench = new Bench();
    bench.redial.setTargets(bench.now, ['u']);
    const first = bench.last.ticket;
    bench.run(config.dialTimeoutUs + 1_001);
    expect(bench.dials).toHaveLength(2);
    expect(bench.redial.onOpened(first)).toBeNull();
    expect(bench.redial.onOpened(bench.last.ticket)).toBe('u');
  });

  it('parks an address whose node is linked by another lane until that link is down', () => {
    const bench = new Bench();
    bench.redial.setTargets(bench.now, ['u']);
    bench.redial.onOpened(bench.last.ticket);
    bench.redial.onIdentified('u', PEER);
    bench.linked.add(PEER);
    bench.redial.onLaneGone(bench.now, 'u', 'duplicate-lane');
    bench.run(1_000_000);
    expect(bench.dials).toHaveLength(1);
    bench.linked.delete(PEER);
    bench.redial.onLinkDown(bench.now, PEER);
    bench.run(config.redialBaseUs + 1);
    expect(bench.dials).toHaveLength(2);
  });

  it('begins its backoff anew only after a lane that was stable', () => {
    const bench = new Bench();
    bench.redial.setTargets(bench.now, ['u']);
    bench.delays(6);
    const flap = (lastedUs: number): number => {
      bench.redial.onOpened(bench.last.ticket);
      bench.redial.onUp(bench.now, 'u');
      bench.run(lastedUs);
      const endedAt = bench.now;
      bench.redial.onLaneGone(bench.now, 'u', 'lost');
      bench.run(config.redialCapUs + 1);
      return bench.last.at - endedAt;
    };
    expect(Math.max(...Array.from({ length: 8 }, () => flap(1_000)))).toBeGreaterThan(config.redialBaseUs);
    expect(flap(config.stableAfterUs)).toBeLessThanOrEqual(config.redialBaseUs);
  });

  it('forgets dropped addresses, keeps their lanes, and dials new ones at once', () => {
    const bench = new Bench();
    bench.redial.setTargets(bench.now, ['u', 'v']);
    const [u, v] = bench.dials;
    if (u === undefined || v === undefined) throw new Error('two dials');
    bench.redial.onOpened(u.ticket);
    bench.redial.setTargets(bench.now, ['w']);
    expect(bench.last.url).toBe('w');
    bench.redial.onLaneGone(bench.now, 'u', 'lost');
    bench.redial.onDialFailed(bench.now, v.ticket);
    bench.run(40_000);
    expect(bench.dials.map(({ url }) => url)).toEqual(['u', 'v', 'w']);
  });

  it('dials nothing while stopped and everything when started', () => {
    const bench = new Bench();
    bench.redial.setTargets(bench.now, ['u', 'v']);
    bench.redial.stop();
    expect(bench.redial.onDialFailed(bench.now, bench.last.ticket)).toBe(false);
    bench.run(1_000_000);
    expect(bench.dials).toHaveLength(2);
    bench.redial.start(bench.now);
    expect(bench.dials).toHaveLength(4);
    bench.redial.start(bench.now);
    expect(bench.dials).toHaveLength(4);
  });
});
