import { describe, expect, it } from 'vitest';
import { EMPTY_BYTES } from '../../base/bytes.js';
import { type GroupId, type MessageId, type StreamId, idBytes, idFromBytes } from '../../base/ids.js';
import { Rng } from '../../base/rng.js';
import { type Term, logIndex, micros } from '../../base/units.js';
import type { MessageBatch } from '../../wire/group-messages.js';
import { StreamEntry } from '../../wire/group-messages.js';
import type { DeliveredRecord } from '../context.js';
import { shapeOfNodes } from '../testing/shape.js';
import { GroupHost, nodeNamed } from '../testing/group-host.js';
import { Delivery, countedId } from './delivery.js';
import { StreamLog } from './stream-log.js';

const STREAM = idFromBytes<StreamId>(new Uint8Array(16).fill(3));
const GROUP = STREAM as string as GroupId;
const REQUEST = 11;
const ATTEMPT = 4;

/** A target's log with a delivery on it. Entries are in the journal too. */
class Desk {
  readonly host: GroupHost;
  readonly log = new StreamLog(shapeOfNodes([nodeNamed('t')]), 8);
  readonly delivery: Delivery;
  turns = 0;
  #index = 0;

  constructor(config = {}) {
    this.host = new GroupHost('t', { config });
    this.delivery = new Delivery(this.host.context, GROUP, this.log, () => void this.turns++);
  }

