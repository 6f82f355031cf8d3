/** An application that takes a stream's messages at one of its targets, and why it cannot, or no longer. */
import type { StreamId } from '../../base/ids.js';
import { type Reject, reject } from '../../base/reject.js';

/** A subscriber's wish. `resumeAfter` null takes this node's own offset. */
export interface Subscriber {
  readonly request: number;
  readonly attempt: number;
  readonly resumeAfter: number | null;
  readonly windowMessages: number;
  readonly windowBytes: number;
  /** Of the stream's dead letters that are to be replayed here, not of the stream. */
  readonly isOfLetters: boolean;
}

export const notTarget = (stream: StreamId): Reject =>
  reject('NOT_TARGET', stream, 'this node is not a target of the stream; subscribe at one of its targets');

export const lapsed = (stream: StreamId): Reject =>
  reject('OFFSET_OUT_OF_RANGE', stream, 'this target fell past the retention; attach it again');
