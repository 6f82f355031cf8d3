import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { NodeId } from '../base/ids.js';
import type { Term } from '../base/units.js';
import { ZERO_ID } from './varint.js';
import {
  type Infer,
  type InferUnion,
  bytes,
  flag,
  id,
  message,
  nested,
  optional,
  repeated,
  sint,
  text,
  uint,
  union,
} from './schema.js';
import { arbitraryOf } from './testing/arbitrary.js';
import { fixedRuns } from './testing/runs.js';

const Inner = message('Inner', { a: uint(1), b: text(2) });
const Outer = message('Outer', {
  seq: uint<Term>(1),
  target: id<NodeId>(2),
  note: text(3),
  blob: bytes(4),
  isOn: flag(5),
  delta: sint(6),
  inner: nested(7, Inner),
  many: repeated(nested(8, Inner), 3),
  ids: repeated(id<NodeId>(9)),
  maybe: optional(uint(10)),
  numbers: repeated(uint(11), 5),
  maybeInner: optional(nested(12, Inner)),
  far: uint(255),
});
type Outer = Infer<typeof Outer>;
const Either = union('Either', { inner: [1, Inner], 'outer-one': [2, Outer] });
type Either = InferUnion<typeof Either>;
const Holder = message('Holder', { either: nested(1, Either), others: repeated(nested(2, Either)) });

const NODE = '01ARZ3NDEKTSV4RRFFQ69G5FAV' as NodeId;
const EMPTY: Outer = {
  seq: 0 as Term,
  target: ZERO_ID as NodeId,
  note: '',
  blob: new Uint8Array(0),
  isOn: false,
  delta: 0,
  inner: { a: 0, b: '' },
  many: [],
  ids: [],
  maybe: null,
  numbers: [],
  maybeInner: null,
  far: 0,
};
const FULL: Outer = {
  seq: Number.MAX_SAFE_INTEGER as Term,
  target: NODE,
  note: 'żółw 🐢',
  blob: Uint8Array.of(1, 2),
  isOn: true,
  delta: -Number.MAX_SAFE_INTEGER,
  inner: { a: 300, b: 'x' },
  many: [
    { a: 0, b: '' },
    { a: 1, b: 'y'.repeat(300) },
  ],
  ids: [NODE, ZERO_ID as NodeId],
  maybe: 0,
  numbers: [0, 1, 127, 128, 2 ** 40],
  maybeInner: { a: 0, b: '' },
  far: 1,
};

const ofBytes = (...list: number[]): Uint8Array => Uint8Array.from(list);

