/**
 * What the journal of a source holds of batches that its stream had not admitted when it was written: whole messages
 * as one blob and one row each, large messages as a row of their own and one blob for each chunk that is left.
 */
import { present } from '../../base/assert.js';
import type { StreamId } from '../../base/ids.js';
import type { JournalApi } from '../../journal/api.js';
import { stagedKey, stagedOwner, uploadPrefix } from './staging-keys.js';
import { StagedRow, UploadRow } from './staging-rows.js';
import { type StagedBatch, isControl } from './staged-batch.js';

/** The batches in the order of their numbers, all durable and on disk only; null when a row does not decode. */
export function restoredBatches(journal: JournalApi, stream: StreamId): StagedBatch[] | null {
  const whole = wholeMessages(journal, stream);
  const chunks = numberedChunks(journal, stream);
  if (whole === null || chunks === null) return null;
  return [...whole, ...chunks].sort((a, b) => a.firstSeq - b.firstSeq || rankOf(a) - rankOf(b) || a.chunkSeq - b.chunkSeq);
}

/** Before the message of a number come the control entries that were staged before it, in their order. */
const rankOf = (batch: StagedBatch): number => (isControl(batch) ? batch.controlNo : Number.MAX_SAFE_INTEGER);

function wholeMessages(journal: JournalApi, stream: StreamId): StagedBatch[] | null {
  const batches: StagedBatch[] = [];
  for (const no of journal.blobs(stagedOwner(stream))) {
    const bytes = journal.get(stagedKey(stream, no));
    const row = bytes === null ? null : StagedRow.decode(bytes);
    if (row === null) return null;
    const lastSeq = row.firstSeq + row.producerSeqs.length - 1;
    batches.push({ ...ON_DISK, ...row, lastSeq, chunkSeq: 0, chunkCount: 1, blob: { owner: stagedOwner(stream), no }, upload: null });
  }
  return batches;
}

function numberedChunks(journal: JournalApi, stream: StreamId): StagedBatch[] | null {
  const batches: StagedBatch[] = [];
  for (const key of journal.keys(uploadPrefix(stream))) {
    const row = UploadRow.decode(present(journal.get(key), 'a listed key has a value'));
    if (row === null) return null;
    const { seq, producer, producerSeq, chunkCount, owner, baseMessageId, epoch, controlNo } = row;
    for (const chunkSeq of journal.blobs(owner)) {
      batches.push({
        ...ON_DISK,
        firstSeq: seq,
        lastSeq: seq,
        chunkSeq,
        chunkCount,
        producer,
        producerSeqs: [producerSeq],
        freeIds: [],
        controlNo,
        cost: row.chunkCosts[chunkSeq] ?? 0,
        blob: { owner, no: chunkSeq },
        upload: { baseMessageId, epoch, controlNo },
      });
    }
  }
  return batches;
}

const ON_DISK = { startCost: 0, entry: null, isDurable: true } as const;
