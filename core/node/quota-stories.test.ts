import { describe, expect, it } from 'vitest';
import { type TenantId, idFromBytes } from '../base/ids.js';
import { NO_QUOTA, type TenantQuota } from '../groups/admission/quota.js';
import { DEFAULT_GROUPS_CONFIG, type GroupsConfig } from '../groups/config.js';
import { DEFAULT_NODE_CONFIG, type NodeConfig } from './config.js';
import type { Command } from './commands.js';
import { Publisher, Subscriber, TENANT } from './testing/applications.js';
import { mustAnswer, openStream, pair, runStory } from './testing/meshes.js';

const OTHER = idFromBytes<TenantId>(new Uint8Array(16).fill(8));
const configWith = (groups: Partial<GroupsConfig>): NodeConfig => ({ ...DEFAULT_NODE_CONFIG, groups: { ...DEFAULT_GROUPS_CONFIG, ...groups } });
const limited = (quota: Partial<TenantQuota>): NodeConfig => configWith({ ownQuotas: [{ tenant: TENANT, quota: { ...NO_QUOTA, ...quota } }] });

type Stream = Extract<Command, { kind: 'close-stream' }>['stream'];
const publishOne = (stream: Stream, producerSeq: number, bytes: number, tenant = TENANT): Command => ({
  kind: 'publish-one', tenant, stream, producer: 'one', producerSeq, chunkSeq: 0, chunkCount: 1, payload: new Uint8Array(bytes), headers: new Uint8Array(0), level: 'accepted',
});
const payloadOf = () => new Uint8Array(10_000);

describe('a tenant with a quota', () => {
  it('opens as many streams as that, and one more when it has closed one; others open theirs', () => {
    const { world, a, b } = pair(limited({ streams: 2 }));
    const first = openStream(a, 'first', [b]);
    openStream(a, 'second', [b]);
    const third: Command = { kind: 'open-stream', tenant: TENANT, name: 'third', targets: [b.id], qos: 'bulk', priority: 0, policy: { kind: 'all' } };
    const why = a.answer(third).reject;
    expect(why).toMatchObject({ code: 'QUOTA_EXCEEDED', subject: 'streams' });
    expect(why?.detail).toContain('2 of at most 2 open streams');
    mustAnswer(a, { ...third, name: 'first' });
    mustAnswer(a, { ...third, tenant: OTHER });
    mustAnswer(a, { kind: 'close-stream', tenant: TENANT, stream: first });
    mustAnswer(a, third);
    world.runFor(1_000_000);
    expect(a.status().tenants).toMatchObject([{ tenant: TENANT, streams: 2, refused: 1 }, { tenant: OTHER, streams: 1, refused: 0 }]);
  });

  it('has as many subscribers as that; one that takes the place of another is none more', () => {
    const { world, a, b } = pair(limited({ subscribers: 1 }));
    openStream(a, 'first', [b]);
    openStream(a, 'second', [b]);
    world.runFor(1_000_000);
    const subscribe = (name: string): Command => ({ kind: 'subscribe', tenant: TENANT, selector: { kind: 'name', name }, resumeAfter: null, windowMessages: 1, windowBytes: 100_000 });
    const log = b.command(subscribe('first'));
    world.runFor(100_000);
    expect(b.answer(subscribe('second')).reject).toMatchObject({ code: 'QUOTA_EXCEEDED', subject: 'subscribers' });
    mustAnswer(b, subscribe('first'));
    expect(log.ended?.reject?.code).toBe('FENCED');
    expect(b.status().tenants).toMatchObject([{ subscribers: 1, refused: 1 }]);
  });

  it('publishes no faster than its rate: single publishes are told when, a session is held and refused nothing', () => {
    const { world, a, b } = pair(limited({ bytesPerSecond: 100_000 }));
    const stream = openStream(a, 's', [b]);
    const free = openStream(a, 's', [b], { kind: 'all' }, OTHER);
    const publisher = new Publisher({ host: a, stream, count: 60, payloadOf });
    const other = new Publisher({ host: a, tenant: OTHER, stream: free, count: 60, payloadOf });
    const readers = [TENANT, OTHER].map((tenant) => new Subscriber({ host: b, tenant, name: 's', payloadOf }));
    const began = world.now;
    expect(runStory(world, [publisher, other, ...readers], () => other.isDone)).toBe(true);
    expect(publisher.accepted).toBeLessThan(20);
    const single = a.answer(publishOne(stream, 1, 100)).reject;
    expect([single?.code, single?.subject]).toEqual(['QUOTA_EXCEEDED', 'bytesPerSecond']);
    expect(single?.retryAfterUs).toBeGreaterThan(0);
    expect(runStory(world, [publisher, ...readers], () => publisher.isDone)).toBe(true);
    // 600 KB at 100 KB a second, after a first second's worth.
    expect(world.now - began).toBeGreaterThan(4_800_000);
    expect(world.now - began).toBeLessThan(7_000_000);
    expect([publisher.refusals, readers.flatMap(({ faults }) => faults)]).toEqual([[], []]);
    expect(a.status().tenants).toMatchObject([{ tenant: TENANT, waitingBytes: 0, refused: 1 }, { tenant: OTHER, delayed: 0 }]);
  });

  it('stages no more than that over all of its streams: windows close and open, single publishes are refused', () => {
    const { world, a, b } = pair(limited({ stagedBytes: 100_000 }));
    const streams = ['s', 't'].map((name) => openStream(a, name, [b]));
    const publishers = streams.map((stream) => new Publisher({ host: a, stream, count: 50, payloadOf }));
    runStory(world, publishers, () => false, 3_000_000);
    const { stagedBytes, waitingBytes } = a.status().tenants[0] ?? { stagedBytes: 0, waitingBytes: 0 };
    expect(stagedBytes).toBeGreaterThanOrEqual(100_000);
    expect(stagedBytes).toBeLessThan(120_000);
    expect(waitingBytes).toBeGreaterThan(0);
    const single = a.answer(publishOne(streams[0] as Stream, 1, 100)).reject;
    expect([single?.code, single?.subject]).toEqual(['QUOTA_EXCEEDED', 'stagedBytes']);
    const readers = ['s', 't'].map((name) => new Subscriber({ host: b, name, payloadOf }));
    expect(runStory(world, [...publishers, ...readers], () => publishers.every(({ isDone }) => isDone))).toBe(true);
    expect(publishers.flatMap(({ refusals }) => refusals)).toEqual([]);
    expect(readers.flatMap(({ faults }) => faults)).toEqual([]);
    expect(a.status().tenants[0]).toMatchObject({ waitingBytes: 0, stagedBytes: 0 });
  });

  it('is dropped with its session: what waited for the quota is not published by anybody later', () => {
    const { world, a, b } = pair(limited({ bytesPerSecond: 20_000 }));
    const stream = openStream(a, 's', [b]);
    const log = a.answer({ kind: 'attach-publisher', tenant: TENANT, stream, producer: 'p' });
    const messages = Array.from({ length: 50 }, (_, at) => ({ producerSeq: at + 1, chunkSeq: 0, chunkCount: 1, payload: payloadOf(), headers: new Uint8Array(0) }));
    a.input({ kind: 'publish', request: a.requestOf(log), messages });
    world.runFor(100_000);
    expect(a.status().tenants[0]?.waitingBytes).toBeGreaterThan(0);
    a.input({ kind: 'cancel', request: a.requestOf(log) });
    world.runFor(10_000);
    const { accepted } = a.status().streams[0] ?? { accepted: 0 };
    expect(a.status().tenants[0]?.waitingBytes).toBe(0);
    world.runFor(5_000_000);
    expect(a.status().streams[0]?.accepted).toBe(accepted);
  });
});

