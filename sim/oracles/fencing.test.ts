import { describe, expect, it } from 'vitest';
import { FencingOracle } from './fencing.js';
import { Violations } from './violations.js';

function watch(story: (oracle: FencingOracle) => void): number {
  const violations = new Violations({ nowUs: 0 });
  story(new FencingOracle('producer main', violations));
  return violations.list.filter(({ oracle }) => oracle === 'fenced-accepted').length;
}

describe('FencingOracle', () => {
  it('rejects a message of an older epoch that is taken once a newer one is known', () => {
    expect(watch((oracle) => {
      oracle.onOpened(1);
      oracle.onTold(2);
      oracle.onTaken(1, oracle.newest);
    })).toBe(1);
  });

  it('rejects an epoch that is given out twice, and one that is forgotten', () => {
    expect(watch((oracle) => {
      oracle.onOpened(2);
      oracle.onOpened(2);
    })).toBe(1);
    expect(watch((oracle) => {
      oracle.onOpened(3);
      oracle.onTold(2);
    })).toBe(1);
  });

  it('accepts the newest owner, one that was offered before it was fenced, and openings by others', () => {
    expect(watch((oracle) => {
      oracle.onOpened(1);
      const before = oracle.newest;
      oracle.onTold(2);
      oracle.onTaken(1, before);
      oracle.onTaken(2, oracle.newest);
      oracle.onTold(4);
      oracle.onOpened(7);
    })).toBe(0);
  });
});
