import { describe, expect, it } from 'vitest';
import { CHUNK_BYTES_MAX } from '../grpc/fields.js';
import { type Batch, SendWindow } from './send-window.js';

const bytes = (count: number, value = 1): Uint8Array => new Uint8Array(count).fill(value);
const seqsOf = (batch: Batch | null): (number | null | undefined)[] => batch?.entries.map((entry) => entry.producerSeq) ?? [];

describe('the send window', () => {
  it('gives each message once, within the bytes allowed', () => {
    const window = new SendWindow();
    for (let seq = 1; seq <= 5; seq++) window.push(seq, bytes(100), bytes(0));
    expect(seqsOf(window.takeBatch(250))).toEqual([1, 2]);
    expect(seqsOf(window.takeBatch(99))).toEqual([]);
    expect(seqsOf(window.takeBatch(10_000))).toEqual([3, 4, 5]);
    expect(window.takeBatch(10_000)).toBeNull();
    expect(window.hasUnsent).toBe(false);
    expect(window.keptBytes).toBe(500);
  });

  it('cuts a large message so that no chunk exceeds the bound, and nothing is lost', () => {
    for (const [size, headersSize] of [[65_536, 0], [65_536, 8_192], [65_537, 0], [200_000, 8_192], [0, 8_192], [131_072, 1]] as const) {
      const window = new SendWindow();
      const payload = Uint8Array.from({ length: size }, (_, i) => i % 251);
      window.push(1, payload, bytes(headersSize, 9));
      const entries = window.takeBatch(10 ** 9)?.entries ?? [];
      const parts = entries.map((entry) => entry.payload ?? bytes(0));
      expect(Buffer.concat(parts).equals(payload)).toBe(true);
      expect(entries.map((entry) => entry.chunkSeq)).toEqual(entries.map((_, index) => index));
      for (const [index, entry] of entries.entries()) {
        expect(entry.chunkCount).toBe(entries.length);
        expect(entry.headers?.length).toBe(index === 0 ? headersSize : 0);
        const isLast = index === entries.length - 1;
        expect(entry.payload?.length).toBe(isLast ? size - index * CHUNK_BYTES_MAX : CHUNK_BYTES_MAX);
      }
    }
  });

  it('forgets what is accepted, also before it was sent', () => {
    const window = new SendWindow();
    for (let seq = 1; seq <= 4; seq++) window.push(seq, bytes(10), bytes(1));
    window.takeBatch(11);
    window.onAccepted(3);
    expect([window.keptCount, window.keptBytes]).toEqual([1, 11]);
    expect(seqsOf(window.takeBatch(1000))).toEqual([4]);
  });

  it('sends again after a reconnect what the node does not hold, from its first chunk, and keeps what is not accepted', () => {
    const window = new SendWindow();
    window.push(1, bytes(10), bytes(0));
    window.push(2, bytes(150_000), bytes(0));
    window.push(3, bytes(10), bytes(0));
    expect(window.takeBatch(70_000)?.entries.map((entry) => entry.chunkSeq)).toEqual([0, 0]);
    window.rewind(1);
    expect(window.keptCount).toBe(3);
    expect(window.takeBatch(10 ** 9)?.entries.map((entry) => [entry.producerSeq, entry.chunkSeq])).toEqual([
      [2, 0],
      [2, 1],
      [2, 2],
      [3, 0],
    ]);
  });

  it('stays right over many messages', () => {
    const window = new SendWindow();
    let sent = 0;
    for (let seq = 1; seq <= 10_000; seq++) {
      window.push(seq, bytes(3), bytes(0));
      if (seq % 3 === 0) sent += window.takeBatch(1000)?.entries.length ?? 0;
      if (seq % 7 === 0) window.onAccepted(seq - 5);
    }
    sent += window.takeBatch(10 ** 6)?.entries.length ?? 0;
    window.onAccepted(10_000);
    expect([sent, window.keptBytes, window.keptCount]).toEqual([10_000, 0, 0]);
  });
});
