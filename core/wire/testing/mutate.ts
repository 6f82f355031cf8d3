/** Damages valid encodings the way wires and enemies do; a random byte string alone hardly ever gets past a tag. */
import fc from 'fast-check';

export interface Mutation {
  readonly kind: (typeof KINDS)[number];
  readonly at: number;
  readonly byte: number;
  readonly count: number;
}

const KINDS = ['set', 'flip', 'insert', 'remove', 'cut', 'repeat', 'long-varint', 'splice'] as const;

export const mutations: fc.Arbitrary<Mutation[]> = fc.array(
  fc.record({
    kind: fc.constantFrom(...KINDS),
    at: fc.nat({ max: 0xffff }),
    byte: fc.nat({ max: 255 }),
    count: fc.nat({ max: 24 }),
  }),
  { minLength: 1, maxLength: 5 },
);

/** The bytes with each of the mutations applied in turn; `other` is a second valid encoding to splice from. */
export function mutate(bytes: Uint8Array, other: Uint8Array, list: readonly Mutation[]): Uint8Array {
  let result = Array.from(bytes);
  for (const mutation of list) result = applied(result, other, mutation);
  return Uint8Array.from(result);
}

function applied(bytes: number[], other: Uint8Array, mutation: Mutation): number[] {
  const at = mutation.at % (bytes.length + 1);
  const before = bytes.slice(0, at);
  const rest = bytes.slice(at);
  switch (mutation.kind) {
    case 'set':
      return [...before, mutation.byte, ...rest.slice(1)];
    case 'flip':
      return [...before, (rest[0] ?? 0) ^ (1 << (mutation.byte & 7)), ...rest.slice(1)];
    case 'insert':
      return [...before, mutation.byte, ...rest];
    case 'remove':
      return [...before, ...rest.slice(mutation.count)];
    case 'cut':
      return before;
    case 'repeat':
      return [...before, ...rest.slice(0, mutation.count), ...rest];
    case 'long-varint':
      return [...before, ...new Uint8Array(mutation.count % 12).fill(0xff), mutation.byte & 127, ...rest.slice(1)];
    case 'splice': {
      const from = mutation.byte % (other.length + 1);
      return [...before, ...other.subarray(from, from + mutation.count), ...rest];
    }
  }
}
