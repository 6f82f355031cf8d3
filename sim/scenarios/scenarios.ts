/** The scenarios by name. */
import type { OptionRanges } from '../plan/options.js';
import { COMMON_RANGES, drawnScenario } from './drawn.js';
import { LINE } from './line.js';
import type { Scenario } from './scenario.js';

/** Of those that are drawn from ranges, the ranges: what a scenario file may build on. */
export const DRAWN_RANGES: Readonly<Record<'smoke50' | 'crash' | 'partition' | 'storm', OptionRanges>> = {
  smoke50: {
    ...COMMON_RANGES,
    nodes: [50, 50],
    natPerMille: [400, 400],
    streams: [200, 200],
    targetsPerStream: [1, 4],
    messages: [4_000, 4_000],
    payloadBytes: [20, 1_000],
    durationUs: [12_000_000, 12_000_000],
    faults: [0, 0],
    lossPerMillion: [0, 2_000],
    handlerUs: [10, 500],
    livenessUs: 60_000_000,
  },
  crash: {
    ...COMMON_RANGES,
    // Named twice: as likely as two.
    faultKinds: ['crash', 'crash', 'power-loss', 'pause', 'slow-disk', 'slow-cpu', 'subscriber-crash', 'refuse-accepts', 'disk-full', 'clock-step'],
  },
  partition: {
    ...COMMON_RANGES,
    faultKinds: ['partition', 'cut', 'cut', 'isolate', 'clog', 'slow-link', 'nat-expiry'],
    faultForUs: [300_000, 12_000_000],
  },
  storm: {
    ...COMMON_RANGES,
    nodes: [3, 5],
    natPerMille: [0, 300],
    streams: [2, 4],
    targetsPerStream: [2, 4],
    messages: [1_500, 2_500],
    durationUs: [40_000_000, 45_000_000],
    faults: [40, 80],
    faultKinds: [
      'crash',
      'ambush-voters',
      'ambush-leader',
      'leader-carousel',
      'power-loss',
      'isolate',
      'partition',
      'cut',
      'slow-disk',
      'disk-full',
      'clock-step',
      'pause',
    ],
    faultForUs: [60_000, 2_500_000],
    flushUs: [1_000, 60_000],
    quorumPolicyPerMille: [0, 1_000],
  },
};

export const SCENARIOS: readonly Scenario[] = [
  LINE,
  drawnScenario(
    'smoke50',
    '50 nodes, 40 % of them behind NAT, 200 streams to one or many targets, calm weather',
    DRAWN_RANGES.smoke50,
    [],
  ),
  drawnScenario(
    'crash',
    'nodes crash, lose power or stand still at random times, and lose what they had not synced',
    DRAWN_RANGES.crash,
    ['lost-unsynced-write', 'leader-crashed', 'crashed-between-persist-and-send'],
  ),
  drawnScenario(
    'partition',
    'halves, isolations, one-way cuts, flaps and slow or clogged links come and heal',
    DRAWN_RANGES.partition,
    [],
  ),
  drawnScenario(
    'storm',
    'small meshes with slow disks under a hail of short crashes and cuts: many elections, few of them easy',
    DRAWN_RANGES.storm,
    ['lost-unsynced-write', 'leader-crashed', 'crashed-between-persist-and-send', 'raft.truncated'],
  ),
];

/** Null when there is none of that name. */
export function findScenario(name: string): Scenario | null {
  return SCENARIOS.find((scenario) => scenario.name === name) ?? null;
}
