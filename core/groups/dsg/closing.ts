/**
 * How a stream ends through its log. The source proposes the close once nothing that it has numbered is left to be
 * admitted; the deletion once nobody waits for anything of the stream any more, or at once when that is forced. Each
 * is proposed again while the source does not see it applied.
 */
import type { Deadline, DeadlineOwner } from '../../base/deadlines.js';
import type { NodeId, StreamId } from '../../base/ids.js';
import { type Micros, micros } from '../../base/units.js';
import { StreamEntry } from '../../wire/group-messages.js';
import type { GroupContext } from '../context.js';
import type { LeaderView } from '../leader-view.js';
import { signDeletion } from './descriptor.js';
import type { Staging } from './staging.js';
import type { StreamState } from './stream-state.js';

export interface ClosingPorts {
  append(now: Micros, entry: Uint8Array): boolean;
  sendToLeader(node: NodeId, entry: Uint8Array): boolean;
  onNeedsTurn(): void;
}

export class Closing implements DeadlineOwner {
  readonly #context: GroupContext;
  readonly #stream: StreamId;
  readonly #state: StreamState;
  readonly #ports: ClosingPorts;
  readonly #retry: Deadline;
  #proposed: 'nothing' | 'close' | 'deletion' = 'nothing';

  constructor(context: GroupContext, stream: StreamId, state: StreamState, ports: ClosingPorts) {
    this.#context = context;
    this.#stream = stream;
    this.#state = state;
    this.#ports = ports;
    this.#retry = context.deadlines.allocate(this, 'close-retry', stream);
  }

  onLeader(): void {
    this.#proposed = 'nothing';
  }

  onDeadline(_now: Micros, _deadline: Deadline): void {
    this.#proposed = 'nothing';
    this.#ports.onNeedsTurn();
  }

  /** At the source: something is wished that the log does not have. */
  isWanted({ end }: Staging): boolean {
    return (end.isCloseDurable && !this.#state.isClosed) || (end.deletion !== null && !this.#state.isDeleted);
  }

  /** At the source's turn. */
  onTurn(now: Micros, staging: Staging, leader: LeaderView): void {
    const due = this.#due(staging);
    if (due === null) return this.#retry.disarm();
    if (due === this.#proposed || leader.kind === 'none') return;
    const entry = this.#entry(due, staging);
    const isSent = leader.kind === 'local' ? this.#ports.append(now, entry) : this.#ports.sendToLeader(leader.node, entry);
    this.#proposed = isSent ? due : 'nothing';
    this.#retry.arm(micros(now + 4 * this.#context.config.repeatUs));
  }

  #due(staging: Staging): 'close' | 'deletion' | null {
    const { isCloseDurable, deletion } = staging.end;
    if (deletion !== null && !this.#state.isDeleted && (deletion.isForced || this.#state.isDrained)) return 'deletion';
    if (this.#state.isClosed || !isCloseDurable) return null;
    const isLeft = staging.firstNo < staging.endNo || this.#state.lastSeq !== staging.lastSeq;
    return isLeft ? null : 'close';
  }

  #entry(due: 'close' | 'deletion', { end }: Staging): Uint8Array {
    if (due === 'close') return StreamEntry.encode({ kind: 'close', lastSeq: this.#state.lastSeq, isSourceLost: false });
    const { crypto, privateSeed } = this.#context;
    const signature = signDeletion(crypto, privateSeed, this.#stream);
    return StreamEntry.encode({ kind: 'deletion', isForced: end.deletion?.isForced ?? false, signature });
  }
}
