import { describe, expect, it } from 'vitest';
import { EMPTY_BYTES, compareBytes } from '../../base/bytes.js';
import { type StreamId, idFromBytes } from '../../base/ids.js';
import { Rng } from '../../base/rng.js';
import { micros } from '../../base/units.js';
import { decodeBlob } from '../../journal/entry-block.js';
import { StreamEntry } from '../../wire/group-messages.js';
import { GroupHost } from '../testing/group-host.js';
import type { StagedBatch } from './staged-batch.js';
import { Staging } from './staging.js';
import { Uploads, numberedChunk } from './uploads.js';

const STREAM = idFromBytes<StreamId>(new Uint8Array(16).fill(3));
const NOW = micros(5);

const record = (producerSeq: number, bytes = 10) => ({
  producerSeq,
  checksum: 0,
  digest: EMPTY_BYTES,
  freeId: '',
  headers: EMPTY_BYTES,
  payload: new Uint8Array(bytes).fill(producerSeq & 255),
});

/** Staging and uploads as a source joins them. */
class Desk {
  readonly host: GroupHost;
  readonly staging: Staging;
  readonly uploads: Uploads;
  durableCalls = 0;

  constructor(host: GroupHost) {
    this.host = host;
    this.staging = new Staging(host.context, STREAM, () => void this.durableCalls++, () => undefined);
    this.uploads = new Uploads(host.context, STREAM);
    if (!this.staging.restore()) throw new Error('the rows decode');
    this.uploads.restore(this.staging.uploadOwners());
  }

  stage(producer: string, producerSeq: number, bytes = 10): number {
    return this.staging.stage(NOW, producer, record(producerSeq, bytes));
  }

  /** Adds one chunk; the seq when it was the last. */
  chunk(producer: string, producerSeq: number, chunkSeq: number, chunkCount: number): number | null {
    const added = this.uploads.add(NOW, producer, record(producerSeq), chunkSeq, chunkCount);
    if (!added.ok) throw new Error(added.reject.code);
    if (added.value === null) return null;
    const { seq, upload } = this.staging.stageUpload(producer, producerSeq, added.value.baseMessageId, added.value.blobs);
    this.uploads.recordNumber(seq, producer, added.value, upload);
    return seq;
  }

  /** Every batch as (seq, chunkSeq, producerSeq) of what its blob on the disk holds. */
  content(): string[] {
    const lines: string[] = [];
    for (let no = this.staging.firstNo; no < this.staging.endNo; no++) {
      for (const line of this.#linesOf(this.staging.batchAt(no) as StagedBatch)) lines.push(line);
    }
    return lines;
  }

  #linesOf(batch: StagedBatch): string[] {
    const location = this.host.journal.locateBlob(batch.blob.owner, batch.blob.no);
    if (location === null) throw new Error('a staged batch has a blob');
    let lines: string[] | null = null;
    this.host.context.fetch([location.read], (_now, [chunk]) => {
      const blob = decodeBlob(location, chunk ?? null);
      const bytes = blob === null || batch.upload === null ? blob : numberedChunk(blob, batch.firstSeq, batch.upload);
      const entry = bytes === null ? null : StreamEntry.decode(bytes);
      if (entry?.kind !== 'messages') return;
      lines = entry.records.map(({ producerSeq, payload }, i) => {
        const isIntact =
          entry.firstSeq === batch.firstSeq &&
          entry.chunkSeq === batch.chunkSeq &&
          entry.chunkCount === batch.chunkCount &&
          entry.producer === batch.producer &&
          producerSeq === batch.producerSeqs[i] &&
          compareBytes(payload, record(producerSeq, payload.length).payload) === 0;
        return `${entry.firstSeq + i}/${entry.chunkSeq} ${entry.producer}:${producerSeq}${isIntact ? '' : ' changed'}`;
      });
    });
    this.host.answerRead();
    if (lines === null) throw new Error('a staged batch reads back');
    return lines;
  }
}

const deskOf = (config = {}): Desk => new Desk(new GroupHost('source', { config }));

