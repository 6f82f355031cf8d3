import { describe, expect, it } from 'vitest';
import { utf8Decode } from '../base/bytes.js';
import { type MessageId, idFromBytes } from '../base/ids.js';
import { DEFAULT_GROUPS_CONFIG } from '../groups/config.js';
import { EVERY_ROW } from '../groups/updates/config-store.js';
import { DEFAULT_NODE_CONFIG, type NodeConfig } from './config.js';
import { line, mustAnswer, pair, runStory } from './testing/meshes.js';
import type { SmallHost } from './testing/small-world.js';
import { UpdateConsumer, change, hex, update } from './testing/update-applications.js';

function sentOf(host: SmallHost, command: Parameters<SmallHost['answer']>[0]) {
  const reply = mustAnswer(host, command);
  if (reply.kind !== 'update-sent') throw new Error('not an update');
  return reply;
}

const small: NodeConfig = {
  ...DEFAULT_NODE_CONFIG,
  groups: {
    ...DEFAULT_GROUPS_CONFIG,
    controlCompactEntriesMin: 4,
    updates: { ...DEFAULT_GROUPS_CONFIG.updates, recordBytesMax: 512, system: { bytesMax: 2_048, countMax: 8 }, slowPatienceUs: 2_000_000 },
  },
};

describe('a mesh update', () => {
  it('reaches every member, in one order, whoever sends it', () => {
    const { world, a, b, c, d } = line();
    const consumers = [a, b, c, d].map((host) => new UpdateConsumer({ host, feed: 'mesh' }));
    for (let i = 0; i < 5; i++) for (const host of [a, b, c, d]) host.command(update('mesh', `${host.name}${i}`));
    expect(runStory(world, consumers, () => consumers.every(({ processed }) => processed.length === 20))).toBe(true);
    for (const { processed } of consumers) expect(processed).toEqual(consumers[0]?.processed);
    for (const name of ['a', 'b', 'c', 'd']) {
      const own = consumers[0]?.processed.map((text) => text.split(' ')[1] ?? '').filter((text) => text.startsWith(name));
      expect(own).toEqual([0, 1, 2, 3, 4].map((i) => `${name}${i}`));
    }
  });

  it('answers at once when it is committed, and, asked for that, when every member has applied it', () => {
    const { world, a, b, d } = line();
    const consumer = new UpdateConsumer({ host: d, feed: 'mesh' });
    expect(runStory(world, [consumer], () => d.status().updates[0]?.consumers.length === 1)).toBe(true);
    const committed = sentOf(a, update('mesh', 'one'));
    expect(committed).toMatchObject({ seq: 1, isRepeat: false, nodesTotal: 4, level: 'committed' });
    const applied = a.command(update('mesh', 'two', { level: 'applied' }));
    world.runFor(3_000_000);
    expect(applied.reply).toBe(null);
    expect(runStory(world, [consumer], () => applied.reply !== null)).toBe(true);
    expect(applied.reply).toMatchObject({ seq: 2, nodesApplied: 4, nodesTotal: 4, level: 'applied' });
    expect(b.status().updates[0]).toMatchObject({ log: 'system', lastSeq: 2, nodesApplied: 4 });
  });

  it('is recognised by its sender and number at any member, and by its id', () => {
    const { a, d } = line();
    const first = sentOf(a, update('mesh', 'x', { sender: 'ops', senderSeq: 7 }));
    expect(sentOf(d, update('mesh', 'x', { sender: 'ops', senderSeq: 7 }))).toMatchObject({ seq: first.seq, isRepeat: true, updateId: first.updateId });
    expect(sentOf(d, update('mesh', 'y', { sender: 'ops', senderSeq: 9 })).seq).toBe(2);
    expect(a.answer(update('mesh', 'late', { sender: 'ops', senderSeq: 8 })).reject?.code).toBe('DUPLICATE');
    const updateId = idFromBytes<MessageId>(new Uint8Array(16).fill(9));
    expect(sentOf(a, update('mesh', 'z', { updateId }))).toMatchObject({ seq: 3, isRepeat: false });
    expect(sentOf(d, update('mesh', 'z', { updateId }))).toMatchObject({ seq: 3, isRepeat: true });
  });

  it('is processed once, its effect in one transaction with the place, whenever the node dies', () => {
    const { world, a, b } = pair();
    const consumer = new UpdateConsumer({ host: b, feed: 'mesh', isTransactional: true, window: 3 });
    for (let i = 0; i < 30; i++) a.command(update('mesh', `u${i}`));
    let crashes = 0;
    let next = 1_300;
    const crash = {
      tick(): void {
        if (crashes >= 25 || world.now < next) return;
        next = world.now + 3_700 + crashes * 311;
        if (b.node === null) return;
        crashes++;
        b.crash();
        b.start();
      },
    };
    next = world.now + 1_300;
    expect(runStory(world, [consumer, crash], () => crashes === 25 && b.rows.size === 30, 120_000_000)).toBe(true);
    for (let i = 0; i < 30; i++) expect(utf8Decode(b.rows.get(`seen/${hex(`u${i}`)}`) as Uint8Array), `u${i}`).toBe('1');
  });

  it('keeps the sum of all changes of configuration for who comes later', () => {
    const { world, a, b } = pair(small);
    for (let i = 0; i < 12; i++) {
      sentOf(a, update('mesh', '', { changes: [change('config_kv', `k${i % 3}`, `v${i}`)] }));
      world.runFor(300_000);
    }
    sentOf(a, update('mesh', '', { changes: [change('config_kv', 'k0', null)] }));
    const c = world.add('c', { dials: ['b'], config: small });
    mustAnswer(c, { kind: 'join-mesh', urls: ['mesh://b'], joinKey: 'a long enough key', meshId: null });
    world.runFor(3_000_000);
    for (const host of [a, b, c]) {
      const reply = mustAnswer(host, { kind: 'get-configuration', selector: EVERY_ROW, isLocal: true });
      if (reply.kind !== 'configuration') throw new Error('no configuration');
      expect(reply.rows.map(({ key, value }) => `${utf8Decode(key)}=${utf8Decode(value)}`).sort()).toEqual(['k1=v10', 'k2=v11']);
      expect(reply.seq).toBe(13);
    }
  });

  it('that is not kept any more is not skipped: the consumer is told NEEDS_RESYNC', () => {
    const { world, a, b } = pair(small);
    const consumer = new UpdateConsumer({ host: b, feed: 'mesh', window: 2, isHung: true });
    runStory(world, [consumer], () => b.status().updates[0]?.consumers.length === 1);
    let sent = 0;
    const sender = {
      log: a.command(update('mesh', 'u0')),
      notBefore: 0,
      tick(): void {
        if ((this.log.reply === null && this.log.reject === null) || world.now < this.notBefore) return;
        this.notBefore = world.now + 50_000;
        if (this.log.reply !== null) sent++;
        if (sent < 30) this.log = a.command(update('mesh', `u${sent}`));
      },
    };
    expect(runStory(world, [consumer, sender], () => sent === 30, 120_000_000)).toBe(true);
    expect(runStory(world, [consumer], () => consumer.refusals.includes('NEEDS_RESYNC'))).toBe(true);
    const { baseSeq, appliedSeq } = b.status().updates[0] as { baseSeq: number; appliedSeq: number };
    expect([baseSeq, appliedSeq]).toEqual([22, 0]);
    const resumed = b.answer({ kind: 'subscribe-updates', feed: 'mesh', consumer: 'app', isFromStart: true, resumeAfter: baseSeq, windowMessages: 100, windowBytes: 1 << 20 });
    world.runFor(100_000);
    expect(resumed.updates.map(({ update: { seq } }) => seq)).toEqual([23, 24, 25, 26, 27, 28, 29, 30]);
  });

  it('is refused when nothing of it can be right', () => {
    const { a } = pair();
    const codeOf = (command: Parameters<SmallHost['answer']>[0]): string | undefined => a.answer(command).reject?.code;
    expect(codeOf(update('mesh', 'x', { sender: 's' }))).toBe('INVALID_ARGUMENT');
    expect(codeOf(update('mesh', 'x', { changes: [change('other', 'k', 'v')] }))).toBe('INVALID_ARGUMENT');
    expect(codeOf(update('node', 'x', { changes: [change('config_kv', 'k', 'v')] }))).toBe('INVALID_ARGUMENT');
    expect(codeOf(update('mesh', 'x'.repeat(200_000)))).toBe('PAYLOAD_TOO_LARGE');
    expect(codeOf({ kind: 'subscribe-updates', feed: 'mesh', consumer: 'a/b', isFromStart: true, resumeAfter: null, windowMessages: 1, windowBytes: 1 })).toBe('INVALID_ARGUMENT');
    expect(codeOf({ kind: 'forget-consumer', feed: 'mesh', consumer: 'nobody' })).toBe('INVALID_ARGUMENT');
  });
});

