/** What a scenario is: a name, what it is about, and how a seed becomes a plan of it. */
import type { Range } from '../plan/options.js';
import type { Plan } from '../plan/plan.js';

/** What a person may set on the command line, over what the seed would draw. */
export interface Overrides {
  readonly nodes: number | null;
  readonly streams: number | null;
  /** How long it goes on before the healing. */
  readonly durationUs: number | null;
}

export const NO_OVERRIDES: Overrides = { nodes: null, streams: null, durationUs: null };

export interface Scenario {
  readonly name: string;
  /** One line for people. */
  readonly about: string;
  /** What a swarm of this scenario must have reached at least once. */
  readonly requiredMarks: readonly string[];
  readonly plan: (seedNumber: number, overrides: Overrides) => Plan;
}

/** A range of one value. */
export const exactly = (value: number): Range => [value, value];
