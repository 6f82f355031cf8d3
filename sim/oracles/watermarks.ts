/**
 * What a publisher session is told: each watermark is monotone within the session, none is ahead of the one before it
 * (accepted ≥ replicated ≥ completed) or of what was offered, and a new session never knows less than was acknowledged
 * in an old one.
 */
import type { PublisherWatermarks } from '../../core/node/effects.js';
import type { PublisherLog } from './publish-log.js';
import type { ViolationSink } from './violations.js';

/** Watches one publisher through all of its sessions. */
export class WatermarkOracle {
  readonly #log: PublisherLog;
  readonly #sink: ViolationSink;
  #accepted = 0;
  #replicated = 0;
  #completed = 0;

  constructor(log: PublisherLog, sink: ViolationSink) {
    this.#log = log;
    this.#sink = sink;
  }

  /** A session began, or the producer was asked for: the node knows messages up to `lastProducerSeq`. */
  onAttached(lastProducerSeq: number): void {
    this.#accepted = 0;
    this.#replicated = 0;
    this.#completed = 0;
    if (lastProducerSeq < this.#log.acknowledged) {
      const detail = `the node knows ${lastProducerSeq}, acknowledged was ${this.#log.acknowledged}`;
      this.#sink.report('acknowledged-lost', `${this.#name()}: ${detail}`);
    }
    this.#checkOffered(lastProducerSeq);
  }

  onWatermarks(marks: PublisherWatermarks): void {
    const { accepted, replicated, completed } = marks;
    if (accepted < this.#accepted || replicated < this.#replicated || completed < this.#completed) {
      this.#report(`fell from ${this.#accepted}/${this.#replicated}/${this.#completed}`, marks);
    }
    if (accepted < replicated || replicated < completed) this.#report('are out of order', marks);
    if (marks.creditBytes < 0) this.#report('give negative credit', marks);
    this.#checkOffered(accepted);
    this.#accepted = accepted;
    this.#replicated = replicated;
    this.#completed = completed;
  }

  #checkOffered(producerSeq: number): void {
    if (producerSeq > this.#log.offeredCount) {
      this.#sink.report(
        'watermark-regressed',
        `${this.#name()}: told ${producerSeq}, offered only ${this.#log.offeredCount}`,
      );
    }
  }

  #report(what: string, marks: PublisherWatermarks): void {
    const told = `${marks.accepted}/${marks.replicated}/${marks.completed} credit ${marks.creditBytes}`;
    this.#sink.report('watermark-regressed', `${this.#name()}: watermarks ${what}: ${told}`);
  }

  #name(): string {
    return `stream ${this.#log.stream} producer ${this.#log.producer}`;
  }
}
