import fc from 'fast-check';
import { describe, it } from 'vitest';
import { concatBytes } from '../base/bytes.js';
import { memberIndex } from '../base/units.js';
import { FRAME_BYTES_MAX, FRAME_OVERHEAD_BYTES, type FrameView, encodeFrame, splitFrames } from './frame.js';
import { EMPTY_HEADER, decodeHeader, encodeHeader } from './header.js';
import { mutate, mutations } from './testing/mutate.js';
import { fuzzRuns, fuzzTimeoutMs } from './testing/runs.js';

const RUNS = fuzzRuns(50_000);

const frames = [0, 1, 40, 300].map((size) =>
  encodeFrame(
    {
      trafficClass: size % 5,
      flags: 0,
      ttl: 8,
      hopCount: 0,
      pathPosition: 0,
      generationTag: size,
      source: memberIndex(1),
      target: memberIndex(2),
      tenantIndex: 0,
    },
    encodeHeader({ ...EMPTY_HEADER, msgType: 10, seq: size * 1e9, ack: size, signature: new Uint8Array(size % 65) }),
    [new Uint8Array(size).fill(7)],
  ),
);
const index = fc.nat({ max: frames.length - 1 });

describe('bytes off a lane', () => {
  it(`become frames or a refusal, and never an exception (${RUNS.numRuns} inputs)`, () => {
    fc.assert(
      fc.property(index, index, fc.uint8Array({ maxLength: 80 }), mutations, (one, two, random, damage) => {
        const first = frames[one] as Uint8Array;
        const second = frames[two] as Uint8Array;
        const message = mutate(one === two ? random : concatBytes([first, second]), first, damage);
        const { frames: found, refusal } = splitFrames(message);
        let total = 0;
        for (const frame of found) total += checkedLength(frame);
        if (refusal === null && total !== message.length) throw new Error('bytes vanished between frames');
        if (total > message.length) throw new Error('frames overlap');
      }),
      RUNS,
    );
  }, fuzzTimeoutMs(RUNS));
});

function checkedLength(frame: FrameView): number {
  const size = frame.bytes.length;
  const parts = frame.header().length + frame.payload().length + FRAME_OVERHEAD_BYTES;
  if (parts !== size) throw new Error('parts do not add up');
  if (size > FRAME_BYTES_MAX || frame.trafficClass > 4) throw new Error('a frame is out of bounds');
  const held = frame.checksumHolds();
  frame.rewriteForNextHop();
  if (frame.checksumHolds() !== held) throw new Error('a relay changed what the checksum covers');
  const header = decodeHeader(frame.header());
  if (header !== null && decodeHeader(encodeHeader(header)) === null) throw new Error('a header has no encoding');
  return size;
}
