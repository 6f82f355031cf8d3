/**
 * From a number that a person types to the 128 bits a simulation hangs on, by the `seedrandom` package. It runs before
 * time 0 only; everything after is stateless integer draws.
 */
import seedrandom from 'seedrandom';
import type { Seed } from '../base/draw.js';

/** The same number gives unrelated seeds in two scenarios. */
export function expandSeed(scenario: string, seedNumber: number): Seed {
  const generator = seedrandom(`${scenario}/${seedNumber}`);
  return Int32Array.from([generator.int32(), generator.int32(), generator.int32(), generator.int32()]);
}
