/**
 * A fault that waits for the elections of one group and strikes at the moment when they are won, where votes and first
 * entries are on their way to disks. It knows of an election what any log line tells.
 *
 * `ambush-voters`: everybody but the new leader dies for a moment, and the leader is cut off: whoever voted may vote again.
 * `ambush-leader`: the leader dies, as its first entry goes to its disk, or is there and nowhere else.
 * `leader-carousel`: the leader is cut off, and the one before it comes back: logs part, and meet again (Raft, Figure 8).
 */
import type { Draws } from '../base/draw.js';
import type { Timeline } from '../time/timeline.js';
import type { Machine } from './machine.js';

export type AmbushKind = 'ambush-voters' | 'ambush-leader' | 'leader-carousel';

export interface AmbushWorld {
  readonly timeline: Timeline;
  readonly machines: readonly Machine[];
  readonly draws: Draws;
  /** Gives what brings the victim back; null when it was down already. */
  readonly kill: (victim: Machine) => (() => void) | null;
  readonly separate: (side: readonly number[]) => () => void;
  /** Whether elections of `group` are what it waits for. */
  readonly isAimedAt: (group: string) => boolean;
}

export class ElectionAmbush {
  readonly #world: AmbushWorld;
  readonly #kind: AmbushKind;
  readonly #untilUs: number;
  /** The group whose elections it waits for: that of the first one. */
  #group: string | null = null;
  #left: number;
  #isBusy = false;
  #isOver = false;
  #heal: (() => void) | null = null;

  /** Strikes at each of the next `count` elections before `untilUs`, one after the other. */
  constructor(world: AmbushWorld, kind: AmbushKind, count: number, untilUs: number) {
    this.#world = world;
    this.#kind = kind;
    this.#left = count;
    this.#untilUs = untilUs;
  }

  /** `node` has won an election of `group`. */
  onElected(group: string, node: number): void {
    const { timeline } = this.#world;
    const latestUs = this.#untilUs - STRIKE_WITHIN_US - DOWN_MAX_US;
    if (this.#isOver || this.#left === 0 || this.#isBusy || timeline.nowUs >= latestUs) return;
    if (!this.#world.isAimedAt(group)) return;
    this.#group ??= group;
    if (this.#group !== group) return;
    this.#left--;
    this.#isBusy = true;
    this.#atMoment(node, () => {
      this.#isBusy = false;
      this.#strike(node);
    });
  }

  /** Its time is over: nobody stays cut off. */
  end(): void {
    this.#heal?.();
    this.#heal = null;
    this.#isOver = true;
  }

  #atMoment(node: number, act: () => void): void {
    const { draws, machines } = this.#world;
    const moment = draws.pick(MOMENTS[this.#kind]);
    if (moment === 'at once') {
      act();
      return;
    }
    let isDone = false;
    const once = (): void => {
      if (!isDone) act();
      isDone = true;
    };
    const disk = machines[node]?.disk;
    if (moment === 'flushing') disk?.watchFlush((takesUs) => this.#later(draws.below(takesUs + 1), once));
    if (moment === 'flushed') disk?.watchFlush((takesUs) => this.#later(takesUs + draws.below(AFTER_FLUSH_US), once));
    this.#later(moment === 'soon' ? draws.below(SOON_US) : STRIKE_WITHIN_US, once);
  }

  #strike(leader: number): void {
    const { machines, draws, separate } = this.#world;
    if (this.#isOver) return;
    for (const machine of this.#kind === 'leader-carousel' ? [] : machines) {
      if ((machine.node === leader) !== (this.#kind === 'ambush-leader')) continue;
      const undo = this.#world.kill(machine);
      if (undo !== null) this.#later(draws.between(DOWN_MIN_US, DOWN_MAX_US), undo);
    }
    if (this.#kind === 'ambush-leader') return;
    this.#heal?.();
    this.#heal = separate([leader]);
  }

  #later(delayUs: number, happen: () => void): void {
    const { timeline } = this.#world;
    timeline.schedule(timeline.nowUs + delayUs, { label: 'fault', happen });
  }
}

const MOMENTS = {
  'ambush-voters': ['at once', 'soon'],
  'ambush-leader': ['flushing', 'flushed', 'soon'],
  'leader-carousel': ['at once', 'flushing', 'flushed', 'soon'],
} as const;
const SOON_US = 60_000;
const AFTER_FLUSH_US = 15_000;
/** A strike that waits for a flush comes anyway when none has begun by then. */
const STRIKE_WITHIN_US = 120_000;
const DOWN_MIN_US = 50_000;
const DOWN_MAX_US = 400_000;
