import { describe, expect, it } from 'vitest';
import type { NodeStatus } from './commands.js';
import { TENANT } from './testing/applications.js';
import { SEED, joinBy, mustAnswer, openStream } from './testing/meshes.js';
import { type RequestLog, type SmallHost, SmallWorld } from './testing/small-world.js';

const namesAt = (host: SmallHost): string[] => (host.status().mesh?.members ?? []).map(({ name }) => name).sort();
const generationAt = (host: SmallHost): number => host.status().mesh?.generation ?? 0;
const leads = (host: SmallHost): boolean => host.status().groups[0]?.role === 'leader';
const dryRun = (host: SmallHost): RequestLog => host.answer({ kind: 'recover-mesh', isDryRun: true, forget: null });
const recover = (host: SmallHost): RequestLog => host.answer({ kind: 'recover-mesh', isDryRun: false, forget: null });

function planOf(log: RequestLog) {
  if (log.reply?.kind !== 'recovery') throw new Error(`no plan: ${log.reject?.code} ${log.reject?.detail}`);
  const { plan } = log.reply;
  const names = (members: readonly { readonly name: string }[]): string[] => members.map(({ name }) => name).sort();
  return { ...plan, founders: names(plan.founders), forgotten: names(plan.forgotten) };
}

/** All dial n0 and n1, n0 seeds. */
function star(count: number): { readonly world: SmallWorld; readonly hosts: readonly SmallHost[] } {
  const world = new SmallWorld();
  const dials = (i: number): string[] => Array.from({ length: i }, (_, n) => `n${n}`);
  const hosts = Array.from({ length: count }, (_, i) => world.add(`n${i}`, { dials: dials(i) }));
  mustAnswer(hosts[0]!, SEED);
  for (const host of hosts.slice(1)) mustAnswer(host, joinBy('n0'));
  world.runFor(8_000_000);
  return { world, hosts };
}

/** Those are gone for good; the rest has noticed. */
function lose(world: SmallWorld, lost: readonly SmallHost[]): void {
  for (const host of lost) host.crash();
  world.runFor(40_000_000);
}

