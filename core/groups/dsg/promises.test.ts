import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const folder = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../../..', import.meta.url));
const rows = readFileSync(`${folder}PROMISES.md`, 'utf8')
  .split('\n')
  .filter((line) => /^\| \d/.test(line))
  .map((row) => row.split('|').map((cell) => cell.trim()));

it('the table of promises names tests and planted bugs for each of the nine, and nothing that does not exist', () => {
  expect([...new Set(rows.map(([, promise]) => Number(promise)))]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  for (const [, promise, , tests = '', mutants = ''] of rows) {
    const named = [...tests.matchAll(/`([^`]+\.test\.ts)`: "([^"]+)"/g)];
    expect(named.length, `promise ${promise} has a test`).toBeGreaterThan(0);
    for (const [, file = '', title = ''] of named) expect(readFileSync(root + file, 'utf8').includes(title), `${file}: ${title}`).toBe(true);
    const planted = [...mutants.matchAll(/`([^`]+)`/g)];
    expect(planted.length, `promise ${promise} has a planted bug`).toBeGreaterThan(0);
    for (const [, name = ''] of planted) expect(existsSync(`${root}chaos/mutants/${name}.mutant`), name).toBe(true);
  }
});
