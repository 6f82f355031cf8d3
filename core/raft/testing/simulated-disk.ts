/**
 * The disk of one simulated replica: writes become durable in their order, some time after they were made; a crash
 * keeps a prefix of those that were not confirmed. Reads give only what is durable.
 */
import type { LogIndex } from '../../base/units.js';
import { logIndex } from '../../base/units.js';
import type { Generation, HardState, RaftEntry, RaftSnapshot, RaftWrite, RestoredRaft, TermRun } from '../api.js';

export class SimulatedDisk {
  hardState: HardState;
  generation: Generation | null;
  snapshot: RaftSnapshot;
  /** Entry n has index snapshot.index + 1 + n. */
  entries: RaftEntry[] = [];
  /** Entries up to here were confirmed once and are unreadable now; 0 for none. */
  damagedThrough: LogIndex = logIndex(0);

  constructor(fresh: RestoredRaft) {
    this.hardState = fresh.hardState;
    this.generation = fresh.generation;
    this.snapshot = fresh.snapshot;
  }

  get lastIndex(): LogIndex {
    return logIndex(this.snapshot.index + this.entries.length);
  }

  /** The whole write reaches the disk. */
  carryOut(write: RaftWrite): void {
    if (write.hardState !== null) this.hardState = write.hardState;
    if (write.generation !== null) this.generation = write.generation;
    if (write.snapshot !== null) {
      const { snapshot, keptThrough } = write.snapshot;
      const kept = this.entries.filter((entry) => entry.index > snapshot.index && entry.index <= keptThrough);
      this.snapshot = snapshot;
      this.entries = kept;
    }
    const first = write.entries[0];
    if (first !== undefined) {
      const keep = first.index - this.snapshot.index - 1;
      if (keep < 0 || keep > this.entries.length) throw new Error('a write leaves a gap in the log');
      this.entries.length = keep;
      for (const entry of write.entries) this.entries.push(entry);
    }
    if (this.damagedThrough <= this.lastIndex) this.damagedThrough = logIndex(0);
  }

  /** Null for what is not on the disk. */
  termAt(index: number): number | null {
    if (index === this.snapshot.index) return this.snapshot.term;
    return this.entries[index - this.snapshot.index - 1]?.term ?? null;
  }

  /** Whether the entry, or a snapshot of it, is on the disk, or was until the disk was damaged. */
  holds(index: number, term: number): boolean {
    return index <= this.snapshot.index || this.termAt(index) === term || index <= this.damagedThrough;
  }

  /** The entries after `keptThrough` become unreadable. */
  damageAfter(keptThrough: number): void {
    if (this.damagedThrough < this.lastIndex) this.damagedThrough = this.lastIndex;
    this.entries.length = Math.max(0, keptThrough - this.snapshot.index);
  }

  read(from: LogIndex, through: LogIndex, bytesMax: number): RaftEntry[] {
    const all = this.entries.slice(from - this.snapshot.index - 1, through - this.snapshot.index);
    let bytes = 0;
    const count = all.findIndex((entry, n) => (bytes += entry.bytes.length) > bytesMax && n > 0);
    return count < 0 ? all : all.slice(0, count);
  }

  /** As a starting replica finds it, with the newest `tailCount` entries read. */
  restore(tailCount: number): RestoredRaft {
    const terms: { term: TermRun['term']; from: LogIndex; through: LogIndex }[] = [];
    for (const entry of this.entries) {
      const run = terms[terms.length - 1];
      if (run !== undefined && run.term === entry.term) run.through = entry.index;
      else terms.push({ term: entry.term, from: entry.index, through: entry.index });
    }
    return {
      hardState: this.hardState,
      generation: this.generation,
      snapshot: this.snapshot,
      terms,
      configurations: this.entries.filter((entry) => entry.kind === 'configuration'),
      tail: tailCount === 0 ? [] : this.entries.slice(-tailCount),
      damagedThrough: this.damagedThrough,
    };
  }
}
