import { describe, expect, it } from 'vitest';
import { type StreamSeq, streamSeq } from '../base/units.js';
import { utf8Encode } from '../base/bytes.js';
import { DEFAULT_GROUPS_CONFIG, type GroupsConfig } from '../groups/config.js';
import { DEFAULT_NODE_CONFIG, type NodeConfig } from './config.js';
import type { Command, PublishLevel } from './commands.js';
import { Publisher, Subscriber, TENANT, allOf, largePayload, textOf } from './testing/applications.js';
import { line, mustAnswer, openStream, pair, runStory } from './testing/meshes.js';
import type { RequestLog, SmallHost, SmallWorld } from './testing/small-world.js';

const configWith = (groups: Partial<GroupsConfig>): NodeConfig => ({ ...DEFAULT_NODE_CONFIG, groups: { ...DEFAULT_GROUPS_CONFIG, ...groups } });

type Stream = Extract<Command, { kind: 'close-stream' }>['stream'];

const publishOne = (stream: Stream, producerSeq: number, level: PublishLevel, payload = utf8Encode(`p/${producerSeq}`), producer = 'p', epoch = 0): Command => ({
  kind: 'publish-one', tenant: TENANT, stream, producer, epoch, producerSeq, chunkSeq: 0, chunkCount: 1, payload, headers: new Uint8Array(0), level,
});
const subscribe = (name: string, resumeAfter: number | null = null, windowMessages = 1000): Command => ({
  kind: 'subscribe', tenant: TENANT, selector: { kind: 'name', name }, resumeAfter: resumeAfter as StreamSeq | null, windowMessages, windowBytes: 1 << 22,
});
const acknowledge = (host: SmallHost, log: RequestLog, seq: number): void =>
  host.input({ kind: 'processed', request: host.requestOf(log), attempt: log.delivered.at(-1)?.attempt ?? 1, seq: streamSeq(seq) });
const seqsOf = (log: RequestLog): number[] => log.delivered.map(({ chunk }) => chunk.seq);
const isAnswered = (log: RequestLog): boolean => log.reply !== null || log.reject !== null;
/** How long it takes until `condition` holds. */
function timeUntil(world: SmallWorld, condition: () => boolean): number {
  const before = world.now;
  expect(world.runUntil(condition)).toBe(true);
  return world.now - before;
}

