/**
 * Large messages on their way in, chunk by chunk. A message gets its number only when its last chunk is staged, so a
 * publisher that dies half-way blocks nobody. Chunks wait in the journal, not in memory; an upload that is not finished
 * is dropped when its producer begins another message or its session ends, when no chunk comes for long, and at boot.
 *
 * Invariant: the chunks of an upload are 0 to n - 1, each once. Uploads are in the order in which they began: the
 * oldest goes on whatever the others hold, so unfinished messages never wait for one another.
 */
import type { Deadline } from '../../base/deadlines.js';
import type { MessageId, StreamId } from '../../base/ids.js';
import { type Result, accept, refuse } from '../../base/result.js';
import { reject } from '../../base/reject.js';
import { type Micros, micros } from '../../base/units.js';
import { makeUlid } from '../../base/ulid.js';
import { ZERO_ID } from '../../wire/varint.js';
import { type BatchRecord, StreamEntry } from '../../wire/group-messages.js';
import type { GroupContext } from '../context.js';
import { BATCH_COST, messageCost } from './cost.js';
import { uploadKey, uploadOwnerPrefix } from './staging-keys.js';
import { UploadRow } from './staging-rows.js';
import type { NumberedUpload } from './staged-batch.js';
import type { UploadBlob } from './staging.js';

interface Upload {
  readonly producerSeq: number;
  readonly chunkCount: number;
  readonly owner: string;
  readonly blobs: UploadBlob[];
  readonly checksums: number[];
  bytes: number;
  cost: number;
  lastChunkAt: Micros;
}

export interface FinishedUpload {
  readonly producerSeq: number;
  readonly baseMessageId: MessageId;
  readonly owner: string;
  readonly chunkCount: number;
  readonly blobs: readonly UploadBlob[];
}

export class Uploads {
  readonly #context: GroupContext;
  readonly #stream: StreamId;
  readonly #idle: Deadline;
  /** By producer, the oldest first. */
  readonly #uploads = new Map<string, Upload>();
  #cost = 0;

  constructor(context: GroupContext, stream: StreamId) {
    this.#context = context;
    this.#stream = stream;
    this.#idle = context.deadlines.allocate(this, 'upload-idle', stream);
  }

  /** What all unfinished uploads cost. */
  get cost(): number {
    return this.#cost;
  }

