import { mkdtempSync, rmSync, truncateSync, writeFileSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Delivery } from '../../io/client/reassembly.js';
import { MessageDigest } from './message-digest.js';
import { auditProblems } from './report.js';
import { LedgerDamaged, TargetLedger, auditLedger } from './target-ledger.js';

let directory = '';
let path = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mesh-ledger-'));
  path = join(directory, 'C.ledger');
});

afterEach(() => rmSync(directory, { recursive: true }));

function delivery(seq: number, payload = `payload ${seq}`): Delivery {
  const facts = { seq, messageId: '', producer: 'demo', producerSeq: seq, isDead: false, letterSeq: null, attempt: 0 };
  return { ...facts, payload: Buffer.from(payload), headers: Buffer.from(`h${seq}`) };
}

async function write(...seqs: number[]): Promise<void> {
  const ledger = await TargetLedger.create(path);
  const half = Math.ceil(seqs.length / 2);
  await ledger.append(seqs.slice(0, half).map((seq) => delivery(seq)));
  await ledger.append(seqs.slice(half).map((seq) => delivery(seq)));
  await ledger.close();
}

function digestOf(...seqs: number[]): string {
  const digest = new MessageDigest();
  for (const seq of seqs) digest.add(delivery(seq).headers, delivery(seq).payload);
  return digest.hex();
}

describe('a ledger', () => {
  it('holds what was appended, equal to the source by its digest', async () => {
    await write(1, 2, 3, 4, 5);
    const audit = await auditLedger(path);
    expect(audit).toEqual({
      messageCount: 5, bytes: 45, duplicateCount: 0, gapCount: 0, disorderCount: 0, lastSeq: 5, sha256: digestOf(1, 2, 3, 4, 5),
    });
    expect(auditProblems('C', audit, { messages: 5, sha256: digestOf(1, 2, 3, 4, 5) })).toEqual([]);
  });

  it('shows what came twice, what is missing and what came out of order', async () => {
    await write(1, 2, 2, 5, 4);
    const audit = await auditLedger(path);
    expect(audit).toMatchObject({ messageCount: 5, duplicateCount: 1, gapCount: 1, disorderCount: 3 });
    expect(auditProblems('C', audit, { messages: 5, sha256: digestOf(1, 2, 3, 4, 5) })).toEqual([
      'C holds 1 messages twice',
      'C lacks 1 messages in between',
      'C took 3 messages out of order',
      'the SHA-256 of what C holds is not that of the source',
    ]);
  });

  it('tells a message cut at another place from the same bytes', () => {
    const one = new MessageDigest();
    one.add(Buffer.from('a'), Buffer.from('bc'));
    const other = new MessageDigest();
    other.add(Buffer.from('ab'), Buffer.from('c'));
    expect(one.hex()).not.toBe(other.hex());
  });

  it('is never begun twice', async () => {
    await write(1);
    await expect(TargetLedger.create(path)).rejects.toThrow('EEXIST');
  });

  it('is refused when it is torn or scribbled over', async () => {
    await write(1, 2);
    const bytes = readFileSync(path);
    bytes[30] = (bytes[30] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    await expect(auditLedger(path)).rejects.toThrow(LedgerDamaged);
    bytes[30] = (bytes[30] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    truncateSync(path, statSync(path).size - 1);
    await expect(auditLedger(path)).rejects.toThrow('cut short');
  });
});
