/**
 * Carries out the plan's faults and undoes them. Emits the marks that only the world can see: that a crash lost unsynced
 * writes, that it came between a flush and what waited for it, that it struck a leader.
 */
import { unreachable } from '../../core/base/assert.js';
import { Draws, type Seed } from '../base/draw.js';
import { digestValue } from '../base/digest.js';
import type { FaultKind, FaultPlan, Victim } from '../plan/plan.js';
import type { Timeline } from '../time/timeline.js';
import { type AmbushKind, ElectionAmbush } from './election-ambush.js';
import type { Machine } from './machine.js';
import type { Network } from './network.js';
import type { Paths } from './paths.js';
import type { Trace } from './trace.js';

export interface FaultWorld {
  readonly timeline: Timeline;
  readonly trace: Trace;
  readonly network: Network;
  readonly paths: Paths;
  readonly machines: readonly Machine[];
  /** The node that leads a group now; null when nobody is known to. */
  readonly leaderOf: (group: 'mcg' | number) => number | null;
  readonly isLeader: (node: number) => boolean;
  readonly mark: (name: string) => void;
  readonly crashSubscriber: (subscriber: number) => void;
  readonly restartSubscriber: (subscriber: number) => void;
}

export class FaultInjector {
  readonly #world: FaultWorld;
  readonly #awaitingProgress: FaultPlan[] = [];
  readonly #moments: Draws;
  readonly #ambushes = new Set<ElectionAmbush>();
  /** What has struck, by kind. */
  readonly counts = new Map<string, number>();

  constructor(world: FaultWorld, seed: Seed, faults: readonly FaultPlan[]) {
    this.#world = world;
    this.#moments = new Draws(seed, 'moment', 0);
    for (const fault of faults) {
      if (fault.when.kind === 'settled') this.#awaitingProgress.push(fault);
      else this.#at(fault.when.atUs, () => this.#strike(fault));
    }
    this.#awaitingProgress.sort((a, b) => partOf(a) - partOf(b));
  }

  /** Faults that have struck. */
  get struckCount(): number {
    let total = 0;
    for (const count of this.counts.values()) total += count;
    return total;
  }

  /** `node` has won an election of `group`. */
  onElected(group: string, node: number): void {
    for (const ambush of this.#ambushes) ambush.onElected(group, node);
  }

  /** The slowest target has settled that part of all messages: strikes what waited for it. */
  onProgress(perMille: number): void {
    for (let next = this.#awaitingProgress[0]; next !== undefined; next = this.#awaitingProgress[0]) {
      if (partOf(next) > perMille) return;
      this.#awaitingProgress.shift();
      this.#strike(next);
    }
  }

  #strike(fault: FaultPlan): void {
    const { what } = fault;
    const isTimed = (what.kind === 'crash' || what.kind === 'power-loss') && what.moment === 'flushing';
    const disk = isTimed ? this.#find(what.victim)?.disk : undefined;
    if (disk === undefined) {
      this.#strikeNow(fault);
      return;
    }
    let isStruck = false;
    const strike = (): void => {
      if (!isStruck) this.#strikeNow(fault);
      isStruck = true;
    };
    const { timeline } = this.#world;
    disk.watchFlush((takesUs) => this.#at(timeline.nowUs + this.#moments.below(takesUs + 1), strike));
    this.#at(timeline.nowUs + FLUSH_WITHIN_US, strike);
  }

  #strikeNow(fault: FaultPlan): void {
    const undo = this.#apply(fault.what, this.#world.timeline.nowUs + fault.forUs);
    if (undo === null) return;
    this.counts.set(fault.what.kind, (this.counts.get(fault.what.kind) ?? 0) + 1);
    const { trace, timeline } = this.#world;
    trace.onFact(timeline.nowUs, 'fault', digestValue(fault.what));
    if (trace.isFull) trace.onComment(timeline.nowUs, `fault ${JSON.stringify(fault.what)} for ${fault.forUs} us`);
    this.#at(timeline.nowUs + fault.forUs, undo);
  }

