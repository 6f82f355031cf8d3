import { describe, expect, it } from 'vitest';
import { type DiskFact, DurableRaft } from './durable-raft.js';
import { Violations } from './violations.js';

const G = 'g';
const append = (from: number, count: number, term: number): DiskFact => ({ kind: 'append', group: G, from, count, term });
const compacted = (through: number, last: number): DiskFact => ({ kind: 'compacted', group: G, through, last });
const snapshot = (index: number, term: number): DiskFact => ({ kind: 'snapshot', group: G, index, term });
const hard = (term: number, vote: string): DiskFact => ({ kind: 'hard-state', group: G, term, vote });

function setup(voters = ['a', 'b', 'c']) {
  const violations = new Violations({ nowUs: 0 });
  const raft = new DurableRaft(violations);
  const found = (): string[] => violations.list.map(({ oracle }) => oracle);
  const configure = (replica: string, index: number, sets: readonly string[], outgoing: readonly string[] | null = null, generation = 0): void =>
    raft.onConfiguration(G, replica, { generation, index, sets: { voters: sets, outgoing } });
  for (const voter of voters) configure(voter, 0, voters);
  const write = (replica: string, ...facts: DiskFact[]): void => raft.onWritten(replica, facts);
  return { raft, found, configure, write };
}

describe('terms and votes on disks', () => {
  it('may rise, be given once in a term, and begin anew with a generation or a forgotten group', () => {
    const { found, write } = setup();
    write('a', hard(1, 'b'), hard(1, 'b'), hard(2, ''), hard(2, 'c'), hard(4, 'a'));
    write('a', { kind: 'generation', group: G, number: 2, isSealed: false }, hard(1, 'b'));
    write('b', hard(5, 'b'), { kind: 'forget', group: G }, hard(1, 'c'));
    expect(found()).toEqual([]);
  });

  it('never fall, and no vote becomes another within its term', () => {
    for (const [one, other] of [
      [hard(2, 'b'), hard(1, 'b')],
      [hard(2, 'b'), hard(2, 'c')],
      [hard(2, 'b'), hard(2, '')],
    ] as const) {
      const { found, write } = setup();
      write('a', one);
      write('a', other);
      expect(found()).toEqual(['raft-vote-forgotten']);
    }
  });
});

describe('sealed generations on disks', () => {
  const generation = (number: number, isSealed: boolean): DiskFact => ({ kind: 'generation', group: G, number, isSealed });

  it('may be written with what came before the seal, said again, compacted, and left for the next one', () => {
    const { found, write } = setup();
    write('a', hard(1, 'a'), append(1, 3, 1));
    write('a', generation(1, true), append(4, 1, 1));
    write('a', snapshot(2, 1), compacted(2, 4));
    write('a', generation(2, false), append(5, 1, 2), hard(2, 'a'));
    write('a', append(6, 1, 2));
    expect(found()).toEqual([]);
  });

  it('get neither entries nor terms nor votes', () => {
    for (const late of [append(4, 1, 1), hard(2, ''), hard(1, 'b')]) {
      const { found, write } = setup();
      write('a', append(1, 3, 1));
      write('a', generation(1, true), hard(1, ''));
      write('a', late);
      expect(found()).toEqual(['raft-seal-broken']);
    }
  });
});

describe('logs on disks', () => {
  it('may part where terms do, and meet again after a truncation or a snapshot', () => {
    const { found, write } = setup();
    write('a', append(1, 3, 1), append(4, 2, 2));
    write('b', append(1, 3, 1), append(4, 5, 3));
    write('a', append(4, 5, 3));
    write('c', append(1, 6, 1));
    write('c', snapshot(6, 3), compacted(6, 6), append(7, 2, 3));
    expect(found()).toEqual([]);
  });

  it('never share an entry after different ones', () => {
    const { found, write } = setup();
    write('a', append(1, 3, 1), append(4, 2, 3));
    write('b', append(1, 2, 1), append(3, 1, 2), append(4, 2, 3));
    expect(found()).toEqual(['raft-logs-differ']);
  });

  it('keep what was committed: written again, compacted, or gone by rot', () => {
    const { raft, found, write } = setup();
    for (const replica of ['a', 'b', 'c']) write(replica, append(1, 5, 1));
    raft.onCommitted(G, 5, 1);
    write('a', append(3, 3, 1));
    write('b', snapshot(5, 1), compacted(5, 5));
    write('b', append(6, 1, 2));
    raft.onRotten('c');
    write('c', append(2, 1, 1));
    expect(found()).toEqual([]);
  });

  it('may lose what was not committed, or was another entry at that place', () => {
    const { raft, found, write } = setup();
    write('a', append(1, 2, 1), append(3, 2, 2));
    write('b', append(1, 2, 1), append(3, 1, 3));
    write('c', append(1, 2, 1), append(3, 1, 3));
    raft.onCommitted(G, 3, 3);
    write('a', append(3, 1, 3));
    expect(found()).toEqual([]);
  });

  it('lose no committed entry, at a follower or at the dead leader', () => {
    const { raft, found, write } = setup();
    for (const replica of ['a', 'b', 'c']) write(replica, append(1, 5, 1));
    raft.onCommitted(G, 4, 1);
    write('c', append(5, 1, 2));
    expect(found()).toEqual([]);
    write('c', append(4, 1, 2));
    expect(found()).toEqual(['raft-committed-lost']);
    write('b', compacted(0, 3));
    expect(found()).toEqual(['raft-committed-lost', 'raft-committed-lost']);
  });
});

