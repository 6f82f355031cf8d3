/**
 * A stream's leader belongs at its source, which then writes each batch once and sends it without a detour. Another
 * leader hands over when the source has been caught up for a while, and not often. It tries again only when the stream
 * moves: an idle stream arms no deadline for a source that is away.
 */
import type { Deadline, DeadlineHeap, DeadlineOwner } from '../../base/deadlines.js';
import type { StreamId } from '../../base/ids.js';
import type { ReplicaId } from '../../base/replica.js';
import { type Micros, micros } from '../../base/units.js';
import type { RaftGroup } from '../../raft/raft-group.js';
import type { GroupsConfig } from '../config.js';

export class HandOver implements DeadlineOwner {
  readonly #config: GroupsConfig;
  readonly #source: ReplicaId;
  readonly #raft: () => RaftGroup;
  readonly #onHandedOver: () => void;
  readonly #deadline: Deadline;
  #isLeading = false;
  #lastTransferUs: Micros | null = null;

  constructor(options: {
    readonly config: GroupsConfig;
    readonly deadlines: DeadlineHeap;
    readonly stream: StreamId;
    readonly source: ReplicaId;
    readonly raft: () => RaftGroup;
    readonly onHandedOver: () => void;
  }) {
    this.#config = options.config;
    this.#source = options.source;
    this.#raft = options.raft;
    this.#onHandedOver = options.onHandedOver;
    this.#deadline = options.deadlines.allocate(this, 'hand-over', options.stream);
  }

  /** This node leads, or no longer does. */
  onLeading(now: Micros, isLeading: boolean): void {
    this.#isLeading = isLeading;
    if (isLeading) this.#deadline.arm(this.#nextAt(now));
    else this.#deadline.disarm();
  }

  onDeadline(now: Micros, _deadline: Deadline): void {
    const raft = this.#raft();
    if (raft.role !== 'leader') return;
    const match = raft.matchOf(this.#source);
    // Under load the source is never quite up to date; Raft brings it there before it tells it to take over.
    const isCaughtUp = match !== null && match + CAUGHT_UP_LAG >= raft.commitIndex;
    if (isCaughtUp && raft.transferLeadership(now, this.#source).ok) {
      this.#lastTransferUs = now;
      this.#onHandedOver();
    }
    if (raft.commitIndex < raft.lastIndex) this.onMoved(now);
  }

  /** The stream has moved while this node leads it. */
  onMoved(now: Micros): void {
    if (this.#isLeading && !this.#deadline.isArmed) this.#deadline.arm(this.#nextAt(now));
  }

  #nextAt(now: Micros): Micros {
    const stable = now + this.#config.sourceStableUs;
    const last = this.#lastTransferUs;
    return micros(last === null ? stable : Math.max(stable, last + this.#config.transferIntervalUs));
  }
}

/** Entries that the source may lack: what is on its way to it within a round trip or two. */
const CAUGHT_UP_LAG = 64;