  /** What counts against the bound of the stream when `producer` wants to go on. */
  costFor(producer: string): number {
    for (const [oldest, upload] of this.#uploads) return oldest === producer ? upload.cost : this.#cost;
    return 0;
  }

  /**
   * Takes one chunk. Null until the last one. PRODUCER_GAP when it is not the next chunk of the producer's upload: the
   * publisher begins that message again at chunk 0. PAYLOAD_TOO_LARGE when the message grows past its bound.
   */
  add(
    now: Micros,
    producer: string,
    record: BatchRecord,
    chunkSeq: number,
    chunkCount: number,
  ): Result<FinishedUpload | null> {
    if (chunkSeq === 0) this.abandon(producer);
    let upload = this.#uploads.get(producer);
    if (upload === undefined && chunkSeq === 0) {
      const owner = `${uploadOwnerPrefix(this.#stream)}${makeUlid<MessageId>(this.#context.wallMs(now), this.#context.entropy)}`;
      upload = { producerSeq: record.producerSeq, chunkCount, owner, blobs: [], checksums: [], bytes: 0, cost: 0, lastChunkAt: now };
      this.#uploads.set(producer, upload);
    }
    if (upload !== undefined && isRepeat(upload, record, chunkSeq, chunkCount)) return accept(null);
    if (
      upload === undefined ||
      upload.producerSeq !== record.producerSeq ||
      upload.chunkCount !== chunkCount ||
      upload.blobs.length !== chunkSeq
    ) {
      return refuse(
        reject('PRODUCER_GAP', `chunk ${chunkSeq}`, 'it does not follow the chunks staged so far; begin the message again at chunk 0'),
      );
    }
    const size = record.payload.length + record.headers.length;
    if (upload.bytes + size > this.#context.config.messageBytesMax) {
      this.abandon(producer);
      return refuse(
        reject('PAYLOAD_TOO_LARGE', 'payload', `a message holds at most ${this.#context.config.messageBytesMax} bytes; split it`),
      );
    }
    this.#stageChunk(upload, producer, record, chunkSeq, size);
    upload.lastChunkAt = now;
    if (chunkSeq + 1 < chunkCount) {
      if (!this.#idle.isArmed) this.#idle.arm(micros(now + this.#context.config.uploadPatienceUs));
      return accept(null);
    }
    this.#forget(producer, upload);
    return accept({ ...upload, baseMessageId: makeUlid<MessageId>(this.#context.wallMs(now), this.#context.entropy) });
  }

  /** Records in the journal which number a finished upload got; its chunks are found by it at boot. */
  recordNumber(seq: number, producer: string, upload: FinishedUpload, { epoch, controlNo }: NumberedUpload): void {
    this.#context.journal.put(
      uploadKey(this.#stream, seq),
      UploadRow.encode({
        seq,
        producer,
        producerSeq: upload.producerSeq,
        chunkCount: upload.chunkCount,
        owner: upload.owner,
        baseMessageId: upload.baseMessageId,
        chunkCosts: upload.blobs.map((blob) => blob.cost),
        epoch,
        controlNo,
      }),
    );
  }

  /** Forgets what the producer has begun and not finished. */
  abandon(producer: string): void {
    const upload = this.#uploads.get(producer);
    if (upload === undefined) return;
    for (const blob of upload.blobs) this.#context.journal.dropBlob(blob.owner, blob.no);
    this.#forget(producer, upload);
  }

  /** Uploads to which no chunk has come for long are dropped. */
  onDeadline(now: Micros, _deadline: Deadline): void {
    const { uploadPatienceUs } = this.#context.config;
    let next: Micros | null = null;
    for (const [producer, { lastChunkAt }] of this.#uploads) {
      const until = micros(lastChunkAt + uploadPatienceUs);
      if (until <= now) {
        this.abandon(producer);
        this.#context.emit({ kind: 'notice', notice: { kind: 'mark', name: 'stream.upload-abandoned' } });
      } else if (next === null || until < next) next = until;
    }
    if (next !== null) this.#idle.arm(next);
  }

  /** Boot: what was begun and has no number goes. `numbered` are the owners of uploads that have one. */
  restore(numbered: ReadonlySet<string>): void {
    const { journal } = this.#context;
    for (const owner of journal.blobOwners(uploadOwnerPrefix(this.#stream))) {
      if (numbered.has(owner)) continue;
      for (const no of journal.blobs(owner)) journal.dropBlob(owner, no);
    }
  }

  #stageChunk(upload: Upload, producer: string, record: BatchRecord, chunkSeq: number, size: number): void {
    const entry = StreamEntry.encode({
      kind: 'messages',
      firstSeq: 0,
      chunkSeq,
      chunkCount: upload.chunkCount,
      producer,
      baseMessageId: ZERO_ID as MessageId,
      records: [record],
      epoch: 0,
      controlNo: 0,
    });
    this.#context.journal.stageBlob(upload.owner, chunkSeq, entry);
    const cost = messageCost(record) + BATCH_COST;
    upload.blobs.push({ owner: upload.owner, no: chunkSeq, cost });
    upload.checksums.push(record.checksum);
    upload.bytes += size;
    upload.cost += cost;
    this.#cost += cost;
  }

  #forget(producer: string, upload: Upload): void {
    this.#uploads.delete(producer);
    this.#cost -= upload.cost;
    if (this.#uploads.size === 0) this.#idle.disarm();
  }
}

/** The answer to the chunk was lost: it is staged, and the publisher offers it once more. */
function isRepeat(upload: Upload, { producerSeq, checksum }: BatchRecord, chunkSeq: number, chunkCount: number): boolean {
  const isOfThisUpload = upload.producerSeq === producerSeq && upload.chunkCount === chunkCount;
  return isOfThisUpload && upload.checksums[chunkSeq] === checksum;
}

/** The entry of a chunk whose message has its number by now. Null when `blob` is not such a chunk. */
export function numberedChunk(blob: Uint8Array, seq: number, upload: NumberedUpload): Uint8Array | null {
  const entry = StreamEntry.decode(blob);
  if (entry === null || entry.kind !== 'messages') return null;
  return StreamEntry.encode({ ...entry, firstSeq: seq, ...upload });
}
