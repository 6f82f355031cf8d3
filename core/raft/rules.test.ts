import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const folder = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));
const rows = readFileSync(`${folder}RULES.md`, 'utf8').split('\n').filter((line) => /^\| \d/.test(line));

it('the table of rules names each of the 52 once, and nothing that does not exist', () => {
  expect(rows.map((row) => Number(row.split('|')[1]))).toEqual(Array.from({ length: 52 }, (_, n) => n + 1));
  for (const row of rows) {
    const [, rule = '', , tests = '', stories = '', mutants = ''] = row.split('|').map((cell) => cell.trim());
    for (const [, file = '', , title] of tests.matchAll(/`([^`]+\.test\.ts)`(: "([^"]+)")?/g)) {
      const text = readFileSync(file.includes('/') ? root + file : folder + file, 'utf8');
      const isOther = title !== undefined || tests.includes('(rule');
      expect(text.includes(title ?? (isOther ? 'rule ' : `rule ${rule}: `)), `rule ${rule}: ${file}`).toBe(true);
    }
    for (const story of stories.split(', ')) expect(story === '—' || existsSync(`${folder}transcripts/${story}.txt`), story).toBe(true);
    for (const [, name = ''] of mutants.matchAll(/`([^`]+)`/g)) expect(existsSync(`${root}chaos/mutants/${name}.mutant`), name).toBe(true);
  }
});
