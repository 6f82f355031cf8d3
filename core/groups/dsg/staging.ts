/**
 * The source's side of a stream: it alone assigns numbers, and what it has numbered is kept, durable, until the stream
 * has admitted it. A batch goes to the journal as a blob together with the row that says how far the numbering is, in
 * one record; it leaves when its entry is admitted, so a log truncation or a snapshot install takes nothing away.
 *
 * Invariant: the batches are consecutive, from the first unadmitted chunk to the last number given out. A number is
 * given out once, and never again for another message (the row is durable before anything leaves).
 */
import type { MessageId, StreamId } from '../../base/ids.js';
import { assert, present } from '../../base/assert.js';
import type { Micros } from '../../base/units.js';
import { makeUlid } from '../../base/ulid.js';
import { type BatchRecord, type ControlBody, StreamEntry } from '../../wire/group-messages.js';
import type { GroupContext } from '../context.js';
import { BATCH_COST, messageCost } from './cost.js';
import { EndWish } from './end-wish.js';
import { ProducerTable } from './producer-table.js';
import { numberingKey, stagedKey, stagedOwner, uploadKey } from './staging-keys.js';
import { type NumberedUpload, type StagedBatch, isControl } from './staged-batch.js';
import { restoredBatches } from './staging-restore.js';
import { NumberingRow, StagedRow } from './staging-rows.js';

/** A durable chunk of a large message that has no number yet. */
export interface UploadBlob {
  readonly owner: string;
  readonly no: number;
  readonly cost: number;
}

interface OpenBatch {
  readonly firstSeq: number;
  readonly producer: string;
  readonly epoch: number;
  readonly baseMessageId: MessageId;
  readonly records: BatchRecord[];
  bytes: number;
  cost: number;
}

export class Staging {
  readonly #context: GroupContext;
  readonly #stream: StreamId;
  readonly #onDurable: (now: Micros) => void;
  readonly producers: ProducerTable;
  readonly end = new EndWish();
  #nextSeq = 1;
  #nextBlob = 1;
  /** The last control entry. */
  #controlNo = 0;
  #controlAdmitted = 0;
  #durableSeq = 0;
  #open: OpenBatch | null = null;
  /** Not admitted yet, in order; `#head` is the first. */
  #batches: StagedBatch[] = [];
  #head = 0;
  /** Absolute number of the batch at `#head`, so that cursors survive what is dropped before them. */
  #headNo = 0;
  /** What publishers call staged messages, and the seqs that these have. */
  readonly #freeIds = new Map<string, number>();
  #stagedCost = 0;
  #pushedCost = 0;
  #memoryBytes = 0;
  /** Batches before this absolute number have gone to the journal. */
  #flushedNo = 0;

  constructor(
    context: GroupContext,
    stream: StreamId,
    onDurable: (now: Micros) => void,
    onProducerMoved: (producer: string) => void,
  ) {
    this.#context = context;
    this.#stream = stream;
    this.producers = new ProducerTable(context.journal, stream, context.config.producerResultsMax, onProducerMoved);
    this.#onDurable = onDurable;
  }

  get lastSeq(): number {
    return this.#nextSeq - 1;
  }

  /** The last message that is durable here: what *accepted* means. */
  get durableSeq(): number {
    return this.#durableSeq;
  }

  /** What the batches cost that are not admitted. */
  get stagedCost(): number {
    return this.#stagedCost + (this.#open?.cost ?? 0);
  }

  get isClosing(): boolean {
    return this.end.isClosing;
  }

  /** What is told beside messages and not admitted. */
  get controlCount(): number {
    return this.#controlNo - this.#controlAdmitted;
  }

  /** The absolute number of the first unadmitted batch, and of the one after the last. */
  get firstNo(): number {
    return this.#headNo;
  }

  get endNo(): number {
    return this.#headNo + this.#batches.length - this.#head;
  }

