/**
 * Regenerates proto/gen/ from proto/mesh/v1/*.proto: `npm run proto`. The result is committed, so that a build needs
 * no generator. Two runs: the types are read from comments, which the code itself does without.
 */
import { mkdtempSync, copyFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const generator = join(root, 'node_modules/protobufjs-cli/bin/pbjs');
const options = [
  '-t', 'static-module', '-w', 'esm', '--force-number', '-r', 'mesh-v1', '--dependency', 'protobufjs/minimal.js',
  '--no-create', '--no-verify', '--no-delimited', '--no-typeurl', '--no-service', '--no-convert',
];

const CONTRACT = 'proto/mesh/v1/mesh.proto';
// `--print` writes the code to standard output and changes nothing: a test holds the committed file equal to it.
if (process.argv.includes('--print')) run([...options, '--no-comments', CONTRACT]);
else generate(CONTRACT, 'proto/gen/mesh-v1.js');

function generate(contract, target) {
  const scratch = mkdtempSync(join(tmpdir(), 'mesh-proto-'));
  try {
    run([...options, '-d', '-o', join(scratch, 'typed.js'), contract]);
    copyFileSync(join(scratch, 'typed.d.ts'), join(root, target.replace(/\.js$/, '.d.ts')));
    run([...options, '--no-comments', '-o', target, contract]);
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

function run(args) {
  execFileSync(process.execPath, [generator, ...args], { cwd: root, stdio: 'inherit' });
}