describe('consumers of updates', () => {
  it('see their own feed only, and hold nothing up with others', () => {
    const { world, a, b } = pair();
    const node = new UpdateConsumer({ host: b, feed: 'node' });
    const mesh = new UpdateConsumer({ host: b, feed: 'mesh', name: 'other' });
    runStory(world, [node, mesh], () => b.status().updates[0]?.consumers.length === 2);
    for (let i = 0; i < 6; i++) sentOf(a, update(i % 2 === 0 ? 'mesh' : 'node', `u${i}`));
    expect(runStory(world, [node, mesh], () => a.status().updates[0]?.nodesApplied === 2)).toBe(true);
    expect(mesh.processed).toEqual(['1 u0', '3 u2', '5 u4']);
    expect(node.processed).toEqual(['2 u1', '4 u3', '6 u5']);
  });

  it('are fenced by newer ones of their name, and forgotten when told', () => {
    const { world, a, b } = pair();
    const subscribe = { kind: 'subscribe-updates', feed: 'mesh', consumer: 'app', isFromStart: true, resumeAfter: null, windowMessages: 9, windowBytes: 9_999 } as const;
    const first = b.answer(subscribe);
    const second = b.answer(subscribe);
    expect(first.ended?.reject?.code).toBe('FENCED');
    sentOf(a, update('mesh', 'x'));
    world.runFor(1_000_000);
    expect([first.updates.length, second.updates.length]).toEqual([0, 1]);
    expect(a.status().updates[0]?.nodesApplied).toBe(1);
    mustAnswer(b, { kind: 'forget-consumer', feed: 'mesh', consumer: 'app' });
    world.runFor(2_000_000);
    expect(second.ended?.reject?.code).toBe('FENCED');
    expect(a.status().updates[0]?.nodesApplied).toBe(2);
  });
});
