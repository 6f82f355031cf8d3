/** Tunables of groups and streams, with their relations asserted. */
import { assert } from '../base/assert.js';
import { MILLISECOND_US, SECOND_US } from '../base/units.js';
import { DEFAULT_RAFT_CONFIG, type RaftConfig } from '../raft/api.js';
import { type OwnQuota, type TenantQuota, NO_QUOTA, checkQuota } from './admission/quota.js';
import { DEFAULT_UPDATES_CONFIG, type UpdatesConfig, checkUpdatesConfig } from './updates/config.js';

export interface GroupsConfig {
  readonly raft: RaftConfig;
  readonly updates: UpdatesConfig;
  /** The most voters of the mesh control group; odd. */
  readonly votersMax: number;
  /** A voter that has been failed for so long gives its vote to a learner. */
  readonly replaceVoterAfterUs: number;
  /** How long an operator's wish waits for a leader that answers. */
  readonly wishPatienceUs: number;
  /** Payload of one message or chunk. */
  readonly chunkBytesMax: number;
  readonly headersBytesMax: number;
  /** Payload of a whole message. */
  readonly messageBytesMax: number;
  /** Payload and messages of one log entry. */
  readonly batchBytesMax: number;
  readonly batchMessagesMax: number;
  /** Payload that a stream may hold that is accepted and not settled everywhere. */
  readonly streamBytesMax: number;
  /** Unadmitted payload that a source keeps in memory per stream; the rest is on disk only. */
  readonly stagedMemoryBytesMax: number;
  /** Payload on its way from a source to its stream's leader, or proposed and not admitted. */
  readonly proposeWindowBytes: number;
  /** A publisher session's credit. */
  readonly publisherWindowBytes: number;
  /** Of all streams together: what is on its way to the disk before publishers wait for their turn. */
  readonly admissionWindowBytes: number;
  /** Of each tenant that has none of its own. */
  readonly quota: TenantQuota;
  readonly ownQuotas: readonly OwnQuota[];
  /** One `deliver` effect. */
  readonly deliverBytesMax: number;
  /** Of one stream; and the names of those that have expired, which are never taken for new ones. */
  readonly producersMax: number;
  readonly expiredProducersMax: number;
  /** A producer that has published nothing for so long may expire when another one comes. */
  readonly producerIdleMs: number;
  /** Openings of producers, changes of targets and the like that a source may have staged and not admitted. */
  readonly controlsMax: number;
  /** Results kept per producer, so that a repeat is answered with what it got. */
  readonly producerResultsMax: number;
  /** Messages that a stream opened here recognises by their publishers' own ids: the newest, and bytes of their ids. */
  readonly freeIdsMax: number;
  readonly freeIdBytesMax: number;
  /** How long a stream without retention keeps what only optional targets lack. */
  readonly lapseAfterMs: number;
  readonly streamsMax: number;
  /** Deleted streams that are remembered when all their members know; a late publisher is told STREAM_DELETED. */
  readonly tombstonesMax: number;
  readonly targetsMax: number;
  readonly subscriptionsMax: number;
  readonly waitersMax: number;
  /** Single frames about groups are repeated after this time. */
  readonly repeatUs: number;
  /** A large message to which no chunk comes for this long is dropped. */
  readonly uploadPatienceUs: number;
  /** A subscriber that claims more than exists here is told so after this time. */
  readonly aheadPatienceUs: number;
  /** A leader of a stream hands over to the source when that is caught up for this long. */
  readonly sourceStableUs: number;
  /** At most one hand-over per stream in this time. */
  readonly transferIntervalUs: number;
  readonly compactEntriesMin: number;
  readonly compactBytesMin: number;
  readonly controlCompactEntriesMin: number;
  /** A failed message is delivered again after `retryFirstUs`, then twice that, and so on up to `retryMaxUs`. */
  readonly retryFirstUs: number;
  readonly retryMaxUs: number;
  /** After so many failures a message blocks its stream with an alarm, or moves to the dead-letter list. */
  readonly failuresMax: number;
  /** From its turn on a handler may take this long for a message; 0: for ever. */
  readonly handlerLimitUs: number;
  /** Of one stream. */
  readonly deadLettersMax: number;
  readonly deadLetterBytesMax: number;
  /** How long an operator's change of the dead-letter list waits for the stream's leader. */
  readonly letterPatienceUs: number;
  /** Digests for oracles are costly on large payloads; simulations ask for them. */
  readonly withDigests: boolean;
}

