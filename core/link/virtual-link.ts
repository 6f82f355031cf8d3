/**
 * All lanes to one neighbour as one thing to send on. Collapsed mode is what exists: every class shares one lane, and
 * strict priority in its queue takes the place of lanes of their own. Further lanes are added behind this interface.
 * Source: the specification, "VirtualLink Abstraction".
 */
import type { NodeId } from '../base/ids.js';
import type { LaneId, Micros } from '../base/units.js';

export interface VirtualLink {
  readonly peer: NodeId;
  /** A place to send frames of one stream or flow, pinned so that they stay in order as long as the lane lives. */
  openStream(params: LinkStreamParams): LinkStream;
  /** Queues a whole frame. False when the queue is full or the link is provisional and the class may not pass. */
  send(now: Micros, frame: Uint8Array, policy: LanePolicy): boolean;
  /** One row a lane, the one in use first. */
  stats(now: Micros): readonly LaneStats[];
  /** One row a lane, the one in use first. */
  backpressure(): readonly LaneBackpressure[];
}

export interface LinkStreamParams {
  /** One of TRAFFIC_CLASSES. */
  readonly trafficClass: number;
}

/** A pinned place on a link. It outlives lanes: when its lane dies, it goes on over the next one. */
export interface LinkStream {
  /** The lane that it is on now. */
  readonly lane: LaneId;
  send(now: Micros, frame: Uint8Array): boolean;
}

/** Which lane a frame takes: the one for its class. */
export interface LanePolicy {
  readonly trafficClass: number;
}

export interface LaneStats {
  readonly lane: LaneId;
  readonly dialledByUs: boolean;
  /** Since the lane is up. */
  readonly ageUs: number;
  readonly silenceUs: number;
  readonly rttUs: number;
  readonly isHealthy: boolean;
}

export interface LaneBackpressure {
  readonly lane: LaneId;
  /** Waiting here. */
  readonly queuedBytes: number;
  /** In the socket. */
  readonly bufferedBytes: number;
  /** Senders had better hold back. */
  readonly isAboveHighMark: boolean;
}
