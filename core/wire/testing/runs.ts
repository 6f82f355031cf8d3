/**
 * How many random inputs a property test tries. By default a fixed number from a fixed seed, so that the test run of a
 * commit is repeatable; with MESH_FUZZ_RUNS set (a nightly run), that many, from a fresh seed that fast-check prints
 * when it finds something, or from MESH_FUZZ_SEED.
 */

export interface Runs {
  readonly numRuns: number;
  readonly seed?: number;
}

/** Parameters for `fc.assert` of a fuzz test, which a nightly run scales up. */
export function fuzzRuns(defaultRuns: number): Runs {
  const wanted = process.env['MESH_FUZZ_RUNS'];
  if (wanted === undefined) return fixedRuns(defaultRuns);
  const numRuns = wholeNumber('MESH_FUZZ_RUNS', wanted);
  const seed = process.env['MESH_FUZZ_SEED'];
  return seed === undefined ? { numRuns } : { numRuns, seed: wholeNumber('MESH_FUZZ_SEED', seed) };
}

/** Parameters for `fc.assert` of a property that needs no more than `numRuns`. */
export function fixedRuns(numRuns: number): Runs {
  return { numRuns, seed: 1_618_033 };
}

/** A test's time limit in milliseconds: generous, because it only has to catch a hang. */
export function fuzzTimeoutMs(runs: Runs): number {
  return 60_000 + runs.numRuns;
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value)) throw new RangeError(`${name} is not a whole number: ${text}`);
  return value;
}
