/**
 * When which fault strikes. Kinds are drawn among those that the seed has not switched off; a flap is written out as
 * its single cuts.
 *
 * The atlas, which keeps every group recoverable: a fault ends by itself; what was synced is destroyed at one node of a
 * run only, and there only in logs that a majority of others holds (world/strikes/disks.ts). Whole disks are lost at two
 * nodes of a run at most, which are no sources and fewer than half of the mesh's voters: what is accepted is then still
 * at its source, and what is decided at the other voters. A disk that lies about a
 * flush is not among the faults: a replica that forgets what it has vouched for breaks Raft's premise, and what a group
 * loses by it is nobody's broken promise.
 */
import { Draws, type Seed } from '../base/draw.js';
import type { FaultName, Options } from './options.js';
import type { FaultKind, FaultPlan, NodePlan, SubscriberPlan, Victim } from './plan.js';
import { areJoined } from './topology.js';

/** Whom faults may strike. */
interface Targets {
  readonly nodes: readonly NodePlan[];
  readonly streams: number;
  readonly sources: ReadonlySet<number>;
  readonly subscribers: readonly SubscriberPlan[];
}

/** What the draws of one fault begin with. */
interface Strokes {
  readonly draws: Draws;
  /** All nodes, in an order drawn for this fault. */
  readonly shuffled: readonly number[];
  readonly world: Targets;
  readonly leadersPerMille: number;
  readonly rottenNode: number;
  /** Nodes whose disks may be lost. */
  readonly expendable: readonly number[];
}

/** `options.faults` faults within [fromUs, untilUs), ascending by time; each one is over by `untilUs`. */
export function planFaults(seed: Seed, options: Options, world: Targets, fromUs: number, untilUs: number): FaultPlan[] {
  const faults: FaultPlan[] = [];
  if (options.faultKinds.length === 0) return faults;
  const rottenNode = new Draws(seed, 'faults', ROTTEN_NODE).below(world.nodes.length);
  const expendable = drawExpendable(seed, world);
  for (let i = 0; i < options.faults; i++) {
    const draws = new Draws(seed, 'faults', i);
    const kind = draws.pick(options.faultKinds);
    const lastUs = untilUs - options.faultForUs[0] - STRIKE_LATE_US;
    const atUs = draws.between(fromUs, lastUs);
    const lastsUs = draws.between(options.faultForUs[0], options.faultForUs[1]) + (AMBUSHES.includes(kind) ? AMBUSH_US : 0);
    const forUs = Math.min(lastsUs, untilUs - STRIKE_LATE_US - atUs);
    const shuffled = draws.shuffled(Array.from({ length: world.nodes.length }, (_, node) => node));
    const what = FAULTS[kind]({ draws, shuffled, world, leadersPerMille: options.leadersPerMille, rottenNode, expendable });
    if (what === null) continue;
    const isFlap = what.kind === 'cut' && draws.chance(250);
    const count = isFlap ? draws.between(3, 8) : 1;
    const part = Math.floor(forUs / count);
    for (let n = 0; n < count; n++) {
      faults.push({ when: { kind: 'at', atUs: atUs + n * part }, forUs: isFlap ? Math.floor(part / 2) : forUs, what });
    }
  }
  return faults.sort((a, b) => startOf(a) - startOf(b));
}

/**
 * Nodes that may all be without their disks at once: a majority is left, and no two nodes that are left hear of each
 * other through them alone. Whoever joins again is no member before, and passes nothing on.
 */
function drawExpendable(seed: Seed, { nodes, sources }: Targets): number[] {
  const countMax = Math.floor((Math.min(nodes.length, 5) - 1) / 2);
  const expendable: number[] = [];
  for (const node of new Draws(seed, 'faults', EXPENDABLE_NODES).shuffled([...nodes.keys()])) {
    if (expendable.length === countMax) break;
    const isNeeded = nodes[node]?.isSeed === true || sources.has(node);
    if (!isNeeded && areJoined(nodes, new Set([...expendable, node]))) expendable.push(node);
  }
  return expendable;
}

