import { describe, expect, it } from 'vitest';
import { concatBytes } from '../base/bytes.js';
import { Rng } from '../base/rng.js';
import { journalSeq, logIndex, term } from '../base/units.js';
import { crc32c } from '../base/crc32c.js';
import { writeU32 } from '../wire/varint.js';
import { RecordBuilder } from './record-builder.js';
import { decodeRecord } from './record.js';
import { planBlocks } from './entry-block.js';
import { groupOf } from './testing/journal-model.js';

const SEQ = journalSeq(0x1_0000_0007);

function sample(): Uint8Array {
  const builder = new RecordBuilder(SEQ, { firstSeq: journalSeq(SEQ - 2), skipped: 3 }, 4_096);
  builder.put('vote/grüße', Uint8Array.from([1, 2, 3]));
  builder.put('snapshot', new Uint8Array(5_000).fill(4));
  builder.remove('gone');
  builder.compacted(groupOf(1), logIndex(4), logIndex(9));
  const entries = [0, 1, 2].map((i) => ({
    index: logIndex(10 + i),
    term: term(2 + Math.floor(i / 2)),
    kind: 'data' as const,
    bytes: new Uint8Array(i * 3_000).fill(i),
  }));
  builder.addBlocks(groupOf(1), entries, planBlocks(entries, { blockBytesMax: 65_536, partBytesMin: 4_096 }));
  builder.addEntryBlob('stream', 10, groupOf(1), logIndex(12));
  builder.addBlob('stream', 12, Uint8Array.from([9]));
  builder.dropBlob('stream', 11);
  builder.forget(groupOf(2));
  const planned = builder.length;
  const bytes = concatBytes(builder.finish(true).parts);
  expect(bytes.length).toBe(planned);
  return bytes;
}

describe('a record', () => {
  it('decodes to the items that went in, in order', () => {
    const decoded = decodeRecord(SEQ, sample());
    if (decoded.kind !== 'record') throw new Error(JSON.stringify(decoded));
    expect(decoded).toMatchObject({ seq: SEQ, batchFirst: SEQ - 2, endsBatch: true, skipped: 3 });
    expect(decoded.items.map((item) => item.kind)).toEqual([
      'put', 'put-large', 'remove', 'compacted', 'append', 'entry-blob', 'blob', 'drop-blob', 'forget',
    ]);
    expect(decoded.items[0]).toMatchObject({ key: 'vote/grüße', value: Uint8Array.from([1, 2, 3]) });
    expect(decoded.items[4]).toMatchObject({ blocks: [{ firstIndex: 10, count: 2, term: 2 }, { firstIndex: 12, count: 1, term: 3 }] });
  });

  it('is torn when it ends early or was never written, and of a newer format when it says so', () => {
    const bytes = sample();
    for (const length of [0, 1, 35, 36, 100, bytes.length - 1]) {
      const batch = length < 36 ? null : { batchFirst: SEQ - 2, skipped: 3 };
      expect(decodeRecord(SEQ, bytes.subarray(0, length))).toEqual({ kind: 'torn', batch });
    }
    expect(decodeRecord(SEQ, new Uint8Array(bytes.length))).toEqual({ kind: 'torn', batch: null });
    const newer = bytes.slice();
    newer[4] = 9;
    writeU32(newer, 32, crc32c(newer, 0, 32));
    expect(decodeRecord(SEQ, newer)).toEqual({ kind: 'newer-format', format: 9 });
    expect(decodeRecord(SEQ, concatBytes([bytes, new Uint8Array(1)]))).toEqual({ kind: 'corrupt', reason: 'length' });
    expect(decodeRecord(journalSeq(7), bytes)).toEqual({ kind: 'corrupt', reason: 'seq' });
  });

  it('decodes any bytes to a record or a fault, with checksums that were made to hold, too', () => {
    const rng = Rng.fromSeed('records');
    const bytes = sample();
    const headBytes = (bytes[24] as number) + (bytes[25] as number) * 256;
    const kinds = new Set<string>();
    for (let round = 0; round < 20_000; round++) {
      const changed = rng.chance(100) ? rng.fill(rng.below(200)) : bytes.slice(0, rng.chance(800) ? bytes.length : rng.below(400));
      for (let i = rng.below(4); i > 0 && changed.length > 0; i--) changed[rng.below(Math.min(changed.length, 200))] = rng.below(256);
      if (changed.length >= 36 + headBytes + 4 && rng.chance(900)) {
        writeU32(changed, 0, 0x4a53454d);
        writeU32(changed, 32, crc32c(changed, 0, 32));
        writeU32(changed, 36 + headBytes, crc32c(changed, 36, 36 + headBytes, crc32c(changed, 0, 32)));
      }
      const decoded = decodeRecord(SEQ, changed);
      kinds.add(decoded.kind === 'corrupt' ? decoded.reason : decoded.kind);
      if (decoded.kind !== 'record') continue;
      for (const item of decoded.items) {
        if (item.kind === 'append') for (const block of item.blocks) expect(block.offset + block.length).toBeLessThanOrEqual(changed.length);
        if (item.kind === 'blob' || item.kind === 'put-large') expect(item.place.offset + item.place.length).toBeLessThanOrEqual(changed.length);
      }
    }
    for (const kind of ['record', 'torn', 'head', 'seq', 'magic', 'head-checksum']) expect([...kinds]).toContain(kind);
  });
});
