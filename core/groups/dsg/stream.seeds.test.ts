import { describe, expect, it } from 'vitest';
import { EMPTY_BYTES } from '../../base/bytes.js';
import { Rng } from '../../base/rng.js';
import { type StreamSeat, type StreamWorld, streamWorld } from '../testing/stream-seat.js';

/** An application at a target that stores what it is given, in a store of its own. */
class Store {
  readonly stored: string[] = [];
  readonly faults: string[] = [];
  request = 0;
  seat: StreamSeat | null = null;
  #seen = 0;
  #part: string[] = [];

  /** Takes what was delivered to its subscription, and acknowledges it. Subscribes anew when its node is another. */
  visit(seat: StreamSeat, rng: Rng): void {
    if (this.seat !== seat || seat.isEnded(this.request) || seat.refusal(this.request) !== null) {
      if (this.seat === seat && this.request > 0) this.faults.push(`${seat.host.name}: ${seat.refusal(this.request) ?? 'ended'}`);
      this.seat = seat;
      this.#seen = 0;
      this.#part = [];
      this.request = seat.subscribe('s', { resumeAfter: this.stored.length, messages: 1 + rng.below(20), bytes: 1 << 20 });
      return;
    }
    const delivered = seat.delivered(this.request);
    const before = this.stored.length;
    let count = 0;
    for (; this.#seen < delivered.length; this.#seen++) {
      const { seq, chunkSeq, chunkCount, producer, producerSeq } = delivered[this.#seen] as (typeof delivered)[number];
      if (chunkSeq !== this.#part.length) this.faults.push(`${seq}/${chunkSeq} after ${this.#part.length} chunks`);
      this.#part.push(`${producer}:${producerSeq}`);
      if (this.#part.length < chunkCount) continue;
      if (seq !== this.stored.length + 1) this.faults.push(`${seq} after ${this.stored.length}`);
      this.stored.push(`${producer}:${producerSeq}`);
      this.#part = [];
      count++;
    }
    if (this.stored.length === before) return;
    seat.acknowledge(this.request, this.stored.length);
    seat.streams.window(this.request, count, 0);
  }
}

/** A publisher that after any break goes on where its source stands. */
class Author {
  readonly producer: string;
  session = 0;
  seat: StreamSeat | null = null;
  next = 1;
  sent = 0;
  #isAttached = false;

  constructor(producer: string) {
    this.producer = producer;
  }

  visit(of: StreamWorld, rng: Rng, last: number): void {
    const seat = of.seats[0] as StreamSeat;
    if (this.seat !== seat || seat.isEnded(this.session)) {
      this.seat = seat;
      this.session = seat.attach(of.stream, this.producer);
      this.#isAttached = false;
    }
    if (!this.#isAttached) {
      const reply = seat.reply(this.session);
      if (reply?.kind !== 'publisher') return;
      this.#isAttached = true;
      this.next = reply.lastProducerSeq + 1;
    }
    for (let n = rng.below(6); n > 0 && this.next <= last; n--) {
      const chunkCount = rng.chance(150) ? 3 : 1;
      for (let chunkSeq = 0; chunkSeq < chunkCount; chunkSeq++) {
        const payload = new Uint8Array(rng.below(300));
        seat.streams.publishing.publish(seat.host.now, this.session, [{ producerSeq: this.next, chunkSeq, chunkCount, payload, headers: EMPTY_BYTES }]);
      }
      this.sent = Math.max(this.sent, this.next);
      this.next += 1;
    }
  }
}

const CONFIG = {
  batchMessagesMax: 5,
  stagedMemoryBytesMax: 1_000,
  proposeWindowBytes: 4_000,
  deliverBytesMax: 1_000,
  compactEntriesMin: 4,
  compactBytesMin: 2_000,
};

describe('a stream whose members die, are cut off and come back at random', () => {
  it('delivers every accepted message once and in order to each target, and completes', () => {
    for (let life = 0; life < 25; life++) {
      const rng = Rng.fromSeed(`stream/${life}`);
      const names = life % 2 === 0 ? ['s', 't', 'u'] : ['s', 't'];
      const of = streamWorld(names, CONFIG);
      const { world, seats } = of;
      const stores = names.slice(1).map(() => new Store());
      const authors = [new Author('p'), new Author('q')];
      const visitAll = (last: number): void => {
        for (const author of authors) author.visit(of, rng, last);
        for (const [i, store] of stores.entries()) store.visit(seats[i + 1] as StreamSeat, rng);
      };
      for (let step = 0; step < 60; step++) {
        if (rng.chance(700)) visitAll(1_000_000);
        const act = rng.below(12);
        const at = rng.below(names.length);
        const other = seats[(at + 1) % names.length] as StreamSeat;
        if (act === 0) of.restart(at);
        else if (act < 3) world.cut((seats[at] as StreamSeat).host, other.host, act === 1);
        world.runFor(rng.below(act < 6 ? 1_000 : 800_000));
      }
      for (const a of seats) for (const b of seats) world.cut(a.host, b.host, false);
      const last = Math.max(...authors.map(({ sent }) => sent));
      const isDone = (): boolean => {
        visitAll(last);
        const { state } = of.at(0).log;
        return authors.every(({ next }) => next > last) && state.lastSeq === of.at(0).source?.staging.lastSeq && state.completed === state.lastSeq;
      };
      expect([life, world.runUntil(isDone, 120_000_000)]).toEqual([life, true]);
      expect(stores.flatMap(({ faults }) => faults)).toEqual([]);
      const [first] = stores as [Store];
      expect(first.stored.length).toBe(2 * last);
      for (const { producer } of authors) {
        expect(first.stored.filter((line) => line.startsWith(producer))).toEqual(Array.from({ length: last }, (_, i) => `${producer}:${i + 1}`));
      }
      for (const { stored } of stores) expect(stored).toEqual(first.stored);
      expect(seats.flatMap(({ host }) => host.factsOf('halt'))).toEqual([]);
      expect(world.runUntil(() => names.every((_, i) => of.at(i).log.unsettledCost === 0))).toBe(true);
    }
  });
});
