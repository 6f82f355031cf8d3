/** What can be an update at all. Checked where it is sent, and again by the leader that appends it. */
import { type Reject, reject } from '../../base/reject.js';
import type { UpdateRecord } from '../../wire/update-messages.js';
import { UPDATE_CHANGES_MAX } from '../../wire/update-messages.js';
import type { UpdatesConfig } from './config.js';
import { refusalOfConfiguration } from './config-rules.js';
import { feedOf } from './feeds.js';
import { CONFIGURATION_TABLE, costOf } from './update-state.js';

/** INVALID_ARGUMENT or PAYLOAD_TOO_LARGE; null for a sound one. */
export function refusalOfUpdate(record: UpdateRecord, config: UpdatesConfig): Reject | null {
  const { sender, senderSeq, topic, changes } = record;
  const feed = feedOf(record.feed);
  if (feed === null) return reject('INVALID_ARGUMENT', 'feed', 'it is mesh, node or database');
  if (sender.length > TEXT_CHARS_MAX) return reject('INVALID_ARGUMENT', 'sender', `it has at most ${TEXT_CHARS_MAX} characters`);
  if (topic.length > TEXT_CHARS_MAX) return reject('INVALID_ARGUMENT', 'topic', `it has at most ${TEXT_CHARS_MAX} characters`);
  const isNumbered = Number.isSafeInteger(senderSeq) && (sender === '' ? senderSeq === 0 : senderSeq >= 1);
  if (!isNumbered) return reject('INVALID_ARGUMENT', 'sender_seq', 'a sender counts its updates from 1; without a sender it is 0');
  if (changes.length > UPDATE_CHANGES_MAX) return reject('INVALID_ARGUMENT', 'changes', `at most ${UPDATE_CHANGES_MAX} in one update`);
  for (const { table, key, ifRevision } of changes) {
    if (table.length === 0 || table.length > TABLE_CHARS_MAX) {
      return reject('INVALID_ARGUMENT', 'changes', `a table has a name of 1 to ${TABLE_CHARS_MAX} characters`);
    }
    if (key.length === 0 || key.length > KEY_BYTES_MAX) return reject('INVALID_ARGUMENT', 'changes', `a key has 1 to ${KEY_BYTES_MAX} bytes`);
    if ((table === CONFIGURATION_TABLE) !== (feed === 'mesh')) {
      return reject('INVALID_ARGUMENT', table, `mesh updates change ${CONFIGURATION_TABLE} and nothing else, database updates any other table, node updates none`);
    }
    if (ifRevision > 0 && feed !== 'mesh') return reject('INVALID_ARGUMENT', table, 'only rows of the configuration have revisions');
    if (feed === 'node') return reject('INVALID_ARGUMENT', table, 'a node update changes no table');
  }
  const why = feed === 'mesh' ? refusalOfConfiguration(changes) : null;
  if (why !== null) return why;
  if (costOf(record) > config.recordBytesMax) {
    return reject('PAYLOAD_TOO_LARGE', 'update', `an update has at most ${config.recordBytesMax} bytes; send it in parts`);
  }
  return null;
}

const TEXT_CHARS_MAX = 255;
const TABLE_CHARS_MAX = 63;
const KEY_BYTES_MAX = 255;
