/**
 * How a stream is closed through its log: the source proposes the close once nothing that it has numbered is left to be
 * admitted, and again while it does not see it applied.
 */
import type { Deadline, DeadlineOwner } from '../../base/deadlines.js';
import type { NodeId, StreamId } from '../../base/ids.js';
import { type Micros, micros } from '../../base/units.js';
import { StreamEntry } from '../../wire/group-messages.js';
import type { GroupContext } from '../context.js';
import type { LeaderView } from '../leader-view.js';
import type { Staging } from './staging.js';
import type { StreamState } from './stream-state.js';

export interface ClosingPorts {
  append(now: Micros, entry: Uint8Array): boolean;
  sendToLeader(node: NodeId, entry: Uint8Array): boolean;
  onNeedsTurn(): void;
}

export class Closing implements DeadlineOwner {
  readonly #context: GroupContext;
  readonly #state: StreamState;
  readonly #ports: ClosingPorts;
  readonly #retry: Deadline;
  #isProposed = false;

  constructor(context: GroupContext, stream: StreamId, state: StreamState, ports: ClosingPorts) {
    this.#context = context;
    this.#state = state;
    this.#ports = ports;
    this.#retry = context.deadlines.allocate(this, 'close-retry', stream);
  }

  onLeader(): void {
    this.#isProposed = false;
  }

  onDeadline(_now: Micros, _deadline: Deadline): void {
    this.#isProposed = false;
    this.#ports.onNeedsTurn();
  }

  /** At the source's turn. */
  onTurn(now: Micros, staging: Staging, leader: LeaderView): void {
    if (this.#state.isClosed) return this.#retry.disarm();
    if (!staging.isCloseDurable || this.#isProposed) return;
    if (staging.firstNo < staging.endNo || this.#state.lastSeq !== staging.lastSeq) return;
    const entry = StreamEntry.encode({ kind: 'close', lastSeq: this.#state.lastSeq });
    this.#isProposed =
      leader.kind === 'local' ? this.#ports.append(now, entry) : leader.kind === 'remote' && this.#ports.sendToLeader(leader.node, entry);
    this.#retry.arm(micros(now + 4 * this.#context.config.repeatUs));
  }
}
