import { describe, expect, it } from 'vitest';
import { concatBytes, utf8Encode } from '../base/bytes.js';
import { Rng } from '../base/rng.js';
import type { JournalSeq } from '../base/units.js';
import { DEFAULT_JOURNAL_CONFIG } from './api.js';
import { Journal } from './journal.js';

const NAMES = ['a', 'a/', 'a/x', 'a/x/', 'a/x/1', 'a/x/2/3', 'a/xy/1', 'ab/x/1', 'b/x/1', 'b/x/1/2', '/', '//', '//1'];
const PREFIXES = ['', 'a', 'a/', 'a/x', 'a/x/', 'a/x/1', 'a/x/2', 'a/xy/', 'b/x/', 'b/x/1/', 'none', 'none/x/', '/', '//'];

describe('listing by a prefix', () => {
  it('gives what a walk over everything gives, through changes and recoveries', () => {
    const rng = Rng.fromSeed('directories');
    const disk = new Map<JournalSeq, Uint8Array>();
    const recovered = (): Journal => {
      const records = [...disk].sort(([a], [b]) => a - b).map(([seq, bytes]) => ({ seq, bytes }));
      const recovery = Journal.recover({ config: DEFAULT_JOURNAL_CONFIG, recovered: records });
      if (!recovery.ok) throw new Error(recovery.damage.kind);
      return recovery.journal;
    };
    let journal = recovered();
    const keys = new Set<string>();
    const owners = new Map<string, number>();
    for (let step = 0; step < 600; step++) {
      const name = rng.pick(NAMES);
      const act = rng.below(4);
      if (act === 0) {
        journal.put(name, utf8Encode('v'));
        keys.add(name);
      } else if (act === 1) {
        journal.remove(name);
        keys.delete(name);
      } else if (act === 2 && !owners.has(name)) {
        journal.stageBlob(name, step, utf8Encode('blob'));
        owners.set(name, step);
      } else if (owners.has(name)) {
        journal.dropBlob(name, owners.get(name) as number);
        owners.delete(name);
      }
      if (rng.chance(300)) {
        const take = journal.take();
        for (const { seq, parts } of take?.records ?? []) disk.set(seq, concatBytes(parts).slice());
        for (const { from, to } of take?.drops ?? []) for (let seq: number = from; seq <= to; seq++) disk.delete(seq as JournalSeq);
        if (rng.chance(300)) journal = recovered();
      }
      const starting = (names: Iterable<string>, prefix: string): string[] => [...names].filter((other) => other.startsWith(prefix)).sort();
      expect(PREFIXES.map((prefix) => journal.keys(prefix))).toEqual(PREFIXES.map((prefix) => starting(keys, prefix)));
      expect(PREFIXES.map((prefix) => journal.blobOwners(prefix))).toEqual(PREFIXES.map((prefix) => starting(owners.keys(), prefix)));
    }
  });
});
