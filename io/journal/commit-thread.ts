/**
 * Commits batches on a thread of its own, one durable LMDB transaction each, in the order given: the flush (0.2 to 3 ms)
 * does not hold the event loop, and an error comes as an exception that tells full from failed. Rejected: lmdb's own
 * asynchronous transactions, which report a failed commit as an unhandled rejection without its cause, twice.
 *
 * Full: nothing of the batch is written, and batches that were sent before that was known are refused as well, so that
 * order holds. Small batches, and those that come again after a refusal, have the ballast removed and are tried again. Failed: nobody knows what was written; every batch from then on fails without being tried.
 */
import { Worker } from 'node:worker_threads';
import type { CommitJob } from './commit-job.js';
import { DATABASE_OPTIONS, type EnvironmentOptions, lmdbModulePath } from './environment.js';

export type CommitOutcome = 'durable' | 'full' | 'failed';

type Request =
  | {
      readonly kind: 'commit';
      readonly job: CommitJob;
      /** Nothing was sent and not answered: what came before is known to the caller. */
      readonly afterFull: boolean;
      readonly mayUseBallast: boolean;
    }
  | { readonly kind: 'close' };

interface Committed {
  readonly outcome: CommitOutcome;
  readonly detail: string;
}

type Answer = Committed | 'closed';

interface ThreadTask {
  readonly lmdbPath: string;
  readonly environment: EnvironmentOptions;
  readonly databaseOptions: typeof DATABASE_OPTIONS;
  readonly ballastPath: string;
}

export class CommitThread {
  readonly #worker: Worker;
  /** One for each commit sent and not answered, oldest first. */
  readonly #waiting: ((outcome: CommitOutcome, detail: string) => void)[] = [];
  #onClosed: (() => void) | null = null;
  #isClosed = false;
  /** A commit failed: what is on disk is not known to be in order. */
  hasFailed = false;

  constructor(environment: EnvironmentOptions, ballastPath: string) {
    const task: ThreadTask = {
      lmdbPath: lmdbModulePath(),
      environment,
      databaseOptions: DATABASE_OPTIONS,
      ballastPath,
    };
    this.#worker = new Worker(`(${runThread.toString()})(require);`, { eval: true, workerData: task, execArgv: [] });
    this.#worker.on('message', (answer: Answer) => this.#onAnswer(answer));
    this.#worker.on('error', (error) => this.#onDeath(error.message));
    this.#worker.on('exit', (code) => this.#onDeath(`the commit thread ended with code ${code}`));
  }

  /** How many commits are sent and not answered. */
  get sentCount(): number {
    return this.#waiting.length;
  }

  /** Sends a commit. `done` is called once, in the order of the calls. */
  commit(job: CommitJob, mayUseBallast: boolean, done: (outcome: CommitOutcome, detail: string) => void): void {
    if (this.#isClosed) {
      setImmediate(done, 'failed', 'the commit thread has ended');
      return;
    }
    const request: Request = { kind: 'commit', job, afterFull: this.#waiting.length === 0, mayUseBallast };
    this.#waiting.push(done);
    this.#worker.postMessage(request, [job.bytes]);
  }

  /** Ends the thread after what was sent. */
  close(): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onClosed = resolve;
      this.#worker.postMessage({ kind: 'close' } satisfies Request);
    });
  }

  #onAnswer(answer: Answer): void {
    if (answer === 'closed') {
      this.#isClosed = true;
      this.#onClosed?.();
      return;
    }
    if (answer.outcome === 'failed') this.hasFailed = true;
    this.#waiting.shift()?.(answer.outcome, answer.detail);
  }

  #onDeath(detail: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.hasFailed = true;
    for (const done of this.#waiting.splice(0)) done('failed', detail);
    this.#onClosed?.();
  }
}

/** Runs on the thread, from its own text: it may use nothing but its argument. */
function runThread(load: NodeJS.Require): void {
  const { parentPort, workerData } = load('node:worker_threads') as typeof import('node:worker_threads');
  const { rmSync, statfsSync } = load('node:fs') as typeof import('node:fs');
  const task = workerData as ThreadTask;
  const lmdb = load(task.lmdbPath) as typeof import('lmdb');
  const environment = lmdb.open(task.environment);
  const records = environment.openDB<Buffer, Buffer>({ name: 'records', ...task.databaseOptions });
  const offsets = environment.openDB<Buffer, Buffer>({ name: 'offsets', ...task.databaseOptions });
  const key = Buffer.alloc(8);
  let isHeld = false;
  let failure: string | null = null;

  const setKey = (seq: number): Buffer => {
    key.writeUInt32BE(Math.floor(seq / 0x1_0000_0000), 0);
    key.writeUInt32BE(seq >>> 0, 4);
    return key;
  };
  const apply = (job: CommitJob): void => {
    const bytes = Buffer.from(job.bytes);
    for (let i = 0; i < job.records.length; i += 3) {
      const [seq = 0, offset = 0, length = 0] = job.records.slice(i, i + 3);
      records.putSync(setKey(seq), bytes.subarray(offset, offset + length));
    }
    for (let i = 0; i < job.drops.length; i += 2) {
      const [from = 0, to = -1] = job.drops.slice(i, i + 2);
      for (let seq = from; seq <= to; seq++) records.removeSync(setKey(seq));
    }
    for (let i = 0; i < job.ledger.length; i += 3) {
      const [offset = 0, keyBytes = 0, valueBytes = 0] = job.ledger.slice(i, i + 3);
      const valueAt = offset + keyBytes;
      offsets.putSync(bytes.subarray(offset, valueAt), bytes.subarray(valueAt, valueAt + valueBytes));
    }
  };
  /** LMDB reports a write that was cut short by a full disk as EIO, like a broken disk: free space tells. */
  const isFull = (error: unknown, size: number): boolean => {
    const code = (error as { code?: unknown }).code;
    const MDB_MAP_FULL = -30792;
    const ENOSPC = 28;
    const EDQUOT = 122;
    const EIO = 5;
    if (code === MDB_MAP_FULL || code === ENOSPC || code === EDQUOT) return true;
    if (code !== EIO) return false;
    const { bavail, bsize } = statfsSync(task.environment.path);
    return bavail * bsize < 4 * size + 1_048_576;
  };
  const attempt = (job: CommitJob): Committed => {
    try {
      environment.transactionSync(() => apply(job));
      return { outcome: 'durable', detail: '' };
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      return { outcome: isFull(error, job.bytes.byteLength) ? 'full' : 'failed', detail };
    }
  };
  const commit = (job: CommitJob, afterFull: boolean, mayUseBallast: boolean): Committed => {
    if (failure !== null) return { outcome: 'failed', detail: failure };
    if (isHeld && !afterFull) return { outcome: 'full', detail: 'an earlier batch found no space' };
    let answer = attempt(job);
    if (answer.outcome === 'full' && mayUseBallast) {
      rmSync(task.ballastPath, { force: true });
      answer = attempt(job);
    }
    isHeld = answer.outcome === 'full';
    if (answer.outcome === 'failed') failure = answer.detail;
    return answer;
  };
  parentPort?.on('message', (request: Request) => {
    if (request.kind === 'commit') return parentPort.postMessage(commit(request.job, request.afterFull, request.mayUseBallast));
    void environment.close().then(() => {
      parentPort.postMessage('closed' satisfies Answer);
      parentPort.close();
    });
  });
}
