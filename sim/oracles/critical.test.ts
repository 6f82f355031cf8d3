import { describe, expect, it } from 'vitest';
import { CriticalOracle } from './critical.js';
import { Violations } from './violations.js';

function setup() {
  const violations = new Violations({ nowUs: 0 });
  return { oracle: new CriticalOracle(violations), found: () => violations.list.map(({ oracle }) => oracle) };
}

describe('CriticalOracle', () => {
  it('rejects what is asked for and granted within one spell of CRITICAL', () => {
    const { oracle, found } = setup();
    oracle.onState(1, 'healthy');
    oracle.onState(1, 'critical');
    const spell = oracle.spellOf(1);
    oracle.onState(1, 'critical');
    oracle.onGranted(1, spell, 'an update');
    expect(found()).toEqual(['critical-passed']);
  });

  it('accepts what was asked for before, or is granted after the spell, also when the next one has begun', () => {
    const { oracle, found } = setup();
    const before = oracle.spellOf(1);
    oracle.onState(1, 'critical');
    oracle.onGranted(1, before, 'an update');
    const first = oracle.spellOf(1);
    oracle.onState(1, 'degraded');
    oracle.onGranted(1, first, 'an update');
    oracle.onState(1, 'critical');
    oracle.onGranted(1, first, 'an update');
    expect([found(), oracle.spellCount]).toEqual([[], 2]);
  });

  it('knows nothing of a node that died, nor of one by another', () => {
    const { oracle, found } = setup();
    oracle.onState(1, 'critical');
    const spell = oracle.spellOf(1);
    expect(oracle.spellOf(2)).toBe(null);
    oracle.onState(1, null);
    oracle.onGranted(1, spell, 'an update');
    oracle.onGranted(2, oracle.spellOf(2), 'an update');
    expect(found()).toEqual([]);
  });
});
