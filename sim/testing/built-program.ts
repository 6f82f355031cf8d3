/** Programs as they are built: what must hold in a process of its own is tested in one. `npm run build` comes first. */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const DIST = fileURLToPath(new URL('../../dist/', import.meta.url));

/** The URL of a built module, by its path in the repository without the ending. */
export function builtModule(path: string): string {
  const file = `${DIST}${path}.js`;
  if (!existsSync(file)) throw new Error(`${file} is missing: run "npm run build" first`);
  return new URL(`file://${file}`).href;
}

/** Runs `meshsim` with those arguments. */
export function meshsim(args: readonly string[], nodeFlags: readonly string[] = [], env: Record<string, string> = {}) {
  return run([...nodeFlags, fileURLToPath(builtModule('sim/programs/meshsim')), ...args], env);
}

/** Runs a script, as a module, in a process of its own. */
export function runScript(source: string): SpawnSyncReturns<string> {
  return run(['--input-type=module', '--eval', source], {});
}

function run(args: readonly string[], env: Record<string, string>): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, args, {
    encoding: 'utf8',
    env: { ...process.env, ...env },
    maxBuffer: 64 * 1024 * 1024,
  });
}
