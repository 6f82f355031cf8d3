/**
 * Flows under a seeded network that loses, repeats, delays, reorders and cuts, with ends that restart, forget one
 * another, stall and change paths. Safety is checked at every step; then the network heals and all must drain.
 */
import { describe, expect, it } from 'vitest';
import { FlowStory } from './testing/flow-story.js';

const SEEDS = 400;

describe('flows under seeds', () => {
  it(`keep their promise on ${SEEDS} seeds, and each kind of trouble is met`, () => {
    const met = new Map<string, number>();
    for (let seed = 0; seed < SEEDS; seed++) {
      const story = new FlowStory(seed);
      try {
        story.run();
      } catch (error) {
        throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
      }
      for (const end of story.world.ends) {
        for (const [name, by] of end.counts) met.set(name, (met.get(name) ?? 0) + by);
        met.set('peers-lost', (met.get('peers-lost') ?? 0) + end.peersLost);
        met.set('writable', (met.get('writable') ?? 0) + end.writable);
      }
    }
    for (const name of TROUBLES) expect(met.get(name) ?? 0, name).toBeGreaterThan(0);
    // Neither has an honest peer: both ends have one configuration.
    expect(met.get('flow.dropped-malformed') ?? 0).toBe(0);
    expect(met.get('flow.dropped-too-far') ?? 0).toBe(0);
    expect(met.get('flow.dropped-over-credit') ?? 0).toBe(0);
    expect(met.get('flow.dropped-future-target') ?? 0).toBe(0);
  }, 60_000);
});

const TROUBLES = [
  'flow.retransmitted-timeout',
  'flow.retransmitted-gap',
  'flow.retransmitted-path',
  'flow.dropped-duplicate',
  'flow.dropped-old-boot',
  'flow.dropped-old-target',
  'peers-lost',
  'writable',
];