describe('a publish', () => {
  it('answers at the level that was asked for, and not before', () => {
    const { world, a, b } = pair();
    const stream = openStream(a, 's', [b]);
    world.runFor(1_000_000);
    const accepted = a.command(publishOne(stream, 1, 'accepted'));
    expect(timeUntil(world, () => isAnswered(accepted))).toBeLessThanOrEqual(3 * world.flushUs);
    const replicated = a.command(publishOne(stream, 2, 'replicated'));
    const completed = a.command(publishOne(stream, 3, 'completed'));
    expect(timeUntil(world, () => isAnswered(replicated))).toBeGreaterThanOrEqual(2 * world.latencyUs);
    world.runFor(3_000_000);
    expect(completed.reply).toBe(null);
    const log = b.command(subscribe('s'));
    expect(world.runUntil(() => log.delivered.length === 3)).toBe(true);
    expect(completed.reply).toBe(null);
    acknowledge(b, log, 3);
    expect(world.runUntil(() => isAnswered(completed))).toBe(true);
    expect([accepted, replicated, completed].map(({ reply }) => reply)).toEqual(
      [['accepted', 1], ['replicated', 2], ['completed', 3]].map(([level, seq]) => ({ kind: 'published', stream, seq, level, isRepeat: false })),
    );
  });

  it('that is accepted needs nobody else; what was accepted is replicated when the others are back', () => {
    const { world, a, b } = pair();
    const stream = openStream(a, 's', [b]);
    world.runFor(1_000_000);
    b.crash();
    world.runFor(3_000_000);
    const accepted = a.command(publishOne(stream, 1, 'accepted'));
    const replicated = a.command(publishOne(stream, 2, 'replicated'));
    expect(world.runUntil(() => isAnswered(accepted), 1_000_000)).toBe(true);
    world.runFor(5_000_000);
    expect([accepted.reply?.kind, replicated.reply]).toEqual(['published', null]);
    b.start();
    expect(world.runUntil(() => isAnswered(replicated))).toBe(true);
    expect(replicated.reply?.kind).toBe('published');
  });

  it('that is repeated gets what it got before, at its level, also after a restart', () => {
    const { a, b } = pair();
    const stream = openStream(a, 's', [b]);
    for (let producerSeq = 1; producerSeq <= 3; producerSeq++) mustAnswer(a, publishOne(stream, producerSeq, 'replicated'));
    expect(mustAnswer(a, publishOne(stream, 2, 'replicated'))).toMatchObject({ seq: 2, isRepeat: true });
    a.crash();
    a.start();
    expect(mustAnswer(a, publishOne(stream, 3, 'replicated'))).toMatchObject({ seq: 3, isRepeat: true });
    expect(mustAnswer(a, publishOne(stream, 9, 'accepted'))).toMatchObject({ seq: 4, isRepeat: false });
    expect(a.answer(publishOne(stream, 5, 'accepted')).reject?.code).toBe('PRODUCER_GAP');
    expect(mustAnswer(a, { kind: 'get-producer', tenant: TENANT, stream, producer: 'p' })).toMatchObject({ lastProducerSeq: 9 });
  });

  it('is answered when its stream is closed meanwhile', () => {
    const { world, a, b } = pair();
    const stream = openStream(a, 's', [b]);
    const log = b.command(subscribe('s'));
    const completed = a.command(publishOne(stream, 1, 'completed'));
    world.runFor(100_000);
    mustAnswer(a, { kind: 'close-stream', tenant: TENANT, stream });
    expect(world.runUntil(() => log.delivered.length === 1)).toBe(true);
    acknowledge(b, log, 1);
    expect(world.runUntil(() => isAnswered(completed))).toBe(true);
    expect(completed.reject).toBe(null);
  });

  it('completes without waiting for a timer, whoever settles last', () => {
    const { world, a, b, c, d } = line();
    const stream = openStream(a, 's', [b, c, d]);
    const logs = [b, c, d].map((host) => ({ host, log: host.command(subscribe('s')) }));
    world.runFor(3_000_000);
    const times: number[] = [];
    for (let n = 1; n <= 20; n++) {
      const completed = a.command(publishOne(stream, n, 'completed'));
      const isAcknowledged = new Set<SmallHost>();
      times.push(timeUntil(world, () => {
        for (const { host, log } of logs) {
          if (log.delivered.length < n || isAcknowledged.has(host)) continue;
          isAcknowledged.add(host);
          acknowledge(host, log, n);
        }
        return isAnswered(completed);
      }));
      world.runFor(7_000);
    }
    // Three links there, three back for the log; the same again for the offset, the flushes between, and the
    // lingers of four nodes' journals between those.
    const lingersUs = 4 * DEFAULT_NODE_CONFIG.flushLingerUs;
    expect(Math.max(...times)).toBeLessThanOrEqual(12 * world.latencyUs + 20 * world.flushUs + 10_000 + lingersUs);
  });
});