  /** The seq of a staged message that its publisher calls so; null when there is none. */
  seqOfFreeId(freeId: string): number | null {
    return this.#freeIds.get(freeId) ?? null;
  }

  /** The first message that the stream has not admitted, or the one after the last. */
  get firstUnadmittedSeq(): number {
    return this.batchAt(this.#headNo)?.firstSeq ?? this.#open?.firstSeq ?? this.#nextSeq;
  }

  batchAt(no: number): StagedBatch | null {
    return no < this.#headNo ? null : (this.#batches[this.#head + no - this.#headNo] ?? null);
  }

  /** What the batches from absolute number `from` up to, not including, `to` cost. */
  costBetween(from: number, to: number): number {
    return this.#startCostOf(to) - this.#startCostOf(from);
  }

  /** Numbers one whole message. The caller has refused repeats, and everything over a bound. */
  stage(now: Micros, producer: string, record: BatchRecord): number {
    const size = record.payload.length + record.headers.length;
    const open = this.#open;
    const { batchBytesMax, batchMessagesMax } = this.#context.config;
    if (
      open !== null &&
      (open.producer !== producer || open.bytes + size > batchBytesMax || open.records.length >= batchMessagesMax)
    ) {
      this.#closeBatch();
    }
    const seq = this.#number(producer, record.producerSeq);
    if (this.#open === null) {
      const baseMessageId = makeUlid<MessageId>(this.#context.wallMs(now), this.#context.entropy);
      this.#open = { firstSeq: seq, producer, epoch: this.producers.epochOf(producer), baseMessageId, records: [], bytes: 0, cost: BATCH_COST };
    }
    this.#open.records.push(record);
    if (record.freeId !== '') this.#freeIds.set(record.freeId, seq);
    this.#open.bytes += size;
    this.#open.cost += messageCost(record);
    return seq;
  }

  /** Numbers a large message whose chunks are already durable as `blobs`, in chunk order. */
  stageUpload(
    producer: string,
    producerSeq: number,
    baseMessageId: MessageId,
    blobs: readonly UploadBlob[],
  ): { readonly seq: number; readonly upload: NumberedUpload } {
    this.#closeBatch();
    const seq = this.#number(producer, producerSeq);
    const upload = { baseMessageId, epoch: this.producers.epochOf(producer), controlNo: this.#controlNo };
    for (let chunkSeq = 0; chunkSeq < blobs.length; chunkSeq++) {
      const blob = blobs[chunkSeq] as UploadBlob;
      this.#push({
        firstSeq: seq,
        lastSeq: seq,
        chunkSeq,
        chunkCount: blobs.length,
        producer,
        producerSeqs: [producerSeq],
        freeIds: [],
        controlNo: this.#controlNo,
        cost: blob.cost,
        startCost: 0,
        blob,
        upload,
        entry: null,
        isDurable: false,
      });
    }
    return { seq, upload };
  }

  /** Stages what the stream is to be told after all that is staged; gives its number. `producer`: whom it changes. */
  stageControl(body: ControlBody, producer: string): number {
    this.#closeBatch();
    const no = ++this.#controlNo;
    const entry = StreamEntry.encode({ kind: 'control', afterSeq: this.lastSeq, no, body });
    this.#stageEntry(entry, { firstSeq: this.#nextSeq, producer, producerSeqs: [], freeIds: [], cost: BATCH_COST + entry.length, controlNo: no });
    if (producer !== '') this.producers.write(producer);
    this.#writeNumbering();
    return no;
  }

  /** At the turn: what was staged goes to the journal, with the row of the numbering and of each producer touched. */
  onTurn(): void {
    this.#closeBatch();
    const from = this.#firstUnflushed();
    const end = this.endNo;
    if (from === end) return;
    const touched = new Set<string>();
    for (let no = from; no < end; no++) touched.add((this.batchAt(no) as StagedBatch).producer);
    touched.delete('');
    for (const producer of touched) this.producers.write(producer);
    this.#writeNumbering();
    this.#flushedNo = end;
    const lastSeq = this.lastSeq;
    const lasts = [...touched].map((producer) => [producer, this.producers.lastOf(producer)] as const);
    this.#context.afterDurable((at) => {
      for (let no = Math.max(from, this.#headNo); no < end; no++) {
        const batch = this.batchAt(no);
        if (batch !== null) this.#markDurable(batch);
      }
      for (const [producer, last] of lasts) this.producers.onDurable(producer, last);
      this.#durableSeq = lastSeq;
      this.#onDurable(at);
    });
  }

