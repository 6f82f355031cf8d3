/**
 * What the host needs of the world, as interfaces: sockets, a journal, callers. The host turns effects into calls of
 * these, and what they report into inputs.
 */
import type { JournalBatch, DeliveredChunk, Effect, JournalRead, Outbox, PublisherWatermarks } from '../../core/node/effects.js';
import type { DeliveredUpdate } from '../../core/groups/context.js';
import type { Input } from '../../core/node/inputs.js';
import type { MeshEvent, Reply } from '../../core/node/commands.js';
import type { Notice } from '../../core/base/notice.js';
import type { Reject } from '../../core/base/reject.js';
import type { Result } from '../../core/base/result.js';
import type { LaneId, Micros, Ticket } from '../../core/base/units.js';

/** The core as a host sees it (core/node/mesh-node.ts). */
export interface SteppedNode {
  step(now: Micros, input: Input, outbox: Outbox): void;
  nextDeadline(): Micros;
}

/** Sockets to neighbours. Reports lane-opened, received, lane-drained, lane-closed and dial-failed. */
export interface LanePort {
  /** Tells where reports go. Called once, before anything else. */
  attach(report: (input: Input) => void): void;
  transmit(lane: LaneId, parts: readonly Uint8Array[]): void;
  dial(ticket: Ticket, url: string): void;
  closeLane(lane: LaneId, reason: string): void;
}

/** Outcome of a journal write: `full` left nothing behind, after `failed` nobody knows. */
export type PersistOutcome = 'durable' | 'full' | 'failed';

/** Durable storage. Batches become durable in the order given; each is reported once. */
export interface JournalPort {
  append(batch: JournalBatch, done: (outcome: PersistOutcome) => void): void;
  /** The parts in the order asked, null where a record is missing. */
  read(reads: readonly JournalRead[], done: (chunks: readonly (Uint8Array | null)[]) => void): void;
  /** What space is left is for work that was taken before: the host takes no more. Absent: space never is short. */
  readonly isSpaceShort?: boolean;
}

/** The caller behind one command. Only `onReply` comes for commands that answer once. */
export interface Caller {
  onReply(result: Result<Reply>): void;
  onDeliver?(attempt: number, chunks: readonly DeliveredChunk[]): void;
  onVoided?(voided: Extract<Effect, { kind: 'attempt-voided' }>): void;
  onAckRefused?(attempt: number, seq: number, why: Reject): void;
  onUpdates?(attempt: number, updates: readonly DeliveredUpdate[]): void;
  onWatermarks?(watermarks: PublisherWatermarks): void;
  onEvent?(event: MeshEvent): void;
  /** It is over by the core's decision; nothing follows. */
  onEnded?(result: Result<null>): void;
}

/** Readings and the end of it all. */
export interface HostObserver {
  onNotice(notice: Notice): void;
  /** The node is that replica from here on: to be kept beside the journal. */
  onReplicaRenewed?(replica: number): void;
  /** The core cannot go on: the process must stop. */
  onHalt(code: string, detail: string): void;
}
