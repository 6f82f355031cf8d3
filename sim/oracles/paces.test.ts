import { describe, expect, it } from 'vitest';
import { PaceOracle } from './paces.js';
import { Violations } from './violations.js';

function setup() {
  const violations = new Violations({ nowUs: 0 });
  return { oracle: new PaceOracle(violations), found: () => violations.list.map((each) => each.oracle) };
}

describe('PaceOracle', () => {
  it('accepts deliveries before a pause, elsewhere, and as soon as a resume is asked for', () => {
    const { oracle, found } = setup();
    oracle.onDelivered(0, 1, 1);
    oracle.onPaused(0, 1);
    oracle.onDelivered(0, 2, 2);
    oracle.onDelivered(1, 1, 2);
    oracle.onResumeAsked(0, 1);
    oracle.onDelivered(0, 1, 2);
    expect(found()).toEqual([]);
  });

  it('rejects a delivery at a paused target, also after another pause', () => {
    const { oracle, found } = setup();
    oracle.onPaused(0, 1);
    oracle.onPaused(0, 1);
    oracle.onDelivered(0, 1, 1);
    expect(found()).toEqual(['delivered-while-paused']);
  });
});
