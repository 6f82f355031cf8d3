/** How many bytes consecutive log entries hold that wait for something: counted in at one end, out at the other. */
import { Fifo } from '../base/fifo.js';
import type { LogIndex } from '../base/units.js';

export class ByteWindow {
  readonly #sizes = new Fifo<number>();
  /** The oldest entry that waits is the one after this. */
  #through: number;
  #bytes = 0;

  /** Begins empty after `through`. */
  constructor(through: LogIndex) {
    this.#through = through;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The next entry waits. */
  push(bytes: number): void {
    this.#sizes.push(bytes);
    this.#bytes += bytes;
  }

  /** Everything up to `index` waits no longer. */
  release(index: LogIndex): void {
    while (this.#through < index && this.#sizes.length > 0) {
      this.#bytes -= this.#sizes.shift() as number;
      this.#through++;
    }
    if (this.#through < index) this.#through = index;
  }
}
