/** `npm test`: builds, lints, runs every test. What fails before the tests is reported as one failure in the last line. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

for (const script of ['build', 'lint']) {
  if (run('npm', ['run', '--silent', script]) === 0) continue;
  console.error(`\n${script} failed: no test was run`);
  console.log('0 passed, 1 failed');
  process.exit(1);
}
process.exitCode = run(process.execPath, ['ci/test.js', ...process.argv.slice(2)]);

function run(command, args) {
  return spawnSync(command, args, { cwd: root, stdio: 'inherit' }).status ?? 1;
}