describe('a recovery', () => {
  it('is refused while there is a quorum, and names what to do instead', () => {
    const { world, hosts } = star(3);
    expect(dryRun(hosts[1]!).reject?.code).toBe('QUORUM_STANDS');
    lose(world, hosts.slice(2));
    const refused = recover(hosts[1]!).reject;
    expect([refused?.code, refused?.detail.includes('evict')]).toEqual(['QUORUM_STANDS', true]);
    expect(generationAt(hosts[0]!)).toBe(1);
  });

  it('tells in a dry run whom it would forget, and changes nothing', () => {
    const { world, hosts } = star(5);
    const stream = openStream(hosts[0]!, 's', [hosts[1]!, hosts[2]!]);
    lose(world, hosts.slice(2));
    const plan = planOf(dryRun(hosts[0]!));
    expect(plan).toMatchObject({ isDone: false, generation: 2, founders: ['n0', 'n1'], forgotten: ['n2', 'n3', 'n4'] });
    expect(plan.streams).toMatchObject([{ stream, isOrphaned: true, isResealed: false, isSourceLost: false, lostTargets: [hosts[2]!.id] }]);
    expect(hosts.slice(0, 2).map(generationAt)).toEqual([1, 1]);
    for (const host of hosts.slice(2)) host.start();
    expect(world.runUntil(() => hosts.some(leads), 60_000_000), 'the old majority goes on').toBe(true);
  });

  it('founds a generation with those that are left: they have a leader, and can change the mesh again', () => {
    const { world, hosts } = star(5);
    lose(world, hosts.slice(2));
    const [a, b] = hosts as [SmallHost, SmallHost];
    const plan = planOf(recover(a));
    expect(plan).toMatchObject({ isDone: true, generation: 2, founders: ['n0', 'n1'], forgotten: ['n2', 'n3', 'n4'] });
    expect(world.runUntil(() => [a, b].every((host) => generationAt(host) === 2 && namesAt(host).join() === 'n0,n1'))).toBe(true);
    expect(world.runUntil(() => [a, b].every((host) => host.status().mesh?.state === 'healthy'))).toBe(true);
    const stream = openStream(a, 's', [b]);
    mustAnswer(a, { kind: 'publish-one', tenant: TENANT, stream, producer: 'p', producerSeq: 1, chunkSeq: 0, chunkCount: 1, payload: new Uint8Array(3), headers: new Uint8Array(0), level: 'replicated' });
    const newcomer = world.add('later', { dials: ['n0'] });
    mustAnswer(newcomer, joinBy('n1'));
    expect(world.runUntil(() => [a, b, newcomer].every((host) => namesAt(host).length === 3))).toBe(true);
    expect(generationAt(newcomer)).toBe(2);
    for (const host of [a, b, newcomer]) {
      host.crash();
      host.start();
    }
    expect(world.runUntil(() => [a, b, newcomer].some(leads) && [a, b, newcomer].every((host) => host.status().mesh?.state === 'healthy'), 60_000_000)).toBe(true);
    expect([a, b, newcomer].map(generationAt)).toEqual([2, 2, 2]);
    mustAnswer(newcomer, { kind: 'send-update', feed: 'database', updateId: null, sender: '', senderSeq: 0, topic: '', payload: new Uint8Array(1), changes: [], level: 'committed', waitMs: 5_000 } as never);
  });

  it('orphans a stream that loses a target: the rest of its targets alone complete nothing', () => {
    const { world, hosts } = star(5);
    const [a, b, c] = hosts as [SmallHost, SmallHost, SmallHost];
    const stream = openStream(a, 's', [b, c]);
    lose(world, hosts.slice(2));
    planOf(recover(a));
    const seen = (): NodeStatus['streams'][number] | undefined => a.status().streams.find(({ id }) => id === stream);
    expect(world.runUntil(() => seen()?.isOrphaned === true)).toBe(true);
    b.command({ kind: 'subscribe', tenant: TENANT, selector: { kind: 'id', stream }, resumeAfter: null, windowMessages: 10, windowBytes: 10_000 });
    mustAnswer(a, { kind: 'publish-one', tenant: TENANT, stream, producer: 'p', producerSeq: 1, chunkSeq: 0, chunkCount: 1, payload: new Uint8Array(3), headers: new Uint8Array(0), level: 'replicated' });
    world.runFor(5_000_000);
    expect([seen()?.replicated, seen()?.completed]).toEqual([1, 0]);
  });

  it('forgets only whom the operator agreed to forget', () => {
    const { world, hosts } = star(5);
    lose(world, hosts.slice(2));
    const ids = hosts.slice(2).map(({ id }) => id);
    const refused = hosts[0]!.answer({ kind: 'recover-mesh', isDryRun: false, forget: ids.slice(1) });
    expect(refused.reject?.code).toBe('INVALID_ARGUMENT');
    planOf(hosts[0]!.answer({ kind: 'recover-mesh', isDryRun: false, forget: ids }));
  });

  it('lets nothing cross to a member of the generation before: neither hears the other as evicted', () => {
    const { world, hosts } = star(5);
    lose(world, hosts.slice(2));
    const [a, , c] = hosts as [SmallHost, SmallHost, SmallHost];
    planOf(recover(a));
    for (const host of hosts.slice(2)) host.start();
    world.runFor(60_000_000);
    expect(hosts.map(generationAt)).toEqual([2, 2, 1, 1, 1]);
    expect(c.status().mesh?.standing).toBe('member');
    expect([namesAt(a).length, namesAt(c).length]).toEqual([2, 5]);
    expect(a.status().links).toHaveLength(1);
  });

  it('can be run again where one ended half-way, and where the next majority is lost', () => {
    const { world, hosts } = star(5);
    lose(world, hosts.slice(3));
    const [a, b, c] = hosts as [SmallHost, SmallHost, SmallHost];
    lose(world, [c]);
    const running = a.command({ kind: 'recover-mesh', isDryRun: false, forget: null });
    world.runFor(100_000);
    a.crash();
    world.runFor(40_000_000);
    expect(running.reply).toBeNull();
    a.start();
    world.runFor(10_000_000);
    planOf(recover(b));
    expect(world.runUntil(() => [a, b].every((host) => generationAt(host) === 2))).toBe(true);
    for (const name of ['d', 'e', 'f']) {
      const host = world.add(name, { dials: ['n0', 'n1'] });
      mustAnswer(host, joinBy('n1'));
    }
    world.runFor(10_000_000);
    expect(namesAt(a)).toHaveLength(5);
    lose(world, [...world.hosts.values()].filter(({ name }) => 'def'.includes(name)));
    expect(planOf(recover(a))).toMatchObject({ generation: 3, forgotten: ['d', 'e', 'f'] });
    expect(world.runUntil(() => [a, b].every((host) => generationAt(host) === 3 && host.status().mesh?.state === 'healthy'))).toBe(true);
  });
});
