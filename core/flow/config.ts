/**
 * What can be tuned about flows. The relations between the values are what the rest of the folder relies on; they are
 * asserted when a machine is built.
 */
import { assert } from '../base/assert.js';
import { FLOW_CLASSES_MAX, FLOW_RANGES_MAX } from '../wire/flow-messages.js';
import { MESSAGE_COST, messageCost } from './credit.js';

export interface FlowConfig {
  /** Largest message; one frame carries it. */
  readonly messageBytesMax: number;
  /** Send queue of one flow, what is in flight included. */
  readonly queueBytesMax: number;
  readonly queueMessagesMax: number;
  /** Span of sequence numbers from the oldest unacknowledged one to the newest sent one. */
  readonly inFlightMessagesMax: number;
  /** How far ahead of the first gap a receiver keeps messages. */
  readonly reorderMessagesMax: number;
  /** What a receiver holds at most of one flow, out of order or delivered and not consumed, in message costs. */
  readonly creditWindowCost: number;
  /** An ack waits at most this long for company. */
  readonly ackDelayUs: number;
  /** An ack that covers this much waits for the turn only. */
  readonly ackCost: number;
  readonly ackMessages: number;
  /** Ranges told per flow in one ack. */
  readonly ackRangesMax: number;
  /** A message is lost when one sent this many transmissions after it has arrived. */
  readonly reorderThreshold: number;
  readonly rtoInitialUs: number;
  readonly rtoMinUs: number;
  readonly rtoMaxUs: number;
  /** Least addition to the smoothed RTT: timers and delayed acks are no finer (RFC 6298's G). */
  readonly rttSlackUs: number;
  /** A sender that waits for credit, or for the peer's boot, asks at least this often. */
  readonly probeIntervalMaxUs: number;
  readonly congestionInitialCost: number;
  readonly congestionMinCost: number;
  readonly congestionMaxCost: number;
  readonly peersMax: number;
  /** Traffic class (frame prefix) of each flow class; its length is the number of flow classes. */
  readonly trafficClasses: readonly number[];
  readonly ackTrafficClass: number;
}

/** Flow classes 0 to 3: control in bulk (MCG), system, bulk (streams), internal database. */
export const DEFAULT_FLOW_CONFIG: FlowConfig = {
  messageBytesMax: 512 * 1024,
  queueBytesMax: 8 * 1024 * 1024,
  queueMessagesMax: 32_768,
  inFlightMessagesMax: 16_384,
  reorderMessagesMax: 16_384,
  creditWindowCost: 4 * 1024 * 1024,
  ackDelayUs: 2_000,
  ackCost: 256 * 1024,
  ackMessages: 256,
  ackRangesMax: 32,
  reorderThreshold: 3,
  rtoInitialUs: 1_000_000,
  rtoMinUs: 200_000,
  rtoMaxUs: 3_000_000,
  rttSlackUs: 10_000,
  probeIntervalMaxUs: 2_000_000,
  congestionInitialCost: 256 * 1024,
  congestionMinCost: 64 * 1024,
  congestionMaxCost: 8 * 1024 * 1024,
  peersMax: 4_096,
  trafficClasses: [1, 1, 4, 2],
  ackTrafficClass: 0,
};

/** Asserts the relations between the values. */
export function assertFlowConfig(config: FlowConfig): void {
  const largest = messageCost(config.messageBytesMax);
  assert(config.messageBytesMax > 0, 'a flow carries messages');
  assert(config.queueBytesMax >= config.messageBytesMax, 'an empty send queue takes any message');
  assert(config.queueMessagesMax > 0, 'a send queue takes messages');
  assert(config.inFlightMessagesMax > 0, 'something may be in flight');
  assert(
    config.inFlightMessagesMax <= config.reorderMessagesMax,
    'what may be in flight may arrive out of order',
  );
  // Credit is announced in quarters of the window: what is announced of an empty window always admits one message.
  assert(config.creditWindowCost >= 2 * largest, 'a credit window is worth two of the largest messages');
  assert(config.creditWindowCost >= 16 * MESSAGE_COST, 'a quarter of a credit window is a message');
  assert(config.ackDelayUs >= 0 && config.ackDelayUs < config.rtoMinUs, 'an ack comes before its timeout');
  assert(config.ackCost > 0 && config.ackMessages > 0, 'some amount is worth an ack');
  assert(config.ackRangesMax > 0, 'an ack tells ranges');
  assert(config.ackRangesMax <= FLOW_RANGES_MAX, 'an ack tells no more ranges than its decoder takes');
  assert(config.reorderThreshold > 0, 'loss shows by a later arrival');
  assert(config.rtoMinUs > 0 && config.rtoMinUs <= config.rtoInitialUs, 'the first timeout is in range');
  assert(config.rtoInitialUs <= config.rtoMaxUs, 'the first timeout is in range');
  assert(config.probeIntervalMaxUs >= config.rtoMinUs, 'probes are no denser than timeouts');
  assert(
    config.congestionMinCost > 0 &&
      config.congestionMinCost <= config.congestionInitialCost &&
      config.congestionInitialCost <= config.congestionMaxCost,
    'congestion windows are ordered',
  );
  assert(config.peersMax > 0, 'there may be a peer');
  assert(config.trafficClasses.length > 0, 'there is a flow class');
  assert(config.trafficClasses.length <= FLOW_CLASSES_MAX, 'an ack tells every flow');
}
