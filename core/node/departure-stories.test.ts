import { describe, expect, it } from 'vitest';
import { DEFAULT_NODE_CONFIG } from './config.js';
import type { NodeStatus } from './commands.js';
import { TENANT } from './testing/applications.js';
import { SEED, joinBy, line, mustAnswer, openStream } from './testing/meshes.js';
import { type SmallHost, SmallWorld } from './testing/small-world.js';
import { HOST } from './viewer.js';

const namesAt = (host: SmallHost): string[] => (host.status().mesh?.members ?? []).map(({ name }) => name);
const voters = (status: NodeStatus): string[] =>
  (status.mesh?.members ?? []).filter(({ role }) => role !== 'learner').map(({ name }) => name);
const standing = (host: SmallHost): string => host.status().mesh?.standing ?? 'none';

/** `count` nodes that all dial the first, which seeds; all are dialable. */
function star(count: number): { readonly world: SmallWorld; readonly hosts: readonly SmallHost[] } {
  const world = new SmallWorld();
  const hosts = Array.from({ length: count }, (_, i) => world.add(`n${i}`, { dials: i === 0 ? [] : i === 1 ? ['n0'] : ['n0', 'n1'] }));
  mustAnswer(hosts[0]!, SEED);
  for (const host of hosts.slice(1)) mustAnswer(host, joinBy('n0'));
  world.runFor(5_000_000);
  return { world, hosts };
}

const leaderOf = (hosts: readonly SmallHost[]): SmallHost =>
  hosts.find((host) => host.node !== null && host.status().groups[0]?.role === 'leader')!;

describe('an evicted node', () => {
  it('is out everywhere, hears of it, acts no more, and says so after a restart', () => {
    const { world, a, b, c, d } = line();
    mustAnswer(b, { kind: 'evict-node', node: d.id });
    expect(world.runUntil(() => standing(d) === 'evicted')).toBe(true);
    for (const host of [a, b, c]) expect(namesAt(host)).not.toContain('d');
    world.runFor(30_000_000);
    for (const host of [a, b, c]) expect(host.status().links.map(({ peer }) => peer)).not.toContain(d.id);
    expect(d.answer({ kind: 'open-stream', tenant: TENANT, name: 's', targets: [a.id], qos: 'bulk', priority: 0, policy: { kind: 'all' } }).reject?.code).toBe('EVICTED');
    d.crash();
    d.start();
    expect(d.answer({ kind: 'start-mesh' }).reject?.code).toBe('EVICTED');
    expect(standing(d)).toBe('evicted');
    expect(d.notices.some((notice) => notice.kind === 'log' && notice.event === 'out-of-mesh')).toBe(true);
  });

  it('tells its host the number under which it comes back, once its journal has it, and again at each start', () => {
    const { world, b, d } = line();
    mustAnswer(b, { kind: 'evict-node', node: d.id });
    expect(world.runUntil(() => d.renewed.length > 0)).toBe(true);
    expect(d.status().node.replica).toBe(2);
    d.crash();
    d.start();
    world.runFor(1_000_000);
    expect([d.renewed, b.renewed]).toEqual([[2, 2], []]);
  });

  it('that was away hears of it from whomever it dials when it is back', () => {
    const { world, a, b, c, d } = line();
    d.crash();
    world.runFor(20_000_000);
    mustAnswer(a, { kind: 'evict-node', node: d.id });
    d.start();
    expect(world.runUntil(() => standing(d) === 'evicted')).toBe(true);
    for (const host of [a, b, c]) expect(namesAt(host).sort()).toEqual(['a', 'b', 'c']);
  });

  it('that came back is heard by a member whose log does not know of its return yet', () => {
    const { world, hosts } = star(4);
    const [back, b, c] = hosts as [SmallHost, SmallHost, SmallHost];
    mustAnswer(b, { kind: 'evict-node', node: back.id });
    expect(world.runUntil(() => standing(back) === 'evicted' && !namesAt(c).includes('n0'))).toBe(true);
    world.runFor(10_000_000);
    c.crash();
    mustAnswer(back, joinBy('n1'));
    world.runFor(10_000_000);
    // Nobody but the one that came back leads the others to it now.
    b.crash();
    const before = c.notices.length;
    c.start();
    expect(world.runUntil(() => namesAt(c).includes('n0'))).toBe(true);
    const unheard = c.notices.slice(before).filter((notice) => notice.kind === 'count' && notice.name === 'overlay.from-departed');
    expect(unheard).toEqual([]);
  });

  it('that only listens hears of it from who dials it', () => {
    const { world, a, b } = line();
    b.crash();
    world.runFor(20_000_000);
    // B was the middle of everything: the others cannot reach each other without it.
    expect(a.answer({ kind: 'evict-node', node: b.id }).reject?.code).toBe('NO_QUORUM');
    const { world: other, hosts } = star(4);
    hosts[0]!.crash();
    other.runFor(20_000_000);
    mustAnswer(hosts[2]!, { kind: 'evict-node', node: hosts[0]!.id });
    hosts[0]!.start();
    expect(other.runUntil(() => standing(hosts[0]!) === 'evicted')).toBe(true);
  });

  it('comes back by joining alone, as a later replica with an index of its own', () => {
    const { world, a, b, d } = line();
    const before = d.status().mesh!.members.find(({ name }) => name === 'd')!;
    mustAnswer(b, { kind: 'evict-node', node: d.id });
    world.runUntil(() => standing(d) === 'evicted');
    mustAnswer(d, joinBy('c'));
    world.runFor(3_000_000);
    const after = a.status().mesh!.members.find(({ name }) => name === 'd')!;
    expect([after.replica, after.index]).toEqual([before.replica + 1, before.index + 1]);
    expect(standing(d)).toBe('member');
    d.crash();
    d.start();
    expect(world.runUntil(() => a.status().mesh!.members.every(({ route }) => route.length > 0))).toBe(true);
    expect(d.status().node.replica).toBe(before.replica + 1);
    const stream = openStream(d, 'again', [a]);
    mustAnswer(d, { kind: 'publish-one', tenant: TENANT, stream, producer: 'p', producerSeq: 1, chunkSeq: 0, chunkCount: 1, payload: new Uint8Array(3), headers: new Uint8Array(0), level: 'replicated' });
  });

  it('comes back with nothing of its former life, also in a process that began as a member', () => {
    const { world, a, b, d } = line();
    d.crash();
    d.start();
    world.runFor(5_000_000);
    mustAnswer(b, { kind: 'evict-node', node: d.id });
    world.runUntil(() => standing(d) === 'evicted');
    mustAnswer(d, joinBy('c'));
    world.runFor(3_000_000);
    d.crash();
    d.start();
    expect(world.runUntil(() => a.status().mesh!.members.every(({ route }) => route.length > 0))).toBe(true);
    const applied = (host: SmallHost): number => host.status().groups[0]?.appliedIndex ?? 0;
    expect(world.runUntil(() => applied(d) === applied(a))).toBe(true);
  });

  it('is evicted once, however often that is asked; nobody else is by an old wish', () => {
    const { world, a, b, d } = line();
    mustAnswer(a, { kind: 'evict-node', node: d.id });
    mustAnswer(b, { kind: 'evict-node', node: d.id });
    world.runUntil(() => standing(d) === 'evicted');
    expect(a.answer({ kind: 'evict-node', node: '00000000000000000000000009' as never }).reject?.code).toBe('NODE_UNKNOWN');
  });

  it('may be the leader: it gives up its vote and its office first', () => {
    const { world, hosts } = star(4);
    const leader = leaderOf(hosts);
    const other = hosts.find((host) => host !== leader)!;
    mustAnswer(other, { kind: 'evict-node', node: leader.id });
    expect(world.runUntil(() => standing(leader) === 'evicted')).toBe(true);
    const rest = hosts.filter((host) => host !== leader);
    expect(world.runUntil(() => voters(other.status()).length === 3 && rest.every((host) => namesAt(host).length === 3))).toBe(true);
  });
});

