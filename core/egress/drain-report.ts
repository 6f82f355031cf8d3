/**
 * When a host tells its core that a lane's socket has sent what it was given. Each report is an input, and with it a
 * turn of the whole node; a report for every small message doubled the turns of a quiet node.
 *
 * Decides that a core may take up to `DRAIN_SILENCE_BYTES` of a lane for unsent that have long left. Invariant: a core
 * whose lane's window is full (`LaneQueueConfig.socketWindowBytes`, which is larger) is told as its socket sends.
 */

export class DrainReports {
  /** What the core holds for unsent. */
  #believedBytes = 0;

  /** The socket was given a message. */
  onTransmit(bytes: number): void {
    this.#believedBytes += bytes;
  }

  /** Whether there can be anything to tell before more is transmitted. */
  get mayBeDue(): boolean {
    return this.#believedBytes >= DRAIN_SILENCE_BYTES;
  }

  /** Whether the core is to be told that `bufferedBytes` are still unsent. If so, it counts as told. */
  takeDue(bufferedBytes: number): boolean {
    if (this.#believedBytes - bufferedBytes < DRAIN_SILENCE_BYTES) return false;
    this.#believedBytes = bufferedBytes;
    return true;
  }
}

/** A quarter of the window of a socket, so that a busy lane never waits for a report. */
export const DRAIN_SILENCE_BYTES = 64 << 10;
