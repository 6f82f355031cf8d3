import { MemoryJournalStore } from './memory-journal-store.js';
import { describeJournalStore } from './journal-store-compliance.js';

describeJournalStore('memory', () => {
  const store = new MemoryJournalStore();
  const done = Promise.resolve();
  return Promise.resolve({
    append: (batch) => {
      store.append(batch);
      return Promise.resolve('durable' as const);
    },
    read: (reads) => Promise.resolve(reads.map((read) => store.read(read))),
    recovered: () => store.recovered(),
    restart: () => done,
    crash: () => done,
    dispose: () => done,
  });
});
