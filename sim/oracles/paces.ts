/** A target that is paused, for all that its operator can tell, delivers nothing. */
import type { ViolationSink } from './violations.js';

export class PaceOracle {
  readonly #sink: ViolationSink;
  readonly #paused = new Set<string>();

  constructor(sink: ViolationSink) {
    this.#sink = sink;
  }

  /** The target's own node has accepted the pause. */
  onPaused(stream: number, target: number): void {
    this.#paused.add(`${stream}/${target}`);
  }

  /** A resume is on its way: from here on nobody knows. */
  onResumeAsked(stream: number, target: number): void {
    this.#paused.delete(`${stream}/${target}`);
  }

  /** The target's application was given a message of the stream. */
  onDelivered(stream: number, target: number, seq: number): void {
    if (!this.#paused.has(`${stream}/${target}`)) return;
    this.#sink.report('delivered-while-paused', `stream ${stream} target ${target}: seq ${seq} is delivered though the target is paused`);
  }
}