describe('staging', () => {
  it('numbers without gaps, across producers and batches', () => {
    const desk = deskOf({ batchMessagesMax: 3 });
    const seqs = [desk.stage('p', 1), desk.stage('p', 2), desk.stage('q', 7), desk.stage('p', 3), desk.stage('p', 9)];
    expect(seqs).toEqual([1, 2, 3, 4, 5]);
    desk.staging.onTurn();
    desk.host.settleDisk();
    expect(desk.content()).toEqual(['1/0 p:1', '2/0 p:2', '3/0 q:7', '4/0 p:3', '5/0 p:9']);
    expect(desk.staging.endNo).toBe(3);
  });

  it('closes a batch at its bounds of messages and of bytes', () => {
    const desk = deskOf({ batchMessagesMax: 3, batchBytesMax: 100 });
    for (let i = 1; i <= 7; i++) desk.stage('p', i, 5);
    for (let i = 8; i <= 10; i++) desk.stage('p', i, 60);
    desk.staging.onTurn();
    const sizes: number[] = [];
    for (let no = 0; no < desk.staging.endNo; no++) sizes.push((desk.staging.batchAt(no) as StagedBatch).producerSeqs.length);
    expect(sizes).toEqual([3, 3, 2, 1, 1]);
  });

  it('has accepted what is durable, and nothing before', () => {
    const desk = deskOf();
    desk.stage('p', 4);
    desk.staging.onTurn();
    expect([desk.staging.durableSeq, desk.staging.producers.durableLastOf('p')]).toEqual([0, 0]);
    desk.host.write();
    desk.stage('p', 5);
    desk.staging.onTurn();
    desk.host.write();
    desk.host.persist();
    expect([desk.staging.durableSeq, desk.staging.producers.durableLastOf('p'), desk.staging.producers.lastOf('p')]).toEqual([1, 4, 5]);
    desk.host.persist();
    expect([desk.staging.durableSeq, desk.staging.producers.durableLastOf('p')]).toEqual([2, 5]);
    expect(desk.durableCalls).toBe(2);
  });

  it('remembers the newest results of a producer alone', () => {
    const desk = deskOf({ producerResultsMax: 2 });
    for (const producerSeq of [3, 5, 8]) desk.stage('p', producerSeq);
    expect([3, 5, 7, 8, 9].map((producerSeq) => desk.staging.producers.resultOf('p', producerSeq))).toEqual([null, 2, null, 3, null]);
    expect(desk.staging.producers.resultOf('q', 1)).toBe(null);
  });

  it('gives up a batch only when all of it is admitted and durable', () => {
    const desk = deskOf({ batchMessagesMax: 2 });
    for (let i = 1; i <= 4; i++) desk.stage('p', i);
    desk.staging.onTurn();
    desk.staging.onAdmitted(5, 0, 0);
    expect(desk.staging.firstNo).toBe(0);
    desk.host.settleDisk();
    desk.staging.onAdmitted(2, 0, 0);
    expect(desk.staging.firstNo).toBe(0);
    desk.staging.onAdmitted(3, 0, 0);
    expect(desk.staging.firstNo).toBe(1);
    desk.staging.onAdmitted(5, 0, 0);
    expect([desk.staging.firstNo, desk.staging.endNo, desk.staging.stagedCost]).toEqual([2, 2, 0]);
    desk.host.settleDisk();
    expect(new Desk(desk.host.restart()).content()).toEqual([]);
  });

  it('gives up the chunks of a large message one by one', () => {
    const desk = deskOf();
    for (let i = 0; i < 4; i++) desk.chunk('p', 1, i, 4);
    desk.stage('p', 2);
    desk.staging.onTurn();
    desk.host.settleDisk();
    desk.staging.onAdmitted(1, 2, 0);
    expect(desk.content()).toEqual(['1/2 p:1', '1/3 p:1', '2/0 p:2']);
    desk.host.settleDisk();
    const again = new Desk(desk.host.restart());
    expect(again.content()).toEqual(['1/2 p:1', '1/3 p:1', '2/0 p:2']);
    again.staging.onAdmitted(2, 0, 0);
    again.host.settleDisk();
    expect(new Desk(again.host.restart()).content()).toEqual(['2/0 p:2']);
  });

  it('keeps in memory no more than its bound once it is durable', () => {
    const desk = deskOf({ stagedMemoryBytesMax: 3000, batchMessagesMax: 1 });
    for (let i = 1; i <= 20; i++) desk.stage('p', i, 500);
    desk.staging.onTurn();
    desk.host.settleDisk();
    let bytes = 0;
    for (let no = 0; no < 20; no++) bytes += desk.staging.batchAt(no)?.entry?.length ?? 0;
    expect(bytes).toBeLessThanOrEqual(3000);
    expect(bytes).toBeGreaterThan(1000);
    expect(desk.content().length).toBe(20);
    desk.staging.checkInvariants();
  });

  it('tells what any range of batches costs', () => {
    const desk = deskOf({ batchMessagesMax: 1 });
    for (let i = 1; i <= 6; i++) desk.stage('p', i, i * 10);
    desk.staging.onTurn();
    desk.host.settleDisk();
    desk.staging.onAdmitted(3, 0, 0);
    for (let from = 2; from <= 6; from++) {
      for (let to = from; to <= 6; to++) {
        let cost = 0;
        for (let no = from; no < to; no++) cost += desk.staging.batchAt(no)?.cost ?? NaN;
        expect(desk.staging.costBetween(from, to)).toBe(cost);
      }
    }
    expect(desk.staging.costBetween(2, 6)).toBe(desk.staging.stagedCost);
  });

  it('remembers that the stream is being closed', () => {
    const desk = deskOf();
    desk.stage('p', 1);
    desk.staging.close();
    desk.staging.onTurn();
    desk.host.settleDisk();
    const again = new Desk(desk.host.restart());
    expect([again.staging.isClosing, again.staging.lastSeq]).toEqual([true, 1]);
    expect(again.content()).toEqual(['1/0 p:1']);
  });

  it('refuses rows that do not decode', () => {
    for (const key of [`numbering/${STREAM}`, `staged/${STREAM}/1`, `producer/${STREAM}/p`]) {
      const desk = deskOf();
      desk.stage('p', 1);
      desk.staging.onTurn();
      desk.host.journal.put(key, new Uint8Array([255, 255]));
      desk.host.settleDisk();
      expect(new Staging(desk.host.restart().context, STREAM, () => undefined, () => undefined).restore()).toBe(false);
    }
  });
});

