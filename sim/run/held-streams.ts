/** What a journal batch says a disk holds: rows, blobs and logs by name, each in one record or several. */
import { concatBytes } from '../../core/base/bytes.js';
import type { JournalBatch } from '../../core/node/effects.js';
import { type RecordItem, decodeRecord } from '../../core/journal/record.js';

export type HeldFact =
  /** `isMore`: beside what is held of it already; else in its place. */
  | { readonly kind: 'held'; readonly what: string; readonly record: number; readonly isMore: boolean }
  | { readonly kind: 'removed'; readonly what: string }
  /** The records are gone, and what they alone held. */
  | { readonly kind: 'dropped'; readonly from: number; readonly to: number };

/** In the order in which they come to be. */
export function heldFactsOf({ records, drops }: JournalBatch): HeldFact[] {
  const facts: HeldFact[] = [];
  for (const { seq, parts } of records) {
    const decoded = decodeRecord(seq, parts.length === 1 ? (parts[0] as Uint8Array) : concatBytes(parts));
    for (const item of decoded.kind === 'record' ? decoded.items : []) addFact(facts, item, seq);
  }
  for (const { from, to } of drops) facts.push({ kind: 'dropped', from, to });
  return facts;
}

function addFact(facts: HeldFact[], item: RecordItem, record: number): void {
  switch (item.kind) {
    case 'put':
    case 'put-large':
      facts.push({ kind: 'held', what: item.key, record, isMore: false });
      return;
    case 'remove':
      facts.push({ kind: 'removed', what: item.key });
      return;
    case 'append':
      facts.push({ kind: 'held', what: `log ${item.group}`, record, isMore: true });
      return;
    case 'forget':
      facts.push({ kind: 'removed', what: `log ${item.group}` });
      return;
    case 'blob':
      facts.push({ kind: 'held', what: `${item.owner} ${item.no}`, record, isMore: false });
      return;
    case 'drop-blob':
      facts.push({ kind: 'removed', what: `${item.owner} ${item.no}` });
      return;
    case 'compacted':
  }
}
