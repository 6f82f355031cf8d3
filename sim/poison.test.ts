import { describe, expect, it } from 'vitest';
import { builtModule, runScript } from './testing/built-program.js';

/** Loads the poison, then evaluates each expression in and outside of a run. Gives what was thrown in the run. */
function tryOut(expressions: readonly string[]): { inside: (string | null)[]; outside: (string | null)[] } {
  const { stdout, stderr } = runScript(`
    const { underPoison } = await import('${builtModule('sim/poison')}');
    const attempts = [${expressions.map((expression) => `() => ${expression}`).join(', ')}];
    const attempt = (act) => { try { act(); return null; } catch (error) { return error.name; } };
    const outside = attempts.map(attempt);
    const inside = attempts.map((act) => underPoison(() => attempt(act)));
    console.log(JSON.stringify({ inside, outside }));
  `);
  expect(stderr).toBe('');
  return JSON.parse(stdout) as { inside: (string | null)[]; outside: (string | null)[] };
}

const FORBIDDEN = [
  'Date.now()',
  'new Date()',
  'Date()',
  'Math.random()',
  'Math.pow(2, 3)',
  'Math.log2(8)',
  'Math.sin(1)',
  'new Promise(() => undefined)',
  'Promise.resolve(1)',
  'setTimeout(() => undefined, 0)',
  'setImmediate(() => undefined)',
  'queueMicrotask(() => undefined)',
  'process.nextTick(() => undefined)',
  'process.hrtime()',
  'performance.now()',
  'crypto.getRandomValues(new Uint8Array(1))',
  'new WeakRef({})',
  'new Intl.NumberFormat()',
  'structuredClone({})',
  '"a".localeCompare("b")',
  '(1).toLocaleString()',
  '[2, 1].sort()',
  '[2, 1].toSorted()',
];

const ALLOWED = [
  'Math.floor(1.5)',
  'Math.imul(3, 4)',
  'Math.max(1, 2)',
  'Math.clz32(8)',
  '[2, 1].sort((a, b) => a - b)',
  'new Map([[1, 2]]).get(1)',
  'JSON.stringify({})',
  '"a" < "b"',
];

describe('poison', () => {
  it('makes everything throw in a run that would make it depend on more than its seed', () => {
    const { inside, outside } = tryOut(FORBIDDEN);
    expect(Object.fromEntries(FORBIDDEN.map((expression, i) => [expression, inside[i]]))).toEqual(
      Object.fromEntries(FORBIDDEN.map((expression) => [expression, 'Poisoned'])),
    );
    expect(outside).toEqual(FORBIDDEN.map(() => null));
  });

  it('leaves exact mathematics and plain data alone', () => {
    expect(tryOut(ALLOWED).inside).toEqual(ALLOWED.map(() => null));
  });

  it('holds for references that the core took when it was imported', () => {
    const { stdout } = runScript(`
      const { underPoison } = await import('${builtModule('sim/poison')}');
      const held = { now: Date.now, random: Math.random };
      const attempt = (act) => { try { act(); return 'worked'; } catch (error) { return error.name; } };
      console.log(underPoison(() => attempt(held.random)));
    `);
    expect(stdout.trim()).toBe('Poisoned');
  });
});
