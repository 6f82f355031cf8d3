/** All that a member's journal holds of a stream beside its group's log and Raft's rows: to let go of it whole. */
import type { GroupId, StreamId } from '../../base/ids.js';
import type { JournalApi } from '../../journal/api.js';
import { seatKey } from '../recovery/readmission.js';
import { letterOwnerPrefix } from './letter-store.js';
import { failureKey } from './message-failures.js';
import { offsetKey } from './settlement.js';
import { numberingKey, producerPrefix, stagedOwner, stagedPrefix, uploadOwnerPrefix, uploadPrefix } from './staging-keys.js';
import { paceKey } from './target.js';

export const descriptorKey = (stream: StreamId): string => `${DESCRIPTOR_PREFIX}${stream}`;
export const DESCRIPTOR_PREFIX = 'stream/';

export function forgetStream(journal: JournalApi, stream: StreamId): void {
  const keys = [descriptorKey(stream), numberingKey(stream), offsetKey(stream), failureKey(stream), paceKey(stream), seatKey(stream)];
  for (const key of keys) if (journal.get(key) !== null) journal.remove(key);
  for (const prefix of [producerPrefix(stream), stagedPrefix(stream), uploadPrefix(stream)]) {
    for (const key of journal.keys(prefix)) journal.remove(key);
  }
  const prefixes = [uploadOwnerPrefix(stream), letterOwnerPrefix(stream as string as GroupId)];
  for (const owner of [stagedOwner(stream), ...prefixes.flatMap((prefix) => journal.blobOwners(prefix))]) {
    for (const no of journal.blobs(owner)) journal.dropBlob(owner, no);
  }
}