  append(entry: StreamEntry): void {
    const index = logIndex(++this.#index);
    this.host.journal.append(GROUP, [{ index, term: 1 as Term, kind: 'data', bytes: StreamEntry.encode(entry) }]);
    this.host.settleDisk();
    const { applied } = this.log.apply(index, entry);
    if (applied.isAdmitted && entry.kind === 'messages') this.delivery.onApplied(applied, entry);
  }

  batch(count: number, bytes = 10): void {
    const firstSeq = this.log.state.next.seq;
    this.append(batchOf(firstSeq, 0, 1, Array.from({ length: count }, (_, i) => record(firstSeq + i, bytes))));
  }

  chunks(count: number, bytes = 10): void {
    const firstSeq = this.log.state.next.seq;
    for (let chunkSeq = 0; chunkSeq < count; chunkSeq++) this.append(batchOf(firstSeq, chunkSeq, count, [record(firstSeq, bytes)]));
  }

  settle(seq: number): void {
    this.append({ kind: 'settled', marks: [{ target: nodeNamed('t'), seq }], timeMs: 0 });
  }

  begin(resumeAfter: number, windowMessages: number, windowBytes = 1 << 20, attempt = ATTEMPT): void {
    this.delivery.begin(REQUEST, attempt, resumeAfter, windowMessages, windowBytes);
  }

  /** Pumps until nothing more comes, reads included. */
  pump(): void {
    for (let turn = 0; turn < 1000; turn++) {
      const before = this.host.facts.length;
      this.delivery.pump(this.host.now);
      if (!this.host.answerRead() && this.host.facts.length === before) return;
    }
    throw new Error('the delivery does not come to rest');
  }

  get records(): DeliveredRecord[] {
    return this.host.factsOf('deliver').flatMap(({ chunks }) => [...chunks]);
  }

  get places(): string[] {
    return this.records.map(({ seq, chunkSeq }) => `${seq}/${chunkSeq}`);
  }
}

const record = (producerSeq: number, bytes: number) => ({ producerSeq, checksum: 7, digest: EMPTY_BYTES, freeId: '', headers: EMPTY_BYTES, payload: new Uint8Array(bytes).fill(producerSeq & 255) });

const batchOf = (firstSeq: number, chunkSeq: number, chunkCount: number, records: MessageBatch['records']): StreamEntry => ({
  kind: 'messages', firstSeq, chunkSeq, chunkCount, producer: 'p', baseMessageId: idFromBytes<MessageId>(new Uint8Array(16).fill(firstSeq & 255)), epoch: 0, controlNo: 0, records,
});

const range = (from: number, to: number): string[] => Array.from({ length: to - from + 1 }, (_, i) => `${from + i}/0`);

describe('delivery', () => {
  it('gives what the window of messages admits, and the rest as it opens', () => {
    const desk = new Desk();
    desk.batch(5);
    desk.batch(5);
    desk.begin(0, 3);
    desk.pump();
    expect(desk.places).toEqual(range(1, 3));
    desk.delivery.grant(4, 0);
    desk.pump();
    expect(desk.places).toEqual(range(1, 7));
    desk.delivery.grant(100, 0);
    desk.pump();
    expect(desk.places).toEqual(range(1, 10));
    expect(desk.delivery.deliveredSeq).toBe(10);
  });

  it('stops at the window of bytes', () => {
    const desk = new Desk();
    desk.batch(10, 100);
    desk.begin(0, 1000, 250);
    desk.pump();
    expect(desk.places).toEqual(range(1, 3));
    desk.delivery.grant(0, 1000);
    desk.pump();
    expect(desk.places).toEqual(range(1, 10));
  });

  it('gives chunks in order; the message counts when its last chunk is given', () => {
    const desk = new Desk();
    desk.chunks(3, 100);
    desk.batch(2);
    desk.chunks(2, 100);
    desk.begin(0, 1, 250);
    desk.pump();
    expect([desk.places, desk.delivery.deliveredSeq]).toEqual([['1/0', '1/1', '1/2'], 1]);
    desk.delivery.grant(3, 1000);
    desk.pump();
    expect(desk.places).toEqual(['1/0', '1/1', '1/2', '2/0', '3/0', '4/0', '4/1']);
    expect(desk.records.map(({ chunkCount }) => chunkCount)).toEqual([3, 3, 3, 1, 1, 2, 2]);
  });

  it('gives a part of a message that is not whole yet, and does not count it', () => {
    const desk = new Desk();
    desk.append(batchOf(1, 0, 3, [record(1, 10)]));
    desk.begin(0, 10);
    desk.pump();
    expect([desk.places, desk.delivery.deliveredSeq]).toEqual([['1/0'], 0]);
    expect(desk.delivery.checkAck(ATTEMPT, 1)?.code).toBe('OFFSET_AHEAD');
    desk.append(batchOf(1, 1, 3, [record(1, 10)]));
    desk.append(batchOf(1, 2, 3, [record(1, 10)]));
    desk.pump();
    expect([desk.places, desk.delivery.deliveredSeq]).toEqual([['1/0', '1/1', '1/2'], 1]);
  });

  it('begins wherever the subscriber resumes, in the middle of a batch too', () => {
    for (let resumeAfter = 0; resumeAfter <= 9; resumeAfter++) {
      const desk = new Desk();
      for (const count of [2, 1, 4, 2]) desk.batch(count);
      desk.begin(resumeAfter, 100);
      desk.pump();
      expect(desk.places).toEqual(range(resumeAfter + 1, 9));
      for (const { seq, producerSeq, payload } of desk.records) expect([producerSeq, payload[0]]).toEqual([seq, seq]);
    }
  });

  it('is the same whether it comes from memory or from the disk, in effects of bounded size', () => {
    const rng = Rng.fromSeed('delivery');
    for (let life = 0; life < 30; life++) {
      const desk = new Desk({ deliverBytesMax: 400 });
      let granted = 0;
      const expected: string[] = [];
      for (let step = 0; step < 40; step++) {
        const { seq } = desk.log.state.next;
        const act = rng.below(6);
        if (act < 2) {
          const count = 1 + rng.below(4);
          for (let i = 0; i < count; i++) expected.push(`${seq + i}/0`);
          desk.batch(count, rng.below(120));
        } else if (act === 2) {
          desk.chunks(2, rng.below(120));
          expected.push(`${seq}/0`, `${seq}/1`);
        } else if (act === 3) desk.append(batchOf(Math.max(1, seq - 1), 0, 1, [record(Math.max(1, seq - 1), 10)]));
        else if (act === 4 && granted === 0) desk.begin(0, (granted = 1 + rng.below(5)), 1 << 20);
        else if (granted > 0) desk.delivery.grant(1 + rng.below(4), 0);
        if (rng.chance(500)) desk.pump();
      }
      if (granted === 0) desk.begin(0, 1);
      desk.delivery.grant(1000, 1 << 20);
      desk.pump();
      // A repeat of the first message before there was one was its admission.
      expect(desk.places).toEqual(expected.length === desk.places.length ? expected : range(1, 1).concat(expected));
      for (const { chunks } of desk.host.factsOf('deliver')) {
        let bytes = 0;
        for (const { payload } of chunks.slice(0, -4)) bytes += payload.length;
        expect(bytes).toBeLessThan(400);
      }
    }
  });

  it('forgets what is delivered, and entries that the stream did not admit', () => {
    const desk = new Desk({ deliverBytesMax: 1000 });
    desk.begin(0, 1_000_000, 1 << 30);
    let reads = 0;
    for (let n = 1; n <= 50; n++) {
      desk.batch(3, 100);
      // What another leader had been sent twice.
      for (let repeat = 0; repeat < 3; repeat++) desk.append(batchOf(n * 3, 0, 1, [record(n * 3, 100)]));
      desk.delivery.pump(desk.host.now);
      while (desk.host.answerRead()) {
        reads++;
        desk.delivery.pump(desk.host.now);
      }
    }
    expect(desk.places.length).toBe(150);
    expect(reads).toBe(0);
    // A subscriber that reads all of it back from the disk meets the repeats there.
    desk.begin(0, 1_000_000, 1 << 30, 5);
    for (let round = 0; round < 2000; round++) {
      desk.delivery.pump(desk.host.now);
      if (!desk.host.answerRead()) break;
      reads++;
    }
    expect(desk.places.length).toBe(300);
    expect(desk.delivery.cachedCount).toBe(0);
  });

  it('asks again for what could not be read', () => {
    const desk = new Desk();
    desk.batch(3);
    desk.begin(0, 10);
    desk.host.isDiskUnreadable = true;
    desk.delivery.pump(desk.host.now);
    desk.host.answerRead();
    expect([desk.places, desk.host.marks('delivery.unreadable-blocks')]).toEqual([[], 1]);
    desk.host.isDiskUnreadable = false;
    const { turns } = desk;
    desk.host.now = micros(600_000);
    desk.host.runDeadlines();
    expect(desk.turns).toBe(turns + 1);
    desk.pump();
    expect(desk.places).toEqual(range(1, 3));
  });

  it('drops a read that comes for an older subscription', () => {
    const desk = new Desk();
    desk.batch(3);
    desk.begin(0, 10);
    desk.delivery.pump(desk.host.now);
    desk.delivery.end();
    desk.begin(1, 10, 1 << 20, 5);
    desk.delivery.pump(desk.host.now);
    const { turns } = desk;
    desk.host.answerRead();
    expect(desk.turns).toBeGreaterThan(turns);
    desk.pump();
    expect(desk.host.factsOf('deliver').map(({ attempt, chunks }) => [attempt, chunks.length])).toEqual([[5, 2]]);
  });

  it('notices that the log has passed its subscriber', () => {
    const desk = new Desk();
    desk.batch(3);
    desk.begin(0, 1);
    desk.pump();
    desk.settle(3);
    expect(desk.delivery.isPassed).toBe(false);
    desk.log.compact(1, 1);
    expect(desk.delivery.isPassed).toBe(true);
    desk.begin(3, 1);
    expect(desk.delivery.isPassed).toBe(false);
  });
});

describe('an ack', () => {
  it('names its attempt and what was delivered, else it is refused', () => {
    const desk = new Desk();
    desk.batch(5);
    expect(desk.delivery.checkAck(ATTEMPT, 0)?.code).toBe('STALE_ATTEMPT');
    desk.begin(0, 3);
    desk.pump();
    expect([1, 2, 3].map((seq) => desk.delivery.checkAck(ATTEMPT, seq))).toEqual([null, null, null]);
    expect(desk.delivery.checkAck(ATTEMPT, 4)?.code).toBe('OFFSET_AHEAD');
    expect(desk.delivery.checkAck(ATTEMPT - 1, 2)?.code).toBe('STALE_ATTEMPT');
    expect(desk.delivery.checkAck(ATTEMPT + 1, 2)?.code).toBe('STALE_ATTEMPT');
  });

  it('finds the identifier of any delivered message, ascending', () => {
    const desk = new Desk();
    desk.batch(4);
    desk.chunks(2);
    desk.batch(3);
    desk.begin(0, 100);
    desk.pump();
    const ids = new Map(desk.records.map(({ seq, messageId }) => [seq as number, messageId]));
    for (const seq of [1, 3, 4, 5, 5, 6, 8]) expect(desk.delivery.messageIdAt(seq)).toBe(ids.get(seq));
    expect(new Set(ids.values()).size).toBe(8);
  });
});

describe('identifiers of a batch', () => {
  it('count on from its first, over every carry', () => {
    const base = idFromBytes<MessageId>(Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 255, 255, 250]));
    const tail = (count: number): number[] => [...idBytes(countedId(base, count))].slice(12);
    expect(tail(0)).toEqual([13, 255, 255, 250]);
    expect(tail(5)).toEqual([13, 255, 255, 255]);
    expect(tail(6)).toEqual([14, 0, 0, 0]);
    expect(tail(1023)).toEqual([14, 0, 3, 249]);
  });
});
