import { describe, expect, it } from 'vitest';
import { type NodeId, idFromBytes } from '../base/ids.js';
import { Rng } from '../base/rng.js';
import type { SwimUserEvent } from '../wire/swim-messages.js';
import { Broadcasts } from './broadcasts.js';
import { log10Ceil, log10Milli, log2Ceil, log2Fixed } from './logarithm.js';
import { ProbeOrder } from './probe-order.js';
import { UserEvents } from './user-events.js';

const id = (number: number): NodeId => idFromBytes<NodeId>(new Uint8Array(16).fill(number));

describe('logarithms', () => {
  it('are those of the platform, within a unit', () => {
    const rng = Rng.fromSeed('logs');
    const numbers = [1, 2, 3, 10, 1 << 25, ...Array.from({ length: 2_000 }, () => 1 + rng.below(1 << 25))];
    for (const n of numbers) {
      expect(Math.abs(log2Fixed(n) - Math.log2(n) * 65_536)).toBeLessThan(1.1);
      expect(Math.abs(log10Milli(n) - Math.log10(n) * 1000)).toBeLessThan(1.1);
    }
    for (let n = 1; n <= 4096; n++) {
      expect(log2Ceil(n)).toBe(Math.ceil(Math.log2(n)));
      expect(log10Ceil(n)).toBe(Math.ceil(Math.log10(n)));
    }
  });
});

describe('broadcasts', () => {
  it('leave least-sent first, then newest first, within the bytes and the sends', () => {
    const broadcasts = new Broadcasts<string>();
    for (const name of ['a', 'b', 'c']) broadcasts.queue(name, name, 10);
    expect(broadcasts.take(20, 3)).toEqual(['c', 'b']);
    expect(broadcasts.take(20, 3)).toEqual(['a', 'c']);
    expect(broadcasts.take(30, 3)).toEqual(['b', 'a', 'c']);
    expect(broadcasts.take(30, 3)).toEqual(['b', 'a']);
    expect(broadcasts.size).toBe(0);
  });

  it('give way to newer news of the same key, which is sent as often again', () => {
    const broadcasts = new Broadcasts<string>();
    broadcasts.queue('a', 'old', 10);
    broadcasts.take(10, 2);
    broadcasts.queue('a', 'new', 10);
    expect([broadcasts.take(10, 2), broadcasts.take(10, 2), broadcasts.take(10, 2)]).toEqual([['new'], ['new'], []]);
  });
});

describe('the probe order', () => {
  it('meets every member once per round, newcomers within the round, and none that went', () => {
    const order = new ProbeOrder(Rng.fromSeed('order'));
    const rng = Rng.fromSeed('changes');
    const held = new Set<NodeId>();
    const waits = new Map<NodeId, number>();
    for (let step = 0; step < 5_000; step++) {
      const node = id(rng.below(12));
      if (rng.chance(30) && !held.has(node)) {
        order.add(node);
        held.add(node);
        waits.set(node, 0);
      } else if (rng.chance(20) && held.has(node)) {
        order.remove(node);
        held.delete(node);
        waits.delete(node);
      }
      order.checkInvariants();
      const met = order.take(() => true);
      if (met === null) expect(held.size).toBe(0);
      else expect(held.has(met)).toBe(true);
      for (const [waiting, count] of waits) {
        waits.set(waiting, waiting === met ? 0 : count + 1);
        // Last in one round, first in none before the end of the next: at most two rounds of twelve.
        expect(count).toBeLessThan(26);
      }
    }
  });

  it('finds nobody when nobody is wanted', () => {
    const order = new ProbeOrder(Rng.fromSeed('nobody'));
    for (let number = 0; number < 5; number++) order.add(id(number));
    expect(order.take(() => false)).toBeNull();
    order.promote(id(3));
    expect(order.take(() => true)).toBe(id(3));
  });
});

describe('user events', () => {
  const event = (lamport: number, origin = 1): SwimUserEvent => ({
    lamport, origin: id(origin), replica: 1, bootCounter: 1, name: `e${lamport}`, payload: Uint8Array.of(lamport & 255),
  });

  it('are admitted once, however often and in whatever order they come', () => {
    const rng = Rng.fromSeed('events');
    const events = new UserEvents({ eventsKept: 16, eventsRemembered: 32 });
    const admitted = new Map<string, number>();
    const sent: SwimUserEvent[] = [];
    for (let lamport = 1; lamport <= 300; lamport++) {
      sent.push(event(lamport, 1 + (lamport % 3)));
      for (let repeat = 0; repeat < 6; repeat++) {
        const picked = sent[Math.max(0, sent.length - 1 - rng.below(repeat < 4 ? 8 : 300))]!;
        if (events.admit(picked) !== null) admitted.set(picked.name, (admitted.get(picked.name) ?? 0) + 1);
        events.checkInvariants();
      }
    }
    expect([...admitted.values()].every((count) => count === 1)).toBe(true);
    expect(admitted.size).toBeGreaterThan(290);
    expect(events.lamport).toBe(300);
  });

  it('are read again by cursor, and a reader is told how many it missed', () => {
    const events = new UserEvents({ eventsKept: 4, eventsRemembered: 32 });
    expect(events.readAfter(0)).toEqual({ events: [], cursor: 0, missedCount: 0 });
    for (let lamport = 1; lamport <= 10; lamport++) events.admit(event(lamport));
    const cursors = (cursor: number) => events.readAfter(cursor).events.map((read) => read.cursor);
    expect(cursors(0)).toEqual([7, 8, 9, 10]);
    expect(events.readAfter(0).missedCount).toBe(6);
    expect(cursors(8)).toEqual([9, 10]);
    expect(events.readAfter(8)).toMatchObject({ cursor: 10, missedCount: 0 });
    expect(events.readAfter(4)).toMatchObject({ missedCount: 2 });
    expect(events.readAfter(10)).toEqual({ events: [], cursor: 10, missedCount: 0 });
    expect(events.latest(2, 1_000).map(({ lamport }) => lamport)).toEqual([9, 10]);
    expect(events.latest(9, 80)).toHaveLength(1);
  });
});
