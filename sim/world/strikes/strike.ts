/** What a fault needs of the world to strike and to be undone. */
import type { Draws } from '../../base/draw.js';
import type { FaultKind, Victim } from '../../plan/plan.js';
import type { FaultName } from '../../plan/options.js';
import type { Timeline } from '../../time/timeline.js';
import type { SubscriberAilment } from '../../apps/subscriber.js';
import type { Machine } from '../machine.js';
import type { Network } from '../network.js';
import type { Paths } from '../paths.js';
import type { Trace } from '../trace.js';

/** What can be done to a subscribing application. */
export interface StruckApplication {
  crash(): void;
  restart(): void;
  setAilment(ailment: SubscriberAilment, isIll: boolean): void;
  slowFactor: number;
}

export interface FaultWorld {
  readonly timeline: Timeline;
  readonly trace: Trace;
  readonly network: Network;
  readonly paths: Paths;
  readonly machines: readonly Machine[];
  readonly subscribers: readonly StruckApplication[];
  /** The node that leads a group now; null when nobody is known to. */
  readonly leaderOf: (group: 'mcg' | number) => number | null;
  readonly isLeader: (node: number) => boolean;
  /** Whether `group` is the group of a stream. */
  readonly isGroupOf: (group: string, stream: number) => boolean;
  /** Whether so many others hold the log of `group` that `node` may lose its own. */
  readonly isExpendable: (group: string, node: number) => boolean;
  /** The disk of `node` has rotten. */
  readonly onRotten: (node: number) => void;
  /** The disk of `node`, which is down, is lost, and its operator brings it into the mesh again. False: not now. */
  readonly wipe: (node: number) => boolean;
  readonly mark: (name: string) => void;
}

/** One fault that strikes now. */
export interface Occasion {
  readonly world: FaultWorld;
  /** When it is to be undone. */
  readonly untilUs: number;
  readonly draws: Draws;
  readonly at: (atUs: number, happen: () => void) => void;
}

export type Undo = () => void;
/** Strikes, and gives what undoes it; null when it found nothing to strike. */
export type Strike<K extends FaultName> = (occasion: Occasion, what: Extract<FaultKind, { kind: K }>) => Undo | null;
export type Strikes<K extends FaultName> = { readonly [Each in K]: Strike<Each> };

/** What cannot be undone, or ends by itself. */
export const NOTHING_TO_UNDO: Undo = () => undefined;

export function findVictim({ machines, leaderOf }: FaultWorld, victim: Victim): Machine | null {
  const node = victim.kind === 'node' ? victim.node : leaderOf(victim.group);
  return node === null ? null : (machines[node] ?? null);
}

export function separate(world: FaultWorld, side: readonly number[]): Undo {
  const rest = world.machines.map(({ node }) => node).filter((node) => !side.includes(node));
  return cut(world, [...pairsFrom(side, rest), ...pairsFrom(rest, side)]);
}

export function cut({ paths, network }: FaultWorld, pairs: readonly (readonly [number, number])[]): Undo {
  for (const [from, to] of pairs) paths.block(from, to);
  return () => {
    for (const [from, to] of pairs) paths.unblock(from, to);
    network.resume();
  };
}

export function pairsFrom(from: readonly number[], to: readonly number[]): [number, number][] {
  return from.flatMap((source) => to.map((target): [number, number] => [source, target]));
}
