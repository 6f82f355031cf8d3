import { describe, expect, it } from 'vitest';
import { EMPTY_BYTES } from '../../base/bytes.js';
import { type MessageId, type StreamId, idFromBytes } from '../../base/ids.js';
import { micros } from '../../base/units.js';
import { StreamEntry } from '../../wire/group-messages.js';
import { GroupHost } from '../testing/group-host.js';
import { Uploads, numberedChunk } from './uploads.js';

const STREAM = idFromBytes<StreamId>(new Uint8Array(16).fill(4));
const OTHER = idFromBytes<StreamId>(new Uint8Array(16).fill(5));

const record = (producerSeq: number, bytes = 100) => ({
  producerSeq,
  checksum: 0,
  digest: EMPTY_BYTES,
  freeId: '',
  headers: EMPTY_BYTES,
  payload: new Uint8Array(bytes),
});

function tableOf(config = {}): { host: GroupHost; uploads: Uploads; add: (producer: string, producerSeq: number, chunkSeq: number, chunkCount: number, bytes?: number) => string } {
  const host = new GroupHost('source', { config });
  const uploads = new Uploads(host.context, STREAM);
  const add = (producer: string, producerSeq: number, chunkSeq: number, chunkCount: number, bytes = 100): string => {
    const added = uploads.add(host.now, producer, record(producerSeq, bytes), chunkSeq, chunkCount);
    if (!added.ok) return added.reject.code;
    return added.value === null ? 'more' : `done ${added.value.blobs.length}`;
  };
  return { host, uploads, add };
}

describe('uploads', () => {
  it('take the chunks 0 to n - 1 in order, each once, whatever else is offered', () => {
    const offers: [number, number, number][] = [];
    for (const producerSeq of [1, 2]) for (const chunkCount of [2, 3]) for (let chunkSeq = 0; chunkSeq < chunkCount; chunkSeq++) offers.push([producerSeq, chunkSeq, chunkCount]);
    for (let code = 0; code < offers.length ** 3; code++) {
      const { uploads, add } = tableOf();
      let open: { producerSeq: number; next: number; chunkCount: number } | null = null;
      const seen: string[] = [];
      const expected: string[] = [];
      for (let step = 0, rest = code; step < 3; step++, rest = Math.floor(rest / offers.length)) {
        const [producerSeq, chunkSeq, chunkCount] = offers[rest % offers.length] as [number, number, number];
        seen.push(add('p', producerSeq, chunkSeq, chunkCount));
        if (chunkSeq === 0) open = { producerSeq, next: 1, chunkCount };
        else if (open === null || open.producerSeq !== producerSeq || open.chunkCount !== chunkCount || chunkSeq > open.next) {
          expected.push('PRODUCER_GAP');
          continue;
        } else if (chunkSeq < open.next) {
          // The answer to it was lost.
          expected.push('more');
          continue;
        } else open.next++;
        const isDone: boolean = open.next === open.chunkCount;
        expected.push(isDone ? `done ${chunkCount}` : 'more');
        if (isDone) open = null;
      }
      expect(seen).toEqual(expected);
      expect(uploads.cost > 0).toBe(open !== null);
    }
  });

  it('keep producers apart', () => {
    const { add } = tableOf();
    expect(add('p', 1, 0, 2)).toBe('more');
    expect(add('q', 9, 0, 2)).toBe('more');
    expect(add('p', 1, 1, 2)).toBe('done 2');
    expect(add('q', 9, 1, 2)).toBe('done 2');
  });

  it('refuse a message that grows past its bound, and keep nothing of it', () => {
    const { host, uploads, add } = tableOf({ messageBytesMax: 250 });
    expect(add('p', 1, 0, 3)).toBe('more');
    expect(add('p', 1, 1, 3)).toBe('more');
    expect(add('p', 1, 2, 3)).toBe('PAYLOAD_TOO_LARGE');
    expect(uploads.cost).toBe(0);
    expect(host.journal.blobOwners()).toEqual([]);
  });

  it('count for everybody, but the oldest counts itself alone', () => {
    const { uploads, add } = tableOf();
    add('p', 1, 0, 3);
    add('q', 1, 0, 3);
    add('q', 1, 1, 3);
    const all = uploads.cost;
    expect(uploads.costFor('p') * 3).toBe(all);
    expect([uploads.costFor('q'), uploads.costFor('stranger')]).toEqual([all, all]);
    uploads.abandon('p');
    expect(uploads.costFor('q')).toBe(uploads.cost);
    uploads.abandon('q');
    expect([uploads.cost, uploads.costFor('p')]).toEqual([0, 0]);
  });

  it('are dropped when no chunk comes for long, and only then', () => {
    const { host, uploads, add } = tableOf({ uploadPatienceUs: 1000 });
    add('p', 1, 0, 3);
    host.now = micros(600);
    add('q', 1, 0, 3);
    host.now = micros(900);
    add('p', 1, 1, 3);
    host.now = micros(1650);
    host.runDeadlines();
    expect(host.marks('stream.upload-abandoned')).toBe(1);
    expect(uploads.costFor('p')).toBeGreaterThan(0);
    expect(add('q', 1, 1, 3)).toBe('PRODUCER_GAP');
    host.now = micros(2000);
    host.runDeadlines();
    expect([uploads.cost, host.marks('stream.upload-abandoned')]).toEqual([0, 2]);
    expect(host.deadlines.armedCount).toBe(0);
    expect(host.journal.blobOwners()).toEqual([]);
  });

  it('hold no deadline when none is left', () => {
    const { host, add } = tableOf();
    add('p', 1, 0, 2);
    expect(host.deadlines.armedCount).toBe(1);
    add('p', 1, 1, 2);
    expect(host.deadlines.armedCount).toBe(0);
  });

  it('that have no number go at boot, those of other streams stay', () => {
    const { host, add } = tableOf();
    add('p', 1, 0, 3);
    add('q', 1, 0, 1);
    new Uploads(host.context, OTHER).add(host.now, 'p', record(1), 0, 2);
    host.settleDisk();
    const again = host.restart();
    const numbered = again.journal.blobOwners().filter((owner) => owner.includes(STREAM))[0] ?? '';
    new Uploads(again.context, STREAM).restore(new Set([numbered]));
    expect(again.journal.blobOwners().length).toBe(2);
    expect(again.journal.blobOwners()).toContain(numbered);
  });
});

describe('a chunk that gets its number', () => {
  it('is the entry that was staged, but for number and identifier', () => {
    const entry = { kind: 'messages', firstSeq: 0, chunkSeq: 1, chunkCount: 3, producer: 'p', baseMessageId: idFromBytes<MessageId>(new Uint8Array(16)), epoch: 0, controlNo: 0, records: [record(7)] } as const;
    const base = { baseMessageId: idFromBytes<MessageId>(new Uint8Array(16).fill(9)), epoch: 2, controlNo: 5 };
    const numbered = numberedChunk(StreamEntry.encode(entry), 12, base);
    expect(numbered === null ? null : StreamEntry.decode(numbered)).toEqual({ ...entry, firstSeq: 12, ...base });
    expect(numberedChunk(new Uint8Array([255]), 12, base)).toBe(null);
    expect(numberedChunk(StreamEntry.encode({ kind: 'close', lastSeq: 3, isSourceLost: false }), 12, base)).toBe(null);
  });
});
