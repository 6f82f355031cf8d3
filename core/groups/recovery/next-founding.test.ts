import { describe, expect, it } from 'vitest';
import type { ReplicaId } from '../../base/replica.js';
import { logIndex, term } from '../../base/units.js';
import type { Configuration, SealReport } from '../../raft/api.js';
import { configurationOf } from '../../raft/configuration.js';
import { awaited, foundNext } from './next-founding.js';

const [S, A, B, C] = ['A1.1', 'B1.1', 'C1.1', 'D1.1'] as [ReplicaId, ReplicaId, ReplicaId, ReplicaId];
const ALL = configurationOf([S, A, B, C]);

function report(lastTerm: number, lastIndex: number, more: { readonly configuration?: Configuration; readonly damagedThrough?: number } = {}): SealReport {
  return {
    generation: 1,
    configuration: more.configuration ?? ALL,
    last: { index: logIndex(lastIndex), term: term(lastTerm) },
    commit: logIndex(0),
    damagedThrough: logIndex(more.damagedThrough ?? 0),
  };
}

describe('founding the next generation of a sealed group', () => {
  it('begins from the most up-to-date log: the newest term wins, and within one the longest', () => {
    expect(foundNext(new Map([[S, report(3, 9)], [A, report(4, 2)]]))?.base).toEqual({ index: 2, term: 4 });
    expect(foundNext(new Map([[S, report(4, 9)], [A, report(4, 2)]]))?.base).toEqual({ index: 9, term: 4 });
  });

  it('lets the survivors vote, and nobody else', () => {
    const founding = foundNext(new Map([[S, report(4, 9)], [A, report(4, 2)]]));
    expect(founding?.configuration).toEqual({ voters: [S, A], outgoing: null, learners: [] });
  });

  it('keeps a surviving learner a learner, unless it has the longest log', () => {
    const configuration = configurationOf([S, A, C], [B]);
    const behind = new Map([[S, report(4, 9, { configuration })], [B, report(4, 2, { configuration })]]);
    expect(foundNext(behind)?.configuration).toEqual({ voters: [S], outgoing: null, learners: [B] });
    const ahead = new Map([[S, report(4, 2, { configuration })], [B, report(4, 9, { configuration })]]);
    expect(foundNext(ahead)?.configuration).toEqual({ voters: [S, B], outgoing: null, learners: [] });
  });

  it('lets a replica that has lost what it vouched for learn, and leaves it out when its log goes beyond', () => {
    const within = new Map([[S, report(4, 9)], [A, report(4, 5, { damagedThrough: 8 })]]);
    expect(foundNext(within)?.configuration).toEqual({ voters: [S], outgoing: null, learners: [A] });
    const beyond = new Map([[S, report(4, 9)], [A, report(4, 12, { damagedThrough: 20 })]]);
    expect(foundNext(beyond)?.configuration).toEqual({ voters: [S], outgoing: null, learners: [] });
    expect(foundNext(new Map([[A, report(4, 5, { damagedThrough: 8 })]]))).toBeNull();
  });

  it('waits for everybody that is left, those too that only a report names', () => {
    const isOut = (replica: ReplicaId): boolean => replica === B;
    expect(awaited([S, A, B], new Map(), isOut)).toEqual([S, A]);
    expect(awaited([S, A], new Map([[S, report(1, 1)], [A, report(1, 1)]]), isOut)).toEqual([C]);
  });
});
