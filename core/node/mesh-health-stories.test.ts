import { describe, expect, it } from 'vitest';
import type { MeshStatus } from './commands.js';
import { TENANT } from './testing/applications.js';
import { SEED, joinBy, line, mustAnswer, openStream } from './testing/meshes.js';
import { type RequestLog, type SmallHost, SmallWorld } from './testing/small-world.js';
import { change, update } from './testing/update-applications.js';
import { HOST } from './viewer.js';

const NAMES = ['a', 'b', 'c', 'd', 'e'];

/** Each dials the one before it: A and E are four links apart. */
function chain(): { readonly world: SmallWorld; readonly hosts: readonly SmallHost[]; readonly logs: readonly RequestLog[] } {
  const world = new SmallWorld();
  const hosts = NAMES.map((name, i) => world.add(name, { dials: i === 0 ? [] : [NAMES[i - 1]!] }));
  mustAnswer(hosts[0]!, SEED);
  for (const [i, host] of hosts.entries()) if (i > 0) mustAnswer(host, joinBy(NAMES[i - 1]!));
  const logs = hosts.map((host) => host.command({ kind: 'watch-events', kinds: ['mesh-state'], afterSequence: 0, viewer: HOST }));
  world.runFor(10_000_000);
  return { world, hosts, logs };
}

const stateAt = (host: SmallHost): MeshStatus['state'] | undefined => host.status().mesh?.state;
const statesOf = ({ events }: RequestLog): string[] => events.flatMap((event) => (event.kind === 'mesh-state' ? [event.state] : []));

describe('a member that has died', () => {
  it('is never shown alive without a route, however soon one asks', () => {
    const { world, a, d } = line();
    const shown = (): string[] => a.status().mesh!.members.map(({ name, liveness, route }) => `${name} ${liveness} ${route.length > 0}`);
    d.crash();
    for (let round = 0; round < 400; round++) {
      world.runFor(50_000);
      expect(shown().filter((text) => text.endsWith('alive false'))).toEqual([]);
    }
    expect(shown()).toContain('d failed false');
  });
});

describe('the state of a mesh', () => {
  it('of five healthy nodes in a chain is healthy, from the beginning and for ever', () => {
    const { world, hosts, logs } = chain();
    world.runFor(120_000_000);
    expect(hosts.map(stateAt)).toEqual(NAMES.map(() => 'healthy'));
    for (const log of logs) expect(statesOf(log)).toEqual(['healthy']);
  });

  it('is what the leader sees: degraded with one of five away, at every member that reaches it, and healthy again', () => {
    const { world, hosts } = chain();
    hosts[4]!.crash();
    expect(world.runUntil(() => hosts.slice(0, 4).every((host) => stateAt(host) === 'degraded'), 60_000_000)).toBe(true);
    hosts[4]!.start();
    expect(world.runUntil(() => hosts.every((host) => stateAt(host) === 'healthy'), 60_000_000)).toBe(true);
  });

  it('is critical without a quorum of the control group, and names recover to who would evict', () => {
    const { world, hosts } = chain();
    for (const host of hosts.slice(1, 4)) host.crash();
    expect(world.runUntil(() => stateAt(hosts[0]!) === 'critical', 60_000_000)).toBe(true);
    const { reject } = hosts[0]!.answer({ kind: 'evict-node', node: hosts[1]!.id }, 60_000_000);
    expect([reject?.code, reject?.detail.includes('meshctl recover')]).toEqual(['NO_QUORUM', true]);
  });
});

describe('a critical mesh', () => {
  /** Seven members, of which four learn; two voters and two learners die: half is away, and the voters have a quorum. */
  function critical(before: (host: SmallHost) => void = () => undefined) {
    const world = new SmallWorld();
    const names = Array.from({ length: 8 }, (_, i) => `n${i}`);
    const hosts = names.map((name, i) => world.add(name, { dials: i === 0 ? [] : i === 1 ? ['n0'] : ['n0', 'n1'] }));
    mustAnswer(hosts[0]!, SEED);
    for (const host of hosts.slice(1)) mustAnswer(host, joinBy('n0'));
    world.runFor(10_000_000);
    const roles = new Map((hosts[0]!.status().mesh?.members ?? []).map(({ name, role }) => [name, role]));
    const learners = hosts.filter(({ name }) => roles.get(name) === 'learner');
    const stream = openStream(hosts[0]!, 'before', [hosts[1]!]);
    before(hosts[0]!);
    const dead = [...learners, ...hosts.filter(({ name }) => roles.get(name) === 'voter').slice(-1)];
    for (const host of dead) host.crash();
    const alive = hosts.filter((host) => !dead.includes(host));
    expect(dead).toHaveLength(4);
    expect(world.runUntil(() => alive.every((host) => stateAt(host) === 'critical'), 60_000_000)).toBe(true);
    return { world, alive, dead, stream };
  }

  it('lets evictions pass and nothing else, and says what would unblock it', () => {
    const { world, alive, dead, stream } = critical();
    const [first, second] = alive as [SmallHost, SmallHost];
    const newcomer = world.add('new', { dials: [first.name] });
    expect(newcomer.answer(joinBy(first.name)).reject?.code).toBe('MESH_CRITICAL');
    expect(second.answer({ kind: 'leave-mesh' }).reject?.code).toBe('MESH_CRITICAL');
    const wish = { tenant: TENANT, targets: [second.id], qos: 'bulk', priority: 0, policy: { kind: 'all' } } as const;
    const { reject } = first.answer({ kind: 'open-stream', name: 'more', ...wish });
    expect([reject?.code, reject?.detail.includes(dead[0]!.name)]).toEqual(['MESH_CRITICAL', true]);
    const message = { tenant: TENANT, stream, producer: 'p', chunkSeq: 0, chunkCount: 1, payload: new Uint8Array(3), headers: new Uint8Array(0) };
    const source = alive.find(({ name }) => name === 'n0')!;
    expect(source.answer({ kind: 'publish-one', producerSeq: 1, level: 'replicated', ...message }).reject?.code).toBe('MESH_CRITICAL');
    mustAnswer(source, { kind: 'publish-one', producerSeq: 1, level: 'accepted', ...message });
    mustAnswer(first, { kind: 'evict-node', node: dead[0]!.id });
    mustAnswer(second, { kind: 'evict-node', node: dead[1]!.id });
    expect(world.runUntil(() => alive.every((host) => stateAt(host) === 'degraded'), 60_000_000)).toBe(true);
    mustAnswer(newcomer, joinBy(first.name));
    mustAnswer(source, { kind: 'publish-one', producerSeq: 2, level: 'replicated', ...message });
  });

  it('lets streams with a quorum of their own go on where the mesh has that policy', () => {
    const policy = { ...change('config_kv', 'policy.criticalStreams', 'continue') };
    const { alive, stream } = critical((host) => mustAnswer(host, update('mesh', '', { changes: [policy] })));
    const source = alive.find(({ name }) => name === 'n0')!;
    const message = { tenant: TENANT, stream, producer: 'p', chunkSeq: 0, chunkCount: 1, payload: new Uint8Array(3), headers: new Uint8Array(0) };
    mustAnswer(source, { kind: 'publish-one', producerSeq: 1, level: 'replicated', ...message });
    const wish = { tenant: TENANT, targets: [alive[1]!.id], qos: 'bulk', priority: 0, policy: { kind: 'all' } } as const;
    expect(source.answer({ kind: 'open-stream', name: 'more', ...wish }).reject?.code).toBe('MESH_CRITICAL');
  });
});
