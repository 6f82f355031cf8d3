/**
 * When which fault strikes. Kinds are drawn among those that the seed has not switched off; a flap is written out as
 * its single cuts. The atlas rule: no fault here destroys synced data, and all of them end, so that every group can
 * recover in the end.
 */
import { unreachable } from '../../core/base/assert.js';
import { Draws, type Seed } from '../base/draw.js';
import type { FaultName, Options } from './options.js';
import type { FaultKind, FaultPlan, NodePlan, SubscriberPlan, Victim } from './plan.js';

/** `options.faults` faults within [fromUs, untilUs), ascending by time; each one is over by `untilUs`. */
export function planFaults(
  seed: Seed,
  options: Options,
  world: { readonly nodes: readonly NodePlan[]; readonly streams: number; readonly subscribers: readonly SubscriberPlan[] },
  fromUs: number,
  untilUs: number,
): FaultPlan[] {
  const faults: FaultPlan[] = [];
  if (options.faultKinds.length === 0) return faults;
  for (let i = 0; i < options.faults; i++) {
    const draws = new Draws(seed, 'faults', i);
    const kind = draws.pick(options.faultKinds);
    const lastUs = untilUs - options.faultForUs[0] - STRIKE_LATE_US;
    const atUs = draws.between(fromUs, lastUs);
    const lastsUs = draws.between(options.faultForUs[0], options.faultForUs[1]) + (AMBUSHES.includes(kind) ? AMBUSH_US : 0);
    const forUs = Math.min(lastsUs, untilUs - STRIKE_LATE_US - atUs);
    const what = drawFault(draws, kind, world);
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

function drawFault(
  draws: Draws,
  kind: FaultName,
  world: { readonly nodes: readonly NodePlan[]; readonly streams: number; readonly subscribers: readonly SubscriberPlan[] },
): FaultKind | null {
  const count = world.nodes.length;
  const shuffled = draws.shuffled(Array.from({ length: count }, (_, node) => node));
  const [first, second] = shuffled as [number, number];
  switch (kind) {
    case 'crash':
    case 'power-loss':
      return {
        kind,
        victim: drawVictim(draws, count, world.streams),
        moment: draws.chance(FLUSHING_PER_MILLE) ? 'flushing' : 'then',
      };
    case 'ambush-voters':
    case 'ambush-leader':
    case 'leader-carousel':
      return { kind, count: draws.between(2, 12) };
    case 'pause':
    case 'isolate':
      return { kind, victim: drawVictim(draws, count, world.streams) };
    case 'slow-cpu':
      return { kind, node: first, factor: draws.between(5, 50) };
    case 'slow-disk':
      return { kind, node: first, factor: draws.between(5, 60) };
    case 'disk-full':
      return { kind, node: first };
    case 'clock-step':
      return { kind, node: first, byUs: draws.between(-CLOCK_STEP_MAX_US, CLOCK_STEP_MAX_US) };
    case 'cut': {
      const from = shuffled.slice(0, draws.between(1, Math.max(1, count >> 1)));
      return { kind, from, to: shuffled.slice(from.length) };
    }
    case 'partition':
      return { kind, side: shuffled.slice(0, draws.between(1, Math.max(1, count >> 1))) };
    case 'clog':
      return { kind, from: first, to: second };
    case 'slow-link':
      return { kind, between: [first, second], factor: draws.between(3, 20) };
    case 'refuse-accepts':
      return { kind, node: first };
    case 'nat-expiry': {
      const hidden = shuffled.filter((node) => world.nodes[node]?.isBehindNat === true);
      return hidden.length === 0 ? null : { kind, node: hidden[0] as number };
    }
    case 'subscriber-crash':
      if (world.subscribers.length === 0) return null;
      return { kind, subscriber: draws.below(world.subscribers.length) };
    default:
      return unreachable(kind);
  }
}

function drawVictim(draws: Draws, nodes: number, streams: number): Victim {
  if (draws.chance(250)) {
    return { kind: 'leader', group: streams === 0 || draws.chance(300) ? 'mcg' : draws.below(streams) };
  }
  return { kind: 'node', node: draws.below(nodes) };
}

/** A crash may wait that long for a flush. */
const STRIKE_LATE_US = 600_000;
/** How long an ambush waits for its elections at least. */
const AMBUSHES: readonly FaultName[] = ['ambush-voters', 'ambush-leader', 'leader-carousel'];
const AMBUSH_US = 10_000_000;
const CLOCK_STEP_MAX_US = 3_600_000_000;
const FLUSHING_PER_MILLE = 700;
const startOf = (fault: FaultPlan): number => (fault.when.kind === 'at' ? fault.when.atUs : 0);
