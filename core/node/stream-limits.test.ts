import { describe, expect, it } from 'vitest';
import { utf8Encode } from '../base/bytes.js';
import { DEFAULT_GROUPS_CONFIG, type GroupsConfig } from '../groups/config.js';
import { DEFAULT_NODE_CONFIG, type NodeConfig } from './config.js';
import type { Command } from './commands.js';
import { Publisher, Subscriber, TENANT, allOf, largePayload } from './testing/applications.js';
import { line, mustAnswer, openStream, pair, runStory } from './testing/meshes.js';
import { HOST } from './viewer.js';

const configWith = (groups: Partial<GroupsConfig>): NodeConfig => ({ ...DEFAULT_NODE_CONFIG, groups: { ...DEFAULT_GROUPS_CONFIG, ...groups } });
const SMALL = configWith({ streamBytesMax: 256 * 1024, messageBytesMax: 128 * 1024, publisherWindowBytes: 64 * 1024, compactBytesMin: 16 * 1024, compactEntriesMin: 8 });

type Stream = Extract<Command, { kind: 'close-stream' }>['stream'];
const publishOne = (stream: Stream, producerSeq: number, payload: Uint8Array, producer = 'p'): Command => ({
  kind: 'publish-one', tenant: TENANT, stream, producer, producerSeq, chunkSeq: 0, chunkCount: 1, payload, headers: new Uint8Array(0), level: 'accepted',
});

describe('a stream with a stopped target', () => {
  it('fills up, names that target, and goes on when it is back', () => {
    const { world, a, c, d } = line(SMALL);
    const stream = openStream(a, 's', [c, d]);
    const payload = new Uint8Array(10_000);
    const quick = new Subscriber({ host: c, name: 's', payloadOf: () => payload });
    const late = new Subscriber({ host: d, name: 's', payloadOf: () => payload });
    let n = 0;
    let full: ReturnType<typeof a.answer> | null = null;
    while (full === null && n < 100) {
      const answer = a.answer(publishOne(stream, ++n, payload));
      runStory(world, [quick], () => quick.lastSeq >= n - 1, 1_000_000);
      if (answer.reject !== null) full = answer;
    }
    expect(full?.reject).toMatchObject({ code: 'OUTBOX_FULL', subject: `target ${d.id}` });
    expect(full?.reject?.retryAfterUs).toBeGreaterThan(0);
    expect(n).toBeGreaterThan(20);
    expect(a.status().streams[0]?.outstandingBytes).toBeLessThanOrEqual(256 * 1024);
    expect(runStory(world, [quick, late], () => late.lastSeq === n - 1)).toBe(true);
    world.runFor(1_000_000);
    mustAnswer(a, publishOne(stream, n, payload));
    expect(a.status().streams[0]?.outstandingBytes).toBeLessThan(20_000);
  });

  it('holds its publisher by credit and refuses it nothing', () => {
    const { world, a, c, d } = line(SMALL);
    const stream = openStream(a, 's', [c, d]);
    const payloadOf = largePayload(9_000);
    const publishers = ['p', 'q'].map((producer) => new Publisher({ host: a, stream, producer, count: 100, payloadOf }));
    const quick = new Subscriber({ host: c, name: 's', payloadOf });
    const late = new Subscriber({ host: d, name: 's', payloadOf });
    runStory(world, [...publishers, quick], () => false, 20_000_000);
    const held = publishers.map(({ offered }) => offered);
    expect((held[0] ?? 0) + (held[1] ?? 0)).toBeLessThan(40);
    expect(quick.lastSeq).toBeGreaterThan(15);
    expect(runStory(world, [...publishers, quick, late], () => publishers.every(({ isDone }) => isDone))).toBe(true);
    expect(publishers.map(({ refusals }) => refusals)).toEqual([[], []]);
    expect([quick.faults, late.faults]).toEqual([[], []]);
  });

  it('bounds empty messages too', () => {
    const { a, b } = pair(SMALL);
    const stream = openStream(a, 's', [b]);
    const log = a.answer({ kind: 'attach-publisher', tenant: TENANT, stream, producer: 'p' });
    const messages = (from: number) => Array.from({ length: 1000 }, (_, i) => ({ producerSeq: from + i, chunkSeq: 0, chunkCount: 1, payload: new Uint8Array(0), headers: new Uint8Array(0) }));
    for (let batch = 0; batch < 30 && log.ended === null; batch++) {
      a.input({ kind: 'publish', request: a.requestOf(log), messages: messages(batch * 1000 + 1) });
      a.world.runFor(50_000);
    }
    expect(log.ended?.reject?.code).toBe('OUTBOX_FULL');
    expect(a.status().streams[0]?.accepted).toBeLessThan(15_000);
  });

  it('is refused nothing by what others settled long ago', () => {
    const { world, a, b } = pair(configWith({ streamBytesMax: 300_000, messageBytesMax: 250_000, publisherWindowBytes: 250_000 }));
    const stream = openStream(a, 's', [b]);
    const small = new Subscriber({ host: b, name: 's', payloadOf: () => new Uint8Array(20_000) });
    for (let n = 1; n <= 9; n++) mustAnswer(a, publishOne(stream, n, new Uint8Array(20_000)));
    expect(runStory(world, [small], () => small.lastSeq === 9)).toBe(true);
    world.runFor(2_000_000);
    // 180 KB of settled messages are far from worth compacting, and a quarter of a megabyte more has to fit.
    const payloadOf = largePayload(240_000);
    const publisher = new Publisher({ host: a, stream, producer: 'q', count: 1, payloadOf });
    small.isPaused = false;
    expect(runStory(world, [publisher, { tick: () => small.tick() }], () => publisher.replicated === 1, 10_000_000)).toBe(true);
  });
});

