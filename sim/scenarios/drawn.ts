/** Scenarios whose topology, workload and faults are all drawn from ranges. */
import { type OptionRanges, drawOptions } from '../plan/options.js';
import { drawPlan } from '../plan/planner.js';
import { expandSeed } from '../plan/seed.js';
import { type Scenario, exactly } from './scenario.js';

/** A scenario of those ranges. */
export function drawnScenario(
  name: string,
  about: string,
  ranges: OptionRanges,
  requiredMarks: readonly string[],
  mustRest = false,
): Scenario {
  return {
    name,
    about,
    requiredMarks,
    plan: (seedNumber, overrides) => {
      const seed = expandSeed(name, seedNumber);
      const options = drawOptions(seed, {
        ...ranges,
        nodes: overrides.nodes === null ? ranges.nodes : exactly(overrides.nodes),
        streams: overrides.streams === null ? ranges.streams : exactly(overrides.streams),
        durationUs: overrides.durationUs === null ? ranges.durationUs : exactly(overrides.durationUs),
      });
      return { ...drawPlan(name, seedNumber, seed, options), mustRest, streamBytesMax: ranges.streamBytesMax ?? null };
    },
  };
}

/** What the drawn scenarios have in common; each one overrides what it is about. */
export const COMMON_RANGES: OptionRanges = {
  nodes: [4, 7],
  natPerMille: [200, 600],
  streams: [4, 9],
  targetsPerStream: [1, 3],
  sources: [1_000, 1_000],
  messages: [5_200, 6_200],
  payloadBytes: [1, 900],
  largePerMille: [0, 4],
  durationUs: [61_000_000, 64_000_000],
  faults: [28, 42],
  faultKinds: [],
  faultForUs: [200_000, 6_000_000],
  leadersPerMille: 250,
  poisonPerMillion: 0,
  pacedPerMille: 0,
  calmPerMille: 0,
  latencyUs: [300, 40_000],
  jitterPerMille: [20, 400],
  bytesPerSecond: [1_500_000, 60_000_000],
  lossPerMillion: [0, 8_000],
  flushUs: [250, 3_000],
  wallSkewUs: [0, 3_600_000_000],
  handlerUs: [10, 3_000],
  quorumPolicyPerMille: [0, 400],
  rivals: [0, 2],
  joinPolicies: ['open', 'key-required'],
  guests: [0, 0],
  tripsPerGuest: [0, 0],
  livenessUs: 90_000_000,
};
