/**
 * The promises that a simulation watches, and the list of those that were broken. An oracle knows the promise and not
 * the code: everything it is told is what an application, an operator or a disk could have seen.
 */

/** Every oracle, and what breaking its promise means. */
export const ORACLES = {
  /** A target's ledger misses a message before one it has. */
  'stream-gap': 'safety',
  /** A target was made to handle a message again that it had settled. */
  'stream-duplicate': 'safety',
  /** What a target handled is not what was published. */
  'stream-content': 'safety',
  /** Two targets, or two times, have different messages at one place of a stream. */
  'stream-order': 'safety',
  /** Messages of one producer are in the stream in another order than published, or with one left out. */
  'producer-order': 'safety',
  /** A message that was acknowledged to its publisher is gone. */
  'acknowledged-lost': 'safety',
  /** A target gave up on a message that its application had not failed often enough, or of a stream that keeps none. */
  'dead-letter-cause': 'safety',
  /** A message was handled and is dead, or was replayed twice. */
  'dead-letter-settled-twice': 'safety',
  /** A replay is not what was published. */
  'dead-letter-content': 'safety',
  /** A target delivered something after its node had accepted a pause. */
  'delivered-while-paused': 'safety',
  /** A stream took a message after it was deleted, or is back where it had been dropped. */
  'deleted-returned': 'safety',
  /** What a target that its stream waits for has not settled is gone. */
  'payload-lost': 'safety',
  /** Something is called completed that its targets do not hold durably. */
  'completed-ahead': 'safety',
  /** A producer took something from an owner who had been fenced, or gave an epoch out again. */
  'fenced-accepted': 'safety',
  /** A node went back to an older generation of its mesh. */
  'generation-fell': 'safety',
  /** Two generations of a mesh have one number. */
  'generation-forked': 'safety',
  /** Whom a recovery forgot is in a later generation all the same, or in touch with one. */
  'generation-crossed': 'safety',
  /** A watermark fell, ran ahead of the one before it, or of what was offered. */
  'watermark-regressed': 'safety',
  /** A subscription skipped, repeated, mixed or damaged chunks. */
  'delivery-order': 'safety',
  /** A subscriber was sent more than its window. */
  'window-exceeded': 'safety',
  /** Something that only grows has fallen in what a node shows of itself. */
  'status-regressed': 'safety',
  /** A node has gone back to an older incarnation of a member. */
  'incarnation-regressed': 'safety',
  /** Who left or was evicted is a member again without a later replica, or linked. */
  'departed-returned': 'safety',
  /** Two members had the same index. */
  'index-reused': 'safety',
  /** A node applied an update that it had applied. */
  'update-duplicate': 'safety',
  /** Nodes applied updates in different orders, left one out, or applied one that nobody sent. */
  'update-order': 'safety',
  /** Calls that read and change the configuration of the mesh have no order in which they could have taken place. */
  'config-not-linearizable': 'safety',
  /** A node that showed CRITICAL took what has to wait. */
  'critical-passed': 'safety',
  'raft-two-leaders': 'safety',
  /** Two replicas, or one before and after a restart, committed different entries at one index. */
  'raft-commit-differs': 'safety',
  /** Two replicas have different state after the same entry. */
  'raft-state-differs': 'safety',
  /** A disk has fallen back to an older term, or to another vote within it. */
  'raft-vote-forgotten': 'safety',
  /** Two disks have the same entry, and different ones before it. */
  'raft-logs-differ': 'safety',
  /** A disk that had a committed entry has another one there, or none. */
  'raft-committed-lost': 'safety',
  /** Somebody was elected whose disk lacks what had been committed. */
  'raft-leader-incomplete': 'safety',
  /** An entry was committed that is on the disks of no quorum. */
  'raft-commit-without-quorum': 'safety',
  /** A configuration and the next one have quorums without a common member. */
  'raft-quorums-part': 'safety',
  /** A disk got entries or votes of a generation that it had sealed. */
  'raft-seal-broken': 'safety',
  /** A member reported what it holds of a generation before its seal, or what it reported, was on its disk. */
  'reported-before-sealed': 'safety',
  /** A generation was founded with a voter that has not sealed the one before on its disk. */
  'founded-without-seal': 'safety',
  /** A generation was founded on another log than the most up-to-date one of its voters. */
  'founded-on-other-log': 'safety',
  /** Not everything arrived in time after the healing. */
  'not-drained': 'liveness',
  /** Some member does not see the mesh as it is in time after the healing. */
  'members-diverged': 'liveness',
  /** Groups in which nothing happens go on talking. */
  'idle-not-quiet': 'liveness',
  /** An assertion of the core failed, or it threw. */
  'core-assertion': 'crash',
  /** The core asked to be stopped although nothing had failed under it. */
  'core-halted': 'crash',
} as const;

export type OracleName = keyof typeof ORACLES;

export interface Violation {
  readonly oracle: OracleName;
  readonly atUs: number;
  readonly detail: string;
}

/** Where oracles report. */
export interface ViolationSink {
  report(oracle: OracleName, detail: string): void;
}

/** The violations of one run, at most `VIOLATIONS_MAX` of them in full. */
export class Violations implements ViolationSink {
  readonly #clock: { readonly nowUs: number };
  readonly #found: Violation[] = [];
  #count = 0;

  constructor(clock: { readonly nowUs: number }) {
    this.#clock = clock;
  }

  report(oracle: OracleName, detail: string): void {
    this.#count++;
    if (this.#found.length < VIOLATIONS_MAX) this.#found.push({ oracle, atUs: this.#clock.nowUs, detail });
  }

  get count(): number {
    return this.#count;
  }

  get list(): readonly Violation[] {
    return this.#found;
  }
}

const VIOLATIONS_MAX = 20;