describe('commits', () => {
  it('stand on a quorum of durable logs, compacted ones and those of the dead included', () => {
    const { raft, found, write } = setup();
    write('a', append(1, 3, 1));
    write('b', snapshot(3, 1), compacted(3, 3));
    raft.onCommitted(G, 3, 1);
    raft.onCommitted(G, 3, 1);
    expect(found()).toEqual([]);
  });

  it('are counted by the configuration before one that only its leader had when another leader wrote over it', () => {
    const { raft, found, configure, write } = setup(['a', 'b', 'c', 'd', 'e']);
    for (const voter of ['a', 'b', 'c', 'd', 'e']) write(voter, append(1, 1, 1));
    raft.onCommitted(G, 1, 1);
    configure('e', 2, ['a', 'b', 'd', 'e']);
    write('e', append(2, 1, 1));
    for (const voter of ['a', 'b', 'c']) write(voter, append(2, 1, 2));
    raft.onCommitted(G, 2, 2);
    expect(found()).toEqual([]);
    configure('e', 0, ['a', 'b', 'c', 'd', 'e']);
    write('e', append(2, 1, 2));
    for (const voter of ['a', 'b', 'c']) write(voter, append(3, 1, 2));
    raft.onCommitted(G, 3, 2);
    expect(found()).toEqual([]);
    write('a', append(4, 1, 2));
    write('d', append(2, 3, 2));
    raft.onCommitted(G, 4, 2);
    expect(found()).toEqual(['raft-commit-without-quorum']);
  });

  it('are none on a single disk, on another entry, or on those who have no vote', () => {
    const single = setup();
    single.write('a', append(1, 3, 1));
    single.raft.onCommitted(G, 3, 1);
    expect(single.found()).toEqual(['raft-commit-without-quorum']);
    const other = setup();
    other.write('a', append(1, 3, 1));
    other.write('b', append(1, 2, 1), append(3, 1, 2));
    other.write('learner', append(1, 3, 1));
    other.raft.onCommitted(G, 3, 1);
    expect(other.found()).toEqual(['raft-commit-without-quorum']);
  });

  it('need both majorities while a joint configuration is in force', () => {
    const { raft, found, configure, write } = setup();
    for (const replica of ['a', 'b']) write(replica, append(1, 9, 1));
    configure('a', 4, ['c', 'd', 'e'], ['a', 'b', 'c']);
    raft.onCommitted(G, 3, 1);
    expect(found()).toEqual([]);
    raft.onCommitted(G, 4, 1);
    expect(found()).toEqual(['raft-commit-without-quorum']);
    for (const replica of ['d', 'e']) write(replica, append(1, 9, 1));
    raft.onCommitted(G, 6, 1);
    expect(found()).toEqual(['raft-commit-without-quorum']);
  });
});

describe('leaders', () => {
  it('have what was committed before their term, and need not have what came in newer ones', () => {
    const { raft, found, write } = setup();
    for (const replica of ['a', 'b']) write(replica, append(1, 5, 1));
    raft.onLeader(G, 'a', 1);
    raft.onCommitted(G, 5, 1);
    raft.onLeader(G, 'b', 4);
    for (const replica of ['a', 'b']) write(replica, append(6, 1, 4));
    raft.onCommitted(G, 6, 4);
    write('c', append(1, 5, 1));
    raft.onLeader(G, 'c', 3);
    expect(found()).toEqual([]);
  });

  it('lack nothing that was committed', () => {
    const { raft, found, write } = setup();
    for (const replica of ['a', 'b']) write(replica, append(1, 5, 1));
    write('c', append(1, 4, 1));
    raft.onCommitted(G, 5, 1);
    raft.onLeader(G, 'c', 2);
    expect(found()).toEqual(['raft-leader-incomplete']);
  });
});

describe('configurations', () => {
  it('change by one voter or through a joint one; what a snapshot or another leader brings may jump', () => {
    const { raft, found, configure } = setup();
    raft.onLeader(G, 'a', 1);
    configure('a', 3, ['a', 'b', 'c', 'd']);
    configure('a', 4, ['d', 'e', 'f'], ['a', 'b', 'c', 'd']);
    configure('a', 5, ['d', 'e', 'f']);
    configure('b', 9, ['x', 'y', 'z']);
    configure('a', 2, ['x', 'y', 'z'], null, 1);
    expect(found()).toEqual([]);
  });

  it('never go from one to another whose quorums need not meet', () => {
    const { raft, found, configure } = setup();
    raft.onLeader(G, 'a', 1);
    configure('a', 3, ['a', 'd', 'e']);
    expect(found()).toEqual(['raft-quorums-part']);
  });
});

describe('hasQuorumWithout', () => {
  it('counts the disks that are left, of the newest configuration that anybody has', () => {
    const { raft, configure, write } = setup();
    for (const voter of ['a', 'b', 'c', 'd']) write(voter, append(1, 1, 1));
    expect(raft.hasQuorumWithout(G, 'a')).toBe(true);
    raft.onLost('b');
    expect(raft.hasQuorumWithout(G, 'a')).toBe(false);
    expect(raft.hasQuorumWithout(G, 'b')).toBe(true);
    configure('c', 2, ['a', 'c', 'd']);
    expect(raft.hasQuorumWithout(G, 'a')).toBe(true);
    expect(raft.hasQuorumWithout('unknown', 'a')).toBe(false);
  });
});

describe('isExpendable', () => {
  it('is a log that enough others hold, of a group of at least three', () => {
    const { raft, configure, write } = setup();
    expect(raft.isExpendable(G, 'a')).toBe(false);
    for (const replica of ['a', 'b', 'c']) write(replica, append(1, 1, 1));
    expect(raft.isExpendable(G, 'a')).toBe(true);
    configure('a', 2, ['a', 'b']);
    expect(raft.isExpendable(G, 'a')).toBe(false);
  });
});
