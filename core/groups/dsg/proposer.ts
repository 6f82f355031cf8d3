/**
 * Brings staged batches into the stream's log: proposes them where this node leads the group, else sends them to the
 * leader on a flow, in order and within a window. After a change of leader or term, a lost flow or a time without
 * progress it begins again at the first batch that is not admitted; the log's state admits each number once. While the
 * mesh is CRITICAL nothing new is proposed.
 */
import type { DeadlineHeap, Deadline } from '../../base/deadlines.js';
import type { NodeId } from '../../base/ids.js';
import { type Micros, micros } from '../../base/units.js';
import type { BlobLocation } from '../../journal/api.js';
import { decodeBlob } from '../../journal/entry-block.js';
import type { GroupContext } from '../context.js';
import type { LeaderView } from '../leader-view.js';
import type { StagedBatch } from './staged-batch.js';
import type { Staging } from './staging.js';
import { numberedChunk } from './uploads.js';

export interface ProposerPorts {
  /** Appends to the local leader's log. False: not now. */
  propose(now: Micros, batch: StagedBatch, entry: Uint8Array): boolean;
  /** Sends to the remote leader. False: the flow is full. */
  sendToLeader(node: NodeId, entry: Uint8Array): boolean;
  onNeedsTurn(): void;
  onUnreadable(batch: StagedBatch): void;
}

export class Proposer {
  readonly #context: GroupContext;
  readonly #staging: Staging;
  readonly #ports: ProposerPorts;
  readonly #retry: Deadline;
  #nextNo = 0;
  #leader: LeaderView = { kind: 'none' };
  #isFetching = false;

  constructor(context: GroupContext, staging: Staging, ports: ProposerPorts, deadlines: DeadlineHeap, entity: string) {
    this.#context = context;
    this.#staging = staging;
    this.#ports = ports;
    this.#retry = deadlines.allocate(this, 'propose-retry', entity);
  }

  /** Something is staged that was not proposed under this leader. */
  get isBehind(): boolean {
    return this.#nextNo < this.#staging.endNo;
  }

  /** Another leader or term: what was proposed before is of unknown fate. */
  onLeader(leader: LeaderView): void {
    this.#leader = leader;
    this.#nextNo = this.#staging.firstNo;
    this.#retry.disarm();
  }

  /** The flow to `node` was reset: what was on it is gone. */
  onPeerLost(node: NodeId): void {
    if (this.#leader.kind === 'remote' && this.#leader.node === node) this.#nextNo = this.#staging.firstNo;
  }

  /** Something was admitted: the patience with the leader begins anew. */
  onProgress(now: Micros): void {
    if (this.#retry.isArmed) this.#retry.arm(micros(now + 2 * this.#context.config.repeatUs));
  }

  onDeadline(_now: Micros, _deadline: Deadline): void {
    this.#nextNo = this.#staging.firstNo;
    this.#ports.onNeedsTurn();
  }

  /** At the turn: proposes as much as the window admits. */
  pump(now: Micros): void {
    if (this.#leader.kind === 'none') return;
    // In CRITICAL what is staged stays staged; it is proposed afterwards.
    if (this.isBehind && this.#context.closedBecause('streams') !== null) return;
    this.#nextNo = Math.max(this.#nextNo, this.#staging.firstNo);
    let window = this.#context.config.proposeWindowBytes - this.#staging.costBetween(this.#staging.firstNo, this.#nextNo);
    while (this.#nextNo < this.#staging.endNo && window > 0) {
      const batch = this.#staging.batchAt(this.#nextNo) as StagedBatch;
      // What is only on its way to the disk can neither leave this node nor be read back.
      if (!batch.isDurable && (this.#leader.kind === 'remote' || batch.entry === null)) break;
      if (batch.entry === null) {
        this.#readBack(this.#nextNo);
        break;
      }
      if (!this.#offer(now, batch, batch.entry)) break;
      window -= batch.cost;
      this.#nextNo++;
    }
    const isWaiting = this.#leader.kind === 'remote' && this.#nextNo > this.#staging.firstNo;
    if (isWaiting && !this.#retry.isArmed) this.#retry.arm(micros(now + 2 * this.#context.config.repeatUs));
    if (!isWaiting) this.#retry.disarm();
  }

  #offer(now: Micros, batch: StagedBatch, entry: Uint8Array): boolean {
    if (this.#leader.kind === 'local') return this.#ports.propose(now, batch, entry);
    return this.#leader.kind === 'remote' && this.#ports.sendToLeader(this.#leader.node, entry);
  }

  /** Reads the batches from `no` on that are on disk only, as many as one read should hold. */
  #readBack(no: number): void {
    if (this.#isFetching) return;
    const batches: StagedBatch[] = [];
    const locations: BlobLocation[] = [];
    let bytes = 0;
    for (let at = no; at < this.#staging.endNo && bytes < this.#context.config.batchBytesMax * 4; at++) {
      const batch = this.#staging.batchAt(at) as StagedBatch;
      if (batch.entry !== null || !batch.isDurable) break;
      const location = this.#context.journal.locateBlob(batch.blob.owner, batch.blob.no);
      if (location === null) break;
      batches.push(batch);
      locations.push(location);
      bytes += batch.cost;
    }
    if (batches.length === 0) return;
    this.#isFetching = true;
    this.#context.fetch(
      locations.map(({ read }) => read),
      (_now, chunks) => {
        this.#isFetching = false;
        for (let i = 0; i < batches.length; i++) {
          this.#onRead(batches[i] as StagedBatch, locations[i] as BlobLocation, chunks[i] ?? null);
        }
        this.#ports.onNeedsTurn();
      },
    );
  }

  #onRead(batch: StagedBatch, location: BlobLocation, chunk: Uint8Array | null): void {
    const isDropped = this.#context.journal.locateBlob(batch.blob.owner, batch.blob.no) === null;
    if (isDropped) return;
    const blob = decodeBlob(location, chunk);
    const entry =
      blob === null || batch.upload === null ? blob : numberedChunk(blob, batch.firstSeq, batch.upload);
    if (entry === null) this.#ports.onUnreadable(batch);
    else this.#staging.setEntry(batch, entry);
  }
}