describe('a node that leaves', () => {
  it('is told so, and the others go on with the voters that are left', () => {
    const { world, hosts } = star(5);
    for (const leaver of [hosts[4]!, hosts[0]!]) {
      mustAnswer(leaver, { kind: 'leave-mesh' });
      expect(standing(leaver)).toBe('left');
    }
    const rest = hosts.slice(1, 4);
    expect(world.runUntil(() => rest.every((host) => voters(host.status()).length === 3 && namesAt(host).length === 3))).toBe(true);
    expect(leaverEvents(rest[0]!)).toEqual([false, false]);
  });

  it('may be one of two, whether it leads or not, and the last one', () => {
    for (const first of [0, 1]) {
      const { world, hosts } = star(2);
      const leaver = hosts[first]!;
      const other = hosts[1 - first]!;
      mustAnswer(leaver, { kind: 'leave-mesh' });
      expect(world.runUntil(() => other.status().groups[0]?.role === 'leader' && namesAt(other).length === 1)).toBe(true);
      mustAnswer(other, { kind: 'leave-mesh' });
      expect(standing(other)).toBe('left');
      mustAnswer(other, SEED);
      expect(namesAt(other)).toHaveLength(1);
    }
  });
});

describe('a dead voter', () => {
  it('gives its vote to a learner once it has been failed for the configured time', () => {
    const { world, hosts } = star(7);
    const before = voters(hosts[0]!.status());
    expect(before).toHaveLength(5);
    const dead = hosts.find((host) => before.includes(host.name) && host !== leaderOf(hosts))!;
    dead.crash();
    world.runFor(DEFAULT_NODE_CONFIG.groups.replaceVoterAfterUs / 2);
    const watcher = hosts.find((host) => host !== dead)!;
    expect(voters(watcher.status())).toContain(dead.name);
    expect(world.runUntil(() => !voters(watcher.status()).includes(dead.name) && voters(watcher.status()).length === 5, 120_000_000)).toBe(true);
    expect(hosts.some((host) => host.notices.some((notice) => notice.kind === 'mark' && notice.name === 'mcg.voter-replaced'))).toBe(true);
  });
});

function leaverEvents(host: SmallHost): boolean[] {
  const log = host.command({ kind: 'watch-events', kinds: ['member-departed'], afterSequence: 0, viewer: HOST });
  host.world.runFor(10_000);
  return log.events.flatMap((event) => (event.kind === 'member-departed' ? [event.isEvicted] : []));
}
