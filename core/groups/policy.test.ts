import { describe, expect, it } from 'vitest';
import { type NodeId, idFromBytes } from '../base/ids.js';
import { completedSeq, isPolicyAboveQuorum, voterCount } from './policy.js';

describe('completion', () => {
  it('is the highest seq that enough targets have, for every small choice of offsets', () => {
    for (let code = 0; code < 4 ** 3; code++) {
      const settled = [code % 4, Math.floor(code / 4) % 4, Math.floor(code / 16)];
      const reached = (needed: number): number => [3, 2, 1, 0].find((seq) => settled.filter((at) => at >= seq).length >= needed) ?? 0;
      expect(completedSeq({ kind: 'all' }, settled)).toBe(Math.min(...settled));
      for (const count of [1, 2, 3]) expect(completedSeq({ kind: 'quorum', count }, settled)).toBe(reached(count));
    }
  });

  it('does not come without targets, or with fewer than the policy needs', () => {
    expect(completedSeq({ kind: 'all' }, [])).toBe(0);
    expect(completedSeq({ kind: 'quorum', count: 3 }, [5, 5])).toBe(0);
  });
});

describe('a policy', () => {
  it('is accepted when the targets that complete, and the source, are a majority of the group', () => {
    for (let targets = 0; targets <= 7; targets++) {
      expect(isPolicyAboveQuorum({ kind: 'all' }, targets)).toBe(targets > 0);
      for (let count = 0; count <= 8; count++) {
        const isMajority = 2 * (count + 1) > targets + 1;
        expect(isPolicyAboveQuorum({ kind: 'quorum', count }, targets)).toBe(count >= 1 && count <= targets && isMajority);
      }
    }
  });
});

describe('a policy that names its targets', () => {
  const nodes = [1, 2, 3].map((n) => idFromBytes<NodeId>(new Uint8Array(16).fill(n)));

  it('is accepted when they and the source are a majority of the group; a name that comes twice counts once', () => {
    const [a = nodes[0] as NodeId, b = a] = nodes;
    expect([1, 2, 3].map((targets) => isPolicyAboveQuorum({ kind: 'named', nodes: [a] }, targets))).toEqual([true, true, false]);
    expect(isPolicyAboveQuorum({ kind: 'named', nodes: [a, b] }, 3)).toBe(true);
    expect(isPolicyAboveQuorum({ kind: 'named', nodes: [a, a] }, 3)).toBe(false);
    expect(isPolicyAboveQuorum({ kind: 'named', nodes: [] }, 1)).toBe(false);
  });
});

describe('the number of voters', () => {
  it('is odd, at most the bound, and the largest that is', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 50].map((members) => voterCount(members, 5))).toEqual([1, 1, 3, 3, 5, 5, 5, 5]);
    expect([1, 2, 3, 4].map((members) => voterCount(members, 1))).toEqual([1, 1, 1, 1]);
    expect(voterCount(9, 7)).toBe(7);
  });
});
