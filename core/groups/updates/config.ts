/** Bounds of the logs of updates. */
import { assert } from '../../base/assert.js';
import { MILLISECOND_US, SECOND_US } from '../../base/units.js';

/** What of a log is kept for members that have not applied it. Beyond either, the oldest updates go. */
export interface Retention {
  readonly bytesMax: number;
  readonly countMax: number;
}

export interface UpdatesConfig {
  /** One update with all its fields. */
  readonly recordBytesMax: number;
  /** One entry of a log; a larger single update travels alone. */
  readonly batchBytesMax: number;
  readonly batchRecordsMax: number;
  /** Updates that wait at the node where they were sent, for each log; beyond it: OVERLOADED. */
  readonly pendingBytesMax: number;
  readonly pendingCountMax: number;
  readonly system: Retention;
  readonly database: Retention;
  /** Of what is kept, what live members may be behind before new updates are refused as OVERLOADED. */
  readonly backlogPerMille: number;
  /** A member that applies nothing for this long holds nobody up any more. */
  readonly slowPatienceUs: number;
  /** Batches that wait at a leader for their turn. */
  readonly candidatesMax: number;
  /** A sender hears within this time what became of its update, or that nobody knows. */
  readonly sendPatienceUs: number;
  /** Nodes report, and a leader writes, how far updates are applied at most this often. */
  readonly markIntervalUs: number;
  /** Named consumers of each log at one node. */
  readonly consumersMax: number;
  readonly subscriptionsMax: number;
  /** One delivery. */
  readonly deliverBytesMax: number;
  /** The log of database updates is compacted after so many entries or bytes. */
  readonly compactEntriesMin: number;
  readonly compactBytesMin: number;
}

export const DEFAULT_UPDATES_CONFIG: UpdatesConfig = {
  recordBytesMax: 128 * 1024,
  batchBytesMax: 128 * 1024,
  batchRecordsMax: 512,
  pendingBytesMax: 2 * 1024 * 1024,
  pendingCountMax: 8192,
  system: { bytesMax: 1024 * 1024, countMax: 4096 },
  database: { bytesMax: 8 * 1024 * 1024, countMax: 65_536 },
  backlogPerMille: 500,
  slowPatienceUs: 10 * SECOND_US,
  candidatesMax: 256,
  sendPatienceUs: 20 * SECOND_US,
  markIntervalUs: 100 * MILLISECOND_US,
  consumersMax: 16,
  subscriptionsMax: 256,
  deliverBytesMax: 256 * 1024,
  compactEntriesMin: 1024,
  compactBytesMin: 8 * 1024 * 1024,
};

/** Asserts the relations between the values, given what one entry of a log may hold. */
export function checkUpdatesConfig(config: UpdatesConfig, entryBytesMax: number): void {
  const { recordBytesMax, batchBytesMax, pendingBytesMax, system, database } = config;
  assert(recordBytesMax + batchBytesMax <= entryBytesMax, 'a batch of updates and one more fit a Raft entry');
  assert(recordBytesMax <= pendingBytesMax, 'the largest update fits what may wait');
  for (const { bytesMax, countMax } of [system, database]) {
    assert(bytesMax >= recordBytesMax && countMax >= 1, 'the largest update is kept');
  }
  assert(config.backlogPerMille > 0 && config.backlogPerMille <= 1000, 'a backlog is a part of what is kept');
  assert(config.batchRecordsMax >= 1 && config.consumersMax >= 1, 'updates are sent and consumed');
}