  /** Gives what undoes the fault; null when it found nothing to strike. */
  #apply(what: FaultKind, untilUs: number): (() => void) | null {
    const { machines, network, paths } = this.#world;
    switch (what.kind) {
      case 'crash':
      case 'power-loss':
        return this.#kill(this.#find(what.victim), what.kind === 'power-loss');
      case 'ambush-voters':
      case 'ambush-leader':
      case 'leader-carousel':
        return this.#ambush(what.kind, what.count, untilUs);
      case 'pause': {
        const process = this.#find(what.victim)?.process ?? null;
        process?.setPaused(true);
        return process === null ? null : () => process.setPaused(false);
      }
      case 'slow-cpu': {
        const process = machines[what.node]?.process ?? null;
        if (process === null) return null;
        process.slowFactor *= what.factor;
        return () => void (process.slowFactor /= what.factor);
      }
      case 'slow-disk': {
        const disk = machines[what.node]?.disk;
        if (disk === undefined) return null;
        disk.slowFactor *= what.factor;
        return () => void (disk.slowFactor /= what.factor);
      }
      case 'disk-full': {
        const disk = machines[what.node]?.disk;
        if (disk === undefined || disk.isFull) return null;
        disk.isFull = true;
        return () => void (disk.isFull = false);
      }
      case 'clock-step':
        machines[what.node]?.stepWallClock(what.byUs);
        return () => undefined;
      case 'cut':
        return this.#cut(pairsFrom(what.from, what.to));
      case 'partition':
        return this.#separate(what.side);
      case 'isolate': {
        const victim = this.#find(what.victim);
        return victim === null ? null : this.#separate([victim.node]);
      }
      case 'clog':
        paths.clog(what.from, what.to, untilUs);
        return () => undefined;
      case 'slow-link': {
        const pairs = [what.between, [what.between[1], what.between[0]] as const];
        for (const [from, to] of pairs) paths.slow(from, to, what.factor);
        return () => {
          for (const [from, to] of pairs) paths.slow(from, to, 1 / what.factor);
        };
      }
      case 'refuse-accepts':
        network.setRefusing(what.node, true);
        return () => network.setRefusing(what.node, false);
      case 'nat-expiry':
        network.expireLanes(what.node);
        return () => undefined;
      case 'subscriber-crash':
        this.#world.crashSubscriber(what.subscriber);
        return () => this.#world.restartSubscriber(what.subscriber);
      default:
        return unreachable(what);
    }
  }

  #ambush(kind: AmbushKind, count: number, untilUs: number): () => void {
    const { timeline, machines, isLeader } = this.#world;
    const ambush = new ElectionAmbush(
      {
        timeline,
        machines,
        draws: this.#moments,
        kill: (victim) => this.#kill(victim, false),
        separate: (side) => this.#separate(side),
      },
      kind,
      count,
      untilUs,
    );
    this.#ambushes.add(ambush);
    // An election has to come: whoever leads anything now makes room.
    const incumbent = machines.find(({ node, isUp }) => isUp && isLeader(node));
    const undo = incumbent === undefined ? null : this.#kill(incumbent, false);
    if (undo !== null) this.#at(timeline.nowUs + INCUMBENT_DOWN_US, undo);
    return () => {
      ambush.end();
      this.#ambushes.delete(ambush);
    };
  }

  #kill(victim: Machine | null, isDark: boolean): (() => void) | null {
    if (victim === null) return null;
    const wasLeader = this.#world.isLeader(victim.node);
    const crash = victim.die(isDark);
    if (crash === null) return null;
    if (crash.lostCount > 0) this.#world.mark('lost-unsynced-write');
    if (crash.survivedCount > 0) this.#world.mark('crashed-between-persist-and-send');
    if (wasLeader) this.#world.mark('leader-crashed');
    return () => {
      if (!victim.isUp) victim.start();
    };
  }

  #separate(side: readonly number[]): () => void {
    const rest = this.#world.machines.map(({ node }) => node).filter((node) => !side.includes(node));
    return this.#cut([...pairsFrom(side, rest), ...pairsFrom(rest, side)]);
  }

  #cut(pairs: readonly (readonly [number, number])[]): () => void {
    const { paths, network } = this.#world;
    for (const [from, to] of pairs) paths.block(from, to);
    return () => {
      for (const [from, to] of pairs) paths.unblock(from, to);
      network.resume();
    };
  }

  #find(victim: Victim): Machine | null {
    const node = victim.kind === 'node' ? victim.node : this.#world.leaderOf(victim.group);
    return node === null ? null : (this.#world.machines[node] ?? null);
  }

  #at(atUs: number, happen: () => void): void {
    this.#world.timeline.schedule(atUs, { label: 'fault', happen });
  }
}

function pairsFrom(from: readonly number[], to: readonly number[]): [number, number][] {
  return from.flatMap((source) => to.map((target): [number, number] => [source, target]));
}

/** A crash that is to hit a flush strikes anyway when none has begun by then. */
const FLUSH_WITHIN_US = 500_000;
const INCUMBENT_DOWN_US = 300_000;
const partOf = (fault: FaultPlan): number => (fault.when.kind === 'settled' ? fault.when.perMille : 0);
