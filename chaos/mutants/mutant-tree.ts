/** A copy of the core and the simulator in a temporary folder, for planting a bug in it and building it. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Mutant, MutantError, plant } from './mutant-file.js';

export interface TestCounts {
  readonly failed: number;
  readonly passed: number;
}

export class MutantTree {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Copies what the simulator is built from out of the repository at `root`, with its tests or without. */
  static copyOf(root: string, withTests = false): MutantTree {
    const folder = mkdtempSync(join(tmpdir(), 'mesh-mutant-'));
    const isWanted = (path: string): boolean => withTests || !path.endsWith('.test.ts');
    for (const part of ['core', 'sim', 'proto']) cpSync(join(root, part), join(folder, part), { recursive: true, filter: isWanted });
    for (const file of ['package.json', 'vitest.config.ts']) cpSync(join(root, file), join(folder, file));
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    return new MutantTree(folder);
  }

  /** The built program that runs one seed of a swarm a message. */
  get workerFile(): string {
    return join(this.#folder, 'dist/sim/programs/swarm-worker.js');
  }

  plant(mutant: Mutant): void {
    for (const change of mutant.changes) {
      const path = join(this.#folder, change.file);
      writeFileSync(path, plant(mutant.name, readFileSync(path, 'utf8'), change));
    }
  }

  /**
   * Runs the tests of that file whose names hold `promise`, and takes the planted bug out again. How many failed and
   * how many passed; the bug must not keep the file from being run.
   */
  runTests(mutant: Mutant, { file, promise }: { readonly file: string; readonly promise: string }): TestCounts {
    const sources = mutant.changes.map(({ file: of }) => [join(this.#folder, of), readFileSync(join(this.#folder, of))] as const);
    this.plant(mutant);
    const pattern = promise.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
    const runner = join(this.#folder, 'node_modules/.bin/vitest');
    const options = ['run', file, '-t', pattern, '--reporter=json', '--root', this.#folder];
    const { stdout, stderr } = spawnSync(runner, options, { cwd: this.#folder, encoding: 'utf8', timeout: TESTS_LIMIT_MS, env: { ...process.env, NODE_OPTIONS: HEAP } });
    for (const [path, bytes] of sources) writeFileSync(path, bytes);
    const from = stdout.indexOf('{"numTotalTestSuites"');
    if (from < 0) throw new MutantError(`${mutant.name}: the tests did not run: ${stdout}${stderr}`);
    const { numFailedTests, numPassedTests } = JSON.parse(stdout.slice(from)) as Record<string, number>;
    const counts = { failed: numFailedTests ?? 0, passed: numPassedTests ?? 0 };
    if (counts.failed + counts.passed === 0) throw new MutantError(`${mutant.name}: no test of ${file} is of "${promise}": ${stderr}`);
    return counts;
  }

  build(mutant: string): void {
    const compiler = join(this.#folder, 'node_modules/.bin/tsc');
    const { status, stdout, stderr } = spawnSync(compiler, ['-b', 'sim'], { cwd: this.#folder, encoding: 'utf8' });
    if (status !== 0) throw new MutantError(`${mutant}: it does not compile: ${stdout}${stderr}`);
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }
}

/** A bug may make a test go on for ever, or eat all memory. */
const TESTS_LIMIT_MS = 120_000;
const HEAP = '--max-old-space-size=1024';
