import { describe, expect, it } from 'vitest';
import { utf8Encode } from '../base/bytes.js';
import { type MessageId, type NodeId, type StreamId, idFromBytes } from '../base/ids.js';
import { Rng } from '../base/rng.js';
import { type Micros, type Ticket, NEVER, micros, streamSeq, ticket } from '../base/units.js';
import { DEFAULT_JOURNAL_CONFIG } from '../journal/api.js';
import { Journal } from '../journal/journal.js';
import { Durability } from './durability.js';
import type { Effect } from './effects.js';

const NOW = micros(1);
type Persist = Extract<Effect, { kind: 'persist' }>;

class Desk {
  readonly journal: Journal;
  readonly durability: Durability;
  readonly persists: Persist[] = [];
  readonly done: string[] = [];
  #tickets = 0;
  #keys = 0;

  constructor(lingerUs = 0) {
    const recovery = Journal.recover({ config: DEFAULT_JOURNAL_CONFIG, recovered: [] });
    if (!recovery.ok) throw new Error('an empty journal is sound');
    this.journal = recovery.journal;
    this.durability = new Durability(this.journal, () => ticket(++this.#tickets), lingerUs);
  }

  put(): void {
    this.journal.put(`k${++this.#keys}`, utf8Encode('v'));
  }

  after(name: string): void {
    this.durability.after(() => void this.done.push(name));
  }

  flush(now: Micros = NOW): void {
    this.durability.flush(this.push, now);
  }

  readonly push = (effect: Effect): void => {
    if (effect.kind === 'persist') this.persists.push(effect);
  };

  ticketOf(at: number): Ticket {
    return (this.persists[at] as Persist).ticket;
  }
}

describe('durability', () => {
  it('runs what waits once its batch is durable, in order', () => {
    const desk = new Desk();
    desk.put();
    desk.after('one');
    desk.after('two');
    desk.flush();
    desk.put();
    desk.after('three');
    desk.flush();
    expect(desk.done).toEqual([]);
    desk.durability.onPersisted(NOW, desk.ticketOf(0));
    expect(desk.done).toEqual(['one', 'two']);
    desk.durability.onPersisted(NOW, desk.ticketOf(1));
    expect(desk.done).toEqual(['one', 'two', 'three']);
    expect(desk.durability.isIdle).toBe(true);
  });

  it('has two batches on their way at most, and gathers the rest', () => {
    const desk = new Desk();
    for (let n = 0; n < 5; n++) {
      desk.put();
      desk.after(`${n}`);
      desk.flush();
    }
    expect([desk.persists.length, desk.durability.mayWrite(NOW)]).toEqual([2, false]);
    desk.durability.onPersisted(NOW, desk.ticketOf(0));
    desk.flush();
    expect(desk.persists.length).toBe(3);
    desk.durability.onPersisted(NOW, desk.ticketOf(1));
    desk.durability.onPersisted(NOW, desk.ticketOf(2));
    expect(desk.done).toEqual(['0', '1', '2', '3', '4']);
  });

  it('lets more come together after a small batch, and not after a large one or a rest', () => {
    const desk = new Desk(1_000);
    desk.put();
    desk.flush(micros(5_000));
    desk.put();
    desk.after('second');
    desk.flush(micros(5_999));
    expect([desk.persists.length, desk.durability.hasWaiting]).toEqual([1, true]);
    expect(desk.durability.nextFlush(micros(5_999))).toBe(6_000);
    desk.journal.put('large', new Uint8Array(20_000));
    desk.flush(micros(6_000));
    expect([desk.persists.length, desk.durability.nextFlush(micros(6_000))]).toEqual([2, NEVER]);
    desk.durability.onPersisted(micros(6_001), desk.ticketOf(0));
    desk.put();
    desk.flush(micros(6_001));
    expect(desk.persists.length).toBe(3);
  });

  it('does not let the linger wait for more than may be in flight', () => {
    const desk = new Desk(1_000);
    for (const at of [1_000, 2_000]) {
      desk.put();
      desk.flush(micros(at));
    }
    desk.put();
    expect(desk.durability.nextFlush(micros(2_500))).toBe(NEVER);
    desk.durability.onPersisted(micros(2_600), desk.ticketOf(0));
    expect(desk.durability.nextFlush(micros(2_600))).toBe(3_000);
  });

  it('runs at once what waits for nothing, and else after what is on its way', () => {
    const desk = new Desk();
    desk.after('idle');
    desk.flush();
    expect([desk.done, desk.persists.length]).toEqual([['idle'], 0]);
    desk.put();
    desk.flush();
    desk.after('behind');
    desk.flush();
    expect(desk.done).toEqual(['idle']);
    desk.durability.onPersisted(NOW, desk.ticketOf(0));
    desk.flush();
    expect(desk.done).toEqual(['idle', 'behind']);
  });

  it('writes the ledger in the batch of its turn, also alone', () => {
    const desk = new Desk();
    const id = new Uint8Array(16);
    desk.durability.writeLedger({ kind: 'stream-offset', stream: idFromBytes<StreamId>(id), node: idFromBytes<NodeId>(id), seq: streamSeq(3), messageId: idFromBytes<MessageId>(id) });
    desk.flush();
    desk.flush();
    expect(desk.persists.map(({ batch }) => [batch.records.length, batch.ledger.length])).toEqual([[0, 1]]);
  });

  it('offers what was refused for lack of space again, whole and in order, and nothing else meanwhile', () => {
    const desk = new Desk();
    for (const name of ['one', 'two']) {
      desk.put();
      desk.after(name);
      desk.flush();
    }
    const records = desk.persists.map(({ batch }) => batch.records);
    desk.durability.onRefused(desk.ticketOf(0));
    expect(desk.durability.isFull).toBe(true);
    desk.durability.retry(desk.push);
    expect(desk.persists.length).toBe(2);
    desk.durability.onRefused(desk.ticketOf(1));
    desk.put();
    desk.after('three');
    desk.flush();
    expect([desk.persists.length, desk.durability.mayWrite(NOW)]).toEqual([2, false]);
    desk.durability.retry(desk.push);
    expect(desk.persists.slice(2).map(({ batch }) => batch.records)).toEqual(records);
    desk.durability.onPersisted(NOW, desk.ticketOf(2));
    desk.durability.onPersisted(NOW, desk.ticketOf(3));
    desk.flush();
    desk.durability.onPersisted(NOW, desk.ticketOf(4));
    expect(desk.done).toEqual(['one', 'two', 'three']);
    expect(desk.durability.isFull).toBe(false);
  });

  it('keeps the order through any sequence of flushes, refusals and retries', () => {
    for (let life = 0; life < 200; life++) {
      const rng = Rng.fromSeed(`durability/${life}`);
      const desk = new Desk();
      let asked = 0;
      let isRefusing = false;
      /** Tickets that wait for their outcome, in order. */
      let answered = 0;
      const answer = (): void => {
        if (answered === desk.persists.length) return;
        const of = desk.ticketOf(answered++);
        if (isRefusing) desk.durability.onRefused(of);
        else desk.durability.onPersisted(NOW, of);
      };
      for (let step = 0; step < 60; step++) {
        const act = rng.below(10);
        if (act < 4) {
          desk.put();
          desk.after(`${asked++}`);
        } else if (act < 7) desk.flush();
        else if (act < 9) answer();
        else if (isRefusing) {
          while (answered < desk.persists.length) answer();
          isRefusing = false;
          desk.durability.retry(desk.push);
        } else if (answered === desk.persists.length) isRefusing = true;
      }
      while (answered < desk.persists.length) answer();
      isRefusing = false;
      for (let round = 0; round < 5; round++) {
        desk.durability.retry(desk.push);
        desk.flush();
        while (answered < desk.persists.length) answer();
      }
      expect(desk.done).toEqual(Array.from({ length: asked }, (_, i) => `${i}`));
      expect(desk.durability.isIdle).toBe(true);
    }
  });
});
