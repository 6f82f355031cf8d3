import { describe, expect, it } from 'vitest';
import { utf8Encode } from '../base/bytes.js';
import type { Command } from './commands.js';
import { Publisher, Subscriber, TENANT, allOf } from './testing/applications.js';
import { SEED, joinBy, line, mustAnswer, openStream, pair, runStory } from './testing/meshes.js';
import { SmallWorld, type SmallHost } from './testing/small-world.js';

type Stream = Extract<Command, { kind: 'close-stream' }>['stream'];
const publishOne = (stream: Stream, producerSeq: number, level: 'accepted' | 'replicated', epoch = 0): Command => ({
  kind: 'publish-one', tenant: TENANT, stream, producer: 'p', epoch, producerSeq, chunkSeq: 0, chunkCount: 1, payload: utf8Encode(`p/${producerSeq}`), headers: new Uint8Array(0), level,
});
const groupOf = (host: SmallHost, kind: 'mcg' | 'dsg') => host.status().groups.find((group) => group.kind === kind);
const membersOf = (host: SmallHost): string[] => (host.status().mesh?.members ?? []).map(({ name, index }) => `${index} ${name}`);

describe('joining', () => {
  it('takes a few round trips and flushes, and waits for no timer', () => {
    const world = new SmallWorld();
    const a = world.add('a');
    mustAnswer(a, SEED);
    world.runFor(333_333);
    const b = world.add('b', { dials: ['a'] });
    world.runFor(100_000);
    const before = world.now;
    mustAnswer(b, joinBy('a'));
    expect(world.now - before).toBeLessThan(150_000);
    expect(membersOf(b)).toEqual(['1 a', '2 b']);
  });

  it('goes through any member: the one that was asked forwards to the leader', () => {
    const { a, b, c, d } = line();
    const names = ['1 b', '2 a', '3 c', '4 d'];
    for (const host of [a, b, c, d]) expect(membersOf(host)).toEqual(names);
    expect([a, c, d].map((host) => groupOf(host, 'mcg')?.leader)).toEqual([b.id, b.id, b.id]);
  });

  it('is refused for a wrong key, at the leader and at another member, and the node stays outside', () => {
    const { world, a, b } = pair();
    for (const via of ['a', 'b']) {
      const stranger = world.add(`stranger-${via}`);
      const { reject } = stranger.answer(joinBy(via, 'another key of some length'));
      expect(reject?.code).toBe('JOIN_KEY_WRONG');
      expect(stranger.status().mesh).toBe(null);
      mustAnswer(stranger, joinBy(via));
    }
    world.runFor(1_000_000);
    for (const host of [a, b]) expect(membersOf(host).length).toBe(4);
  });

  it('is refused by a closed mesh, and needs no key in an open one', () => {
    for (const joinPolicy of ['closed', 'open'] as const) {
      const world = new SmallWorld();
      const a = world.add('a');
      mustAnswer(a, { ...SEED, joinPolicy, joinKey: '' } as Command);
      const { reply, reject } = world.add('b').answer(joinBy('a', ''));
      expect([reject?.code ?? null, reply?.kind ?? null]).toEqual(joinPolicy === 'closed' ? ['JOIN_CLOSED', null] : [null, 'status']);
    }
  });

  it('is refused for another mesh than the one that was meant, and for a node that is in one', () => {
    const { world, a, b } = pair();
    const mesh = a.status().mesh?.id ?? null;
    const other = world.add('other');
    mustAnswer(other, SEED);
    const joiner = world.add('joiner');
    expect(joiner.answer({ ...joinBy('other'), meshId: mesh } as Command).reject?.code).toBe('WRONG_MESH');
    expect(b.answer(joinBy('other')).reject?.code).toBe('ALREADY_IN_MESH');
    expect(b.answer(SEED).reject?.code).toBe('ALREADY_IN_MESH');
  });

  it('tries the addresses in turn, and says which failure was the last', () => {
    const { world } = pair();
    const joiner = world.add('joiner');
    const urls = ['mesh://nobody', 'mesh://a'];
    mustAnswer(joiner, { ...joinBy('a'), urls } as Command);
    const lonely = world.add('lonely');
    expect(lonely.answer({ ...joinBy('a'), urls: ['mesh://nobody', 'mesh://noone'] } as Command).reject?.code).toBe('UNREACHABLE');
    expect(lonely.answer({ ...joinBy('a'), urls: [] } as Command).reject?.code).toBe('INVALID_ARGUMENT');
    mustAnswer(lonely, joinBy('joiner'));
  });

  it('asked again by a node that had died before it heard gives the same membership', () => {
    const { world, a } = pair();
    const c = world.add('c');
    const log = c.command(joinBy('a'));
    expect(world.runUntil(() => membersOf(a).length === 3 || log.reply !== null)).toBe(true);
    c.crash();
    c.start();
    if (c.status().mesh === null) mustAnswer(c, joinBy('a'));
    expect(world.runUntil(() => membersOf(c).length === 3)).toBe(true);
    expect(membersOf(a)).toEqual(['1 a', '2 b', '3 c']);
  });

  it('of many at once gives each an index of its own', () => {
    const { world, a } = pair();
    const hosts = Array.from({ length: 6 }, (_, i) => world.add(`n${i}`));
    const logs = hosts.map((host, i) => host.command(joinBy(i % 2 === 0 ? 'a' : 'b')));
    expect(world.runUntil(() => logs.every(({ reply }) => reply !== null))).toBe(true);
    world.runFor(5_000_000);
    const members = a.status().mesh?.members ?? [];
    expect(members.map(({ index }) => index)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(members.filter(({ role }) => role !== 'learner').length).toBe(5);
    for (const host of hosts) expect(membersOf(host).length).toBe(8);
  });
});

describe('a mesh', () => {
  it('comes back by itself after all of its nodes were killed', () => {
    const mesh = line();
    const { world, a, b, c, d } = mesh;
    for (const host of [a, b, c, d]) host.crash();
    world.runFor(1_000_000);
    for (const host of [d, c, a, b]) host.start();
    expect([a, b, c, d].map((host) => host.status().mesh?.state)).toEqual(['critical', 'critical', 'critical', 'critical']);
    world.runFor(4_000_000);
    for (const host of [a, b, c, d]) expect([host.status().mesh?.state, membersOf(host).length]).toEqual(['healthy', 4]);
  });

  it('has a part that an operator stops and starts, also over a restart', () => {
    const { world, a, c, d } = line();
    const stream = openStream(a, 's', [c, d]);
    const publisher = new Publisher({ host: a, stream, count: 40 });
    const subscribers = [new Subscriber({ host: c, name: 's' }), new Subscriber({ host: d, name: 's' })];
    const waiting = d.command({ kind: 'subscribe', tenant: TENANT, selector: { kind: 'name', name: 'never' }, resumeAfter: null, windowMessages: 1, windowBytes: 1 });
    runStory(world, [publisher, ...subscribers], () => publisher.isDone);
    const stopped = mustAnswer(d, { kind: 'stop-mesh' });
    expect(stopped.kind === 'status' ? stopped.status.mesh?.isStopped : null).toBe(true);
    expect(waiting.reject?.code).toBe('MESH_STOPPED');
    expect(d.answer({ kind: 'subscribe', tenant: TENANT, selector: { kind: 'name', name: 's' }, resumeAfter: null, windowMessages: 1, windowBytes: 1 }).reject?.code).toBe('MESH_STOPPED');
    world.runFor(3_000_000);
    expect(a.status().mesh?.members.find(({ name }) => name === 'd')?.liveness).toBe('left');
    expect(d.status().links).toEqual([]);
    for (let n = 41; n <= 60; n++) mustAnswer(a, publishOne(stream, n, 'replicated', 1));
    d.crash();
    d.start();
    world.runFor(3_000_000);
    expect([d.status().mesh?.isStopped, d.status().links]).toEqual([true, []]);
    mustAnswer(d, { kind: 'stop-mesh' });
    mustAnswer(d, { kind: 'start-mesh' });
    mustAnswer(d, { kind: 'start-mesh' });
    expect(runStory(world, subscribers, () => subscribers.every(({ lastSeq }) => lastSeq === 60))).toBe(true);
    expect(subscribers.map(({ stored }) => stored)).toEqual([allOf('p', 60), allOf('p', 60)]);
    expect(world.runUntil(() => a.status().mesh?.members.every(({ liveness }) => liveness === 'alive') === true)).toBe(true);
  });

  it('refuses what needs one before there is one', () => {
    const world = new SmallWorld();
    const a = world.add('a');
    for (const command of [{ kind: 'start-mesh' }, { kind: 'stop-mesh' }, { kind: 'subscribe', tenant: TENANT, selector: { kind: 'name', name: 's' }, resumeAfter: null, windowMessages: 1, windowBytes: 1 }] as const) {
      expect(a.answer(command).reject?.code).toBe('NOT_IN_MESH');
    }
    expect(a.answer({ ...SEED, meshName: '' } as Command).reject?.code).toBe('INVALID_ARGUMENT');
    expect(a.answer({ ...SEED, joinKey: 'short' } as Command).reject?.code).toBe('INVALID_ARGUMENT');
  });

  it('says goodbye when its process ends', () => {
    const { world, a, b } = pair();
    expect(mustAnswer(b, { kind: 'shut-down' })).toEqual({ kind: 'shut-down' });
    b.crash();
    world.runFor(500_000);
    expect(a.status().mesh?.members.find(({ name }) => name === 'b')?.liveness).toBe('left');
  });
});

describe('a group of two', () => {
  it('waits while one is down, completes nothing falsely, and goes on', () => {
    const { world, a, b } = pair();
    const stream = openStream(a, 's', [b]);
    mustAnswer(a, publishOne(stream, 1, 'replicated'));
    const subscriber = new Subscriber({ host: b, name: 's' });
    expect(runStory(world, [subscriber], () => subscriber.lastSeq === 1)).toBe(true);
    b.crash();
    const waiting = a.command(publishOne(stream, 2, 'replicated'));
    world.runFor(10_000_000);
    expect([waiting.reply, waiting.reject]).toEqual([null, null]);
    expect(a.status().streams[0]).toMatchObject({ accepted: 2, replicated: 1 });
    expect(a.status().mesh?.state).toBe('critical');
    b.start();
    expect(runStory(world, [subscriber], () => waiting.reply !== null && subscriber.lastSeq === 2)).toBe(true);
    expect(subscriber.faults).toEqual([]);
  });

  it('delivers what is replicated while the source is down', () => {
    const { world, a, b } = pair();
    const stream = openStream(a, 's', [b]);
    for (let n = 1; n <= 5; n++) mustAnswer(a, publishOne(stream, n, 'replicated'));
    world.runFor(1_000_000);
    a.crash();
    world.runFor(5_000_000);
    const subscriber = new Subscriber({ host: b, name: 's' });
    expect(runStory(world, [subscriber], () => subscriber.lastSeq === 5, 5_000_000)).toBe(true);
    a.start();
    expect(world.runUntil(() => (a.status().streams[0]?.completed ?? 0) === 5)).toBe(true);
  });
});

describe('the leader of a stream', () => {
  it('is the source from the beginning, a round trip after the stream was opened', () => {
    const { world, a, b, c, d } = line();
    for (const [source, targets] of [[a, [c, d]], [b, [a, c, d]], [d, [a]], [c, [b, d]]] as const) {
      for (let n = 0; n < 3; n++) {
        const stream = openStream(source, `s${n}`, targets);
        world.runFor(40_000);
        expect(source.status().groups.find(({ id }) => (id as string) === stream)).toMatchObject({ role: 'leader' });
      }
    }
  });

  it('is the source also when the invitations were lost, as soon as it gets through', () => {
    const { world, a, b } = pair();
    b.crash();
    const stream = openStream(a, 's', [b]);
    world.runFor(700_000);
    b.start();
    expect(world.runUntil(() => b.status().streams.length > 0)).toBe(true);
    world.runFor(200_000);
    expect(a.status().groups.find(({ id }) => (id as string) === stream)).toMatchObject({ role: 'leader' });
  });

  it('moves elsewhere when the source dies, takes the source\'s messages, and comes back to the source', () => {
    const { world, a, c, d } = line();
    const stream = openStream(a, 's', [c, d]);
    const publisher = new Publisher({ host: a, stream, count: 1000, burst: 1, everyUs: 10_000 });
    const subscribers = [new Subscriber({ host: c, name: 's' }), new Subscriber({ host: d, name: 's' })];
    const applications = [publisher, ...subscribers];
    expect(runStory(world, applications, () => publisher.completed > 50)).toBe(true);
    expect(groupOf(a, 'dsg')?.role).toBe('leader');
    a.crash();
    runStory(world, applications, () => false, 3_000_000);
    expect([c, d].filter((host) => groupOf(host, 'dsg')?.role === 'leader').length).toBe(1);
    a.start();
    const before = publisher.completed;
    const restartedAt = world.now;
    expect(runStory(world, applications, () => publisher.completed > before + 20)).toBe(true);
    expect(groupOf(a, 'dsg')?.role).toBe('follower');
    expect(world.now - restartedAt).toBeLessThan(5_000_000);
    runStory(world, applications, () => false, 8_000_000);
    expect(groupOf(a, 'dsg')?.role).toBe('leader');
    expect(runStory(world, applications, () => publisher.isDone && subscribers.every(({ lastSeq }) => lastSeq === 1000))).toBe(true);
    for (const { stored, faults, repeats } of subscribers) expect([stored, faults, repeats]).toEqual([allOf('p', 1000), [], 0]);
    expect(publisher.refusals).toEqual([]);
  });
});

describe('opening a stream', () => {
  const open = (name: string, targets: readonly SmallHost[], more: Partial<Extract<Command, { kind: 'open-stream' }>> = {}): Command => ({
    kind: 'open-stream', tenant: TENANT, name, targets: targets.map(({ id }) => id), qos: 'bulk', priority: 0, policy: { kind: 'all' }, ...more,
  });

  it('again with the same content gives the same stream, also while the first is on its way to the disk', () => {
    const { world, a, b } = pair();
    const logs = [a.command(open('s', [b])), a.command(open('s', [b]))];
    expect(world.runUntil(() => logs.some(({ reply }) => reply !== null))).toBe(true);
    a.crash();
    a.start();
    const again = mustAnswer(a, open('s', [b]));
    for (const { reply } of logs) if (reply !== null) expect(reply).toEqual(again);
    expect(a.answer(open('s', [b], { qos: 'priority' })).reject?.code).toBe('STREAM_EXISTS');
  });

  it('is refused for what makes no sense', () => {
    const { world, a, b, c, d } = line();
    const stranger = world.add('stranger');
    const refusals: [Command, string][] = [
      [open('', [b]), 'INVALID_ARGUMENT'],
      [open('s', []), 'INVALID_ARGUMENT'],
      [open('s', [b, b]), 'INVALID_ARGUMENT'],
      [open('s', [a]), 'INVALID_ARGUMENT'],
      [open('s', [b], { priority: 256 }), 'INVALID_ARGUMENT'],
      [open('s', [stranger]), 'TARGET_UNKNOWN'],
      [open('s', [b, c, d], { policy: { kind: 'quorum', count: 1 } }), 'POLICY_BELOW_QUORUM'],
      [open('s', [b, c, d], { policy: { kind: 'quorum', count: 4 } }), 'POLICY_BELOW_QUORUM'],
    ];
    expect(refusals.map(([command]) => a.answer(command).reject?.code)).toEqual(refusals.map(([, code]) => code));
  });
});

describe('a node that cannot begin because its disk is full', () => {
  it('answers all that was asked of it when there is space, and refuses at once what is too much', () => {
    const world = new SmallWorld();
    const a = world.add('a');
    a.isDiskFull = true;
    const logs = Array.from({ length: 10_001 }, () => a.command({ kind: 'get-status' }));
    world.runFor(3_000_000);
    expect(logs.filter(({ reply, reject }) => reply !== null || reject !== null).map(({ reject }) => reject?.code)).toEqual(['OVERLOADED']);
    a.isDiskFull = false;
    expect(world.runUntil(() => logs.every(({ reply, reject }) => reply !== null || reject !== null))).toBe(true);
    expect(logs.filter(({ reply }) => reply !== null).length).toBe(10_000);
  });
});
