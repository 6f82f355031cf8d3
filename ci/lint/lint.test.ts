/** Plants each thing that the rules forbid into a copy of the project's shape, and reads what the linter says. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const OXLINT = join(ROOT, 'node_modules/oxlint/bin/oxlint');
let copy = '';

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'mesh-lint-'));
  for (const file of ['.oxlintrc.json', 'ci/lint/mesh-plugin.js', 'ci/lint/layers.js']) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    copyFileSync(join(ROOT, file), join(copy, file));
  }
});

afterAll(() => rmSync(copy, { recursive: true }));

/** Lints `text` as the file `path`; every problem as `path:line: message`. */
function lint(path: string, text: string): { isRed: boolean; output: string } {
  const file = join(copy, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  const run = spawnSync(process.execPath, [OXLINT, '-f', 'unix', path], { cwd: copy, encoding: 'utf8' });
  rmSync(file);
  return { isRed: run.status !== 0, output: `${run.stdout}${run.stderr}` };
}

const CLEAN = `import { assert } from '../base/assert.js';

/** Adds. */
export function sum(a: number, b: number): number {
  assert(a >= 0, 'a counts');
  return a + b;
}
`;

describe('the linter', () => {
  it('is content with clean code', () => {
    const { isRed, output } = lint('core/raft/planted.ts', CLEAN);
    expect(output).not.toContain('planted.ts');
    expect(isRed).toBe(false);
  });

  const impurities: readonly [string, string][] = [
    ['the clock', 'export const at = (): number => Date.now();'],
    ['chance', 'export const draw = (): number => Math.random();'],
    ['await', 'export const wait = async (x: unknown): Promise<void> => { await x; };'],
    ['a promise', 'export const later = (): unknown => Promise.resolve(1);'],
    ['a power', 'export const power = (x: number, y: number): number => x ** y;'],
    ['a power that is assigned', 'export function power(x: number): number { x **= 2; return x; }'],
    ['Math.pow', 'export const power = (x: number): number => Math.pow(x, 2);'],
    ['a transcendental function', 'export const log = (x: number): number => Math.log2(x);'],
    ['a timer', 'export const soon = (f: () => void): unknown => setTimeout(f, 1);'],
    ['a microtask', 'export const soon = (f: () => void): void => queueMicrotask(f);'],
    ['the process', 'export const id = (): number => process.pid;'],
    ['the console', "export const say = (): void => console.log('x');"],
    ['Intl', 'export const format = (): unknown => new Intl.NumberFormat();'],
    ['localeCompare', 'export const order = (a: string, b: string): number => a.localeCompare(b);'],
    ['a weak reference', 'export const weak = (x: object): unknown => new WeakRef(x);'],
    ['the global object', 'export const all = (): unknown => globalThis;'],
    ['sort without a comparator', 'export const sorted = (x: number[]): number[] => x.sort();'],
    ['for-in', 'export function keys(x: object): void { for (const key in x) String(key); }'],
    ['a module of the runtime', "import { readFileSync } from 'node:fs';\nexport const read = readFileSync;"],
    ['a package', "import { ulid } from 'ulid';\nexport const id = ulid;"],
    ['a dynamic import', "export const load = (): unknown => import('ws');"],
  ];
  it.each(impurities)('forbids the core %s, naming file and line', (_name, code) => {
    const { isRed, output } = lint('core/raft/planted.ts', `\n\n${code}\n`);
    expect(output).toMatch(/planted\.ts:3:\d+:/);
    expect(output).toContain('core');
    expect(isRed).toBe(true);
  });

  it('does not take a parameter for the global of that name', () => {
    const { output } = lint('core/raft/planted.ts', 'export const keep = (crypto: object): object => crypto;\n');
    expect(output).not.toContain('planted.ts');
  });

  it('lets tests and hosts use what the core may not', () => {
    expect(lint('core/raft/planted.test.ts', "import { join } from 'node:path';\nexport const p = join('a');\n").isRed).toBe(false);
    expect(lint('io/planted.ts', 'export const at = (): number => Date.now();\n').isRed).toBe(false);
  });

  const wrongImports: readonly [string, string, string][] = [
    ['core/base/planted.ts', '../wire/frame.js', 'core/base ranks below core/wire'],
    ['core/raft/planted.ts', '../flow/flows.js', 'core/raft has the same rank as core/flow'],
    ['core/gossip/planted.ts', '../router/routes.js', 'core/gossip ranks below core/router'],
    ['core/groups/planted.ts', '../node/mesh-node.js', 'core/groups ranks below core/node'],
    ['core/node/planted.ts', '../../io/host/clock.js', 'core does not import from io'],
    ['core/node/planted.ts', '../../sim/run/simulation.js', 'core does not import from sim'],
    ['io/planted.ts', '../sim/run/simulation.js', 'io does not import from sim'],
    ['sim/run/planted.ts', '../../io/host/clock.js', 'sim does not import from io'],
    ['io/planted.ts', '../chaos/demo/demo.js', 'io does not import from chaos'],
  ];
  it.each(wrongImports)('forbids %s to import %s', (path, specifier, message) => {
    for (const code of [`import type { X } from '${specifier}';\nexport type Y = X;`, `export { x } from '${specifier}';`]) {
      const { isRed, output } = lint(path, `\n${code}\n`);
      expect(output).toContain(message);
      expect(output).toMatch(/planted\.ts:2:1:/);
      expect(isRed).toBe(true);
    }
  });

  it('forbids default exports, barrels, inheritance, any, and files of no concept', () => {
    expect(lint('io/planted.ts', 'export default 1;\n').output).toContain('no default exports');
    expect(lint('io/planted.ts', "export * from './host/clock.js';\n").output).toContain('no barrels');
    expect(lint('io/planted.ts', 'class A {}\nexport class B extends A {}\n').output).toContain('no class extends');
    expect(lint('io/planted.ts', 'export class B extends Error {}\n').isRed).toBe(false);
    expect(lint('io/planted.ts', 'export const x: any = 1;\n').isRed).toBe(true);
    expect(lint('io/utils.ts', 'export const x = 1;\n').output).toContain('named by its concept');
    expect(lint('io/planted.ts', `export const x = 1;\n${'\n'.repeat(400)}export const y = 1;\n`).output).toContain('too many lines');
  });

  it('forbids tests that are skipped or run alone', () => {
    const test = (call: string) => `import { it } from 'vitest';\n${call}('x', () => undefined);\n`;
    expect(lint('io/planted.test.ts', test('it.only')).isRed).toBe(true);
    expect(lint('io/planted.test.ts', test('it.skip')).isRed).toBe(true);
    expect(lint('io/planted.test.ts', test('it')).isRed).toBe(false);
  });
});