describe('a publisher session', () => {
  it('goes on at the producerSeq after the last that the node has', () => {
    const { world, a, b } = pair();
    const stream = openStream(a, 's', [b]);
    const first = new Publisher({ host: a, stream, count: 10 });
    expect(runStory(world, [first], () => first.replicated === 10)).toBe(true);
    expect(mustAnswer(a, { kind: 'attach-publisher', tenant: TENANT, stream, producer: 'p' })).toMatchObject({ lastProducerSeq: 10 });
    expect(mustAnswer(a, { kind: 'attach-publisher', tenant: TENANT, stream, producer: 'q' })).toMatchObject({ lastProducerSeq: 0 });
  });

  it('fences the older session of its producer, and no other', () => {
    const { world, a, b } = pair();
    const stream = openStream(a, 's', [b]);
    const [older, other, newer] = ['p', 'q', 'p'].map((producer) => a.answer({ kind: 'attach-publisher', tenant: TENANT, stream, producer }));
    world.runFor(100_000);
    expect([older, other, newer].map((log) => log?.ended?.reject?.code ?? null)).toEqual(['FENCED', null, null]);
  });

  it('repeats are swallowed and counted in no watermark twice', () => {
    const { world, a, b } = pair();
    const stream = openStream(a, 's', [b]);
    const subscriber = new Subscriber({ host: b, name: 's' });
    const log = a.answer({ kind: 'attach-publisher', tenant: TENANT, stream, producer: 'p' });
    const offer = (from: number, to: number): void =>
      a.input({
        kind: 'publish',
        request: a.requestOf(log),
        messages: Array.from({ length: to - from + 1 }, (_, i) => ({ producerSeq: from + i, chunkSeq: 0, chunkCount: 1, payload: utf8Encode(`p/${from + i}`), headers: new Uint8Array(0) })),
      });
    offer(1, 100);
    offer(1, 60);
    offer(50, 120);
    expect(runStory(world, [subscriber], () => log.watermarks?.completed === 120)).toBe(true);
    expect(subscriber.stored).toEqual(allOf('p', 120));
    expect(subscriber.faults).toEqual([]);
  });

  it('tells credit again after repeats', () => {
    const { world, a, b } = pair();
    const stream = openStream(a, 's', [b]);
    const subscriber = new Subscriber({ host: b, name: 's', payloadOf: largePayload(60_000) });
    const count = 40;
    const publisher = new Publisher({ host: a, stream, count, payloadOf: largePayload(60_000) });
    expect(runStory(world, [publisher, subscriber], () => publisher.isDone)).toBe(true);
    expect(subscriber.faults).toEqual([]);
  });
});

describe('a large message', () => {
  it('of 5 MiB travels three links in chunks, whole and verified, with little in memory anywhere', () => {
    const { world, a, b, c, d } = line();
    const stream = openStream(a, 's', [d]);
    const payloadOf = largePayload(5 * 1024 * 1024);
    const publisher = new Publisher({ host: a, stream, count: 3, payloadOf, burst: 8 });
    const subscriber = new Subscriber({ host: d, name: 's', payloadOf });
    let queuedMax = 0;
    let isTimeToLook = 0;
    const watch = {
      tick: () => {
        if (world.now < isTimeToLook) return;
        isTimeToLook = world.now + 50_000;
        for (const host of [a, b, c, d]) for (const { queuedBytes } of host.status().links) queuedMax = Math.max(queuedMax, queuedBytes);
      },
    };
    expect(runStory(world, [publisher, subscriber, watch], () => publisher.isDone)).toBe(true);
    expect(subscriber.faults).toEqual([]);
    expect(subscriber.stored).toEqual(allOf('p', 3));
    expect(queuedMax).toBeLessThan(8 * 1024 * 1024);
    expect([a, b, c, d].map(({ halted }) => halted)).toEqual([null, null, null, null]);
    expect(a.status().streams[0]?.outstandingBytes).toBe(0);
  });

  it('survives the death of its source at any chunk', () => {
    for (const crashAt of [3, 40, 81, 90]) {
      const { world, a, b } = pair();
      const stream = openStream(a, 's', [b]);
      const payloadOf = largePayload(5 * 1024 * 1024);
      const publisher = new Publisher({ host: a, stream, count: 2, payloadOf, burst: 1 });
      const subscriber = new Subscriber({ host: b, name: 's', payloadOf });
      let ticks = 0;
      runStory(world, [publisher, subscriber], () => ++ticks > crashAt * 8);
      a.crash();
      a.start();
      expect(runStory(world, [publisher, subscriber], () => publisher.isDone)).toBe(true);
      expect([subscriber.faults, subscriber.stored, a.halted]).toEqual([[], allOf('p', 2), null]);
    }
  });

  it('that its publisher does not finish blocks nobody and is dropped with the session', () => {
    const { world, a, b } = pair(configWith({ streamBytesMax: 2 * 1024 * 1024, messageBytesMax: 2 * 1024 * 1024, publisherWindowBytes: 256 * 1024 }));
    const stream = openStream(a, 's', [b]);
    const subscriber = new Subscriber({ host: b, name: 's' });
    for (const producer of ['x', 'y', 'z']) {
      const log = a.answer({ kind: 'attach-publisher', tenant: TENANT, stream, producer });
      for (let chunkSeq = 0; chunkSeq < 15; chunkSeq++) {
        a.input({ kind: 'publish', request: a.requestOf(log), messages: [{ producerSeq: 1, chunkSeq, chunkCount: 16, payload: new Uint8Array(65_536), headers: new Uint8Array(0) }] });
        world.runFor(10_000);
      }
      a.input({ kind: 'cancel', request: a.requestOf(log) });
    }
    const publisher = new Publisher({ host: a, stream, count: 20 });
    expect(runStory(world, [publisher, subscriber], () => publisher.isDone, 5_000_000)).toBe(true);
    expect(publisher.refusals).toEqual([]);
    expect(a.status().streams[0]?.outstandingBytes).toBe(0);
  });

  it('and others of the same size, all at once, come through a stream that holds only one and a half', () => {
    const size = 1024 * 1024;
    const { world, a, b } = pair(configWith({ streamBytesMax: size + size / 2, messageBytesMax: size + size / 4, publisherWindowBytes: 256 * 1024 }));
    const stream = openStream(a, 's', [b]);
    const payloadOf = largePayload(size);
    const subscriber = new Subscriber({ host: b, name: 's', payloadOf });
    const publishers = ['x', 'y', 'z'].map((producer) => new Publisher({ host: a, stream, producer, count: 2, payloadOf, burst: 2 }));
    expect(runStory(world, [...publishers, subscriber], () => publishers.every(({ isDone }) => isDone))).toBe(true);
    expect(subscriber.faults).toEqual([]);
    expect([...subscriber.stored].sort()).toEqual(['x:1', 'x:2', 'y:1', 'y:2', 'z:1', 'z:2']);
  });
});

