import { describe, expect, it } from 'vitest';
import type { NodeId } from '../base/ids.js';
import { type Infer, type InferUnion, bytes, flag, id, message, nested, optional, repeated, sint, text, uint, union } from './schema.js';

const Inner = message('Inner', { a: uint(1), b: text(2) });
const Outer = message('Outer', {
  seq: uint(1), target: id<NodeId>(2), note: text(3), blob: bytes(4), flag: bool(), delta: sint(6), inner: nested(7, Inner),
  many: repeated(nested(8, Inner)), ids: repeated(id<NodeId>(9)), maybe: optional(uint(10)), numbers: repeated(uint(11)),
});
function bool() { return flag(5); }
const Either = union('Either', { inner: [1, Inner], outer: [2, Outer] });
type Outer = Infer<typeof Outer>;
type Either = InferUnion<typeof Either>;

describe('schema', () => {
  it('round trips', () => {
    const value: Outer = {
      seq: 2 ** 53 - 1, target: '01ARZ3NDEKTSV4RRFFQ69G5FAV' as NodeId, note: 'żółw 🐢', blob: Uint8Array.of(1, 2), flag: true,
      delta: -(2 ** 53 - 1), inner: { a: 300, b: 'x' }, many: [{ a: 0, b: '' }, { a: 1, b: 'y' }],
      ids: ['01ARZ3NDEKTSV4RRFFQ69G5FAV' as NodeId], maybe: 0, numbers: [0, 1, 127, 128, 2 ** 40],
    };
    expect(Outer.decode(Outer.encode(value))).toEqual(value);
    const either: Either = { kind: 'outer', ...value };
    expect(Either.decode(Either.encode(either))).toEqual(either);
    expect(Either.decode(new Uint8Array(0))).toBe(null);
    expect(Outer.encode(Outer.decode(new Uint8Array(0)) as Outer).length).toBe(0);
  });
});
