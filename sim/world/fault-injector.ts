/**
 * Carries out the plan's faults and undoes them: when, here; what, in strikes/. The strikes emit the marks that only
 * the world can see: that a crash lost unsynced writes, that it came between a flush and what waited for it, that it
 * struck a leader.
 */
import { Draws, type Seed } from '../base/draw.js';
import { digestValue } from '../base/digest.js';
import type { FaultName } from '../plan/options.js';
import type { FaultKind, FaultPlan } from '../plan/plan.js';
import type { Disk } from './disk.js';
import type { AmbushKind, ElectionAmbush } from './election-ambush.js';
import { APPLICATION_STRIKES } from './strikes/applications.js';
import { DISK_STRIKES } from './strikes/disks.js';
import { type AmbushAim, lieInWait } from './strikes/elections.js';
import { NODE_STRIKES } from './strikes/nodes.js';
import { PATH_STRIKES } from './strikes/paths.js';
import { type FaultWorld, type Occasion, type Strikes, type Undo, findVictim } from './strikes/strike.js';

export class FaultInjector {
  readonly #world: FaultWorld;
  readonly #awaitingProgress: FaultPlan[] = [];
  readonly #moments: Draws;
  readonly #ambushes = new Set<ElectionAmbush>();
  readonly #strikes: Strikes<FaultName>;
  /** What has struck, by kind. */
  readonly counts = new Map<string, number>();

  constructor(world: FaultWorld, seed: Seed, faults: readonly FaultPlan[]) {
    this.#world = world;
    this.#moments = new Draws(seed, 'moment', 0);
    this.#strikes = {
      ...NODE_STRIKES,
      ...DISK_STRIKES,
      ...PATH_STRIKES,
      ...APPLICATION_STRIKES,
      'ambush-voters': (occasion, { kind, count }) => this.#lieInWait(occasion, kind, { count, stream: null }),
      'ambush-leader': (occasion, { kind, count }) => this.#lieInWait(occasion, kind, { count, stream: null }),
      'leader-carousel': (occasion, { kind, count }) => this.#lieInWait(occasion, kind, { count, stream: null }),
      'stream-carousel': (occasion, { count, stream }) => this.#lieInWait(occasion, 'leader-carousel', { count, stream }),
    };
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
    const disk = this.#diskOfMoment(fault.what);
    if (disk === null) {
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

  /** The disk in a flush of which the fault is to strike; null when it strikes at once. */
  #diskOfMoment(what: FaultKind): Disk | null {
    switch (what.kind) {
      case 'crash':
      case 'power-loss':
        return what.moment === 'flushing' ? (findVictim(this.#world, what.victim)?.disk ?? null) : null;
      case 'torn-write':
        return findVictim(this.#world, what.victim)?.disk ?? null;
      case 'blackout':
        return this.#world.machines[what.node]?.disk ?? null;
      default:
        return null;
    }
  }

  #strikeNow(fault: FaultPlan): void {
    const { trace, timeline } = this.#world;
    const undo = this.#apply(fault.what, {
      world: this.#world,
      untilUs: timeline.nowUs + fault.forUs,
      draws: this.#moments,
      at: (atUs, happen) => this.#at(atUs, happen),
    });
    if (undo === null) return;
    this.counts.set(fault.what.kind, (this.counts.get(fault.what.kind) ?? 0) + 1);
    trace.onFact(timeline.nowUs, 'fault', digestValue(fault.what));
    if (trace.isFull) trace.onComment(timeline.nowUs, `fault ${JSON.stringify(fault.what)} for ${fault.forUs} us`);
    this.#at(timeline.nowUs + fault.forUs, undo);
  }

  #apply<K extends FaultName>(what: Extract<FaultKind, { kind: K }>, occasion: Occasion): Undo | null {
    const kind: K = what.kind;
    return this.#strikes[kind](occasion, what);
  }

  #lieInWait(occasion: Occasion, kind: AmbushKind, aim: AmbushAim): Undo {
    const ambush = lieInWait(occasion, kind, aim);
    this.#ambushes.add(ambush);
    return () => {
      ambush.end();
      this.#ambushes.delete(ambush);
    };
  }

  #at(atUs: number, happen: () => void): void {
    this.#world.timeline.schedule(atUs, { label: 'fault', happen });
  }
}

/** A fault that is to hit a flush strikes anyway when none has begun by then. */
const FLUSH_WITHIN_US = 500_000;
const partOf = (fault: FaultPlan): number => (fault.when.kind === 'settled' ? fault.when.perMille : 0);
