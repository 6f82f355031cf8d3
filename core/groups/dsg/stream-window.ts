/**
 * Whether a stream's window is closed: what is not settled everywhere leaves its publishers no room, and they wait for the
 * slowest target. Closed when neither a chunk nor an eighth of the window has room; open again with a quarter of it.
 */
export class StreamWindow {
  readonly #bytesMax: number;
  readonly #chunkBytes: number;
  #isClosed = false;

  constructor(bytesMax: number, chunkBytes: number) {
    this.#bytesMax = bytesMax;
    this.#chunkBytes = chunkBytes;
  }

  /** There is so much room now. True when that has just closed it. */
  note(room: number): boolean {
    if (this.#isClosed) {
      this.#isClosed = room * 4 < this.#bytesMax;
      return false;
    }
    this.#isClosed = room < this.#chunkBytes && room * 8 < this.#bytesMax;
    return this.#isClosed;
  }
}
