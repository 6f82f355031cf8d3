import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NodeId } from '../base/ids.js';
import { ByteReader, ByteWriter, readU32, varintBytes } from './varint.js';
import { fixedRuns } from './testing/runs.js';

const ID = '01ARZ3NDEKTSV4RRFFQ69G5FAV' as NodeId;
const MAX = Number.MAX_SAFE_INTEGER;
/** Both sides of every change of length. */
const EDGES = [7, 14, 21, 28, 31, 32, 35, 42, 49].flatMap((bits) => [2 ** bits - 1, 2 ** bits]).concat(0, MAX);

function written(write: (writer: ByteWriter) => void): Uint8Array {
  const writer = new ByteWriter(1);
  write(writer);
  return writer.copy();
}

describe('varints', () => {
  it('take the documented number of bytes at every edge', () => {
    for (const value of EDGES) {
      const bytes = written((writer) => writer.varint(value));
      expect(bytes.length, String(value)).toBe(varintBytes(value));
      const reader = new ByteReader(bytes);
      expect(reader.varint()).toBe(value);
      expect(reader.isComplete).toBe(true);
    }
  });

  it('above 2^53 - 1 are malformed', () => {
    for (const bytes of [
      [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10],
      [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
      [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00],
      [0x80],
      [],
    ]) {
      const reader = new ByteReader(Uint8Array.from(bytes));
      expect(reader.varint()).toBe(0);
      expect(reader.isFailed, String(bytes)).toBe(true);
    }
  });

  it('carry signed integers in zigzag order', () => {
    for (const value of [...EDGES, ...EDGES.filter((n) => n > 0).map((n) => -n)]) {
      const reader = new ByteReader(written((writer) => writer.sint(value)));
      expect(reader.sint()).toBe(value);
      expect(reader.isComplete).toBe(true);
    }
    expect(Array.from(written((writer) => [0, -1, 1, -2, 2].forEach((n) => writer.sint(n))))).toEqual([0, 1, 2, 3, 4]);
    const belowMin = new ByteReader(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f));
    expect(belowMin.sint()).toBe(0);
    expect(belowMin.isFailed).toBe(true);
  });
});

describe('a writer and a reader', () => {
  it('agree on any sequence of values', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('u8' as const), value: fc.nat({ max: 255 }) }),
      fc.record({ kind: fc.constant('u16' as const), value: fc.nat({ max: 65_535 }) }),
      fc.record({ kind: fc.constant('u32' as const), value: fc.nat({ max: 0xffff_ffff }) }),
      fc.record({ kind: fc.constant('varint' as const), value: fc.maxSafeNat() }),
      fc.record({ kind: fc.constant('sint' as const), value: fc.maxSafeInteger() }),
      fc.record({ kind: fc.constant('flag' as const), value: fc.boolean() }),
      fc.record({ kind: fc.constant('text' as const), value: fc.string({ unit: 'binary', maxLength: 400 }) }),
      fc.record({ kind: fc.constant('bytes' as const), value: fc.uint8Array() }),
      fc.record({ kind: fc.constant('id' as const), value: fc.constant(ID) }),
    );
    const writer = new ByteWriter(1);
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        writer.reset();
        for (const each of steps) (writer[each.kind] as (value: unknown) => void).call(writer, each.value);
        const reader = new ByteReader(writer.copy());
        for (const each of steps) {
          const value = each.kind === 'bytes' ? reader.bytesView() : reader[each.kind]();
          expect(value).toEqual(each.value);
        }
        expect(reader.isComplete).toBe(true);
        expect(writer.view()).toEqual(writer.copy());
      }),
      fixedRuns(1_000),
    );
  });

  it('fail for good on the first missing byte, and give zeros from then on', () => {
    const reader = new ByteReader(Uint8Array.of(5, 1, 2, 3));
    expect(reader.bytesView().length).toBe(0);
    expect(reader.isFailed).toBe(true);
    expect([reader.u8(), reader.u16(), reader.u32(), reader.varint(), reader.sint()]).toEqual([0, 0, 0, 0, 0]);
    expect([reader.flag(), reader.text(), reader.raw(0).length, reader.id()]).toEqual([false, '', 0, '0'.repeat(26)]);
    expect(reader.isComplete).toBe(false);
  });

  it('never read past the given end', () => {
    const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
    expect(new ByteReader(bytes, 2, 5).u32()).toBe(0);
    expect(new ByteReader(bytes, 2, 6).u32()).toBe(0x06050403);
    expect(new ByteReader(bytes, 6, 6).u8()).toBe(0);
    expect(new ByteReader(Uint8Array.of(0x80, 0x01), 0, 1).varint()).toBe(0);
  });

  it('refuse text that is not UTF-8', () => {
    for (const bad of [[1, 0xff], [2, 0xc0, 0x80], [3, 0xed, 0xa0, 0x80], [1, 0xc3], [4, 0xf4, 0x90, 0x80, 0x80]]) {
      const reader = new ByteReader(Uint8Array.from(bad));
      expect(reader.text()).toBe('');
      expect(reader.isFailed, String(bad)).toBe(true);
    }
  });

  it('patch what was known too late', () => {
    const bytes = written((writer) => {
      writer.u32(0);
      writer.raw(Uint8Array.of(9));
      writer.patchU32(0, 0xdeadbeef);
    });
    expect(readU32(bytes, 0)).toBe(0xdeadbeef);
    expect(() => new ByteWriter().patchU32(0, 1)).toThrow('patch');
  });
});
