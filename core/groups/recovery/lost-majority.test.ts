import { describe, expect, it } from 'vitest';
import type { ReplicaId } from '../../base/replica.js';
import { type Verdict, judge } from './lost-majority.js';
import { configurationOf } from '../../raft/configuration.js';

const S = 'S.1' as ReplicaId;
const targets = (count: number): ReplicaId[] => Array.from({ length: count }, (_, n) => `T${n}.1` as ReplicaId);
const judged = (voters: readonly ReplicaId[], out: readonly ReplicaId[], learners: readonly ReplicaId[] = []): Verdict =>
  judge(configurationOf(voters, learners), S, (replica) => out.includes(replica));

describe('judging a group that has lost members for good', () => {
  it('finds a majority lost exactly when those who are left are fewer than a quorum, of every set of every size', () => {
    for (let count = 1; count <= 5; count++) {
      const voters = [S, ...targets(count)];
      for (let mask = 0; mask < 1 << voters.length; mask++) {
        const out = voters.filter((_, bit) => (mask >> bit) % 2 === 1);
        const left = voters.length - out.length;
        const isWhole = left * 2 > voters.length;
        const expected = isWhole ? 'whole' : !out.includes(S) ? 'reseal' : left > 0 ? 'consent' : 'gone';
        expect(judged(voters, out), `${out} of ${voters}`).toBe(expected);
      }
    }
  });

  it('goes by itself for a group of two whose target was wiped, and not when its source was', () => {
    const [target] = targets(1) as [ReplicaId];
    expect(judged([S, target], [target])).toBe('reseal');
    expect(judged([S, target], [S])).toBe('consent');
  });

  it('needs both majorities of a joint configuration', () => {
    const [a, b, c] = targets(3) as [ReplicaId, ReplicaId, ReplicaId];
    const joint = { voters: [S, a, b], outgoing: [S, b, c], learners: [] };
    expect(judge(joint, S, (replica) => replica === a)).toBe('whole');
    expect(judge(joint, S, (replica) => replica === a || replica === b)).toBe('reseal');
    expect(judge(joint, S, (replica) => replica === b || replica === c)).toBe('reseal');
  });

  it('counts no learner towards a majority, and takes a learner that is left for somebody', () => {
    const [a, b] = targets(2) as [ReplicaId, ReplicaId];
    expect(judged([S, a], [S, a], [b])).toBe('consent');
  });
});
