/** Streams that come and go: their targets are changed while they are in use, and in the end they are deleted. */
import { Draws, type Seed } from '../base/draw.js';
import type { Options } from './options.js';

/** What an operator does with one target of such a stream, and how long after what was done before. */
export interface TargetStepPlan {
  readonly target: number;
  readonly action: 'detach' | 'remove' | 'make-optional' | 'make-required' | 'attach-now' | 'attach-earliest';
  readonly afterUs: number;
}

export interface TransientPlan {
  readonly name: string;
  readonly source: number;
  readonly targets: readonly number[];
  /** Of these, at the opening. */
  readonly optional: readonly number[];
  readonly startUs: number;
  readonly messages: number;
  readonly payloadBytes: number;
  readonly everyUs: number;
  /** 0: payload goes when it is settled. */
  readonly retainMs: number;
  readonly steps: readonly TargetStepPlan[];
  /** Deleted as it is then, whoever lacks what. */
  readonly isForced: boolean;
}

export function planTransients(seed: Seed, options: Options): TransientPlan[] {
  return Array.from({ length: options.transients }, (_, transient) => {
    const draws = new Draws(seed, 'workload', TRANSIENTS_APART + transient);
    const nodes = draws.shuffled(Array.from({ length: options.nodes }, (__, node) => node));
    const targets = nodes.slice(1, 1 + draws.between(2, Math.max(2, Math.min(3, nodes.length - 1))));
    const steps = Array.from({ length: draws.between(4, 9) }, () => ({
      target: draws.pick(targets),
      action: draws.pick(ACTIONS),
      afterUs: draws.between(300_000, 4_000_000),
    }));
    return {
      name: `transient${transient}`,
      source: nodes[0] as number,
      targets,
      optional: draws.chance(300) ? targets.slice(1) : [],
      startUs: draws.between(4_000_000, 12_000_000),
      messages: draws.between(40, 120),
      payloadBytes: draws.between(10, 600),
      everyUs: draws.between(100_000, 300_000),
      retainMs: draws.chance(400) ? draws.between(1_000, 8_000) : 0,
      steps,
      isForced: draws.chance(250),
    };
  });
}

const ACTIONS: readonly TargetStepPlan['action'][] = ['detach', 'detach', 'remove', 'make-optional', 'make-required', 'attach-now', 'attach-earliest', 'attach-earliest'];
const TRANSIENTS_APART = 7_000_000;
