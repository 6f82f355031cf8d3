/**
 * Opening a producer fences its older owners: each opening gets a higher epoch than any that was ever told, and once a
 * newer one is known, nothing is taken any more from who publishes under an older one.
 */
import type { ViolationSink } from './violations.js';

/** Watches one producer. */
export class FencingOracle {
  readonly #name: string;
  readonly #sink: ViolationSink;
  #newest = 0;

  constructor(name: string, sink: ViolationSink) {
    this.#name = name;
    this.#sink = sink;
  }

  /** The newest epoch that anybody was told. */
  get newest(): number {
    return this.#newest;
  }

  /** Somebody has opened the producer and was told `epoch`. */
  onOpened(epoch: number): void {
    if (epoch <= this.#newest) this.#report(`opened in epoch ${epoch}, but was in ${this.#newest} before`);
    this.#newest = Math.max(this.#newest, epoch);
  }

  /** Somebody has asked where the producer stands. */
  onTold(epoch: number): void {
    if (epoch < this.#newest) this.#report(`is in epoch ${epoch}, but was in ${this.#newest} before`);
    this.#newest = Math.max(this.#newest, epoch);
  }

  /** A message was offered under `epoch` when `newestThen` was known already, and it was taken. */
  onTaken(epoch: number, newestThen: number): void {
    if (epoch < newestThen) this.#report(`took a message of epoch ${epoch} in epoch ${newestThen}`);
  }

  #report(what: string): void {
    this.#sink.report('fenced-accepted', `${this.#name} ${what}`);
  }
}
