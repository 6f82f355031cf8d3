import { describe, expect, it } from 'vitest';
import type { StreamId } from '../base/ids.js';
import { EVERY_ROW } from '../groups/updates/config-store.js';
import type { Command, MeshStatus } from './commands.js';
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

  it('takes no update and no change of a stream, at any member, and shows the configuration to who asks', () => {
    const { alive, stream } = critical();
    const source = alive.find(({ name }) => name === 'n0')!;
    const tenant = TENANT;
    const target = alive[1]!.id;
    const refused: readonly Command[] = [
      update('mesh', 'x', { changes: [change('config_kv', 'k', 'v')] }),
      update('database', 'x'),
      { kind: 'close-stream', tenant, stream },
      { kind: 'expire-producer', tenant, stream, producer: 'p' },
      { kind: 'change-target', tenant, stream, target, action: { kind: 'detach' } },
      { kind: 'pace-target', tenant, stream, target, priority: null, isPaused: true, messagesPerSecond: null, bytesPerSecond: null },
      { kind: 'delete-stream', tenant, stream, isForced: false },
    ];
    for (const command of refused) expect([command.kind, source.answer(command).reject?.code]).toEqual([command.kind, 'MESH_CRITICAL']);
    for (const host of alive) expect(host.answer(update('node', 'x')).reject?.detail).toContain('evict those that are gone for good');
    mustAnswer(source, { kind: 'get-configuration', selector: EVERY_ROW, isLocal: false });
  });

  it('delivers what is replicated, stages what is accepted, gives publishers no credit, and proposes what was staged afterwards', () => {
    const { world, alive, dead, stream } = critical((host) => {
      const hello = { tenant: TENANT, stream: streamOf(host), producer: 'p', producerSeq: 1, chunkSeq: 0, chunkCount: 1, payload: new Uint8Array(3), headers: new Uint8Array(0) };
      mustAnswer(host, { kind: 'publish-one', level: 'replicated', ...hello });
    });
    const source = alive.find(({ name }) => name === 'n0')!;
    const target = alive.find(({ name }) => name === 'n1')!;
    const subscribe = { kind: 'subscribe', tenant: TENANT, selector: { kind: 'id', stream }, resumeAfter: null, windowMessages: 100, windowBytes: 1 << 20 } as const;
    const reader = target.command(subscribe);
    expect(world.runUntil(() => reader.delivered.length === 1)).toBe(true);
    const session = source.command({ kind: 'attach-publisher', tenant: TENANT, stream, producer: 'q' });
    const message = { tenant: TENANT, stream, producer: 'p', chunkSeq: 0, chunkCount: 1, payload: new Uint8Array(3), headers: new Uint8Array(0) };
    mustAnswer(source, { kind: 'publish-one', producerSeq: 2, level: 'accepted', ...message });
    world.runFor(10_000_000);
    expect(session.reply).toMatchObject({ kind: 'publisher', creditBytes: 0 });
    const status = () => source.status().streams.find(({ id }) => id === stream);
    expect(status()).toMatchObject({ accepted: 2, replicated: 1 });
    expect(reader.delivered.map(({ chunk }) => chunk.seq)).toEqual([1]);
    for (const gone of dead.slice(0, 2)) mustAnswer(alive[0]!, { kind: 'evict-node', node: gone.id });
    expect(world.runUntil(() => reader.delivered.length === 2 && (session.watermarks?.creditBytes ?? 0) > 0, 60_000_000)).toBe(true);
    expect(status()).toMatchObject({ replicated: 2 });
  });
});

const streamOf = (host: SmallHost): StreamId => host.status().streams[0]!.id;
