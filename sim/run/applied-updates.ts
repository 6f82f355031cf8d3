/** What a journal batch says of updates that were applied: the rows that consumers write for them. */
import { utf8Decode } from '../../core/base/bytes.js';
import type { UpdateFeed } from '../../core/groups/updates/feeds.js';
import type { JournalBatch } from '../../core/node/effects.js';
import { APPLIED_TABLE } from '../apps/update-consumer.js';

/** In the order of the batch. */
export function appliedUpdatesOf(batch: JournalBatch): (readonly [feed: UpdateFeed, update: string])[] {
  const applied: (readonly [UpdateFeed, string])[] = [];
  for (const write of batch.ledger) {
    if (write.kind !== 'table-row' || write.table !== APPLIED_TABLE) continue;
    const update = utf8Decode(write.key) ?? '';
    applied.push([update.startsWith('mesh/') ? 'mesh' : 'database', update]);
  }
  return applied;
}