describe('closing a stream', () => {
  it('goes through its log: all is delivered and settled, then subscribers end and publishers are refused', () => {
    const { world, a, c, d } = line();
    const stream = openStream(a, 's', [c, d]);
    const publisher = new Publisher({ host: a, stream, count: 50 });
    const subscribers = [new Subscriber({ host: c, name: 's' }), new Subscriber({ host: d, name: 's', windowMessages: 5 })];
    const events = d.command({ kind: 'watch-events', kinds: ['stream-closed'], afterSequence: 0, viewer: HOST });
    expect(runStory(world, [publisher], () => publisher.accepted === 50)).toBe(true);
    expect(mustAnswer(a, { kind: 'close-stream', tenant: TENANT, stream })).toEqual({ kind: 'closed', lastSeq: 50 });
    expect(runStory(world, subscribers, () => subscribers.every(({ isOver }) => isOver))).toBe(true);
    for (const { stored, faults } of subscribers) expect([stored, faults]).toEqual([allOf('p', 50), []]);
    expect(events.events.map(({ kind }) => kind)).toEqual(['stream-closed']);
    expect(a.answer(publishOne(stream, 51, utf8Encode('late'))).reject?.code).toBe('STREAM_CLOSED');
    expect(a.answer({ kind: 'attach-publisher', tenant: TENANT, stream, producer: 'p' }).reject?.code).toBe('STREAM_CLOSED');
    expect(mustAnswer(a, { kind: 'close-stream', tenant: TENANT, stream })).toEqual({ kind: 'closed', lastSeq: 50 });
  });

  it('takes no longer than the last message, and no timer is needed', () => {
    const { world, a, b } = pair();
    const stream = openStream(a, 's', [b]);
    world.runFor(1_000_000);
    const subscriber = new Subscriber({ host: b, name: 's' });
    runStory(world, [subscriber], () => false, 500_000);
    for (let round = 0; round < 1; round++) {
      const published = a.command(publishOne(stream, round + 1, utf8Encode('p/1')));
      a.command({ kind: 'close-stream', tenant: TENANT, stream });
      const before = world.now;
      expect(runStory(world, [subscriber], () => subscriber.isOver)).toBe(true);
      expect(published.reject).toBe(null);
      expect(world.now - before).toBeLessThanOrEqual(40_000);
    }
  });

  it('survives restarts before it is through, and the name is free for another stream', () => {
    const { world, a, b } = pair();
    const stream = openStream(a, 's', [b]);
    mustAnswer(a, publishOne(stream, 1, utf8Encode('p/1')));
    b.crash();
    mustAnswer(a, publishOne(stream, 2, utf8Encode('p/2')));
    mustAnswer(a, { kind: 'close-stream', tenant: TENANT, stream });
    a.crash();
    a.start();
    b.start();
    const subscriber = new Subscriber({ host: b, name: 's' });
    expect(runStory(world, [subscriber], () => subscriber.isOver)).toBe(true);
    expect(subscriber.stored).toEqual(allOf('p', 2));
    const again = openStream(a, 's', [b]);
    expect(again).not.toBe(stream);
    mustAnswer(a, publishOne(again, 1, utf8Encode('p/1')));
    world.runFor(100_000);
    const next = new Subscriber({ host: b, name: 's' });
    expect(runStory(world, [next], () => next.lastSeq === 1)).toBe(true);
  });

  it('gives all that is left to a subscriber who lags behind its node before it ends', () => {
    const { world, a, b } = pair();
    const stream = openStream(a, 's', [b]);
    for (let n = 1; n <= 5; n++) mustAnswer(a, publishOne(stream, n, utf8Encode(`p/${n}`)));
    mustAnswer(a, { kind: 'close-stream', tenant: TENANT, stream });
    const first = new Subscriber({ host: b, name: 's' });
    expect(runStory(world, [first], () => first.isOver)).toBe(true);
    const lost = new Subscriber({ host: b, name: 's', windowMessages: 2 });
    expect(runStory(world, [lost], () => lost.isOver)).toBe(true);
    expect(lost.stored).toEqual(allOf('p', 5));
  });
});

describe('a full disk', () => {
  const COUNT = 400;
  for (const victim of ['a', 'b', 'd'] as const) {
    it(`at ${victim} refuses new work there, loses nothing, and is over when there is space`, () => {
      const mesh = line();
      const { world, a, b, c, d } = mesh;
      const stream = openStream(a, 's', [c, d]);
      const publisher = new Publisher({ host: a, stream, count: COUNT, everyUs: 4_000, burst: 1 });
      const subscribers = [new Subscriber({ host: c, name: 's' }), new Subscriber({ host: d, name: 's' })];
      const applications = [publisher, ...subscribers];
      expect(runStory(world, applications, () => publisher.completed > 50)).toBe(true);
      mesh[victim].isDiskFull = true;
      runStory(world, applications, () => false, 4_000_000);
      if (victim === 'a') {
        expect(a.answer(publishOne(stream, 1, utf8Encode('more'), 'other')).reject?.code).toBe('OVERLOADED');
        expect(publisher.refusals).toContain('OVERLOADED');
      }
      mesh[victim].isDiskFull = false;
      expect(runStory(world, applications, () => publisher.isDone)).toBe(true);
      for (const { stored, faults } of subscribers) expect([stored, faults]).toEqual([allOf('p', COUNT), []]);
      expect([a, b, c, d].map(({ halted }) => halted)).toEqual([null, null, null, null]);
    });
  }
});
