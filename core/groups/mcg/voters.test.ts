import { describe, expect, it } from 'vitest';
import { type ReplicaId, nodeOfReplica, replicaId } from '../../base/replica.js';
import { Rng } from '../../base/rng.js';
import type { Configuration, ConfigurationChange } from '../../raft/api.js';
import { changed } from '../../raft/configuration.js';
import { voterCount } from '../policy.js';
import { nodeNamed } from '../testing/group-host.js';
import { nextConfigurationChange } from './voters.js';

const replicas = (count: number): ReplicaId[] => Array.from({ length: count }, (_, i) => replicaId(nodeNamed(`m${i}`), 1));

function apply(configuration: Configuration, change: ConfigurationChange): Configuration {
  const next = changed(configuration, change, 1024);
  if (!next.ok) throw new Error(`${change.kind} ${change.replica}: ${next.reject.detail}`);
  return next.value;
}

/** Steps until nothing more is to be done; fails when that takes longer than any sensible way there. */
function settle(from: Configuration, members: readonly ReplicaId[], options: { dead?: ReplicaId[]; lagging?: ReplicaId[]; self?: ReplicaId } = {}): { configuration: Configuration; steps: ConfigurationChange[] } {
  let configuration = from;
  const steps: ConfigurationChange[] = [];
  for (;;) {
    const change = nextConfigurationChange({
      members,
      configuration,
      self: options.self ?? (members[0] as ReplicaId),
      votersMax: 5,
      isAlive: (node) => !(options.dead ?? []).some((replica) => nodeOfReplica(replica) === node),
      isCaughtUp: (replica) => !(options.lagging ?? []).includes(replica),
    });
    if (change === null) return { configuration, steps };
    steps.push(change);
    if (steps.length > 60) throw new Error(steps.map(({ kind, replica }) => `${kind} ${replica}`).join(', '));
    configuration = apply(configuration, change);
  }
}

const founded = (self: ReplicaId): Configuration => ({ voters: [self], outgoing: null, learners: [] });

describe('the voters of a mesh', () => {
  it('come to be the odd number that the members ask for, for every size', () => {
    for (let count = 1; count <= 9; count++) {
      const members = replicas(count);
      const { configuration } = settle(founded(members[0] as ReplicaId), members);
      expect(configuration.voters.length).toBe(voterCount(count, 5));
      expect([...configuration.voters, ...configuration.learners].sort()).toEqual([...members].sort());
    }
  });

  it('grow by two or not at all: an even number would tolerate no more', () => {
    const members = replicas(3);
    const { configuration, steps } = settle(founded(members[0] as ReplicaId), members, { lagging: [members[2] as ReplicaId] });
    expect(configuration.voters.length).toBe(1);
    expect(steps.map(({ kind }) => kind)).toEqual(['add-learner', 'add-learner']);
    expect(settle(founded(members[0] as ReplicaId), members, { dead: [members[1] as ReplicaId] }).configuration.voters.length).toBe(1);
    expect(settle(configuration, members).configuration.voters.length).toBe(3);
  });

  it('lose the replica that was replaced by a later one of the same node', () => {
    const members = replicas(3);
    const before = settle(founded(members[0] as ReplicaId), members).configuration;
    const renewed = [members[0] as ReplicaId, members[1] as ReplicaId, replicaId(nodeNamed('m2'), 2)];
    const { configuration, steps } = settle(before, renewed);
    expect(steps[0]).toEqual({ kind: 'remove', replica: members[2] });
    expect(configuration.voters).toEqual([...renewed].sort());
  });

  it('shrink with the members, the dead first, never the leader', () => {
    const members = replicas(5);
    const before = settle(founded(members[0] as ReplicaId), members).configuration;
    const kept = members.slice(0, 4);
    const dead = members[1] as ReplicaId;
    const { configuration } = settle(before, kept, { dead: [dead] });
    expect(configuration.voters.length).toBe(3);
    expect(configuration.voters).not.toContain(dead);
    expect(configuration.learners).toEqual([dead]);
    expect(configuration.voters).toContain(members[0]);
  });

  it('come to rest from any configuration, whoever leads, lags or is dead', () => {
    const rng = Rng.fromSeed('voters');
    for (let story = 0; story < 300; story++) {
      const all = replicas(8);
      const members = all.filter(() => rng.chance(700));
      const self = rng.pick(all);
      if (!members.includes(self)) members.push(self);
      const others = all.filter((replica) => replica !== self && rng.chance(500));
      const cut = rng.below(others.length + 1);
      const voters = [self, ...others.slice(0, cut)].sort();
      const start = { voters, outgoing: null, learners: others.slice(cut).sort() };
      const { configuration } = settle(start, members, { self, dead: all.filter(() => rng.chance(200)), lagging: all.filter(() => rng.chance(200)) });
      expect(configuration.voters).toContain(self);
      for (const replica of members) expect([...configuration.voters, ...configuration.learners]).toContain(replica);
      for (const replica of [...configuration.voters, ...configuration.learners]) expect(members).toContain(replica);
      expect(configuration.voters.length).toBeLessThanOrEqual(voterCount(members.length, 5));
    }
  });

  it('wait while a joint configuration is in force', () => {
    const members = replicas(3);
    const [first] = members as [ReplicaId];
    expect(settle({ voters: [first], outgoing: [first], learners: [] }, members).steps).toEqual([]);
  });
});
