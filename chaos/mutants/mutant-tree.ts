/** A copy of the core and the simulator in a temporary folder, for planting a bug in it and building it. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Mutant, MutantError, plant } from './mutant-file.js';

export class MutantTree {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Copies what the simulator is built from out of the repository at `root`. */
  static copyOf(root: string): MutantTree {
    const folder = mkdtempSync(join(tmpdir(), 'mesh-mutant-'));
    const isSource = (path: string): boolean => !path.endsWith('.test.ts');
    for (const part of ['core', 'sim']) cpSync(join(root, part), join(folder, part), { recursive: true, filter: isSource });
    cpSync(join(root, 'package.json'), join(folder, 'package.json'));
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

  build(mutant: string): void {
    const compiler = join(this.#folder, 'node_modules/.bin/tsc');
    const { status, stdout, stderr } = spawnSync(compiler, ['-b', 'sim'], { cwd: this.#folder, encoding: 'utf8' });
    if (status !== 0) throw new MutantError(`${mutant}: it does not compile: ${stdout}${stderr}`);
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }
}