/** How each kind is drawn; null when nobody is there whom it could strike. */
const FAULTS: { readonly [K in FaultName]: (strokes: Strokes) => Extract<FaultKind, { kind: K }> | null } = {
  crash: (strokes) => ({ kind: 'crash', victim: drawVictim(strokes), moment: drawMoment(strokes) }),
  'power-loss': (strokes) => ({ kind: 'power-loss', victim: drawVictim(strokes), moment: drawMoment(strokes) }),
  'ambush-voters': ({ draws }) => ({ kind: 'ambush-voters', count: draws.between(2, 12) }),
  'ambush-leader': ({ draws }) => ({ kind: 'ambush-leader', count: draws.between(2, 12) }),
  'leader-carousel': ({ draws }) => ({ kind: 'leader-carousel', count: draws.between(2, 12) }),
  'stream-carousel': ({ draws, world }) =>
    world.streams === 0 ? null : { kind: 'stream-carousel', stream: draws.below(world.streams), count: draws.between(4, 12) },
  blackout: ({ shuffled }) => ({ kind: 'blackout', node: firstOf(shuffled) }),
  'torn-write': (strokes) => ({ kind: 'torn-write', victim: drawVictim(strokes) }),
  pause: (strokes) => ({ kind: 'pause', victim: drawVictim(strokes) }),
  isolate: (strokes) => ({ kind: 'isolate', victim: drawVictim(strokes) }),
  'slow-cpu': ({ shuffled, draws }) => ({ kind: 'slow-cpu', node: firstOf(shuffled), factor: draws.between(5, 50) }),
  'slow-disk': ({ shuffled, draws }) => ({ kind: 'slow-disk', node: firstOf(shuffled), factor: draws.between(5, 60) }),
  'disk-full': ({ shuffled }) => ({ kind: 'disk-full', node: firstOf(shuffled) }),
  'flush-fails': ({ shuffled }) => ({ kind: 'flush-fails', node: firstOf(shuffled) }),
  'bit-flip': ({ draws, rottenNode }) => ({ kind: 'bit-flip', node: rottenNode, count: draws.between(1, 3) }),
  'disk-lost': ({ shuffled, expendable }) => {
    const node = shuffled.find((each) => expendable.includes(each));
    return node === undefined ? null : { kind: 'disk-lost', node };
  },
  'clock-drift': ({ shuffled, draws }) => ({
    kind: 'clock-drift',
    node: firstOf(shuffled),
    perMillion: draws.between(-CLOCK_DRIFT_MAX_PER_MILLION, CLOCK_DRIFT_MAX_PER_MILLION),
  }),
  'clock-step': ({ shuffled, draws }) => ({
    kind: 'clock-step',
    node: firstOf(shuffled),
    byUs: draws.between(-CLOCK_STEP_MAX_US, CLOCK_STEP_MAX_US),
  }),
  cut: (strokes) => {
    const from = drawHalf(strokes);
    return { kind: 'cut', from, to: strokes.shuffled.slice(from.length) };
  },
  partition: (strokes) => ({ kind: 'partition', side: drawHalf(strokes) }),
  clog: ({ shuffled: [from, to] }) => ({ kind: 'clog', from: from as number, to: to as number }),
  'slow-link': ({ shuffled: [one, other], draws }) => ({
    kind: 'slow-link',
    between: [one as number, other as number],
    factor: draws.between(3, 20),
  }),
  'refuse-accepts': ({ shuffled }) => ({ kind: 'refuse-accepts', node: firstOf(shuffled) }),
  'nat-expiry': ({ shuffled, world }) => {
    const hidden = shuffled.find((node) => world.nodes[node]?.isBehindNat === true);
    return hidden === undefined ? null : { kind: 'nat-expiry', node: hidden };
  },
  'subscriber-crash': (strokes) => drawSubscriber(strokes, (subscriber) => ({ kind: 'subscriber-crash', subscriber })),
  'handler-fails': (strokes) => drawSubscriber(strokes, (subscriber) => ({ kind: 'handler-fails', subscriber })),
  'handler-hangs': (strokes) => drawSubscriber(strokes, (subscriber) => ({ kind: 'handler-hangs', subscriber })),
  'handler-slow': (strokes) =>
    drawSubscriber(strokes, (subscriber) => ({
      kind: 'handler-slow',
      subscriber,
      factor: strokes.draws.between(10, HANDLER_FACTOR_MAX),
    })),
  'ack-lost': (strokes) => drawSubscriber(strokes, (subscriber) => ({ kind: 'ack-lost', subscriber })),
};

export const FAULT_NAMES = Object.keys(FAULTS) as readonly FaultName[];

function drawVictim({ draws, world, leadersPerMille }: Strokes): Victim {
  if (draws.chance(leadersPerMille)) {
    const { streams } = world;
    return { kind: 'leader', group: streams === 0 || draws.chance(300) ? 'mcg' : draws.below(streams) };
  }
  return { kind: 'node', node: draws.below(world.nodes.length) };
}

const drawMoment = ({ draws }: Strokes): 'flushing' | 'then' => (draws.chance(FLUSHING_PER_MILLE) ? 'flushing' : 'then');

function drawHalf({ draws, shuffled }: Strokes): readonly number[] {
  return shuffled.slice(0, draws.between(1, Math.max(1, shuffled.length >> 1)));
}

function drawSubscriber<T>({ draws, world }: Strokes, make: (subscriber: number) => T): T | null {
  return world.subscribers.length === 0 ? null : make(draws.below(world.subscribers.length));
}

const firstOf = (shuffled: readonly number[]): number => shuffled[0] as number;
const startOf = (fault: FaultPlan): number => (fault.when.kind === 'at' ? fault.when.atUs : 0);

/** The draws of which node's disk rots, if one does: only one, and the same for all faults of a run. */
const ROTTEN_NODE = 900_000;
const EXPENDABLE_NODES = 900_001;
/** A crash may wait that long for a flush. */
const STRIKE_LATE_US = 600_000;
/** How long an ambush waits for its elections at least. */
const AMBUSHES: readonly FaultName[] = ['ambush-voters', 'ambush-leader', 'leader-carousel', 'stream-carousel'];
const AMBUSH_US = 10_000_000;
const CLOCK_STEP_MAX_US = 3_600_000_000;
/** Far worse than any quartz; no timeout of the mesh may be so tight that it matters. */
const CLOCK_DRIFT_MAX_PER_MILLION = 50_000;
const HANDLER_FACTOR_MAX = 300;
const FLUSHING_PER_MILLE = 700;
