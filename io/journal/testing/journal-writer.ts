/**
 * A process that writes to a journal until it is killed: batches numbered from 1, each with a counter under a key,
 * three entries of a group and now and then a compaction, two in flight. Prints `durable N` for each. What it finds on
 * its start it goes on from.
 */
import { writeSync } from 'node:fs';
import { type GroupId, idFromBytes } from '../../../core/base/ids.js';
import { logIndex, term } from '../../../core/base/units.js';
import { DEFAULT_JOURNAL_CONFIG, type JournalEntry } from '../../../core/journal/api.js';
import { Journal } from '../../../core/journal/journal.js';
import { DEFAULT_OPEN_JOURNAL_OPTIONS, openJournal } from '../open-journal.js';

const GROUP = idFromBytes<GroupId>(new Uint8Array(16).fill(3));

/** Never returns in order. */
export async function writeJournal(directory: string): Promise<void> {
  const result = await openJournal({ directory, ...DEFAULT_OPEN_JOURNAL_OPTIONS });
  if (!result.ok) throw new Error(JSON.stringify(result.refusal));
  const store = result.value;
  const recovery = Journal.recover({ config: DEFAULT_JOURNAL_CONFIG, recovered: store.recovered() });
  if (!recovery.ok) throw new Error(JSON.stringify(recovery.damage));
  const { journal } = recovery;
  const found = journal.get('counter');
  let count = found === null ? 0 : new DataView(found.slice().buffer).getUint32(0);

  const writeNext = (): void => {
    const no = ++count;
    const value = new Uint8Array(4);
    new DataView(value.buffer).setUint32(0, no);
    journal.put('counter', value);
    journal.append(GROUP, [entry(no * 3 - 2), entry(no * 3 - 1), entry(no * 3)]);
    if (no % 50 === 0) journal.compact(GROUP, logIndex(no * 3 - 60), logIndex(no * 3));
    const take = journal.take();
    if (take === null) throw new Error('nothing to take');
    store.append({ ...take, ledger: [] }, (outcome) => {
      if (outcome !== 'durable') throw new Error(`${outcome}: ${store.failure}`);
      writeSync(1, `durable ${no}\n`);
      writeNext();
    });
  };
  writeNext();
  writeNext();
}

const entry = (index: number): JournalEntry => ({
  index: logIndex(index),
  term: term(1),
  kind: 'data',
  bytes: new Uint8Array((index * 613) % 9_000).fill(index),
});