export const DEFAULT_GROUPS_CONFIG: GroupsConfig = {
  raft: DEFAULT_RAFT_CONFIG,
  updates: DEFAULT_UPDATES_CONFIG,
  votersMax: 5,
  replaceVoterAfterUs: 30 * SECOND_US,
  wishPatienceUs: 15 * SECOND_US,
  chunkBytesMax: 64 * 1024,
  headersBytesMax: 8 * 1024,
  messageBytesMax: 64 * 1024 * 1024,
  batchBytesMax: 128 * 1024,
  batchMessagesMax: 1024,
  streamBytesMax: 128 * 1024 * 1024,
  stagedMemoryBytesMax: 2 * 1024 * 1024,
  proposeWindowBytes: 2 * 1024 * 1024,
  publisherWindowBytes: 1024 * 1024,
  admissionWindowBytes: 4 * 1024 * 1024,
  quota: NO_QUOTA,
  ownQuotas: [],
  deliverBytesMax: 256 * 1024,
  producersMax: 10_000,
  expiredProducersMax: 100_000,
  producerIdleMs: 30 * 24 * 3_600_000,
  controlsMax: 1024,
  producerResultsMax: 32,
  freeIdsMax: 4_096,
  freeIdBytesMax: 256 * 1024,
  lapseAfterMs: 600_000,
  streamsMax: 10_000,
  tombstonesMax: 10_000,
  targetsMax: 64,
  subscriptionsMax: 10_000,
  waitersMax: 100_000,
  repeatUs: 500 * MILLISECOND_US,
  uploadPatienceUs: 60 * SECOND_US,
  aheadPatienceUs: 5 * SECOND_US,
  sourceStableUs: 5 * SECOND_US,
  transferIntervalUs: 60 * SECOND_US,
  compactEntriesMin: 64,
  compactBytesMin: 1024 * 1024,
  controlCompactEntriesMin: 64,
  retryFirstUs: SECOND_US,
  retryMaxUs: 60 * SECOND_US,
  failuresMax: 8,
  handlerLimitUs: 0,
  deadLettersMax: 1_000,
  deadLetterBytesMax: 128 * 1024 * 1024,
  letterPatienceUs: 10 * SECOND_US,
  withDigests: false,
};

/** Asserts the relations between tunables. */
export function checkGroupsConfig(config: GroupsConfig): void {
  assert(config.targetsMax >= 1 && config.producersMax >= 1, 'a stream has room for a target and a producer');
  assert(config.compactEntriesMin >= 1 && config.compactBytesMin >= 1, 'a snapshot is worth something');
  assert(config.votersMax % 2 === 1, 'votersMax is odd');
  assert(config.chunkBytesMax + config.headersBytesMax <= config.batchBytesMax, 'a chunk fits a batch');
  assert(config.batchBytesMax * 2 <= config.raft.entryBytesMax, 'a batch with its headers fits a Raft entry');
  assert(config.messageBytesMax <= config.streamBytesMax, 'the largest message fits a stream');
  assert(config.proposeWindowBytes < config.raft.uncommittedBytesMax, 'Raft takes what the window admits');
  assert(config.retryFirstUs > 0 && config.retryFirstUs <= config.retryMaxUs, 'a failed message waits, and for longer each time');
  assert(config.failuresMax >= 1, 'a message fails before anything is done about it');
  assert(config.messageBytesMax <= config.deadLetterBytesMax, 'the largest message fits the dead-letter list');
  assert(config.publisherWindowBytes <= config.streamBytesMax, 'a publisher session fits its stream');
  assert(config.publisherWindowBytes <= config.admissionWindowBytes, 'one publisher alone never waits for another');
  for (const quota of [config.quota, ...config.ownQuotas.map((own) => own.quota)]) checkQuota(quota);
  checkUpdatesConfig(config.updates, config.raft.entryBytesMax);
}