  /** No more messages: the numbering row says so. Durable with the next turn. */
  close(): void {
    this.end.close();
    this.#writeEnd();
  }

  /** The stream is to go, what is staged with it. Durable with the next turn. */
  delete(isForced: boolean): void {
    this.end.delete(isForced);
    this.#writeEnd();
  }

  /** Everything before (seq, chunkSeq) and up to `controlNo` is admitted by the stream and durable in this log. */
  onAdmitted(seq: number, chunkSeq: number, controlNo: number): void {
    this.#controlAdmitted = Math.max(this.#controlAdmitted, controlNo);
    while (this.#head < this.#batches.length) {
      const batch = this.#batches[this.#head] as StagedBatch;
      const isAdmitted = isControl(batch)
        ? batch.controlNo <= controlNo
        : batch.lastSeq < seq || (batch.firstSeq === seq && batch.chunkCount > 1 && batch.chunkSeq < chunkSeq);
      if (!isAdmitted || !batch.isDurable) break;
      this.#dropFromJournal(batch);
      for (const freeId of batch.freeIds) this.#freeIds.delete(freeId);
      this.#stagedCost -= batch.cost;
      if (batch.entry !== null) this.#memoryBytes -= batch.entry.length;
      this.#head++;
      this.#headNo++;
    }
    if (this.#head > 256 && this.#head * 2 > this.#batches.length) {
      this.#batches = this.#batches.slice(this.#head);
      this.#head = 0;
    }
  }

  /** Puts a batch's bytes, read back from disk, where a proposal finds them; `keep` false drops them again. */
  setEntry(batch: StagedBatch, entry: Uint8Array | null): void {
    if (batch.entry !== null) this.#memoryBytes -= batch.entry.length;
    batch.entry = entry;
    if (entry !== null) this.#memoryBytes += entry.length;
  }

