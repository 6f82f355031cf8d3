/** Relations that the tunables of a group must keep; asserted when a replica is made. */
import { assert } from '../base/assert.js';
import type { RaftConfig } from './api.js';

export function checkConfig(config: RaftConfig): void {
  assert(config.heartbeatIntervalUs > 0, 'a heartbeat interval is positive');
  assert(config.electionTimeoutMinUs >= 3 * config.heartbeatIntervalUs, 'an election outlasts three heartbeats');
  assert(config.electionTimeoutMaxUs > config.electionTimeoutMinUs, 'election timeouts are spread');
  assert(config.restAfterUs >= config.heartbeatIntervalUs, 'a group that rests has missed a heartbeat of its own');
  assert(config.stallProbeUs >= config.electionTimeoutMinUs, 'a stall is longer than an election timeout');
  assert(config.writesInFlightMax >= 1, 'one write can be in flight');
  assert(config.snapshotChunkBytesMax > 0 && config.snapshotChunksInflightMax >= 1, 'snapshots make progress');
  assert(config.inflightAppendsMax >= 1 && config.appendEntriesMax >= 1, 'replication makes progress');
  assert(config.inflightBytesMax >= config.appendBytesMax, 'an append fits into the window');
}
