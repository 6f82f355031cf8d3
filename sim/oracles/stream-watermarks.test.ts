import { describe, expect, it } from 'vitest';
import type { CompletionPolicy } from '../../core/groups/policy.js';
import { StreamWatermarkOracle } from './stream-watermarks.js';
import { Violations } from './violations.js';

function setup(policy: CompletionPolicy = { kind: 'all' }, held = 5) {
  const violations = new Violations({ nowUs: 0 });
  const oracle = new StreamWatermarkOracle(3, violations);
  const truth = { policy, offered: () => 9, holds: (_target: number, seq: number) => seq <= held };
  return {
    told: (accepted: number, replicated: number, completed: number, ...settled: number[]) =>
      oracle.onTold(0, { accepted, replicated, completed, settled: new Map(settled.map((seq, target) => [target, seq])) }, truth),
    found: () => violations.list.map((each) => each.oracle),
  };
}

describe('StreamWatermarkOracle', () => {
  it('accepts what rises in order, and a completion as late as it likes', () => {
    const { told, found } = setup();
    told(0, 0, 0, 0, 0);
    told(9, 5, 3, 3, 5);
    told(9, 5, 3, 5, 5);
    told(9, 9, 5, 5, 5);
    expect(found()).toEqual([]);
    const quorum = setup({ kind: 'quorum', count: 1 });
    quorum.told(9, 5, 4, 0, 4);
    expect(quorum.found()).toEqual([]);
  });

  it.each([
    ['one that falls', [[9, 5, 3, 3, 3], [9, 4, 3, 3, 3]]],
    ['a target that falls', [[9, 5, 3, 4, 3], [9, 5, 3, 3, 3]]],
    ['replicated ahead of accepted', [[4, 5, 3, 3, 3]]],
    ['accepted ahead of what was offered', [[10, 5, 3, 3, 3]]],
    ['settled ahead of replicated', [[9, 4, 3, 5, 3]]],
    ['completed ahead of the policy', [[9, 5, 4, 3, 4]]],
  ])('rejects %s', (_, tellings) => {
    const { told, found } = setup();
    for (const [accepted = 0, replicated = 0, completed = 0, ...settled] of tellings) told(accepted, replicated, completed, ...settled);
    expect(found()).toEqual(['watermark-regressed']);
  });

  it('rejects what a target does not hold', () => {
    const { told, found } = setup({ kind: 'all' }, 2);
    told(9, 5, 2, 3, 2);
    expect(found()).toEqual(['completed-ahead']);
  });
});
