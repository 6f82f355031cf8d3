/**
 * Many seeds of one scenario, on several processes. Which process ran a seed shows nowhere: results are put in the order
 * of the seeds, and each one depends on its seed alone.
 */
import { type ChildProcess, fork } from 'node:child_process';
import type { OracleName } from '../oracles/violations.js';
import type { RunReport } from './report.js';
import type { RunRequest } from './run-request.js';

/** What became of one seed. */
export interface SeedResult {
  readonly seed: number;
  /** Null when the process that ran it died. */
  readonly report: RunReport | null;
  readonly isOverTime: boolean;
  /** Why there is no report. */
  readonly failure: string | null;
}

export interface SwarmOptions {
  readonly request: Omit<RunRequest, 'seed'>;
  readonly seeds: { readonly from: number; readonly to: number };
  readonly jobs: number;
  /** The program that runs one seed a message: `programs/swarm-worker`. */
  readonly workerFile: string;
  /** Begin no further seed once this oracle has spoken; `any` is whichever; null runs all seeds. */
  readonly stopOn: OracleName | 'any' | null;
  readonly onResult: (result: SeedResult) => void;
}

/** Results by ascending seed. With `stopOn`, those up to the lowest seed that the oracle has spoken on. */
export async function runSwarm(options: SwarmOptions): Promise<SeedResult[]> {
  const { seeds, jobs, stopOn, onResult } = options;
  const results = new Map<number, SeedResult>();
  let nextSeed = seeds.from;
  let lastSeed = seeds.to;
  const workOff = async (): Promise<void> => {
    let worker: ChildProcess | null = null;
    while (nextSeed <= lastSeed) {
      const seed = nextSeed++;
      worker ??= fork(options.workerFile, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
      const result = await runSeed(worker, { ...options.request, seed });
      if (result.failure !== null) worker = null;
      results.set(seed, result);
      onResult(result);
      if (stopOn !== null && hasSpoken(result, stopOn)) lastSeed = Math.min(lastSeed, seed);
    }
    worker?.disconnect();
  };
  await Promise.all(Array.from({ length: Math.min(jobs, seeds.to - seeds.from + 1) }, workOff));
  return [...results.values()].filter(({ seed }) => seed <= lastSeed).sort((a, b) => a.seed - b.seed);
}

export function hasSpoken(result: SeedResult, oracle: OracleName | 'any'): boolean {
  const violations = result.report?.violations ?? [];
  return oracle === 'any' ? violations.length > 0 : violations.some((violation) => violation.oracle === oracle);
}

function runSeed(worker: ChildProcess, request: RunRequest): Promise<SeedResult> {
  return new Promise((resolve) => {
    let errors = '';
    const collect = (text: Buffer): void => void (errors = (errors + text.toString()).slice(-ERROR_CHARS_MAX));
    const finish = (result: SeedResult): void => {
      worker.off('message', onMessage);
      worker.off('exit', onExit);
      worker.stderr?.off('data', collect);
      resolve(result);
    };
    const onMessage = (message: unknown): void => finish(message as SeedResult);
    const onExit = (code: number | null, signal: string | null): void =>
      finish({
        seed: request.seed,
        report: null,
        isOverTime: false,
        failure: `its process ended with ${signal ?? code}: ${/^\w*(Error|Failed).*$/m.exec(errors)?.[0] ?? errors.trim()}`,
      });
    worker.on('message', onMessage);
    worker.on('exit', onExit);
    worker.stderr?.on('data', collect);
    worker.send(request);
  });
}

const ERROR_CHARS_MAX = 4_000;
