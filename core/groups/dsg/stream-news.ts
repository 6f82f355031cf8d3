/** What a member tells upwards of a stream as its log moves: how far it is completed, and that it is closed. */
import type { StreamId } from '../../base/ids.js';
import type { GroupContext } from '../context.js';
import type { StreamState } from './stream-state.js';

export class StreamNews {
  readonly #context: GroupContext;
  readonly #stream: StreamId;
  #completedTold = 0;
  #isCloseTold = false;

  constructor(context: GroupContext, stream: StreamId) {
    this.#context = context;
    this.#stream = stream;
  }

  /** At the end of a turn. */
  tell(state: StreamState): void {
    if (state.completed > this.#completedTold) {
      this.#completedTold = state.completed;
      const notice = { kind: 'stream-completed', stream: this.#stream, seq: state.completed } as const;
      this.#context.emit({ kind: 'notice', notice });
    }
    if (state.isClosed && !this.#isCloseTold) {
      this.#isCloseTold = true;
      this.#context.emit({ kind: 'stream-closed', stream: this.#stream });
    }
  }
}