describe('a crash at any point', () => {
  it('loses nothing that was durable, doubles no number, and leaves no part of an unfinished upload', () => {
    const rng = Rng.fromSeed('staging-crash');
    for (let life = 0; life < 150; life++) {
      let desk = deskOf({ batchMessagesMax: 3, stagedMemoryBytesMax: 200 });
      const lasts = new Map<string, number>();
      const uploading = new Map<string, { chunkSeq: number; chunkCount: number; producerSeq: number }>();
      /** All that was numbered, in order. */
      let numbered: string[] = [];
      let admitted = 0;
      /** What a crash leaves, for each batch on its way to the disk and for the disk. */
      let onDisk = { numbered, admitted };
      const inFlight: (typeof onDisk)[] = [];
      for (let step = 0; step < 60; step++) {
        const producer = rng.pick(['p', 'q']);
        const act = rng.below(10);
        if (act < 4 && !uploading.has(producer)) {
          const producerSeq = (lasts.get(producer) ?? 0) + 1 + rng.below(2);
          lasts.set(producer, producerSeq);
          numbered = [...numbered, `${desk.stage(producer, producerSeq)}/0 ${producer}:${producerSeq}`];
        } else if (act < 6) {
          const upload = uploading.get(producer) ?? { chunkSeq: 0, chunkCount: 2 + rng.below(2), producerSeq: (lasts.get(producer) ?? 0) + 1 };
          const seq = desk.chunk(producer, upload.producerSeq, upload.chunkSeq, upload.chunkCount);
          if (seq === null) uploading.set(producer, { ...upload, chunkSeq: upload.chunkSeq + 1 });
          else {
            uploading.delete(producer);
            lasts.set(producer, upload.producerSeq);
            numbered = [...numbered, ...Array.from({ length: upload.chunkCount }, (_, i) => `${seq}/${i} ${producer}:${upload.producerSeq}`)];
          }
        } else if (act < 7) {
          desk.staging.onTurn();
          if (desk.host.write()) inFlight.push({ numbered, admitted });
        } else if (act < 9) {
          if (desk.host.persist()) onDisk = inFlight.shift() ?? onDisk;
        } else {
          // The stream admits some of what is durable: any number of whole messages or chunks.
          const { firstNo, endNo } = desk.staging;
          const sizes = Array.from({ length: endNo - firstNo }, (_, i) => desk.staging.batchAt(firstNo + i)?.producerSeqs.length ?? 0);
          const line = onDisk.numbered[admitted + rng.below(3)];
          const [seq, chunkSeq] = (line?.split(' ')[0] ?? '0/0').split('/').map(Number) as [number, number];
          desk.staging.onAdmitted(seq, chunkSeq, 0);
          for (const size of sizes.slice(0, desk.staging.firstNo - firstNo)) admitted += size;
        }
        desk.staging.checkInvariants();
        if (!rng.chance(60)) continue;
        desk = new Desk(desk.host.restart());
        ({ numbered, admitted } = onDisk);
        inFlight.length = 0;
        uploading.clear();
        lasts.clear();
        for (const line of numbered) lasts.set(line.split(' ')[1]?.split(':')[0] ?? '', Number(line.split(':')[1]));
        expect(desk.content()).toEqual(numbered.slice(admitted));
        expect(desk.staging.lastSeq).toBe(Number(numbered.at(-1)?.split('/')[0] ?? 0));
        expect([...lasts.keys()].map((name) => desk.staging.producers.lastOf(name))).toEqual([...lasts.values()]);
        expect(desk.host.journal.blobOwners().filter((owner) => owner.startsWith('upload/')).sort()).toEqual([...desk.staging.uploadOwners()].sort());
        expect(desk.staging.durableSeq).toBe(desk.staging.lastSeq);
      }
    }
  });
});
