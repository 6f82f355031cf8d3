import fc from 'fast-check';
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as admission from './admission-messages.js';
import * as flow from './flow-messages.js';
import * as generation from './generation-messages.js';
import * as group from './group-messages.js';
import * as link from './link-messages.js';
import * as lsa from './lsa-messages.js';
import * as raft from './raft-messages.js';
import type { Codec } from './schema.js';
import * as succession from './succession-messages.js';
import * as swim from './swim-messages.js';
import * as update from './update-messages.js';
import * as wish from './wish-messages.js';
import { arbitraryOf } from './testing/arbitrary.js';
import { mutate, mutations } from './testing/mutate.js';
import { holdsEqual } from './testing/proto-equality.js';
import { fixedRuns, fuzzRuns, fuzzTimeoutMs } from './testing/runs.js';

interface Declared {
  readonly protoFile: string;
  readonly codec: Codec<unknown>;
}

const MODULES: Readonly<Record<string, Readonly<Record<string, unknown>>>> = { admission, flow, generation, group, link, lsa, raft, succession, swim, update, wish };

/** Every codec that a `*-messages.ts` exports, with the .proto file of the same name. */
function declaredMessages(): Declared[] {
  const declared: Declared[] = [];
  for (const [name, module] of Object.entries(MODULES)) {
    for (const codec of Object.values(module)) if (isCodec(codec)) declared.push({ protoFile: `${name}.proto`, codec });
  }
  return declared;
}

function isCodec(value: unknown): value is Codec<unknown> {
  return typeof value === 'object' && value !== null && 'plan' in value && 'decode' in value;
}

const MESSAGES = declaredMessages();
const SAMPLES_PER_MESSAGE = 40;
const RUNS = fuzzRuns(50_000);

describe('every message between nodes', () => {
  it('is found by this test', () => {
    const files = readdirSync(new URL('.', import.meta.url)).filter((file) => file.endsWith('-messages.ts'));
    expect(files.sort()).toEqual(Object.keys(MODULES).map((name) => `${name}-messages.ts`));
    const names = MESSAGES.map(({ codec }) => codec.name);
    expect(new Set(names).size).toBe(names.length);
  });

  for (const { protoFile, codec } of MESSAGES) {
    it(`${codec.name} is as ${protoFile} declares it`, () => holdsEqual(protoFile, codec.name, codec));
  }

  it(`is given or refused, and never throws, whatever the bytes (${RUNS.numRuns} inputs)`, () => {
    const samples = MESSAGES.map(({ codec }) =>
      fc
        .sample(arbitraryOf(codec.plan), { numRuns: SAMPLES_PER_MESSAGE, seed: fixedRuns(1).seed ?? 0 })
        .map((value) => codec.encode(value)),
    );
    const anyBytes = fc.uint8Array({ maxLength: 64 });
    const index = fc.nat({ max: 0xffff });
    fc.assert(
      fc.property(index, index, index, anyBytes, mutations, (which, one, two, random, damage) => {
        const at = which % MESSAGES.length;
        const valid = samples[at] as Uint8Array[];
        const base = (one & 15) === 0 ? random : (valid[one % valid.length] as Uint8Array);
        const input = mutate(base, valid[two % valid.length] as Uint8Array, damage);
        givenOrRefused((MESSAGES[at] as Declared).codec, input);
      }),
      RUNS,
    );
  }, fuzzTimeoutMs(RUNS));
});

/** What is decoded has one encoding, and that decodes to the same. */
function givenOrRefused(codec: Codec<unknown>, input: Uint8Array): void {
  const before = input.slice();
  const value = codec.decode(input);
  if (!isSame(input, before)) throw new Error('a decoder changed its input');
  if (value === null) return;
  const encoded = codec.encode(value);
  const again = codec.decode(encoded);
  if (again === null) throw new Error('a decoded value does not survive its own encoding');
  if (!isSame(codec.encode(again), encoded)) throw new Error('a value has two encodings');
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
