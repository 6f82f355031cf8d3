/** The scenarios by name. */
import type { OptionRanges } from '../plan/options.js';
import { COMMON_RANGES, drawnScenario } from './drawn.js';
import { LINE } from './line.js';
import type { Scenario } from './scenario.js';

type DrawnName =
  | 'smoke50'
  | 'idle-groups'
  | 'crash'
  | 'partition'
  | 'storm'
  | 'failover' | 'fencing'
  | 'minority'
  | 'power-loss'
  | 'bit-rot'
  | 'clock-storm'
  | 'poison'
  | 'evict'
  | 'churn'
  | 'slow-consumer'
  | 'recover'
  | 'reseal'
  | 'handlers'
  | 'updates';

/** Of those that are drawn from ranges, the ranges: what a scenario file may build on. */
export const DRAWN_RANGES: Readonly<Record<DrawnName, OptionRanges>> = {
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
  'idle-groups': {
    ...COMMON_RANGES,
    nodes: [50, 50],
    natPerMille: [100, 300],
    streams: [1_000, 1_000],
    targetsPerStream: [1, 2],
    messages: [1_400, 1_800],
    payloadBytes: [20, 400],
    durationUs: [16_000_000, 18_000_000],
    faults: [2, 6],
    faultKinds: ['crash', 'isolate', 'power-loss'],
    faultForUs: [500_000, 6_000_000],
    latencyUs: [300, 10_000],
    lossPerMillion: [0, 2_000],
    handlerUs: [10, 500],
    livenessUs: 120_000_000,
  },
  crash: {
    ...COMMON_RANGES,
    // Named twice: as likely as two.
    faultKinds: ['crash', 'crash', 'power-loss', 'pause', 'slow-disk', 'slow-cpu', 'subscriber-crash', 'refuse-accepts', 'disk-full', 'clock-step'],
  },
  partition: {
    ...COMMON_RANGES,
    configCalls: [120, 200],
    faultKinds: ['partition', 'cut', 'cut', 'isolate', 'clog', 'slow-link', 'nat-expiry'],
    faultForUs: [300_000, 12_000_000],
  },
  updates: {
    ...COMMON_RANGES,
    streams: [1, 2],
    messages: [300, 600],
    updates: [300, 600],
    faultKinds: ['crash', 'crash', 'power-loss', 'pause', 'isolate', 'partition', 'slow-disk', 'disk-full'],
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
  failover: {
    ...COMMON_RANGES,
    configCalls: [120, 200],
    targetsPerStream: [2, 3],
    faultKinds: ['crash', 'power-loss', 'pause', 'isolate', 'torn-write', 'ambush-leader', 'leader-carousel'],
    faultForUs: [300_000, 5_000_000],
    leadersPerMille: 900,
  },
  fencing: {
    ...COMMON_RANGES,
    targetsPerStream: [1, 3],
    rivals: [16, 30],
    faultKinds: ['crash', 'power-loss', 'pause', 'isolate', 'cut', 'slow-disk', 'ambush-leader', 'leader-carousel'],
    faultForUs: [200_000, 4_000_000],
    leadersPerMille: 500,
  },
  minority: {
    ...COMMON_RANGES,
    configCalls: [120, 200],
    nodes: [5, 7],
    targetsPerStream: [2, 4],
    faults: [22, 30],
    faultKinds: ['partition', 'partition', 'isolate', 'cut', 'crash', 'power-loss'],
    faultForUs: [2_000_000, 15_000_000],
    leadersPerMille: 400,
    quorumPolicyPerMille: [0, 800],
  },
  'power-loss': {
    ...COMMON_RANGES,
    faults: [20, 26],
    faultKinds: ['blackout', 'blackout', 'torn-write', 'power-loss', 'slow-disk', 'disk-full'],
    faultForUs: [50_000, 2_500_000],
    flushUs: [500, 20_000],
  },
  'bit-rot': {
    ...COMMON_RANGES,
    nodes: [4, 6],
    targetsPerStream: [2, 3],
    faultKinds: ['bit-flip', 'bit-flip', 'torn-write', 'flush-fails', 'crash', 'subscriber-crash', 'slow-disk'],
    faultForUs: [200_000, 4_000_000],
    handlerUs: [1_000, 60_000],
  },
  'clock-storm': {
    ...COMMON_RANGES,
    faults: [40, 60],
    faultKinds: ['clock-step', 'clock-step', 'clock-drift', 'clock-drift', 'pause', 'crash', 'slow-cpu', 'isolate'],
    faultForUs: [500_000, 15_000_000],
  },
  poison: {
    ...COMMON_RANGES,
    faults: [24, 36],
    faultKinds: ['handler-hangs', 'handler-slow', 'ack-lost', 'subscriber-crash', 'crash', 'crash', 'power-loss', 'partition', 'isolate'],
    faultForUs: [300_000, 4_000_000],
    poisonPerMillion: 4_000,
  },
  evict: {
    ...COMMON_RANGES,
    nodes: [4, 5],
    guests: [1, 3],
    tripsPerGuest: [2, 4],
    faults: [20, 28],
    faultKinds: ['crash', 'crash', 'power-loss', 'isolate', 'cut', 'pause'],
    faultForUs: [200_000, 4_000_000],
  },
  churn: {
    ...COMMON_RANGES,
    configCalls: [120, 200],
    nodes: [3, 5],
    guests: [3, 5],
    tripsPerGuest: [2, 5],
    durationUs: [120_000_000, 180_000_000],
    faults: [24, 40],
    faultKinds: ['crash', 'power-loss', 'isolate', 'pause', 'slow-disk'],
    faultForUs: [500_000, 45_000_000],
    leadersPerMille: 400,
    transients: [1, 2],
  },
  'slow-consumer': {
    ...COMMON_RANGES,
    faults: [20, 30],
    faultKinds: ['handler-slow', 'handler-slow', 'handler-hangs', 'subscriber-crash', 'crash', 'power-loss', 'isolate', 'slow-disk'],
    faultForUs: [500_000, 9_000_000],
    handlerUs: [10, 20_000],
    pacedPerMille: 500,
    transients: [2, 4],
    // So little that who stands still for seconds closes its streams' windows.
    streamBytesMax: 32 * 1024,
    largePerMille: [0, 0],
  },
  recover: {
    ...COMMON_RANGES,
    nodes: [2, 3],
    guests: [3, 5],
    losses: [1, 1],
    targetsPerStream: [1, 2],
    streams: [2, 5],
    faults: [20, 28],
    faultKinds: ['crash', 'crash', 'power-loss', 'isolate', 'cut', 'pause', 'slow-disk', 'clog'],
    faultForUs: [200_000, 4_000_000],
  },
  reseal: {
    ...COMMON_RANGES,
    nodes: [5, 7],
    sources: [2, 3],
    faultKinds: ['disk-lost', 'disk-lost', 'crash', 'power-loss', 'isolate', 'cut', 'pause', 'slow-disk', 'subscriber-crash'],
    faultForUs: [200_000, 5_000_000],
  },
  handlers: {
    ...COMMON_RANGES,
    faults: [40, 60],
    faultKinds: ['handler-fails', 'handler-hangs', 'handler-slow', 'ack-lost', 'ack-lost', 'subscriber-crash', 'crash', 'disk-full'],
    faultForUs: [300_000, 8_000_000],
  },
};

export const SCENARIOS: readonly Scenario[] = [
  LINE,
  drawnScenario(
    'smoke50',
    '50 nodes, 40 % of them behind NAT, 200 streams to one or many targets, calm weather',
    DRAWN_RANGES.smoke50,
    ['raft.snapshot-superseded'],
  ),
  drawnScenario(
    'idle-groups',
    '50 nodes, 1,000 streams, mostly idle; some nodes die or are cut off; in the end only the voters of the mesh talk',
    DRAWN_RANGES['idle-groups'],
    ['raft.quieted', 'raft.woken'],
    true,
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
    'updates',
    'mesh and database updates from every node to every node, while nodes crash and are cut off',
    DRAWN_RANGES.updates,
    ['lost-unsynced-write', 'updates.repeat'],
  ),
  drawnScenario(
    'storm',
    'small meshes with slow disks under a hail of short crashes and cuts: many elections, few of them easy',
    DRAWN_RANGES.storm,
    ['lost-unsynced-write', 'leader-crashed', 'crashed-between-persist-and-send', 'raft.truncated'],
  ),
  drawnScenario(
    'failover',
    'whoever leads the mesh or a stream dies, stands still or is cut off, again and again',
    DRAWN_RANGES.failover,
    ['leader-crashed', 'leader-isolated', 'raft.election', 'raft.truncated', 'record-torn'],
  ),
  drawnScenario(
    'fencing',
    'others open the producers of publishers that are at work, while sources crash and leaders change',
    DRAWN_RANGES.fencing,
    ['stream.producer-fenced', 'stream.rival-fenced', 'leader-crashed'],
  ),
  drawnScenario(
    'minority',
    'parts of the mesh are cut off for long, sources and leaders among them, while others are down',
    DRAWN_RANGES.minority,
    ['leader-isolated', 'raft.quorum-lost', 'raft.election', 'mesh-critical', 'config.replaced', 'config.mismatch', 'config.repeat', 'raft.snapshot-installed'],
  ),
  drawnScenario(
    'power-loss',
    'all nodes go dark at once in the midst of a flush, several times, and come back one by one',
    DRAWN_RANGES['power-loss'],
    ['all-dark', 'record-torn', 'lost-unsynced-write', 'crashed-between-persist-and-send', 'journal.full'],
  ),
  drawnScenario(
    'bit-rot',
    'bits of one disk flip, writes are torn, and flushes fail',
    DRAWN_RANGES['bit-rot'],
    ['bit-flipped', 'raft.log-repaired', 'record-torn', 'stopped-by-failed-flush'],
  ),
  drawnScenario(
    'clock-storm',
    'wall clocks jump, clocks run fast and slow, nodes stand still and go on',
    DRAWN_RANGES['clock-storm'],
    ['clock-drifted', 'raft.election'],
  ),
  drawnScenario(
    'poison',
    'messages that handlers cannot take: they are tried again, block their stream, or die and are replayed',
    DRAWN_RANGES.poison,
    [
      'handler-poisoned',
      'ack-refused',
      'stream.attempt-voided',
      'stream.subscriber-fenced',
      'stream.void-ack-refused',
      'stream.handler-timed-out',
      'stream.delivery-blocked',
      'stream.dead-lettered',
      'stream.dead-letter-replayed',
    ],
  ),
  drawnScenario(
    'evict',
    'members are evicted, some while they are away or cut off, leave, and come back by joining',
    DRAWN_RANGES.evict,
    ['mcg.node-evicted', 'mcg.node-left', 'mcg.node-returned', 'raft.snapshot-installed'],
  ),
  drawnScenario(
    'churn',
    'joins, leaves, evictions and long crashes of half the members, leaders and voters among them',
    DRAWN_RANGES.churn,
    ['mcg.node-evicted', 'mcg.node-left', 'mcg.node-returned', 'mcg.voter-replaced', 'raft.leader-removed-itself'],
  ),
  drawnScenario(
    'slow-consumer',
    'targets crawl, stand still, are paused and throttled: each holds up its own streams and nobody else',
    DRAWN_RANGES['slow-consumer'],
    ['handler-hung', 'stream.paused', 'stream.paced', 'stream.target-detached', 'stream.orphaned', 'stream.deleted', 'stream.deleted-by-force', 'stream.deletion-learnt-late', 'stream.window-closed'],
  ),
  drawnScenario(
    'recover',
    'most voters of the mesh are lost for good; those that are left found a new generation, and some of the lost come back',
    DRAWN_RANGES.recover,
    ['recovered', 'mcg.generation-founded', 'raft.sealed', 'lost-returned'],
  ),
  drawnScenario(
    'reseal',
    'disks of targets are lost, so that streams of two lose their majority for good, among crashes and cuts',
    DRAWN_RANGES.reseal,
    ['disk-lost', 'stream.generation-sealed', 'stream.resealed', 'stream.generation-learned', 'stream.replaced-target-resumed'],
  ),
  drawnScenario(
    'handlers',
    'handlers fail, hang and crawl, and acknowledgements are lost after the commit',
    DRAWN_RANGES.handlers,
    ['handler-failed', 'handler-hung', 'ack-lost-after-commit'],
  ),
];

/** Null when there is none of that name. */
export function findScenario(name: string): Scenario | null {
  return SCENARIOS.find((scenario) => scenario.name === name) ?? null;
}