describe('a message', () => {
  it('comes back as it went', () => {
    expect(Outer.decode(Outer.encode(FULL))).toEqual(FULL);
    fc.assert(
      fc.property(arbitraryOf(Outer.plan), (value) => {
        expect(Outer.decode(Outer.encode(value as unknown as Outer))).toEqual(value);
      }),
      fixedRuns(500),
    );
  });

  it('has the type of its declaration', () => {
    expectTypeOf<Outer['seq']>().toEqualTypeOf<Term>();
    expectTypeOf<Outer['ids']>().toEqualTypeOf<readonly NodeId[]>();
    expectTypeOf<Outer['maybe']>().toEqualTypeOf<number | null>();
    expectTypeOf<Extract<Either, { kind: 'inner' }>['b']>().toEqualTypeOf<string>();
  });

  it('of defaults takes no bytes, and no bytes give the defaults', () => {
    expect(Outer.encode(EMPTY).length).toBe(0);
    expect(Outer.decode(ofBytes())).toEqual(EMPTY);
  });

  it('tells an absent optional field from a zero one', () => {
    expect(Outer.encode({ ...EMPTY, maybe: 0 })).toEqual(ofBytes(0x50, 0x00));
    expect(Outer.decode(ofBytes(0x50, 0x00))?.maybe).toBe(0);
    expect(Outer.decode(Outer.encode({ ...EMPTY, maybeInner: EMPTY.inner }))?.maybeInner).toEqual(EMPTY.inner);
  });

  it('gives bytes as views of its input', () => {
    const encoded = Outer.encode(FULL);
    expect(Outer.decode(encoded)?.blob.buffer).toBe(encoded.buffer);
  });

  it('may be encoded while its buffer has to grow, at any size', () => {
    for (const size of [0, 127, 128, 4_000, 4_096, 5_000, 70_000, 600_000]) {
      const value: Outer = { ...FULL, blob: new Uint8Array(size).fill(3), note: 'n'.repeat(size % 1_000) };
      expect(Outer.decode(Outer.encode(value))).toEqual(value);
    }
  });

  it('takes the last of a repeated singular field', () => {
    expect(Outer.decode(ofBytes(0x08, 1, 0x08, 2))?.seq).toBe(2);
    expect(Outer.decode(ofBytes(0x3a, 2, 0x08, 5, 0x3a, 0))?.inner).toEqual({ a: 0, b: '' });
  });

  it('takes numbers packed, unpacked and mixed', () => {
    const tag = 11 * 8;
    expect(Outer.decode(ofBytes(tag, 1, tag + 2, 2, 2, 3, tag, 4))?.numbers).toEqual([1, 2, 3, 4]);
  });

  it('skips fields it does not know, of every wire type', () => {
    const unknown = [
      [0x90, 0x02, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
      [0x91, 0x02, 1, 2, 3, 4, 5, 6, 7, 8],
      [0x92, 0x02, 3, 1, 2, 3],
      [0x95, 0x02, 1, 2, 3, 4],
      [0xf8, 0xff, 0xff, 0xff, 0x0f, 0],
    ];
    for (const field of unknown) {
      expect(Outer.decode(ofBytes(...field, 0x08, 7))?.seq, String(field)).toBe(7);
      expect(Outer.decode(ofBytes(...field.slice(0, -1))), String(field)).toBe(null);
    }
  });

  it('is refused when it is malformed', () => {
    const malformed: Record<string, number[]> = {
      'no tag': [0x80],
      'field number 0': [0x00, 0x00],
      'a tag above 32 bits': [0x80, 0x80, 0x80, 0x80, 0x10, 0x00],
      'a group': [0x93, 0x02, 0x94, 0x02],
      'wire type 6': [0x96, 0x02],
      'wire type 7': [0x97, 0x02],
      'a known field in another wire type': [0x0a, 0x01, 0x05],
      'a value cut off': [0x08],
      'an integer above 2^53 - 1': [0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10],
      'a length past the end': [0x22, 0x02, 0x01],
      'a length of 2^53 - 1': [0x22, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f],
      'an id of fifteen bytes': [0x12, 15, ...new Uint8Array(15).fill(1)],
      'an id of seventeen bytes': [0x12, 17, ...new Uint8Array(17).fill(1)],
      'text that is not UTF-8': [0x1a, 0x01, 0xff],
      'a nested field past its message': [0x3a, 0x02, 0x08, 0x80, 0x01],
      'a nested text past its message': [0x3a, 0x02, 0x12, 0x01, 0x41],
      'packed numbers past their list': [0x5a, 0x01, 0x80, 0x01],
      'more nested values than the bound': [0x42, 0, 0x42, 0, 0x42, 0, 0x42, 0],
      'more packed numbers than the bound': [0x5a, 6, 1, 2, 3, 4, 5, 6],
      'more numbers than the bound': [0x5a, 5, 1, 2, 3, 4, 5, 0x58, 6],
    };
    for (const [what, list] of Object.entries(malformed)) expect(Outer.decode(ofBytes(...list)), what).toBe(null);
    expect(Outer.decode(ofBytes(0x42, 0, 0x42, 0, 0x42, 0))?.many.length).toBe(3);
    expect(Outer.decode(ofBytes(0x5a, 5, 1, 2, 3, 4, 5))?.numbers.length).toBe(5);
  });

  it('is refused at every cut that does not fall between fields', () => {
    const encoded = Outer.encode({ ...EMPTY, blob: new Uint8Array(20), note: 'abc' });
    const accepted = [...encoded.keys()].filter((size) => Outer.decode(encoded.subarray(0, size)) !== null);
    expect(accepted).toEqual([0, 5]);
  });

  it('unfolds at most to its bound, however large the input', () => {
    const flood = new Uint8Array(1 << 20);
    for (let at = 0; at < flood.length; at += 2) flood[at] = 0x42;
    expect(Outer.decode(flood)).toBe(null);
    const deep = new Uint8Array(1 << 20).fill(0x3a);
    expect(Outer.decode(deep)).toBe(null);
  });

  it('holds its own sender to the ranges', () => {
    expect(() => Outer.encode({ ...EMPTY, far: -1 })).toThrow('negative');
    expect(() => Outer.encode({ ...EMPTY, far: 1.5 })).toThrow('exact');
    expect(() => Outer.encode({ ...EMPTY, far: 2 ** 53 })).toThrow('exact');
    expect(() => Outer.encode({ ...EMPTY, numbers: [1, 2, 3, 4, 5, 6] })).toThrow('bound');
  });

  it('is encodable after an encoding that failed half-way', () => {
    expect(() => Outer.encode({ ...FULL, seq: -1 as Term })).toThrow('negative');
    expect(Outer.decode(Outer.encode(FULL))).toEqual(FULL);
  });

  it('cannot be declared with a number twice, out of range, or a variant with a kind of its own', () => {
    expect(() => message('Twice', { a: uint(1), b: text(1) })).toThrow('once');
    expect(() => message('Zero', { a: uint(0) })).toThrow('range');
    expect(() => message('High', { a: uint(256) })).toThrow('range');
    expect(() => union('Kinds', { a: [1, message('A', { kind: uint(1) })] })).toThrow('kind');
  });
});

describe('a union', () => {
  it('comes back as the variant that went', () => {
    const values: Either[] = [
      { kind: 'inner', a: 1, b: 'b' },
      { kind: 'outer-one', ...FULL },
    ];
    for (const value of values) expect(Either.decode(Either.encode(value))).toEqual(value);
  });

  it('takes the last variant, and none at all is refused', () => {
    expect(Either.decode(ofBytes(0x12, 0, 0x0a, 2, 0x08, 9))).toEqual({ kind: 'inner', a: 9, b: '' });
    expect(Either.decode(ofBytes())).toBe(null);
    expect(Either.decode(ofBytes(0x1a, 0))).toBe(null);
    expect(Either.decode(ofBytes(0x08, 0))).toBe(null);
  });

  it('inside a message has to be there', () => {
    const others: Either[] = [{ kind: 'outer-one', ...FULL }];
    const value: Infer<typeof Holder> = { either: { kind: 'inner', a: 0, b: '' }, others };
    expect(Holder.decode(Holder.encode(value))).toEqual(value);
    expect(Holder.decode(ofBytes())).toBe(null);
  });
});
