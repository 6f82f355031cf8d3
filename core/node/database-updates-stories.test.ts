import { describe, expect, it } from 'vitest';
import { utf8Decode } from '../base/bytes.js';
import { joinBy, line, mustAnswer, runStory } from './testing/meshes.js';
import type { RequestLog, SmallHost, SmallWorld } from './testing/small-world.js';
import { UpdateConsumer, change, hex, update } from './testing/update-applications.js';

/** Sends `count` updates, one at a time, each again and again until it is answered: through crashes and refusals. */
class DatabaseSender {
  readonly #host: SmallHost;
  readonly #world: SmallWorld;
  readonly #count: number;
  #log: RequestLog | null = null;
  #boot: unknown = null;
  #notBefore = 0;
  sent = 0;

  constructor(world: SmallWorld, host: SmallHost, count: number) {
    this.#world = world;
    this.#host = host;
    this.#count = count;
  }

  tick(): void {
    const { name, node } = this.#host;
    if (node === null || this.#world.now < this.#notBefore || this.sent === this.#count) return;
    if (this.#log?.reply != null && this.#boot === node) this.sent++;
    const isOver = this.#log === null || this.#boot !== node || this.#log.reply !== null || this.#log.reject !== null;
    if (!isOver || this.sent === this.#count) return;
    this.#notBefore = this.#world.now + 10_000;
    this.#boot = node;
    const text = `${name}${this.sent}`;
    this.#log = this.#host.command(update('database', text, { sender: name, senderSeq: this.sent + 1, changes: [change('accounts', text, 'x')] }));
  }
}

describe('internal-database updates', () => {
  it('ride a group of their own, and reach every member in one order', () => {
    const { world, a, b, c, d } = line();
    world.runFor(5_000_000);
    const groups = a.status().groups.filter(({ kind }) => kind === 'updates');
    expect(groups.length).toBe(1);
    for (const host of [b, c, d]) expect(host.status().groups.filter(({ kind }) => kind === 'updates').map(({ id }) => id)).toEqual([groups[0]?.id]);
    const consumers = [a, b, c, d].map((host) => new UpdateConsumer({ host, feed: 'database' }));
    const senders = [a, d].map((host) => new DatabaseSender(world, host, 20));
    expect(runStory(world, [...consumers, ...senders], () => consumers.every(({ processed }) => processed.length === 40))).toBe(true);
    for (const { processed } of consumers) expect(processed).toEqual(consumers[0]?.processed);
    expect(runStory(world, consumers, () => b.status().updates[1]?.nodesApplied === 4)).toBe(true);
    world.runFor(2_000_000);
    expect(a.status().updates[1]).toMatchObject({ log: 'database', lastSeq: 40, baseSeq: 40 });
  });

  it('are applied once at every node, in one order, while leaders and senders are killed', () => {
    const { world, a, b, c, d } = line();
    world.runFor(5_000_000);
    const hosts = [a, b, c, d];
    const consumers = hosts.map((host) => new UpdateConsumer({ host, feed: 'database', isTransactional: true }));
    const senders = hosts.map((host) => new DatabaseSender(world, host, 15));
    let kills = 0;
    let next = world.now + 40_000;
    const killer = {
      tick(): void {
        if (kills >= 12 || world.now < next) return;
        next = world.now + 900_000 + kills * 37_000;
        const victim = hosts[kills % 4] as SmallHost;
        kills++;
        victim.crash();
        world.after(30_000, () => victim.start());
      },
    };
    const isDone = (): boolean => kills === 12 && senders.every(({ sent }) => sent === 15) && hosts.every(({ rows }) => rows.size === 60);
    expect(runStory(world, [...consumers, ...senders, killer], isDone, 240_000_000)).toBe(true);
    world.runFor(5_000_000);
    for (const host of hosts) {
      for (const { name } of hosts) {
        for (let i = 0; i < 15; i++) expect(utf8Decode(host.rows.get(`seen/${hex(`${name}${i}`)}`) as Uint8Array)).toBe('1');
      }
      expect(host.status().updates[1]?.lastSeq).toBe(60);
    }
  });

  it('do not hold up membership: a newcomer joins in the midst of a flood', () => {
    const { world, a, b } = line();
    world.runFor(5_000_000);
    const flood = {
      seq: 0,
      notBefore: 0,
      tick(): void {
        if (world.now < this.notBefore) return;
        this.notBefore = world.now + 5_000;
        for (let i = 0; i < 20; i++) a.command(update('database', 'x'.repeat(1_000), { sender: 'flood', senderSeq: ++this.seq }));
      },
    };
    expect(runStory(world, [flood], () => flood.seq >= 2_000)).toBe(true);
    const e = world.add('e', { dials: ['b'] });
    const begunAt = world.now;
    const joined = e.command(joinBy('b'));
    expect(runStory(world, [flood], () => joined.reply !== null)).toBe(true);
    expect(world.now - begunAt).toBeLessThan(2_000_000);
    expect(mustAnswer(b, { kind: 'get-status' }).kind).toBe('status');
  });
});
