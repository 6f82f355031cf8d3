/** What a subscription is told when it is made, and whom it tells what. */
import type { RedialOptions } from './redial.js';

export interface SubscriberOptions extends RedialOptions {
  readonly tenantId: string;
  /** One of these two. A stream by name is waited for. */
  readonly streamId?: string;
  readonly streamName?: string;
  /** The last seq that the application has durably processed; undefined takes the node's own durable offset. */
  readonly resumeAfter?: number | undefined;
  /** Default 4096 messages and 4 MiB of payload. */
  readonly windowMessages?: number;
  readonly windowBytes?: number;
  /** The dead letters of the stream that are to be replayed at this node, with numbers of their own, not the stream. */
  readonly deadLetters?: boolean;
  readonly onSubscribed?: (subscribed: { streamId: string; sourceId: string; resumeAfter: number }) => void;
  /** A message failed, by `fail` or because it was not acknowledged in time. */
  readonly onVoided?: (voided: Voided) => void;
  /** An acknowledgement came too late: its message is void and comes again. */
  readonly onAckRefused?: (seq: number) => void;
  /** A verified chunk has come, of whatever message: a sign of life. */
  readonly onChunk?: () => void;
}

export interface Voided {
  readonly seq: number;
  readonly failures: number;
  readonly reason: string;
  readonly retryAfterMs: number;
}
