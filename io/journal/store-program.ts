/**
 * What runs on the store's thread (store-thread.ts). It is started from its own text, so that it needs no file of its
 * own in any build: `runStore` may use nothing but its argument and what it defines.
 */
import type { CommitJob } from './commit-job.js';
import type { DATABASE_OPTIONS, EnvironmentOptions } from './environment.js';

export interface StoreTask {
  readonly lmdbPath: string;
  readonly environment: EnvironmentOptions;
  readonly databaseOptions: typeof DATABASE_OPTIONS;
  readonly file: string;
  readonly ballastPath: string;
  readonly mappedBytesMax: number;
}

export type StoreRequest =
  | {
      readonly kind: 'commit';
      readonly job: CommitJob;
      /** Nothing was sent and not answered: what came before is known to the caller. */
      readonly afterFull: boolean;
      readonly mayUseBallast: boolean;
    }
  /** `parts` are triples: seq, offset, length. */
  | { readonly kind: 'read'; readonly parts: readonly number[] }
  | { readonly kind: 'close' };

export type StoreAnswer =
  | {
      readonly kind: 'committed';
      readonly outcome: 'durable' | 'full' | 'failed';
      readonly detail: string;
      /** That of the job, to be used again. */
      readonly buffer: ArrayBuffer;
    }
  /** `parts` are pairs: offset in `bytes`, or -1 for what is missing, and length. */
  | { readonly kind: 'read'; readonly bytes: ArrayBuffer; readonly parts: readonly number[] }
  | { readonly kind: 'closed' };

export function runStore(load: NodeJS.Require): void {
  const { parentPort, workerData } = load('node:worker_threads') as typeof import('node:worker_threads');
  const { rmSync, statSync, statfsSync } = load('node:fs') as typeof import('node:fs');
  const task = workerData as StoreTask;
  const lmdb = load(task.lmdbPath) as typeof import('lmdb');
  const open = () => {
    const root = lmdb.open(task.environment);
    const records = root.openDB<Buffer, Buffer>({ name: 'records', ...task.databaseOptions });
    const offsets = root.openDB<Buffer, Buffer>({ name: 'offsets', ...task.databaseOptions });
    const tables = root.openDB<Buffer, Buffer>({ name: 'tables', ...task.databaseOptions });
    return { root, records, offsets, tables };
  };
  let store = open();
  const key = Buffer.alloc(8);
  /** Pages that were touched since the store was opened; a fault maps its neighbours too. */
  let touchedBytes = 0;
  const FAULT_BYTES = 65_536;
  let isHeld = false;
  let failure: string | null = null;

  const setKey = (seq: number): Buffer => {
    key.writeUInt32BE(Math.floor(seq / 0x1_0000_0000), 0);
    key.writeUInt32BE(seq >>> 0, 4);
    return key;
  };
  const apply = (job: CommitJob): void => {
    const bytes = Buffer.from(job.buffer);
    for (let i = 0; i < job.records.length; i += 3) {
      const [seq = 0, offset = 0, length = 0] = job.records.slice(i, i + 3);
      store.records.putSync(setKey(seq), bytes.subarray(offset, offset + length));
    }
    for (let i = 0; i < job.drops.length; i += 2) {
      const [from = 0, to = -1] = job.drops.slice(i, i + 2);
      touchedBytes += (to - from + 1) * FAULT_BYTES;
      for (let seq = from; seq <= to; seq++) store.records.removeSync(setKey(seq));
    }
    for (let i = 0; i < job.ledger.length; i += 3) {
      const [offset = 0, keyBytes = 0, valueBytes = 0] = job.ledger.slice(i, i + 3);
      const valueAt = offset + keyBytes;
      const row = bytes.subarray(offset, valueAt);
      if (valueBytes < 0) store.offsets.removeSync(row);
      else store.offsets.putSync(row, bytes.subarray(valueAt, valueAt + valueBytes));
    }
    for (let i = 0; i < job.tables.length; i += 3) {
      const [offset = 0, keyBytes = 0, valueBytes = 0] = job.tables.slice(i, i + 3);
      const valueAt = offset + keyBytes;
      const row = bytes.subarray(offset, valueAt);
      if (valueBytes < 0) store.tables.removeSync(row);
      else store.tables.putSync(row, bytes.subarray(valueAt, valueAt + valueBytes));
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
  type Committed = Omit<Extract<StoreAnswer, { kind: 'committed' }>, 'buffer'>;
  const attempt = (job: CommitJob): Committed => {
    try {
      store.root.transactionSync(() => apply(job));
      return { kind: 'committed', outcome: 'durable', detail: '' };
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      return { kind: 'committed', outcome: isFull(error, job.size) ? 'full' : 'failed', detail };
    }
  };
  const commit = (job: CommitJob, afterFull: boolean, mayUseBallast: boolean): Committed => {
    if (failure !== null) return { kind: 'committed', outcome: 'failed', detail: failure };
    if (isHeld && !afterFull) return { kind: 'committed', outcome: 'full', detail: 'an earlier batch found no space' };
    let answer = attempt(job);
    if (answer.outcome === 'full' && mayUseBallast) {
      rmSync(task.ballastPath, { force: true });
      answer = attempt(job);
    }
    isHeld = answer.outcome === 'full';
    if (answer.outcome === 'failed') failure = answer.detail;
    return answer;
  };

  /** Parts of one record are usually asked for together: it is looked up once. */
  const read = (parts: readonly number[]): Extract<StoreAnswer, { kind: 'read' }> => {
    let size = 0;
    for (let i = 0; i < parts.length; i += 3) size += parts[i + 2] ?? 0;
    const bytes = new Uint8Array(size);
    const found: number[] = [];
    let at = 0;
    let record: Buffer | undefined;
    for (let i = 0; i < parts.length; i += 3) {
      const [seq = 0, offset = 0, length = 0] = parts.slice(i, i + 3);
      if (i === 0 || seq !== parts[i - 3]) {
        record = store.records.getBinaryFast(setKey(seq));
        touchedBytes += FAULT_BYTES + (record?.length ?? 0);
      }
      if (record === undefined || offset + length > record.length) found.push(-1, length);
      else {
        // LMDB's buffer is used again by the next lookup.
        bytes.set(record.subarray(offset, offset + length), at);
        found.push(at, length);
        at += length;
      }
    }
    // A transaction that stays open keeps old pages from being used again.
    store.root.resetReadTxn();
    return { kind: 'read', bytes: bytes.buffer, parts: found };
  };
  const letPagesGo = async (): Promise<void> => {
    if (touchedBytes < task.mappedBytesMax) return;
    touchedBytes = 0;
    if (statSync(task.file).size <= task.mappedBytesMax) return;
    await store.root.close();
    store = open();
  };
  const carryOut = async (request: StoreRequest): Promise<void> => {
    if (request.kind === 'commit') {
      const { buffer } = request.job;
      parentPort?.postMessage({ ...commit(request.job, request.afterFull, request.mayUseBallast), buffer }, [buffer]);
      await letPagesGo();
    } else if (request.kind === 'read') {
      const answer = read(request.parts);
      parentPort?.postMessage(answer, [answer.bytes]);
      await letPagesGo();
    } else {
      await store.root.close();
      parentPort?.postMessage({ kind: 'closed' } satisfies StoreAnswer);
      parentPort?.close();
    }
  };
  // One after the other: the store is closed for a moment when it is opened anew.
  let turn: Promise<void> = Promise.resolve();
  parentPort?.on('message', (request: StoreRequest) => {
    turn = turn.then(() => carryOut(request));
  });
}
