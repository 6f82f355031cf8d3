import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ORACLES } from '../../sim/oracles/violations.js';
import { parseScenario } from '../../sim/scenarios/scenario-file.js';
import { findScenario } from '../../sim/scenarios/scenarios.js';
import { parseMutant, plant } from './mutant-file.js';

const TEXT = `about: it is wrong
scenario: crash
oracle: stream-gap

file: core/a.ts
<<<<<<<
  const a = 1;
=======
  const a = 2;
>>>>>>>
file: core/b.ts
<<<<<<<
b
=======
>>>>>>>
`;

describe('parseMutant', () => {
  it('reads what is wrong, where it must show, and the changes', () => {
    expect(parseMutant('m', TEXT)).toEqual({
      name: 'm',
      about: 'it is wrong',
      proof: { kind: 'swarm', scenario: 'crash', oracle: 'stream-gap' },
      changes: [
        { file: 'core/a.ts', find: '  const a = 1;', replace: '  const a = 2;' },
        { file: 'core/b.ts', find: 'b', replace: '' },
      ],
    });
  });

  it('reads which test must find it', () => {
    const text = TEXT.replace('scenario: crash', 'test: core/a.test.ts').replace('oracle: stream-gap', 'promise: rule 1: it holds');
    expect(parseMutant('m', text).proof).toEqual({ kind: 'test', file: 'core/a.test.ts', promise: 'rule 1: it holds' });
    expect(() => parseMutant('m', TEXT.replace('scenario: crash', 'test: x').replace('oracle:', 'other:'))).toThrow('"promise:" is missing');
  });

  it('says what is missing', () => {
    expect(() => parseMutant('m', TEXT.replace('about: it is wrong', ''))).toThrow('"about:" is missing');
    expect(() => parseMutant('m', TEXT.replace('stream-gap', 'luck'))).toThrow('no oracle luck');
    expect(() => parseMutant('m', TEXT.replaceAll('=======', ''))).toThrow('======= is missing');
    expect(() => parseMutant('m', 'about: x\nscenario: crash\noracle: stream-gap\n')).toThrow('changes nothing');
    expect(() => parseMutant('m', 'what?')).toThrow('line 1');
  });
});

describe('plant', () => {
  it('changes the one place, and refuses none or two', () => {
    const change = { file: 'f', find: 'x = 1', replace: 'x = 2' };
    expect(plant('m', 'let x = 1;', change)).toBe('let x = 2;');
    expect(() => plant('m', 'let x = 3;', change)).toThrow('out of date');
    expect(() => plant('m', 'x = 1; x = 1;', change)).toThrow('twice');
  });
});

describe('the suite of planted bugs', () => {
  const folder = fileURLToPath(new URL('.', import.meta.url));
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const names = readdirSync(folder).filter((file) => file.endsWith('.mutant'));

  it('is what the table of oracles says of it', () => {
    const rows = readFileSync(`${folder}README.md`, 'utf8').split('\n').filter((line) => line.startsWith('| `'));
    expect(rows.length).toBeGreaterThan(30);
    for (const row of rows) {
      const [, oracle = '', cell = ''] = /^\| `([^`]+)` \| (.+) \|$/.exec(row) ?? [];
      expect(Object.keys(ORACLES)).toContain(oracle);
      for (const [, name = ''] of cell.matchAll(/`([^`]+)`/g)) {
        if (cell.startsWith('— ')) expect(existsSync(root + name), name).toBe(true);
        else expect(parseMutant(name, readFileSync(`${folder}${name}.mutant`, 'utf8')).proof, name).toMatchObject({ kind: 'swarm', oracle });
      }
    }
  });

  it('fits the code as it is', () => {
    for (const name of names) {
      const mutant = parseMutant(name, readFileSync(folder + name, 'utf8'));
      const { proof } = mutant;
      if (proof.kind === 'test') {
        const tests = readFileSync(root + proof.file, 'utf8').split('\n');
        const isPromised = tests.some((line) => /\b(it|describe)\(/.test(line) && line.includes(proof.promise));
        expect(isPromised, `${name}: ${proof.promise}`).toBe(true);
      } else if (proof.scenario.endsWith('.json')) {
        expect(typeof parseScenario(name, readFileSync(folder + proof.scenario, 'utf8')), name).toBe('object');
      } else expect(findScenario(proof.scenario), name).not.toBeNull();
      for (const change of mutant.changes) plant(name, readFileSync(root + change.file, 'utf8'), change);
    }
  });
});
