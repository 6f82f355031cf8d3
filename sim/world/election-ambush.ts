/**
 * A fault that waits for elections and strikes at the moment when they are won, where votes and first entries are on
 * their way to disks: either everybody but the new leader dies for a moment and the leader is cut off, or the leader
 * itself dies. It knows of an election what any log line tells.
 */
import type { Draws } from '../base/draw.js';
import type { Timeline } from '../time/timeline.js';
import type { Machine } from './machine.js';

export interface AmbushWorld {
  readonly timeline: Timeline;
  readonly machines: readonly Machine[];
  readonly draws: Draws;
  readonly kill: (victim: Machine) => (() => void) | null;
  readonly separate: (side: readonly number[]) => () => void;
}

export class ElectionAmbush {
  readonly #world: AmbushWorld;
  readonly #prey: 'leader' | 'others';
  readonly #untilUs: number;
  #left: number;
  #isBusy = false;

  /** Strikes at each of the next `count` elections before `untilUs`, one after the other. */
  constructor(world: AmbushWorld, prey: 'leader' | 'others', count: number, untilUs: number) {
    this.#world = world;
    this.#prey = prey;
    this.#left = count;
    this.#untilUs = untilUs;
  }

  /** `node` has won an election. */
  onElected(node: number): void {
    const { timeline, draws } = this.#world;
    const latestUs = this.#untilUs - STRIKE_WITHIN_US - DOWN_MAX_US;
    if (this.#left === 0 || this.#isBusy || timeline.nowUs >= latestUs) return;
    this.#left--;
    this.#isBusy = true;
    let isStruck = false;
    const strike = (): void => {
      if (!isStruck) this.#strike(node);
      isStruck = true;
    };
    const moment = draws.pick(MOMENTS);
    const disk = this.#world.machines[node]?.disk;
    if (moment === 'flushing') disk?.watchFlush((takesUs) => this.#later(draws.below(takesUs + 1), strike));
    if (moment === 'flushed') disk?.watchFlush((takesUs) => this.#later(takesUs + draws.below(AFTER_FLUSH_US), strike));
    this.#later(moment === 'soon' ? draws.below(draws.pick(STRIKE_SPREADS_US)) : STRIKE_WITHIN_US, strike);
  }

  #strike(leader: number): void {
    const { machines, timeline, draws, separate } = this.#world;
    const isPrey = (node: number): boolean => (node === leader) === (this.#prey === 'leader');
    for (const machine of machines) {
      if (isPrey(machine.node)) this.#bringDown(machine, draws.between(DOWN_MIN_US, DOWN_MAX_US));
    }
    if (this.#prey === 'leader') {
      this.#isBusy = false;
      return;
    }
    // Those who come back must find their new leader without the old one.
    const heal = separate([leader]);
    this.#later(this.#untilUs - timeline.nowUs - 1, () => {
      heal();
      this.#isBusy = false;
    });
  }

  #bringDown(machine: Machine, forUs: number): void {
    const undo = this.#world.kill(machine);
    if (undo !== null) this.#later(forUs, undo);
  }

  #later(delayUs: number, happen: () => void): void {
    const { timeline } = this.#world;
    timeline.schedule(timeline.nowUs + delayUs, { label: 'fault', happen });
  }
}

/** While the winner's first entry goes to its disk; when it is there and nowhere else; or just soon. */
const MOMENTS = ['flushing', 'flushed', 'soon'] as const;
const AFTER_FLUSH_US = 15_000;
const STRIKE_SPREADS_US = [2_000, 20_000, 120_000];
const STRIKE_WITHIN_US = 120_000;
const DOWN_MIN_US = 50_000;
const DOWN_MAX_US = 400_000;
