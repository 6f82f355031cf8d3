import { describe, expect, it } from 'vitest';
import { parseScenario } from './scenario-file.js';
import { NO_OVERRIDES } from './scenario.js';

const parse = (file: unknown): ReturnType<typeof parseScenario> => parseScenario('mine.json', JSON.stringify(file));

describe('parseScenario', () => {
  it('builds on a drawn scenario and changes what the file says', () => {
    const scenario = parse({ extends: 'crash', about: 'three', ranges: { nodes: [3, 3], faultKinds: ['pause'] } });
    if (typeof scenario === 'string') throw new Error(scenario);
    expect([scenario.name, scenario.about]).toEqual(['mine.json', 'three']);
    const plan = scenario.plan(1, NO_OVERRIDES);
    expect(plan.nodes.length).toBe(3);
    expect(new Set(plan.faults.map(({ what }) => what.kind))).toEqual(new Set(['pause']));
  });

  it('says what is wrong with a file', () => {
    expect(parseScenario('x', '{')).toContain('is no JSON');
    expect(parse([])).toBe('is no JSON object');
    expect(parse({ extends: 'line' })).toContain('"extends"');
    expect(parse({ extends: 'crash', range: {} })).toContain('unknown field "range"');
    expect(parse({ extends: 'crash', ranges: { node: [1, 2] } })).toBe('"ranges.node" is unknown');
    expect(parse({ extends: 'crash', ranges: { nodes: [5, 4] } })).toContain('no range');
    expect(parse({ extends: 'crash', ranges: { nodes: [3] } })).toContain('no range');
    expect(parse({ extends: 'crash', ranges: { nodes: [3, 4, 5] } })).toContain('no range');
    expect(parse({ extends: 'crash', ranges: { faultKinds: ['earthquake'] } })).toContain('lists none but');
    expect(parse({ extends: 'crash', ranges: { joinPolicies: [] } })).toContain('is a list of');
    expect(parse({ extends: 'crash', ranges: { livenessUs: -1 } })).toBe('"ranges.livenessUs" is no count');
  });
});
