/** The tunables of links, with their relations. */
import { assert } from '../base/assert.js';
import { MILLISECOND_US, SECOND_US } from '../base/units.js';
import { DEFAULT_LANE_QUEUE_CONFIG, type LaneQueueConfig, checkLaneQueueConfig } from '../egress/lane-queue.js';

export interface LinkConfig {
  readonly versionMin: number;
  readonly versionMax: number;
  /** Bits that this build offers; a link uses those that both ends offer. */
  readonly features: number;
  /** From the open socket to an admitted peer. */
  readonly handshakeTimeoutUs: number;
  /** From the dial to the answer of a join: the member waits for a commit. */
  readonly joinTimeoutUs: number;
  /** Without a word from the host a dial has failed. */
  readonly dialTimeoutUs: number;
  /** The dialler of a lane beats that often, the listener answers. */
  readonly heartbeatIntervalUs: number;
  /** A lane on which nothing was received for that long is dead. */
  readonly laneSilenceUs: number;
  /** How long the better of two lanes has to prove that it works; longer where the round trip is long. */
  readonly contestTimeoutUs: number;
  /** How long the linked holder of an identity has to prove that it lives when another one claims it. */
  readonly takeoverProbeUs: number;
  /** `probe` gives a lane four round trips, and at least this. */
  readonly probeTimeoutMinUs: number;
  readonly redialBaseUs: number;
  readonly redialCapUs: number;
  /** A lane that lasted that long resets its target's backoff. */
  readonly stableAfterUs: number;
  /** Mean spacing of dials over all targets, and how many may go at once before it holds. */
  readonly dialSpacingUs: number;
  readonly dialBurst: number;
  readonly dialsInFlightMax: number;
  readonly dialTargetsMax: number;
  readonly lanesMax: number;
  /** Accepted lanes whose peer is not admitted yet. */
  readonly lanesInHandshakeMax: number;
  readonly lanesPerLinkMax: number;
  readonly joinsWaitingMax: number;
  /** What a peer may send before it is admitted, and over a whole join. */
  readonly bytesBeforeUpMax: number;
  readonly refusedReplicasMax: number;
  readonly queue: LaneQueueConfig;
}

export const DEFAULT_LINK_CONFIG: LinkConfig = {
  versionMin: 1,
  versionMax: 1,
  features: 0,
  handshakeTimeoutUs: 5 * SECOND_US,
  joinTimeoutUs: 30 * SECOND_US,
  dialTimeoutUs: 10 * SECOND_US,
  heartbeatIntervalUs: SECOND_US,
  laneSilenceUs: 3 * SECOND_US,
  contestTimeoutUs: 1_500 * MILLISECOND_US,
  takeoverProbeUs: 500 * MILLISECOND_US,
  probeTimeoutMinUs: 200 * MILLISECOND_US,
  redialBaseUs: 200 * MILLISECOND_US,
  redialCapUs: 2 * SECOND_US,
  stableAfterUs: 10 * SECOND_US,
  dialSpacingUs: 50 * MILLISECOND_US,
  dialBurst: 10,
  dialsInFlightMax: 16,
  dialTargetsMax: 1_024,
  lanesMax: 4_096,
  lanesInHandshakeMax: 64,
  lanesPerLinkMax: 4,
  joinsWaitingMax: 32,
  bytesBeforeUpMax: 32 << 10,
  refusedReplicasMax: 16_384,
  queue: DEFAULT_LANE_QUEUE_CONFIG,
};

/** Asserts the relations between the numbers of `config`. */
export function checkLinkConfig(config: LinkConfig): void {
  assert(config.versionMin >= 1 && config.versionMin <= config.versionMax, 'the version range is not empty');
  assert(config.laneSilenceUs >= 2 * config.heartbeatIntervalUs, 'a lane may miss a heartbeat');
  assert(config.takeoverProbeUs <= config.laneSilenceUs, 'a takeover is decided before silence is');
  assert(config.laneSilenceUs < config.handshakeTimeoutUs, 'a takeover is decided within a handshake');
  assert(config.contestTimeoutUs <= config.laneSilenceUs, 'a contest is decided before silence is');
  assert(config.redialBaseUs > 0 && config.redialBaseUs <= config.redialCapUs, 'backoff grows to its cap');
  assert(config.dialBurst >= 1 && config.dialsInFlightMax >= 1, 'dialling is possible');
  assert(config.lanesPerLinkMax >= 2, 'a link holds both lanes of two that dialled each other');
  checkLaneQueueConfig(config.queue);
}
