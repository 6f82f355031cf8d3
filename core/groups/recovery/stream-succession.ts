/**
 * What one stream does, at one of its members, about members that are gone for good: as leader it tells the stream's log
 * of later replicas of targets, and closes a stream that has lost its source; as a later replica of a target it waits
 * until it knows where its node was. The group's configuration follows the log (`dsg/steward.ts`).
 */
import type { NodeId } from '../../base/ids.js';
import { type ReplicaId, replicaId } from '../../base/replica.js';
import type { Micros } from '../../base/units.js';
import { type StreamDescriptor, StreamEntry } from '../../wire/group-messages.js';
import type { GroupContext } from '../context.js';
import type { StreamLog } from '../dsg/stream-log.js';
import type { LeaderView } from '../leader-view.js';
import { LostSource } from './lost-source.js';
import { type MeshStanding, isOut } from './mesh-standing.js';
import { Newcomer } from './newcomer.js';

export interface StreamSuccessionOptions {
  readonly context: GroupContext;
  readonly descriptor: StreamDescriptor;
  readonly log: StreamLog;
  readonly mesh: MeshStanding;
  /** False: it cannot be appended now. */
  readonly append: (now: Micros, entry: Uint8Array) => boolean;
  /** What the old replica reported and nobody proposed yet is void: its node goes on from what the log has. */
  readonly onReplaced: (node: NodeId) => void;
  /** What this later replica's node had settled. */
  readonly adopt: (seq: number) => void;
  readonly onCaughtUp: (now: Micros) => void;
}

export class StreamSuccession {
  readonly source: ReplicaId;
  readonly #options: StreamSuccessionOptions;
  readonly #newcomer: Newcomer;
  readonly #lostSource: LostSource;
  /** Replacements that this leader has proposed. */
  readonly #replacing = new Map<NodeId, number>();
  #isCloseProposed = false;

  constructor(options: StreamSuccessionOptions) {
    const { context, descriptor, log, mesh, adopt } = options;
    const { targets } = log.state;
    this.#options = options;
    this.source = replicaId(descriptor.source, descriptor.sourceReplica);
    const onCaughtUp = (now: Micros): void => {
      adopt(log.state.settledOf(context.node));
      options.onCaughtUp(now);
    };
    this.#newcomer = new Newcomer({ context, descriptor, targets, onCaughtUp });
    this.#lostSource = new LostSource(this.source, mesh);
  }

  /** This node's disk is a later one than the descriptor names, and does not know yet how far its node was. */
  get isCatchingUp(): boolean {
    return this.#newcomer.isCatchingUp;
  }

  /** The replica that alone assigns numbers is out of the mesh. */
  get isSourceLost(): boolean {
    return this.#lostSource.isLost;
  }

  /** The mesh's log has moved, or leadership. */
  onChanged(): void {
    this.#replacing.clear();
    this.#isCloseProposed = false;
  }

  /** At the turn, before Raft's wishes are taken. */
  beforeTake(now: Micros, leader: LeaderView): void {
    if (leader.kind !== 'local') return;
    const { log, mesh, append } = this.#options;
    for (const { node, replica } of log.state.targets.rows) {
      const current = mesh.replicaNumberOf(node);
      if (current !== null && current > replica && isOut(mesh, replicaId(node, replica))) this.#replace(now, node, current);
    }
    // Nothing can follow any more: what is here goes to every target, and the stream ends.
    if (!this.isSourceLost || log.state.isClosed || this.#isCloseProposed) return;
    this.#isCloseProposed = append(now, this.#lostSource.close(log.state));
  }

  /** At the turn, after entries were applied. */
  afterTake(now: Micros): void {
    this.#newcomer.onTurn(now);
  }

  /** The stream is closed, as its log says. */
  onClosed(generation: number): void {
    const { context, descriptor, log } = this.#options;
    if (log.state.isSourceLost) this.#lostSource.tell(context, { stream: descriptor.stream, generation }, log.state);
  }

  /** A later replica has taken its node's place, as the log says. */
  onReplacement(generation: number): void {
    const { context, descriptor } = this.#options;
    context.emit({ kind: 'stream-recovery', stream: descriptor.stream, step: 'target-replaced', generation });
  }

  #replace(now: Micros, node: NodeId, replica: number): void {
    if (this.#replacing.get(node) === replica) return;
    if (!this.#options.append(now, StreamEntry.encode({ kind: 'replacement', node, replica }))) return;
    this.#replacing.set(node, replica);
    this.#options.onReplaced(node);
  }
}
