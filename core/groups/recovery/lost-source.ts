/**
 * Whether a stream has lost its source for good: the replica that alone assigns its numbers is out of the mesh. Then
 * nothing can follow what its group holds; a majority that is left drains that and closes the stream (DESIGN §8), with a
 * record in the log: whatever the source numbered after the last message has reached nobody.
 */
import { StreamEntry } from '../../wire/group-messages.js';
import type { GroupContext } from '../context.js';
import type { StreamState } from '../dsg/stream-state.js';
import type { StreamId } from '../../base/ids.js';
import { type ReplicaId, nodeOfReplica } from '../../base/replica.js';
import { type MeshStanding, isOut } from './mesh-standing.js';

export class LostSource {
  readonly #source: ReplicaId;
  readonly #mesh: MeshStanding;

  constructor(source: ReplicaId, mesh: MeshStanding) {
    this.#source = source;
    this.#mesh = mesh;
  }

  get isLost(): boolean {
    return isOut(this.#mesh, this.#source);
  }

  /** The close that the group's leader writes. */
  close({ lastSeq }: StreamState): Uint8Array {
    return StreamEntry.encode({ kind: 'close', lastSeq, isSourceLost: true });
  }

  /** Such a close is applied: where the stream ends, and of how many chunks of the next message nothing will come. */
  tell(context: GroupContext, { stream, generation }: { readonly stream: StreamId; readonly generation: number }, { lastSeq, next }: StreamState): void {
    const fields = { stream, source: nodeOfReplica(this.#source), lastSeq, chunkCount: next.chunkSeq };
    context.emit({ kind: 'notice', notice: { kind: 'log', level: 'warn', event: 'stream.source-lost', fields } });
    context.emit({ kind: 'notice', notice: { kind: 'mark', name: 'stream.closed-without-source' } });
    context.emit({ kind: 'stream-recovery', stream, step: 'source-lost', generation });
  }
}