describe('a subscriber', () => {
  function published(count: number, config?: NodeConfig) {
    const { world, a, b } = pair(config);
    const stream = openStream(a, 's', [b]);
    const publisher = new Publisher({ host: a, stream, count });
    expect(runStory(world, [publisher], () => publisher.replicated === count)).toBe(true);
    return { world, a, b, stream, publisher };
  }

  it('resumes at the node\'s offset, or at its own, and never jumps', () => {
    const { world, b } = published(20);
    const first = b.command(subscribe('s'));
    expect(world.runUntil(() => first.delivered.length === 20)).toBe(true);
    acknowledge(b, first, 12);
    world.runFor(1_000_000);
    const second = b.command(subscribe('s'));
    expect(world.runUntil(() => second.delivered.length === 8)).toBe(true);
    expect(seqsOf(second)).toEqual([13, 14, 15, 16, 17, 18, 19, 20]);
    const third = b.command(subscribe('s', 18));
    expect(world.runUntil(() => third.delivered.length === 2)).toBe(true);
    expect(third.delivered.map(({ chunk }) => textOf(chunk.payload))).toEqual(['p/19', 'p/20']);
    world.runFor(1_000_000);
    expect([first, second, third].map(({ ended }) => ended?.reject?.code ?? null)).toEqual(['FENCED', 'FENCED', null]);
    expect(b.status().streams[0]?.targets[0]).toMatchObject({ settled: 18, isSubscribed: true });
  });

  it('that claims more than exists is told so after some patience, and begins when it comes to exist', () => {
    const { world, a, b, stream } = published(5);
    const ahead = b.command(subscribe('s', 9));
    world.runFor(1_000_000);
    expect(isAnswered(ahead)).toBe(false);
    expect(world.runUntil(() => isAnswered(ahead), 6_000_000)).toBe(true);
    expect(ahead.reject?.code).toBe('OFFSET_AHEAD');
    const patient = b.command(subscribe('s', 6));
    world.runFor(1_000_000);
    expect(isAnswered(patient)).toBe(false);
    mustAnswer(a, publishOne(stream, 6, 'replicated', utf8Encode('six'), 'p', 1));
    mustAnswer(a, publishOne(stream, 7, 'replicated', utf8Encode('seven'), 'p', 1));
    expect(world.runUntil(() => patient.delivered.length === 1)).toBe(true);
    expect(seqsOf(patient)).toEqual([7]);
    const newer = b.command(subscribe('s', 99));
    const newest = b.command(subscribe('s', null));
    expect(world.runUntil(() => isAnswered(newer) && isAnswered(newest))).toBe(true);
    expect([newer.reject?.code, newest.reject]).toEqual(['FENCED', null]);
  });

  it('that asks for what is gone is refused, and one that reads on behind the settled place is told when it is passed', () => {
    const { world, a, b, stream } = published(300, configWith({ compactEntriesMin: 4, batchMessagesMax: 4 }));
    const first = b.command(subscribe('s'));
    expect(world.runUntil(() => first.delivered.length === 300)).toBe(true);
    acknowledge(b, first, 100);
    world.runFor(1_000_000);
    const gone = b.command(subscribe('s', 0));
    expect(world.runUntil(() => isAnswered(gone))).toBe(true);
    expect(gone.reject?.code).toBe('OFFSET_OUT_OF_RANGE');
    const second = b.command(subscribe('s', 110));
    expect(world.runUntil(() => second.delivered.length === 190)).toBe(true);
    acknowledge(b, second, 120);
    world.runFor(10_000);
    // A restored backup: it reads again from 110 on, slowly, while its node has settled more than that.
    acknowledge(b, second, 300);
    const slow = b.command(subscribe('s', 130, 5));
    expect(world.runUntil(() => slow.delivered.length === 5)).toBe(true);
    mustAnswer(a, publishOne(stream, 301, 'replicated', utf8Encode('more'), 'p', 1));
    world.runFor(2_000_000);
    b.input({ kind: 'window', request: b.requestOf(slow), messages: 1000, bytes: 1 << 20 });
    expect(world.runUntil(() => slow.ended !== null || slow.delivered.length === 171)).toBe(true);
    expect(slow.ended?.reject?.code).toBe('OFFSET_OUT_OF_RANGE');
  });

  it('may come before its stream, and get it by either selector', () => {
    const { world, a, b } = pair();
    const early = b.command(subscribe('s'));
    world.runFor(1_000_000);
    b.input({ kind: 'window', request: b.requestOf(early), messages: 3, bytes: 100 });
    const stream = openStream(a, 's', [b]);
    mustAnswer(a, publishOne(stream, 1, 'replicated'));
    expect(world.runUntil(() => early.delivered.length === 1)).toBe(true);
    const byId = b.command({ kind: 'subscribe', tenant: TENANT, selector: { kind: 'id', stream }, resumeAfter: null, windowMessages: 5, windowBytes: 1000 });
    expect(world.runUntil(() => byId.delivered.length === 1)).toBe(true);
  });

  it('is refused where the stream has no target', () => {
    const { a, stream } = published(1);
    const refused = a.answer({ kind: 'subscribe', tenant: TENANT, selector: { kind: 'id', stream }, resumeAfter: null, windowMessages: 5, windowBytes: 1000 });
    expect(refused.reject?.code).toBe('NOT_TARGET');
  });

  it('that acknowledges what it was not given, or as an older attempt, loses its subscription', () => {
    const { world, b } = published(10);
    const eager = b.command(subscribe('s', null, 5));
    expect(world.runUntil(() => eager.delivered.length === 5)).toBe(true);
    acknowledge(b, eager, 6);
    expect(world.runUntil(() => eager.ended !== null)).toBe(true);
    expect(eager.ended?.reject?.code).toBe('OFFSET_AHEAD');
    const stale = b.command(subscribe('s', null, 5));
    expect(world.runUntil(() => stale.delivered.length === 5)).toBe(true);
    b.input({ kind: 'processed', request: b.requestOf(stale), attempt: (stale.delivered[0]?.attempt ?? 0) - 1, seq: streamSeq(1) });
    expect(world.runUntil(() => stale.ended !== null)).toBe(true);
    expect(stale.ended?.reject?.code).toBe('STALE_ATTEMPT');
  });
});
