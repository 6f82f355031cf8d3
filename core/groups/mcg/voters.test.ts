import { describe, expect, it } from 'vitest';
import type { NodeId } from '../../base/ids.js';
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
function settle(from: Configuration, members: readonly ReplicaId[], options: { dead?: ReplicaId[]; lagging?: ReplicaId[]; self?: ReplicaId; departing?: ReplicaId[]; siteOf?: (node: NodeId) => string } = {}): { configuration: Configuration; steps: ConfigurationChange[] } {
  let configuration = from;
  const steps: ConfigurationChange[] = [];
  for (;;) {
    const change = nextConfigurationChange({
      members,
      configuration,
      self: options.self ?? (members[0] as ReplicaId),
      votersMax: 5,
      departing: new Set(options.departing ?? []),
      siteOf: options.siteOf ?? (() => ''),
      isLost: (node) => (options.dead ?? []).some((replica) => nodeOfReplica(replica) === node),
      isAlive: (node) => !(options.dead ?? []).some((replica) => nodeOfReplica(replica) === node),
      isCaughtUp: (replica) => !(options.lagging ?? []).includes(replica),
    });
    if (change === null) return { configuration, steps };
    steps.push(change);
    if (steps.length > 60) throw new Error(steps.map(({ kind, replica }) => `${kind} ${replica}`).join(', '));
    configuration = apply(configuration, change);
  }
}

const hasQuorum = ({ voters }: Configuration, dead: readonly ReplicaId[]): boolean =>
  voters.filter((voter) => !dead.includes(voter)).length * 2 > voters.length;

/** After each step a majority of the voters is alive. */
function expectQuorumKept(from: Configuration, steps: readonly ConfigurationChange[], dead: readonly ReplicaId[]): void {
  let configuration = from;
  for (const step of steps) {
    configuration = apply(configuration, step);
    expect(hasQuorum(configuration, dead)).toBe(true);
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
    expect(steps[0]?.kind).toBe('add-learner');
    expect(steps).toContainEqual({ kind: 'remove', replica: members[2] });
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
      const dead = all.filter((replica) => rng.chance(200) && replica !== self);
      const { configuration, steps } = settle(start, members, { self, dead, lagging: all.filter(() => rng.chance(200)) });
      if (hasQuorum(start, dead)) expectQuorumKept(start, steps, dead);
      expect(configuration.voters).toContain(self);
      for (const replica of members) expect([...configuration.voters, ...configuration.learners]).toContain(replica);
      for (const replica of configuration.learners) expect(members).toContain(replica);
      const isSettled = configuration.voters.every((voter) => members.includes(voter));
      if (isSettled && hasQuorum(configuration, dead)) expect(configuration.voters.length).toBeLessThanOrEqual(voterCount(members.length, 5));
      // Who cannot be removed is one whose removal would leave no living majority.
      for (const voter of configuration.voters) {
        if (members.includes(voter)) continue;
        const rest = configuration.voters.filter((other) => other !== voter);
        const living = rest.filter((other) => other === self || (members.includes(other) && !dead.includes(other)));
        expect(living.length * 2).toBeLessThanOrEqual(rest.length);
      }
    }
  });

  it('are replaced by learners when they are lost, without a step that leaves no living majority', () => {
    const members = replicas(8);
    const before = settle(founded(members[0] as ReplicaId), members).configuration;
    const dead = [members[1], members[3]] as ReplicaId[];
    const { configuration, steps } = settle(before, members, { dead });
    expectQuorumKept(before, steps, dead);
    expect(configuration.voters).toHaveLength(5);
    for (const replica of dead) expect(configuration.learners).toContain(replica);
    // Nobody is there to take the vote: it stays where it is.
    const small = members.slice(0, 3);
    const three = settle(founded(small[0] as ReplicaId), small).configuration;
    expect(settle(three, small, { dead: [small[1] as ReplicaId] }).steps).toEqual([]);
  });

  it('of members that go give their votes up before they go, the leader too', () => {
    for (const size of [2, 3, 4, 6, 7]) {
      const members = replicas(size);
      const before = settle(founded(members[0] as ReplicaId), members).configuration;
      for (const leaver of before.voters) {
        const { configuration, steps } = settle(before, members, { departing: [leaver] });
        expect(configuration.learners).toContain(leaver);
        expect(configuration.voters).toHaveLength(voterCount(size - 1, 5));
        expectQuorumKept(before, steps, []);
      }
    }
  });

  it('keep the vote of one that goes when the rest would have no living majority', () => {
    const members = replicas(3);
    const before = settle(founded(members[0] as ReplicaId), members).configuration;
    expect(settle(before, members, { departing: [members[1] as ReplicaId], dead: [members[2] as ReplicaId] }).steps).toEqual([]);
  });

  it('come to stand on as many sites as there are, however they stood before', () => {
    const rng = Rng.fromSeed('sites');
    for (let story = 0; story < 100; story++) {
      const members = replicas(rng.between(3, 12));
      const sites = new Map(members.map((replica) => [nodeOfReplica(replica), rng.pick(['x', 'y', 'z', ''])]));
      const siteOf = (node: NodeId): string => sites.get(node) ?? '';
      const { configuration } = settle(founded(members[0] as ReplicaId), members, { siteOf });
      const { configuration: again } = settle(configuration, members, { siteOf });
      expect(again).toEqual(configuration);
      const counts = new Map<string, number>();
      for (const voter of configuration.voters) {
        const site = siteOf(nodeOfReplica(voter)) || voter;
        counts.set(site, (counts.get(site) ?? 0) + 1);
      }
      // No learner stands on a site that has two voters fewer than some other.
      for (const learner of configuration.learners) {
        const here = counts.get(siteOf(nodeOfReplica(learner)) || learner) ?? 0;
        for (const voter of configuration.voters) {
          if (voter === members[0]) continue;
          expect(counts.get(siteOf(nodeOfReplica(voter)) || voter)).toBeLessThan(here + 2);
        }
      }
    }
  });

  it('wait while a joint configuration is in force', () => {
    const members = replicas(3);
    const [first] = members as [ReplicaId];
    expect(settle({ voters: [first], outgoing: [first], learners: [] }, members).steps).toEqual([]);
  });
});
