import fc from 'fast-check';
import { decodeTime, isValid, ulidToUUID, uuidToULID } from 'ulid';
import { describe, expect, it } from 'vitest';
import { toHex } from './bytes.js';
import { type NodeId, idBytes, idFromBytes, idToBytes, parseId } from './ids.js';
import { Rng } from './rng.js';
import { compareReplicas, nodeOfReplica, numberOfReplica, replicaId } from './replica.js';
import { makeUlid } from './ulid.js';

const sixteen = fc.uint8Array({ minLength: 16, maxLength: 16 });

describe('identifiers', () => {
  it('are the same sixteen bytes as the ulid package says', () => {
    fc.assert(
      fc.property(sixteen, (bytes) => {
        const id = idFromBytes<NodeId>(bytes);
        expect(isValid(id)).toBe(true);
        expect(ulidToUUID(id).replaceAll('-', '').toLowerCase()).toBe(toHex(bytes));
        expect(uuidToULID(ulidToUUID(id))).toBe(id);
        expect(idBytes(id)).toEqual(bytes);
      }),
      { numRuns: 2_000, seed: 1 },
    );
  });

  it('are written and read anywhere in a buffer, and touch nothing around them', () => {
    const id = idFromBytes<NodeId>(new Uint8Array(16).fill(0xab));
    const buffer = new Uint8Array(20).fill(1);
    idToBytes(id, buffer, 2);
    expect(idFromBytes(buffer, 2)).toBe(id);
    expect([buffer[0], buffer[1], buffer[18], buffer[19]]).toEqual([1, 1, 1, 1]);
  });

  it('cover both ends of their range', () => {
    expect(idFromBytes(new Uint8Array(16))).toBe('00000000000000000000000000');
    expect(idFromBytes(new Uint8Array(16).fill(255))).toBe('7ZZZZZZZZZZZZZZZZZZZZZZZZZ');
  });

  it('are parsed from what people type, in either case, and nothing else is', () => {
    const id = '01ARZ3NDEKTSV4RRFFQ69G5FAV';
    expect(parseId(id)).toBe(id);
    expect(parseId(id.toLowerCase())).toBe(id);
    for (const bad of ['', id.slice(1), `${id}0`, `8${id.slice(1)}`, `I${id.slice(1)}`, `${id.slice(1)}U`]) {
      expect(parseId(bad), bad).toBe(null);
    }
  });

  it('are made as the ulid package makes them', () => {
    const rng = Rng.fromSeed('ulids');
    for (const wallMs of [0, 1, 1_700_000_000_000, 2 ** 48 - 1]) {
      let drawn = new Uint8Array(0);
      const entropy = { bytes: (count: number): Uint8Array => (drawn = rng.fill(count) as typeof drawn) };
      const id = makeUlid<NodeId>(wallMs, entropy);
      expect(isValid(id)).toBe(true);
      expect(decodeTime(id)).toBe(wallMs);
      expect(toHex(idBytes(id).subarray(6))).toBe(toHex(drawn));
    }
    const fixed = { bytes: (count: number): Uint8Array => new Uint8Array(count) };
    expect(decodeTime(makeUlid<NodeId>(-5, fixed))).toBe(0);
    expect(decodeTime(makeUlid<NodeId>(12.9, fixed))).toBe(12);
  });
});

describe('a replica', () => {
  it('names its node and number, and has a total order', () => {
    const node = idFromBytes<NodeId>(new Uint8Array(16).fill(7));
    const replica = replicaId(node, 12);
    expect([nodeOfReplica(replica), numberOfReplica(replica)]).toEqual([node, 12]);
    expect(compareReplicas(replica, replica)).toBe(0);
    expect(compareReplicas(replica, replicaId(node, 13)) * compareReplicas(replicaId(node, 13), replica)).toBe(-1);
  });
});