  /** Boot: takes over what the journal holds. Rows that do not decode are damage: false, and nothing may be staged. */
  restore(): boolean {
    const { journal } = this.#context;
    const numbering = journal.get(numberingKey(this.#stream));
    if (numbering === null) return true;
    const row = NumberingRow.decode(numbering);
    if (row === null) return false;
    this.#nextSeq = row.lastSeq + 1;
    this.#nextBlob = row.nextBlob;
    this.end.restore(row);
    this.#durableSeq = row.lastSeq;
    this.#controlNo = row.controlNo;
    if (!this.producers.restore()) return false;
    const batches = restoredBatches(journal, this.#stream);
    if (batches === null) return false;
    for (const batch of batches) this.#push(batch);
    this.#flushedNo = this.endNo;
    return true;
  }

  /** The blob owners of staged uploads. */
  uploadOwners(): ReadonlySet<string> {
    const owners = new Set<string>();
    for (let no = this.firstNo; no < this.endNo; no++) {
      const batch = this.batchAt(no) as StagedBatch;
      if (batch.upload !== null) owners.add(batch.blob.owner);
    }
    return owners;
  }

  checkInvariants(): void {
    let seq = -1;
    let chunk = 0;
    for (let no = this.firstNo; no < this.endNo; no++) {
      const batch = present(this.batchAt(no), 'a staged batch is where its number says');
      if (seq >= 0) {
        assert(batch.firstSeq === seq && batch.chunkSeq === chunk, 'staged batches are consecutive');
      }
      const isLastChunk = batch.chunkSeq + 1 === batch.chunkCount;
      seq = isLastChunk ? batch.lastSeq + 1 : batch.firstSeq;
      chunk = isLastChunk ? 0 : batch.chunkSeq + 1;
    }
    assert(seq < 0 || this.#open !== null || seq === this.#nextSeq, 'staged batches end at the last number given out');
    assert(this.#durableSeq < this.#nextSeq, 'nothing is accepted before it is numbered');
    assert(this.#stagedCost >= 0 && this.#memoryBytes >= 0, 'staged bytes are counted both ways');
  }

  #startCostOf(no: number): number {
    return this.batchAt(no)?.startCost ?? this.#pushedCost;
  }

  #firstUnflushed(): number {
    return Math.max(this.#flushedNo, this.#headNo);
  }

  #number(producer: string, producerSeq: number): number {
    const seq = this.#nextSeq++;
    this.producers.record(producer, producerSeq, seq);
    return seq;
  }

  #closeBatch(): void {
    const open = this.#open;
    if (open === null) return;
    this.#open = null;
    const entry = StreamEntry.encode({
      kind: 'messages',
      firstSeq: open.firstSeq,
      chunkSeq: 0,
      chunkCount: 1,
      producer: open.producer,
      baseMessageId: open.baseMessageId,
      records: open.records,
      epoch: open.epoch,
      controlNo: this.#controlNo,
    });
    const producerSeqs = open.records.map((record) => record.producerSeq);
    const { firstSeq, producer, cost } = open;
    const freeIds = open.records.some(({ freeId }) => freeId !== '') ? open.records.map(({ freeId }) => freeId) : [];
    this.#stageEntry(entry, { firstSeq, producer, producerSeqs, freeIds, cost, controlNo: this.#controlNo });
  }

  #stageEntry(entry: Uint8Array, row: StagedRow): void {
    const blob = { owner: stagedOwner(this.#stream), no: this.#nextBlob++ };
    this.#context.journal.stageBlob(blob.owner, blob.no, entry);
    this.#context.journal.put(stagedKey(this.#stream, blob.no), StagedRow.encode(row));
    const lastSeq = row.firstSeq + row.producerSeqs.length - 1;
    this.#push({ ...row, lastSeq, chunkSeq: 0, chunkCount: 1, startCost: 0, blob, upload: null, entry, isDurable: false });
  }

  #push(batch: StagedBatch): void {
    batch.startCost = this.#pushedCost;
    this.#pushedCost += batch.cost;
    this.#batches.push(batch);
    for (const [n, freeId] of batch.freeIds.entries()) if (freeId !== '') this.#freeIds.set(freeId, batch.firstSeq + n);
    this.#stagedCost += batch.cost;
    if (batch.entry !== null) this.#memoryBytes += batch.entry.length;
  }

  /** Durable bytes beyond the memory bound are read back when their turn to be proposed comes. */
  #markDurable(batch: StagedBatch): void {
    batch.isDurable = true;
    if (this.#memoryBytes > this.#context.config.stagedMemoryBytesMax) this.setEntry(batch, null);
  }

  #dropFromJournal(batch: StagedBatch): void {
    const { journal } = this.#context;
    journal.dropBlob(batch.blob.owner, batch.blob.no);
    if (batch.upload === null) journal.remove(stagedKey(this.#stream, batch.blob.no));
    else if (batch.chunkSeq + 1 === batch.chunkCount) journal.remove(uploadKey(this.#stream, batch.firstSeq));
  }

  #writeNumbering(): void {
    this.#context.journal.put(
      numberingKey(this.#stream),
      NumberingRow.encode({
        lastSeq: this.lastSeq,
        nextBlob: this.#nextBlob,
        controlNo: this.#controlNo,
        ...this.end.fields,
      }),
    );
  }

  #writeEnd(): void {
    this.#closeBatch();
    this.#writeNumbering();
    const { fields } = this.end;
    this.#context.afterDurable((now) => {
      this.end.onDurable(fields);
      this.#onDurable(now);
    });
  }
}