describe('a tenant that floods', () => {
  it('delays another by a turn, not by what it has waiting', () => {
    const window = { publisherWindowBytes: 100_000, admissionWindowBytes: 100_000 };
    const { world, a, b } = pair(configWith(window));
    const names = Array.from({ length: 20 }, (_, n) => `flood-${n}`);
    const flood = names.map((name) => new Publisher({ host: a, stream: openStream(a, name, [b]), count: 1_000, payloadOf }));
    const quiet = openStream(a, 'quiet', [b], { kind: 'all' }, OTHER);
    const readers = names.map((name) => new Subscriber({ host: b, name, payloadOf }));
    expect(runStory(world, [...flood, ...readers], () => (a.status().tenants[0]?.waitingBytes ?? 0) > 1_000_000)).toBe(true);
    const delays: number[] = [];
    for (let n = 1; n <= 20; n++) {
      const began = world.now;
      const log = a.command(publishOne(quiet, n, 1_000, OTHER));
      expect(runStory(world, [...flood, ...readers], () => log.reply !== null || log.reject !== null)).toBe(true);
      expect(log.reject).toBeNull();
      delays.push(world.now - began);
      runStory(world, [...flood, ...readers], () => false, 3_000);
    }
    // A flush takes half a millisecond, and a turn of the flood is a window: its backlog is a dozen of those.
    expect(Math.max(...delays)).toBeLessThan(4_000);
    expect(flood.flatMap(({ refusals }) => refusals)).toEqual([]);
    expect(a.status().tenants[0]?.delayed).toBeGreaterThan(100);
  });
});
