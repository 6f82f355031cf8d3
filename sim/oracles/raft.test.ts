import { describe, expect, it } from 'vitest';
import type { NodeId } from '../../core/base/ids.js';
import { RaftOracle } from './raft.js';
import { Violations } from './violations.js';

const A = 'A'.repeat(26) as NodeId;
const B = 'B'.repeat(26) as NodeId;

function setup() {
  const violations = new Violations({ nowUs: 0 });
  return { raft: new RaftOracle(violations), found: () => violations.list.map(({ oracle }) => oracle) };
}

describe('RaftOracle', () => {
  it('accepts leaders of different terms or groups, and one that says so twice', () => {
    const { raft, found } = setup();
    raft.onLeader('g', 1, A);
    raft.onLeader('g', 1, A);
    raft.onLeader('g', 2, B);
    raft.onLeader('h', 1, B);
    expect(found()).toEqual([]);
    expect([raft.leader('g'), raft.leader('h'), raft.leader('i')]).toEqual([B, B, null]);
    expect([raft.isLeaderOfAny(A), raft.isLeaderOfAny(B)]).toEqual([false, true]);
  });

  it('rejects two leaders of one term, however late the second is', () => {
    const { raft, found } = setup();
    raft.onLeader('g', 1, A);
    raft.onLeader('g', 2, B);
    raft.onLeader('g', 1, B);
    expect(found()).toEqual(['raft-two-leaders']);
  });

  it('accepts an entry that is committed again the same, and rejects another digest or term', () => {
    const { raft, found } = setup();
    raft.onCommitted('g', 5, 2, 77);
    raft.onCommitted('g', 5, 2, 77);
    raft.onCommitted('h', 5, 2, 78);
    expect(found()).toEqual([]);
    raft.onCommitted('g', 5, 2, 78);
    raft.onCommitted('g', 5, 3, 77);
    expect(found()).toEqual(['raft-commit-differs', 'raft-commit-differs']);
  });

  it('rejects different states after one entry', () => {
    const { raft, found } = setup();
    raft.onApplied('g', 5, 1);
    raft.onApplied('g', 5, 1);
    raft.onApplied('g', 6, 2);
    expect(found()).toEqual([]);
    raft.onApplied('g', 5, 2);
    expect(found()).toEqual(['raft-state-differs']);
  });

  it('accepts another entry and another leader of one term in the next generation', () => {
    const { raft, found } = setup();
    raft.onLeader('g', 4, A, 1);
    raft.onCommitted('g', 9, 4, 77, 1);
    raft.onLeader('g', 4, B, 2);
    raft.onCommitted('g', 9, 4, 78, 2);
    raft.onApplied('g', 9, 5, 2);
    expect(found()).toEqual([]);
    expect([raft.leader('g'), raft.isLeaderOfAny(A)]).toEqual([B, false]);
  });

  it('accepts that a survivor applies the rest of the old generation late, and rejects that it decides something there', () => {
    const { raft, found } = setup();
    raft.onLeader('g', 4, A, 1);
    raft.onLeader('g', 5, B, 2);
    raft.onCommitted('g', 9, 4, 77, 1);
    raft.onCommitted('g', 9, 4, 77, 2);
    expect(found()).toEqual([]);
    raft.onCommitted('g', 10, 5, 1, 2);
    raft.onCommitted('g', 10, 4, 2, 1);
    expect(found()).toEqual(['raft-commit-differs']);
  });

  it('rejects a leader of a generation that is over', () => {
    const { raft, found } = setup();
    raft.onLeader('g', 5, B, 2);
    raft.onLeader('g', 6, A, 1);
    expect(found()).toEqual(['raft-two-leaders']);
  });
});
