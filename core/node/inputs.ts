/**
 * What a host tells the core: facts, never wishes. One `Input` per call of `step`; the host drains what is ready and
 * then gives one `turn`, at which the machines batch what they hold.
 */
import type { LaneId, StreamSeq, Ticket } from '../base/units.js';
import type { TableWrite } from '../groups/context.js';
import type { Command } from './commands.js';

/** Names one call of an application or operator. Chosen by the host, unique within one boot. */
export type RequestId = number;

export type Input =
  /** The armed deadline has come, or may have: early and late wakes are harmless. */
  | { readonly kind: 'wake' }
  /** Nothing else is ready: batch and send. */
  | { readonly kind: 'turn' }
  /** Wall time is now + offsetUs, from here on. Decides nothing of the protocol. */
  | { readonly kind: 'wall-offset'; readonly offsetUs: number }
  /** A socket is open. `dial` is the ticket of our `dial` effect, or null when the peer dialled us. */
  | { readonly kind: 'lane-opened'; readonly lane: LaneId; readonly dial: Ticket | null; readonly remote: string }
  /** A socket is gone, by either side or the network. Not told after our own `close-lane`. */
  | { readonly kind: 'lane-closed'; readonly lane: LaneId; readonly reason: string }
  /**
   * What was transmitted on `lane` has left the process but for `bufferedBytes`. Told when that falls below what the core
   * holds it for by enough to matter (`core/egress/drain-report.ts`).
   */
  | { readonly kind: 'lane-drained'; readonly lane: LaneId; readonly bufferedBytes: number }
  /** One WebSocket message: one or more whole frames. The core may keep views of `bytes`. */
  | { readonly kind: 'received'; readonly lane: LaneId; readonly bytes: Uint8Array }
  | { readonly kind: 'dial-failed'; readonly ticket: Ticket; readonly code: string }
  /** The batch of that ticket, and so every earlier one, is durable. */
  | { readonly kind: 'persisted'; readonly ticket: Ticket }
  /** `full`: nothing of the batch was written, space is short. `failed`: nobody knows; the node stops. */
  | { readonly kind: 'persist-failed'; readonly ticket: Ticket; readonly code: 'full' | 'failed' }
  /** The answer to a `fetch`, in its order; null where the record is missing. */
  | { readonly kind: 'fetched'; readonly ticket: Ticket; readonly chunks: readonly (Uint8Array | null)[] }
  | { readonly kind: 'command'; readonly request: RequestId; readonly command: Command }
  /** The caller of `request` is gone: a subscription, a publisher session or a watch ends. */
  | { readonly kind: 'cancel'; readonly request: RequestId }
  /** A publisher session offers messages (see `attach-publisher`). */
  | { readonly kind: 'publish'; readonly request: RequestId; readonly messages: readonly OfferedChunk[] }
  /** A subscriber has durably processed everything up to and including `seq` of that attempt. */
  | {
      readonly kind: 'processed';
      readonly request: RequestId;
      readonly attempt: number;
      readonly seq: StreamSeq;
    }
  /**
   * The handler of message `seq` of that attempt failed, and everything before it is durably processed. What was
   * delivered from there on is void.
   */
  | {
      readonly kind: 'failed';
      readonly request: RequestId;
      readonly attempt: number;
      readonly seq: StreamSeq;
      readonly reason: string;
    }
  /**
   * A consumer has processed every update up to and including `seq` of that attempt; `writes` are rows of the embedded
   * tables that become durable together with its place, or not at all.
   */
  | {
      readonly kind: 'updates-processed';
      readonly request: RequestId;
      readonly attempt: number;
      readonly seq: number;
      readonly writes: readonly TableWrite[];
    }
  /** A subscriber can take that much more. */
  | { readonly kind: 'window'; readonly request: RequestId; readonly messages: number; readonly bytes: number };

/** A message, or one chunk of a large one, as a publisher offers it. Chunks of a message come in order, unmixed. */
export interface OfferedChunk {
  /** Monotone within the producer, from 1; gaps are allowed. */
  readonly producerSeq: number;
  /** From 0 to chunkCount - 1. */
  readonly chunkSeq: number;
  readonly chunkCount: number;
  /** At most `limits.chunkBytesMax` (64 KiB). */
  readonly payload: Uint8Array;
  /** Opaque to the mesh; carried with chunk 0. */
  readonly headers: Uint8Array;
  /** BLAKE3 of the message's whole payload, with its last chunk. The core carries it and looks at its length only. */
  readonly digest?: Uint8Array;
}
