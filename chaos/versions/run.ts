#!/usr/bin/env node
/**
 * Whether a seed means the same on every supported version of the runtime: brings each one as an npm package into a
 * temporary folder, runs the same seeds on it, and compares the reports. Ends with 0 when all are equal.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type RunReport, withoutWallTimes } from '../../sim/run/report.js';

const MESHSIM = fileURLToPath(new URL('../../sim/programs/meshsim.js', import.meta.url));
const PACKAGE = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
const VERSIONS = ['20', '22', '24'];
const SEEDS: readonly (readonly [scenario: string, seed: string])[] = [
  ['line', '1'],
  ['crash', '1'],
  ['crash', '2'],
  ['partition', '1'],
  ['storm', '1'],
];

/** The runtime of that version, freshly installed below `folder`. */
function install(folder: string, version: string): string {
  const prefix = join(folder, version);
  const args = ['install', '--prefix', prefix, '--no-save', '--no-audit', '--no-fund', `${PACKAGE}@${version}`];
  const { status, stderr } = spawnSync('npm', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm cannot bring ${PACKAGE}@${version}: ${stderr.trim()}`);
  return join(prefix, 'node_modules', PACKAGE, 'bin', 'node');
}

/** What a seed comes to on that runtime, wall times aside. */
function report(runtime: string, scenario: string, seed: string): string {
  const args = [MESHSIM, 'run', '--scenario', scenario, '--seed', seed, '--json'];
  const { stdout, stderr } = spawnSync(runtime, args, { encoding: 'utf8' });
  if (stdout === '') throw new Error(`${runtime} printed no report: ${stderr.trim()}`);
  return JSON.stringify(withoutWallTimes(JSON.parse(stdout) as RunReport));
}

const folder = mkdtempSync(join(tmpdir(), 'mesh-versions-'));
let differing = 0;
try {
  const runtimes = VERSIONS.map((version) => install(folder, version));
  for (const [scenario, seed] of SEEDS) {
    const reports = runtimes.map((runtime) => report(runtime, scenario, seed));
    const isEqual = reports.every((text) => text === reports[0]);
    if (!isEqual) differing++;
    console.log(`${scenario} seed ${seed}: ${isEqual ? 'equal' : 'DIFFERS'} on ${VERSIONS.join(', ')}`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
process.exitCode = differing === 0 ? 0 : 1;
