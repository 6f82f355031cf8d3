/**
 * The journal's store on a thread of its own, which alone has it open while the node runs: one durable LMDB transaction
 * for each batch, and reads, in the order asked. The flush (0.2 to 3 ms) and the page faults do not hold the event loop,
 * and an error comes as an exception that tells full from failed. Rejected: lmdb's own asynchronous transactions, which
 * report a failed commit as an unhandled rejection without its cause, twice.
 *
 * Full: nothing of the batch is written, and batches that were sent before that was known are refused as well, so that
 * order holds. Small batches, and those that come again after a refusal, have the ballast removed and are tried again.
 * Failed: nobody knows what was written; every batch from then on fails without being tried.
 *
 * Memory: a large batch's bytes travel in buffers that come back and are used again. What is read or dropped in a mapped file
 * stays resident for as long as it is mapped, so the thread opens the store anew (1 ms) when that may be too much.
 */
import { Worker } from 'node:worker_threads';
import type { JournalBatch, JournalRead } from '../../core/node/effects.js';
import { type CommitJob, packJob } from './commit-job.js';
import { DATABASE_OPTIONS, type EnvironmentOptions, lmdbModulePath } from './environment.js';
import { type StoreAnswer, type StoreRequest, type StoreTask, runStore } from './store-program.js';

export type CommitOutcome = 'durable' | 'full' | 'failed';

export interface StoreThreadOptions {
  readonly environment: EnvironmentOptions;
  /** The file of the environment. */
  readonly file: string;
  readonly ballastPath: string;
  /** Pages of the file that may be resident before it is opened anew. */
  readonly mappedBytesMax: number;
}

type OnCommitted = (outcome: CommitOutcome, detail: string) => void;
type OnRead = (chunks: readonly (Uint8Array | null)[]) => void;

export class StoreThread {
  readonly #worker: Worker;
  /** One for each commit sent and not answered, oldest first. */
  readonly #commits: OnCommitted[] = [];
  /** As many for reads, with how many parts were asked for. */
  readonly #reads: { readonly count: number; readonly done: OnRead }[] = [];
  /** Buffers that came back. */
  readonly #buffers: ArrayBuffer[] = [];
  #onClosed: (() => void) | null = null;
  #isClosed = false;
  /** A commit failed: what is on disk is not known to be in order. */
  hasFailed = false;

  constructor(options: StoreThreadOptions) {
    const task: StoreTask = { ...options, lmdbPath: lmdbModulePath(), databaseOptions: DATABASE_OPTIONS };
    this.#worker = new Worker(`(${runStore.toString()})(require);`, {
      eval: true,
      workerData: task,
      execArgv: [],
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    });
    this.#worker.on('message', (answer: StoreAnswer) => this.#onAnswer(answer));
    this.#worker.on('error', (error) => this.#onDeath(error.message));
    this.#worker.on('exit', (code) => this.#onDeath(`the store's thread ended with code ${code}`));
  }

  /** How many commits are sent and not answered. */
  get sentCount(): number {
    return this.#commits.length;
  }

  get isIdle(): boolean {
    return this.#commits.length === 0 && this.#reads.length === 0;
  }

  /** Sends a commit. `done` is called once, in the order of the calls. The batch may change afterwards. */
  commit(batch: JournalBatch, mayUseBallast: boolean, done: OnCommitted): void {
    if (this.#isClosed) {
      setImmediate(done, 'failed', 'the thread of the store has ended');
      return;
    }
    const job: CommitJob = packJob(batch, (size) => this.#bufferOf(size));
    const afterFull = this.#commits.length === 0;
    this.#commits.push(done);
    this.#send({ kind: 'commit', job, afterFull, mayUseBallast }, job.buffer);
  }

  /** Reads parts of records; null stands for one that is missing or shorter. */
  read(reads: readonly JournalRead[], done: OnRead): void {
    if (this.#isClosed) {
      setImmediate(done, reads.map(() => null));
      return;
    }
    this.#reads.push({ count: reads.length, done });
    this.#send({ kind: 'read', parts: reads.flatMap(({ seq, offset, length }) => [seq, offset, length]) });
  }

  /** Ends the thread after what was sent. */
  close(): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onClosed = resolve;
      this.#send({ kind: 'close' });
    });
  }

  #send(request: StoreRequest, buffer?: ArrayBuffer): void {
    this.#worker.postMessage(request, buffer === undefined ? [] : [buffer]);
  }

  #onAnswer(answer: StoreAnswer): void {
    switch (answer.kind) {
      case 'closed':
        this.#isClosed = true;
        this.#onClosed?.();
        return;
      case 'read':
        this.#reads.shift()?.done(chunksOf(answer.bytes, answer.parts));
        return;
      case 'committed':
        if (answer.outcome === 'failed') this.hasFailed = true;
        if (isKept(answer.buffer.byteLength)) this.#buffers.push(answer.buffer);
        this.#commits.shift()?.(answer.outcome, answer.detail);
    }
  }

  #onDeath(detail: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.hasFailed = true;
    for (const done of this.#commits.splice(0)) done('failed', detail);
    for (const { count, done } of this.#reads.splice(0)) done(new Array<null>(count).fill(null));
    this.#onClosed?.();
  }

  /** For a large batch one that came back when it is large enough, else a new one in its place. */
  #bufferOf(size: number): ArrayBuffer {
    if (!isKept(size)) return new ArrayBuffer(size);
    const used = this.#buffers.pop();
    if (used !== undefined && used.byteLength >= size) return used;
    return new ArrayBuffer(2 ** Math.ceil(Math.log2(size)));
  }
}

/**
 * Whether a buffer of this size is used again. V8 counts a buffer as allocated anew each time that it comes back: small
 * batches in large buffers made it collect everything four times a second.
 */
const isKept = (size: number): boolean => size >= BUFFER_BYTES_KEPT_MIN && size <= BUFFER_BYTES_KEPT_MAX;

/** `parts` are pairs: offset, or -1 for what is missing, and length. */
function chunksOf(bytes: ArrayBuffer, parts: readonly number[]): (Uint8Array | null)[] {
  const chunks: (Uint8Array | null)[] = [];
  for (let i = 0; i < parts.length; i += 2) {
    const offset = parts[i] as number;
    chunks.push(offset < 0 ? null : new Uint8Array(bytes, offset, parts[i + 1]));
  }
  return chunks;
}

const BUFFER_BYTES_KEPT_MIN = 64 * 1024;
const BUFFER_BYTES_KEPT_MAX = 4 * 1024 * 1024;
/** The thread makes little but the objects of its messages. */
const YOUNG_GENERATION_MB = 2;
