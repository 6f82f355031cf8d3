import { describe, expect, it } from 'vitest';
import { crc32c } from '../../core/base/crc32c.js';
import type { v1 } from '../grpc/messages.js';
import { Blake3 } from './blake3.js';
import { DeliveryBroken, Reassembly } from './reassembly.js';

function chunk(seq: number, chunkSeq: number, chunkCount: number, text: string): v1.ClientData.$Properties {
  const payload = Buffer.from(text);
  return { seq, chunkSeq, chunkCount, payload, checksum: crc32c(payload), headers: Buffer.from(chunkSeq === 0 ? 'h' : '') };
}

describe('reassembly', () => {
  it('joins chunks and keeps the headers of the first', () => {
    const reassembly = new Reassembly({ resumeAfter: 4, seenThrough: 4 });
    expect(reassembly.take(chunk(5, 0, 2, 'ab'))).toBeNull();
    const delivery = reassembly.take(chunk(5, 1, 2, 'c'));
    expect([delivery?.seq, Buffer.from(delivery?.payload ?? []).toString(), Buffer.from(delivery?.headers ?? []).toString()]).toEqual([5, 'abc', 'h']);
    expect(reassembly.take(chunk(6, 0, 1, 'd'))?.seq).toBe(6);
  });

  it('leaves away what the application has seen, but checks its order', () => {
    const reassembly = new Reassembly({ resumeAfter: 0, seenThrough: 2 });
    expect(reassembly.take(chunk(1, 0, 1, 'a'))).toBeNull();
    expect(reassembly.take(chunk(2, 0, 1, 'b'))).toBeNull();
    expect(reassembly.take(chunk(3, 0, 1, 'c'))?.seq).toBe(3);
  });

  it('hands over a whole only if it matches the digest that came with its last chunk', () => {
    const blake3 = new Blake3().update(Buffer.from('abc')).digest();
    const feed = (last: Uint8Array, text = 'c'): unknown => {
      const reassembly = new Reassembly({ resumeAfter: 0, seenThrough: 0 });
      reassembly.take(chunk(1, 0, 2, 'ab'));
      return reassembly.take({ ...chunk(1, 1, 2, text), blake3: last });
    };
    expect(feed(blake3)).toMatchObject({ seq: 1 });
    expect(() => feed(blake3, 'd')).toThrow(DeliveryBroken);
    expect(() => feed(new Uint8Array(32))).toThrow(DeliveryBroken);
    expect(() => feed(new Uint8Array(31))).toThrow(DeliveryBroken);
  });

  it('lets replays leave numbers out, but never go back', () => {
    const reassembly = new Reassembly({ resumeAfter: 2, seenThrough: 2, isOfLetters: true });
    expect(reassembly.take({ ...chunk(5, 0, 1, 'a'), letterSeq: 17 })).toMatchObject({ seq: 5, letterSeq: 17 });
    expect(() => reassembly.take(chunk(5, 0, 1, 'a'))).toThrow(DeliveryBroken);
  });

  it.each([
    ['a gap', [chunk(1, 0, 1, 'a'), chunk(3, 0, 1, 'c')]],
    ['a repeat', [chunk(1, 0, 1, 'a'), chunk(1, 0, 1, 'a')]],
    ['a message that begins in its middle', [chunk(1, 1, 2, 'a')]],
    ['a message that ends early', [chunk(1, 0, 2, 'a'), chunk(2, 0, 1, 'b')]],
    ['a chunk past the end', [chunk(1, 1, 1, 'a')]],
    ['a wrong checksum', [{ ...chunk(1, 0, 1, 'a'), checksum: 1 }]],
  ])('does not go on after %s', (_name, chunks) => {
    const reassembly = new Reassembly({ resumeAfter: 0, seenThrough: 0 });
    expect(() => {
      for (const each of chunks) reassembly.take(each);
    }).toThrow(DeliveryBroken);
  });
});
