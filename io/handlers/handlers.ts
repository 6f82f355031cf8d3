/**
 * What a program that embeds a node may register: functions that are called in the order of what they handle. All of
 * them are optional; what nobody handles is a no-op. A function that returns a promise is awaited before the next call of
 * the same kind.
 */
import type { MessageId, NodeId, StreamId, TenantId } from '../../core/base/ids.js';
import type { MeshEvent } from '../../core/node/commands.js';
import type { ReceivedUpdate, UpdateHandler, UpdateTransaction } from './update-handler.js';

/** A whole message of a stream. Keep (stream, seq) with its effects: it comes again if the process dies before the ack. */
export interface ReceivedMessage {
  readonly tenant: TenantId;
  readonly stream: StreamId;
  readonly streamName: string;
  readonly source: NodeId;
  readonly seq: number;
  readonly messageId: MessageId;
  readonly producer: string;
  readonly producerSeq: number;
  readonly payload: Uint8Array;
  readonly headers: Uint8Array;
}

export interface ClientDataHandler {
  readonly tenant: TenantId;
  readonly streamName: string;
  /** What the application has durably processed by its own account; absent: the node's offset. */
  readonly resumeAfter?: () => number;
  /** Returning settles the message. Throwing makes it fail: it is delivered again as the stream's choice says. */
  onClientData(message: ReceivedMessage): Promise<void> | void;
}

/** This node leads a group now, or does so no more. */
export interface ConsensusRoleChange {
  readonly group: string;
  readonly isLeader: boolean;
  readonly leader: NodeId | null;
  readonly term: number;
}

export interface Handlers {
  /**
   * Looks at each message before its `onClientData`: signature, schema, whether it was seen before. A text refuses it,
   * as if the handler had failed with that text.
   */
  readonly onMessageReceived?: (message: ReceivedMessage) => Promise<string | null> | string | null;
  /** Mesh and node updates, each once by its transaction. Configuration is applied without it. */
  readonly onSystemUpdate?: (update: ReceivedUpdate, transaction: UpdateTransaction) => Promise<void> | void;
  /** Database updates, each once by its transaction. Takes the place of the embedded applier. */
  readonly onInternalDBUpdate?: (update: ReceivedUpdate, transaction: UpdateTransaction) => Promise<void> | void;
  /** For handlers of updates that were passed by what the mesh keeps. */
  readonly onNeedsResync?: UpdateHandler['onNeedsResync'];
  readonly onClientData?: readonly ClientDataHandler[];
  /** Links, routes and members come and go. */
  readonly onTopologyChange?: (event: MeshEvent) => Promise<void> | void;
  readonly onConsensusRoleChange?: (change: ConsensusRoleChange) => Promise<void> | void;
}
