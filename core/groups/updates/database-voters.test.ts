import { describe, expect, it } from 'vitest';
import { type ReplicaId, replicaId } from '../../base/replica.js';
import { nodeNamed } from '../testing/group-host.js';
import { nextDatabaseVotersStep } from './database-voters.js';

const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => replicaId(nodeNamed(name), 1)) as [ReplicaId, ReplicaId, ReplicaId, ReplicaId];

function next(voters: ReplicaId[], learners: ReplicaId[], more: { members?: ReplicaId[]; wanted?: ReplicaId[]; caughtUp?: boolean } = {}) {
  return nextDatabaseVotersStep({
    members: more.members ?? [a, b, c, d],
    wanted: more.wanted ?? [a, b, c],
    configuration: { voters, outgoing: null, learners },
    self: a,
    isCaughtUp: () => more.caughtUp ?? true,
  });
}

describe('the voters of the group of database updates', () => {
  it('are those of the mesh control group, one change at a time, and everybody else learns', () => {
    expect(next([a], [])).toEqual({ kind: 'add-learner', replica: b });
    expect(next([a], [b, c, d], { caughtUp: false })).toBe(null);
    expect(next([a], [b, c, d])).toEqual({ kind: 'promote', replica: b });
    expect(next([a, b, c], [d])).toBe(null);
  });

  it('lose who left the mesh, and who votes there no more, the leader last', () => {
    expect(next([a, b, c], [d], { members: [a, b, c] })).toEqual({ kind: 'remove', replica: d });
    expect(next([a, b, c], [d], { wanted: [a, b, d] })).toEqual({ kind: 'promote', replica: d });
    expect(next([a, b, c, d], [], { wanted: [a, b, d] })).toEqual({ kind: 'demote', replica: c });
    expect(next([a, b, c, d], [], { wanted: [b, c, d] })).toEqual({ kind: 'transfer', replica: b });
  });
});
