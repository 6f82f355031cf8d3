import { describe, expect, it } from 'vitest';
import { type TenantId, idFromBytes } from '../base/ids.js';
import { streamSeq } from '../base/units.js';
import { utf8Encode } from '../base/bytes.js';
import type { Command } from './commands.js';
import { SmallWorld, type SmallHost } from './testing/small-world.js';

const TENANT = idFromBytes<TenantId>(new Uint8Array(16).fill(7));
const SEED: Command = { kind: 'seed-mesh', meshName: 'test', description: '', joinPolicy: 'key-required', joinKey: 'a long enough key' };
const joinBy = (name: string): Command => ({ kind: 'join-mesh', urls: [`mesh://${name}`], joinKey: 'a long enough key', meshId: null });

function line(): { world: SmallWorld; a: SmallHost; b: SmallHost; c: SmallHost; d: SmallHost } {
  const world = new SmallWorld();
  const b = world.add('b');
  const a = world.add('a', { dials: ['b'], isDialable: false });
  const c = world.add('c', { dials: ['b'] });
  const d = world.add('d', { dials: ['c'], isDialable: false });
  const seeded = b.command(SEED);
  expect(world.runUntil(() => seeded.reply !== null)).toBe(true);
  for (const [host, via] of [[a, 'b'], [c, 'b'], [d, 'c']] as const) {
    const joined = host.command(joinBy(via));
    expect(world.runUntil(() => joined.reply !== null || joined.reject !== null)).toBe(true);
    expect(joined.reject).toBe(null);
  }
  return { world, a, b, c, d };
}

describe('a node', () => {
  it('seeds a mesh and becomes its first member', () => {
    const world = new SmallWorld();
    const host = world.add('a');
    const seeded = host.command(SEED);
    expect(world.runUntil(() => seeded.reply !== null)).toBe(true);
    const { mesh } = host.status();
    expect(mesh?.members.map(({ id, role }) => [id, role])).toEqual([[host.id, 'leader']]);
  });

  it('joins through a member that only relays, and all see all', () => {
    const { world, a, b, c, d } = line();
    world.runFor(3_000_000);
    for (const host of [a, b, c, d]) {
      const status = host.status();
      expect(status.mesh?.members.length).toBe(4);
      expect(status.mesh?.state).toBe('healthy');
    }
    expect(a.status().mesh?.members.find(({ id }) => id === d.id)?.route).toEqual([a.id, b.id, c.id, d.id]);
  });

  it('delivers a stream in order over several hops and settles it everywhere', () => {
    const { world, a, c, d } = line();
    world.runFor(2_000_000);
    const opened = a.command({ kind: 'open-stream', tenant: TENANT, name: 's', targets: [c.id, d.id], qos: 'bulk', priority: 0, policy: { kind: 'all' } });
    expect(world.runUntil(() => opened.reply !== null || opened.reject !== null)).toBe(true);
    expect(opened.reject).toBe(null);
    const stream = opened.reply?.kind === 'stream' ? opened.reply.stream : null;
    if (stream === null) throw new Error('not opened');
    const publisher = a.command({ kind: 'attach-publisher', tenant: TENANT, stream, producer: 'p' });
    const subscribers = [c, d].map((host) =>
      host.command({ kind: 'subscribe', tenant: TENANT, selector: { kind: 'name', name: 's' }, resumeAfter: null, windowMessages: 1000, windowBytes: 1 << 20 }),
    );
    expect(world.runUntil(() => publisher.reply !== null)).toBe(true);
    const messages = Array.from({ length: 100 }, (_, i) => ({
      producerSeq: i + 1, chunkSeq: 0, chunkCount: 1, payload: utf8Encode(`message ${i + 1}`), headers: new Uint8Array(0),
    }));
    a.input({ kind: 'publish', request: a.requestOf(publisher), messages });
    expect(world.runUntil(() => publisher.watermarks?.replicated === 100)).toBe(true);
    expect(world.runUntil(() => subscribers.every((log) => log.delivered.length === 100))).toBe(true);
    for (const [i, host] of [c, d].entries()) {
      const log = subscribers[i];
      if (log === undefined) throw new Error('no subscriber');
      expect(log.delivered.map(({ chunk }) => chunk.seq)).toEqual(messages.map(({ producerSeq }) => producerSeq));
      host.input({ kind: 'processed', request: host.requestOf(log), attempt: log.delivered[0]?.attempt ?? 0, seq: streamSeq(100) });
    }
    expect(world.runUntil(() => publisher.watermarks?.completed === 100)).toBe(true);
    expect([a, c, d].map((host) => host.halted)).toEqual([null, null, null]);
  });
});
