/**
 * *Completed* never runs ahead of the truth: whoever says it about a message, enough targets hold that message in their
 * application's durable ledger, and the offset that says so is on their node's disk.
 */
import type { CompletionPolicy } from '../../core/groups/policy.js';
import type { StreamLedgers } from './stream-ledgers.js';
import type { ViolationSink } from './violations.js';

export interface CompletionKnowledge {
  readonly streams: readonly { readonly source?: number; readonly targets: readonly number[]; readonly policy: CompletionPolicy }[];
  readonly ledgers: StreamLedgers;
  /** The offset of a stream on the disk of a target's node; 0 when there is none. */
  readonly durableOffset: (stream: number, target: number) => number;
  /** Whether the target may have given up on the message: its death settles it, before its application knows. */
  readonly mayBeDead?: (stream: number, target: number, seq: number) => boolean;
}

export class Completion {
  readonly #knowledge: CompletionKnowledge;
  readonly #sink: ViolationSink;
  readonly #completed: number[];
  /** As the source itself said it, of streams that wait for all their targets. */
  readonly #bySource: number[];

  constructor(knowledge: CompletionKnowledge, sink: ViolationSink) {
    this.#knowledge = knowledge;
    this.#sink = sink;
    this.#completed = knowledge.streams.map(() => 0);
    this.#bySource = knowledge.streams.map(() => 0);
  }

  /** Some node says that `stream` is completed up to `seq`. */
  onCompleted(stream: number, seq: number, node: number): void {
    this.#completed[stream] = Math.max(this.#completed[stream] ?? 0, seq);
    const { source, targets, policy } = this.#knowledge.streams[stream] ?? NO_STREAM;
    if (node === source && policy.kind === 'all') this.#bySource[stream] = Math.max(this.#bySource[stream] ?? 0, seq);
    let holding = 0;
    for (const target of targets) if (this.holds(stream, target, seq)) holding++;
    const needed = policy.kind === 'quorum' ? policy.count : targets.length;
    if (holding >= needed) return;
    const held = targets.map(
      (target) =>
        `${target}: ledger ${this.#knowledge.ledgers.lastSeq(stream, target)}, ` +
        `offset ${this.#knowledge.durableOffset(stream, target)}`,
    );
    this.#sink.report(
      'completed-ahead',
      `node ${node} says stream ${stream} completed ${seq}; ${holding} of ${needed} hold it (${held.join('; ')})`,
    );
  }

  /** The publisher was told that its message `producerSeq`, and all before it, are completed. */
  onPublisherCompleted(publisher: number, stream: number, producerSeq: number, node: number): void {
    if (producerSeq === 0) return;
    const seq = this.#knowledge.ledgers.seqOf(publisher, producerSeq);
    if (seq > 0) this.onCompleted(stream, seq, node);
    else
      this.#sink.report(
        'completed-ahead',
        `publisher ${publisher} was told ${producerSeq} completed; no target has handled it`,
      );
  }

  /** The highest seq that was called completed. */
  completed(stream: number): number {
    return this.#completed[stream] ?? 0;
  }

  /** Up to here every target has settled the stream, and its source knows that durably enough to say so. */
  completedBySource(stream: number): number {
    return this.#bySource[stream] ?? 0;
  }

  /** Whether the target's application and its node's disk have everything up to there, but for what died. */
  holds(stream: number, target: number, seq: number): boolean {
    const { ledgers, durableOffset } = this.#knowledge;
    return this.#past(stream, target, ledgers.lastSeq(stream, target), seq) && this.#past(stream, target, durableOffset(stream, target), seq);
  }

  /** Whether everything after `last` up to `seq` is dead. */
  #past(stream: number, target: number, last: number, seq: number): boolean {
    for (let at = last + 1; at <= seq; at++) if (this.#knowledge.mayBeDead?.(stream, target, at) !== true) return false;
    return true;
  }
}

const NO_STREAM: { readonly source?: number; readonly targets: readonly number[]; readonly policy: CompletionPolicy } = {
  targets: [],
  policy: { kind: 'all' },
};
