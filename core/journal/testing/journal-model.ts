/**
 * What a journal should hold, written as plainly as possible, and random operations for it: the judge of the replay
 * tests. It knows the promise, nothing of records.
 */
import { type GroupId, idFromBytes } from '../../base/ids.js';
import { type LogIndex, logIndex, term } from '../../base/units.js';
import type { Rng } from '../../base/rng.js';
import { toHex } from '../../base/bytes.js';
import type { JournalApi, JournalEntry } from '../api.js';
import { decodeBlob, decodeEntries } from '../entry-block.js';
import type { MemoryJournalStore } from './memory-journal-store.js';

interface ModelLog {
  through: number;
  entries: JournalEntry[];
}

export class JournalModel {
  readonly keys = new Map<string, Uint8Array>();
  readonly blobs = new Map<string, Uint8Array>();
  readonly logs = new Map<GroupId, ModelLog>();
  #term = 1;

  /** Does one random operation to the model and to the journal. */
  operate(rng: Rng, journal: JournalApi): void {
    const group = groupOf(rng.below(GROUPS));
    const log = this.logs.get(group) ?? { through: 0, entries: [] };
    const last = log.through + log.entries.length;
    const choice = rng.below(100);
    if (choice < 40) this.#append(rng, journal, group, log, last);
    else if (choice < 50) {
      const through = rng.between(log.through, last);
      const cut = rng.chance(200) ? rng.between(through, last) : last;
      this.#compact(journal, group, log, { through, cut });
    } else if (choice < 53) {
      const through = last + rng.below(20);
      if (through > 0) this.#compact(journal, group, log, { through, cut: through });
    } else if (choice < 55) {
      this.logs.delete(group);
      journal.removeGroup(group);
    } else if (choice < 72) {
      const key = `key${rng.below(12)}`;
      const value = randomBytes(rng);
      this.keys.set(key, value);
      journal.put(key, value);
    } else if (choice < 80) {
      const key = `key${rng.below(12)}`;
      this.keys.delete(key);
      journal.remove(key);
    } else if (choice < 90) {
      this.#stage(rng, journal, randomBytes(rng));
    } else {
      const owner = `owner${rng.below(3)}`;
      const no = rng.below(12);
      this.blobs.delete(`${owner}/${no}`);
      journal.dropBlob(owner, no);
    }
  }

  #append(rng: Rng, journal: JournalApi, group: GroupId, log: ModelLog, last: number): void {
    const first = rng.chance(700) ? last + 1 : rng.between(log.through + 1, last + 1);
    if (rng.chance(200)) this.#term++;
    const entries: JournalEntry[] = [];
    for (let i = 0, count = rng.between(1, 6); i < count; i++) {
      const kind = rng.pick(['noop', 'data', 'configuration'] as const);
      const entryTerm = rng.chance(50) ? ++this.#term : this.#term;
      entries.push({ index: logIndex(first + i), term: term(entryTerm), kind, bytes: randomBytes(rng) });
    }
    log.entries.length = first - log.through - 1;
    log.entries.push(...entries);
    this.logs.set(group, log);
    journal.append(group, entries);
    if (rng.chance(300)) this.#stage(rng, journal, rng.pick(entries).bytes);
  }

  #stage(rng: Rng, journal: JournalApi, bytes: Uint8Array): void {
    const owner = `owner${rng.below(3)}`;
    const no = rng.below(12);
    if (this.blobs.has(`${owner}/${no}`)) return;
    this.blobs.set(`${owner}/${no}`, bytes);
    journal.stageBlob(owner, no, bytes);
  }

  #compact(journal: JournalApi, group: GroupId, log: ModelLog, to: { through: number; cut: number }): void {
    log.entries = log.entries.filter((entry) => entry.index > to.through && entry.index <= to.cut);
    log.through = to.through;
    this.logs.set(group, log);
    journal.compact(group, logIndex(to.through), logIndex(to.cut));
  }

  /** A copy that later operations leave alone. */
  clone(): JournalModel {
    const copy = new JournalModel();
    for (const [key, value] of this.keys) copy.keys.set(key, value);
    for (const [name, bytes] of this.blobs) copy.blobs.set(name, bytes);
    for (const [group, log] of this.logs) copy.logs.set(group, { through: log.through, entries: [...log.entries] });
    copy.#term = this.#term;
    return copy;
  }

  /** The model as text. A group that was never written and one that was removed are the same. */
  describe(): string[] {
    const lines: string[] = [];
    for (const [key, value] of this.keys) lines.push(`key ${key} ${digest(value)}`);
    for (const [name, bytes] of this.blobs) lines.push(`blob ${name} ${digest(bytes)}`);
    for (const [group, log] of this.logs) {
      if (log.through === 0 && log.entries.length === 0) continue;
      lines.push(`log ${group} through ${log.through} last ${log.through + log.entries.length}`);
      for (const entry of log.entries) lines.push(describeEntry(group, entry));
    }
    return lines.sort(compareText);
  }
}

/** A journal as text, entries and blobs read back from its store. */
export function describeJournal(journal: JournalApi, store: MemoryJournalStore): string[] {
  const lines: string[] = [];
  for (const key of journal.keys('')) lines.push(`key ${key} ${digest(journal.get(key) as Uint8Array)}`);
  for (const owner of journal.blobOwners()) {
    for (const no of journal.blobs(owner)) {
      const location = journal.locateBlob(owner, no);
      const bytes = location === null ? null : decodeBlob(location, store.read(location.read));
      lines.push(`blob ${owner}/${no} ${bytes === null ? 'missing' : digest(bytes)}`);
    }
  }
  for (const { group, compactedThrough, lastIndex, termRuns, damagedFrom } of journal.restoredGroups()) {
    if (lastIndex === 0) continue;
    lines.push(`log ${group} through ${compactedThrough} last ${lastIndex}`);
    if (damagedFrom !== null) lines.push(`log ${group} damaged from ${damagedFrom}`);
    for (let next = (compactedThrough + 1) as LogIndex; next <= lastIndex; ) {
      const locations = journal.locate(group, next, lastIndex, 100_000);
      if (locations.length === 0) {
        lines.push(`log ${group} ${next} missing`);
        break;
      }
      for (const location of locations) {
        for (const entry of decodeEntries(location, store.read(location.read)) ?? []) {
          const run = termRuns.findLast((candidate) => candidate.from <= entry.index);
          lines.push(describeEntry(group, entry) + (run?.term === entry.term ? '' : ` run ${run?.term}`));
        }
        next = (location.to + 1) as LogIndex;
      }
    }
  }
  return lines.sort(compareText);
}

export function groupOf(n: number): GroupId {
  return idFromBytes<GroupId>(Uint8Array.from({ length: 16 }, (_, i) => (i === 15 ? n : i)));
}

function randomBytes(rng: Rng): Uint8Array {
  const size = rng.chance(50) ? rng.between(0, 400) : rng.between(0, 24);
  return rng.fill(size);
}

const describeEntry = (group: GroupId, entry: JournalEntry): string =>
  `log ${group} ${entry.index} t${entry.term} ${entry.kind} ${digest(entry.bytes)}`;

const digest = (bytes: Uint8Array): string => `${bytes.length}:${toHex(bytes.subarray(0, 12))}`;

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

const GROUPS = 4;
