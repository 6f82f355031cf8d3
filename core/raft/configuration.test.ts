import { describe, expect, it } from 'vitest';
import type { ReplicaId } from '../base/replica.js';
import type { Configuration } from './api.js';
import { changed, configurationOf, decodeConfiguration, encodeConfiguration, isQuorum, quorumValue, tally } from './configuration.js';
import { replicaNumber, replicasOf } from './testing/in-memory-cluster.js';

/** All subsets of a list. */
function subsets(list: readonly ReplicaId[]): Set<ReplicaId>[] {
  return Array.from({ length: 1 << list.length }, (_, bits) => new Set(list.filter((_id, n) => (bits >> n) & 1)));
}

describe('majorities', () => {
  it('are more than half, for every subset of up to five voters', () => {
    for (let count = 1; count <= 5; count++) {
      const configuration = configurationOf(replicasOf(count));
      for (const set of subsets(replicasOf(count))) {
        expect(isQuorum(configuration, (voter) => set.has(voter))).toBe(set.size * 2 > count);
      }
    }
  });

  it('reach the highest value that more than half have reached', () => {
    for (let count = 1; count <= 5; count++) {
      const all = replicasOf(count);
      const configuration = configurationOf(all);
      for (let code = 0; code < 4 ** count; code++) {
        const valueOf = (voter: ReplicaId): number => (code >> (2 * all.indexOf(voter))) & 3;
        const reached = [0, 1, 2, 3].filter((value) => isQuorum(configuration, (voter) => valueOf(voter) >= value));
        expect(quorumValue(configuration, valueOf)).toBe(Math.max(...reached));
      }
    }
  });

  it('of a joint configuration need both halves', () => {
    const joint: Configuration = { voters: replicasOf(3), outgoing: [3, 4, 5].map(replicaNumber), learners: [] };
    for (const set of subsets(replicasOf(5))) {
      const inNew = [1, 2, 3].filter((n) => set.has(replicaNumber(n))).length >= 2;
      const inOld = [3, 4, 5].filter((n) => set.has(replicaNumber(n))).length >= 2;
      expect(isQuorum(joint, (voter) => set.has(voter))).toBe(inNew && inOld);
      const value = quorumValue(joint, (voter) => (set.has(voter) ? 7 : 0));
      expect(value).toBe(inNew && inOld ? 7 : 0);
    }
  });

  it('of adjacent configurations intersect, for every change of one server', () => {
    const before = configurationOf(replicasOf(3), [replicaNumber(4), replicaNumber(5)]);
    const changes = [
      { kind: 'promote', replica: replicaNumber(4) },
      { kind: 'demote', replica: replicaNumber(1) },
      { kind: 'remove', replica: replicaNumber(2) },
    ] as const;
    for (const change of changes) {
      const after = changed(before, change, 10);
      if (!after.ok) throw new Error(after.reject.detail);
      for (const one of subsets(replicasOf(5))) {
        for (const two of subsets(replicasOf(5))) {
          const areQuorums = isQuorum(before, (id) => one.has(id)) && isQuorum(after.value, (id) => two.has(id));
          if (areQuorums) expect([...one].some((id) => two.has(id))).toBe(true);
        }
      }
    }
  });
});

describe('an election', () => {
  it('is won, lost or open', () => {
    const configuration = configurationOf(replicasOf(3));
    const of = (...votes: readonly (readonly [number, boolean])[]) => tally(configuration, new Map(votes.map(([n, vote]) => [replicaNumber(n), vote])));
    expect(of([1, true])).toBe('open');
    expect(of([1, true], [2, true])).toBe('won');
    expect(of([1, true], [2, false])).toBe('open');
    expect(of([1, true], [2, false], [3, false])).toBe('lost');
    expect(of([1, true], [4, true], [5, true]), 'strangers do not count').toBe('open');
  });
});

describe('the content of a configuration entry', () => {
  it('comes back as it was', () => {
    const some: Configuration[] = [
      configurationOf(replicasOf(3), [replicaNumber(9)]),
      { voters: replicasOf(2), outgoing: replicasOf(3), learners: [] },
      { voters: replicasOf(2), outgoing: replicasOf(3), learners: [replicaNumber(3)] },
    ];
    for (const configuration of some) expect(decodeConfiguration(encodeConfiguration(configuration))).toEqual(configuration);
  });

  it('is refused when nobody votes or somebody is named twice', () => {
    const one = replicaNumber(1);
    const bad: Configuration[] = [
      configurationOf([]),
      configurationOf([one, one]),
      configurationOf([one], [one]),
      { voters: [one], outgoing: [], learners: [] },
      { voters: [one], outgoing: [one, one], learners: [] },
    ];
    for (const configuration of bad) expect(decodeConfiguration(encodeConfiguration(configuration))).toBeNull();
    expect(decodeConfiguration(new Uint8Array([255, 255]))).toBeNull();
  });
});
