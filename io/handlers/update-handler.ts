/** What handles updates in this process, and the transaction that it is given. */
import type { MessageId, NodeId } from '../../core/base/ids.js';
import type { UpdateFeed } from '../../core/groups/updates/feeds.js';
import type { UpdateChange } from '../../core/wire/update-messages.js';

/** An update as a handler gets it. `seq` is its place in the log, the same at every node; so is `updateId`. */
export interface ReceivedUpdate {
  readonly feed: UpdateFeed;
  readonly seq: number;
  readonly updateId: MessageId;
  readonly origin: NodeId;
  readonly sender: string;
  readonly senderSeq: number;
  readonly topic: string;
  readonly changes: readonly UpdateChange[];
  readonly payload: Uint8Array;
}

/**
 * Rows of the embedded tables. What is written becomes durable in one transaction with the handler's place in the log:
 * it is there exactly once, whenever the process dies. A handler that throws has written nothing.
 */
export interface UpdateTransaction {
  get(table: string, key: Uint8Array): Uint8Array | null;
  put(table: string, key: Uint8Array, value: Uint8Array): void;
  remove(table: string, key: Uint8Array): void;
}

/** Effects outside of the transaction happen at least once: keep (updateId, seq) with them to happen once. */
export interface UpdateHandler {
  onUpdate(update: ReceivedUpdate, transaction: UpdateTransaction): Promise<void> | void;
  /**
   * The updates up to and including `baseSeq` are not kept any more, and this handler has not had all of them. It
   * restores itself from elsewhere and gives the number after which it goes on, `baseSeq` or above. Without it the
   * handler stands still, and an operator is told.
   */
  onNeedsResync?(baseSeq: number, transaction: UpdateTransaction): Promise<number> | number;
}
