/** What a batch of the journal says about Raft's part of a disk, for the oracles. Batches of toys say nothing. */
import type { JournalBatch } from '../../core/node/effects.js';
import { concatBytes } from '../../core/base/bytes.js';
import { GenerationRow, HardStateRow, SnapshotRow } from '../../core/groups/raft-rows.js';
import { REPLICA_KEY, ReplicaRow } from '../../core/node/membership-row.js';
import { CRC_BYTES, type RecordItem, decodeRecord } from '../../core/journal/record.js';
import type { DiskFact } from '../oracles/durable-raft.js';

/** `renewed`: the node is that replica from here on; the one before it left the mesh or was evicted, and acts no more. */
export type JournalFact = DiskFact | { readonly kind: 'renewed'; readonly number: number };

/** In the order of the journal. */
export function raftFactsOf({ records }: JournalBatch): JournalFact[] {
  const facts: JournalFact[] = [];
  for (const { seq, parts } of records) {
    const bytes = parts.length === 1 ? (parts[0] as Uint8Array) : concatBytes(parts);
    const decoded = decodeRecord(seq, bytes);
    for (const item of decoded.kind === 'record' ? decoded.items : []) addFacts(facts, item, bytes);
  }
  return facts;
}

function addFacts(facts: JournalFact[], item: RecordItem, bytes: Uint8Array): void {
  switch (item.kind) {
    case 'put':
      addRow(facts, item.key, item.value);
      return;
    case 'put-large': {
      const { offset, length } = item.place;
      addRow(facts, item.key, bytes.subarray(offset + CRC_BYTES, offset + length));
      return;
    }
    case 'append':
      for (const { firstIndex, count, term } of item.blocks) {
        facts.push({ kind: 'append', group: item.group, from: firstIndex, count, term });
      }
      return;
    case 'compacted':
      facts.push({ kind: 'compacted', group: item.group, through: item.through, last: item.last });
      return;
    case 'forget':
      facts.push({ kind: 'forget', group: item.group });
      return;
    case 'remove':
    case 'blob':
    case 'entry-blob':
    case 'drop-blob':
      return;
  }
}

function addRow(facts: JournalFact[], key: string, value: Uint8Array): void {
  const [kind, group = ''] = key.split('/', 2);
  if (key === REPLICA_KEY) {
    const row = ReplicaRow.decode(value);
    if (row !== null) facts.push({ kind: 'renewed', number: row.replica });
  }
  if (kind === 'hard') {
    const row = HardStateRow.decode(value);
    if (row !== null) facts.push({ kind: 'hard-state', group, term: row.term, vote: row.vote });
  } else if (kind === 'generation') {
    const row = GenerationRow.decode(value);
    if (row !== null) facts.push({ kind: 'generation', group, number: row.number, isSealed: row.isSealed });
  } else if (kind === 'snapshot') {
    const row = SnapshotRow.decode(value);
    if (row !== null) facts.push({ kind: 'snapshot', group, index: row.index, term: row.term });
  }
}
