/**
 * The bare limit of durability: how often LMDB commits one record of a batch's size with everything flushed (16 KiB:
 * 64 messages of 256 bytes), old records removed as they go.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open } from 'lmdb';
import { Latencies } from '../processes/latencies.js';
import type { Bench, Measurement } from './measurement.js';
import { Stopwatch } from './stopwatch.js';

export const JOURNAL_FLUSH: Bench = { names: ['journal-flush'], run: measureFlush };

async function measureFlush(): Promise<Measurement[]> {
  const directory = mkdtempSync(join(tmpdir(), 'mesh-bench-'));
  const environment = open<Buffer, number>({
    path: join(directory, 'lmdb'),
    keyEncoding: 'uint32',
    encoding: 'binary',
    overlappingSync: false,
  });
  try {
    const record = randomBytes(RECORD_BYTES);
    const times = new Latencies();
    const commit = (seq: number): void => {
      environment.transactionSync(() => {
        environment.putSync(seq, record);
        if (seq > KEPT) environment.removeSync(seq - KEPT);
      });
    };
    let seq = 1;
    for (; seq <= WARM_UP; seq++) commit(seq);
    const whole = new Stopwatch();
    let count = 0;
    for (; whole.us < MEASURE_US; count++, seq++) {
      const one = new Stopwatch();
      commit(seq);
      times.add(one.us);
    }
    const p50Us = times.quantile(0.5);
    const p99Us = times.quantile(0.99);
    return [{ name: 'journal-flush', value: whole.perSecond(count), unit: 'commits/s', p50Us, p99Us }];
  } finally {
    await environment.close();
    rmSync(directory, { recursive: true });
  }
}

/** 64 messages of 256 bytes. */
const RECORD_BYTES = 64 * 256;
const KEPT = 512;
const WARM_UP = 200;
const MEASURE_US = 2_000_000;
