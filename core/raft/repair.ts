/**
 * The lost end of a log whose disk was damaged (rule 37): how far it had once been vouched for, until all of that has
 * come back from the peers. Told only once it is durable, or a crash would forget that anything was missing.
 */
import { type LogIndex, logIndex } from '../base/units.js';

export class Repair {
  #damagedThrough: LogIndex;
  /** All up to here has come back and is not durable yet; 0 when nothing was missing. */
  #repairedThrough: LogIndex = logIndex(0);

  /** `damagedThrough`: 0 when nothing is missing. */
  constructor(damagedThrough: LogIndex) {
    this.#damagedThrough = damagedThrough;
  }

  /** No vote, and no ack that counts. */
  get isUnderWay(): boolean {
    return this.#damagedThrough > 0;
  }

  get damagedThrough(): LogIndex {
    return this.#damagedThrough;
  }

  /** The log equals the leader's up to `through`. */
  onVerified(through: number): void {
    if (!this.isUnderWay || through < this.#damagedThrough) return;
    this.#repairedThrough = this.#damagedThrough;
    this.#damagedThrough = logIndex(0);
  }

  /** What is repaired for good now that the log is durable up to `durable`; null for nothing new. */
  takeRepaired(durable: LogIndex): LogIndex | null {
    const repaired = this.#repairedThrough;
    if (repaired === 0 || durable < repaired) return null;
    this.#repairedThrough = logIndex(0);
    return repaired;
  }
}
