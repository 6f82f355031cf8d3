/** A journal store in memory: the simplest thing that keeps the promises of a host, for tests of the core. */
import { concatBytes } from '../../base/bytes.js';
import type { JournalSeq } from '../../base/units.js';
import { assert } from '../../base/assert.js';
import type { JournalRead, JournalTake } from '../api.js';
import type { RecoveredRecord } from '../replay.js';

export class MemoryJournalStore {
  readonly records = new Map<JournalSeq, Uint8Array>();

  /** Applies a batch whole. */
  append(batch: JournalTake): void {
    for (const { seq, parts } of batch.records) {
      assert(!this.records.has(seq), 'a record is written once');
      // A copy, so that a part that its owner changed later would show.
      this.records.set(seq, concatBytes([new Uint8Array(0), ...parts]));
    }
    for (const { from, to } of batch.drops) {
      for (let seq = from; seq <= to; seq++) assert(this.records.delete(seq), 'what is dropped was there');
    }
  }

  /** Part of a record, or null. */
  read({ seq, offset, length }: JournalRead): Uint8Array | null {
    const bytes = this.records.get(seq);
    return bytes === undefined || offset + length > bytes.length ? null : bytes.slice(offset, offset + length);
  }

  /** As a restarted host would find it. */
  recovered(): RecoveredRecord[] {
    return [...this.records].map(([seq, bytes]) => ({ seq, bytes })).sort((a, b) => a.seq - b.seq);
  }

  get bytes(): number {
    let total = 0;
    for (const bytes of this.records.values()) total += bytes.length;
    return total;
  }

  clone(): MemoryJournalStore {
    const copy = new MemoryJournalStore();
    for (const [seq, bytes] of this.records) copy.records.set(seq, bytes);
    return copy;
  }
}
