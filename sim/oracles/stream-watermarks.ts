/**
 * What nodes tell of a stream's watermarks as events: none falls within a watch, accepted >= replicated >= settled of
 * each target, completed is no more than the policy finds settled, and none is ahead of the truth: of what was offered,
 * and of what targets hold durably.
 */
import { type CompletionPolicy, completedSeq } from '../../core/groups/policy.js';
import type { ViolationSink } from './violations.js';

/** As an event tells it; the targets by their numbers. */
export interface ToldWatermarks {
  readonly accepted: number;
  readonly replicated: number;
  readonly completed: number;
  readonly settled: ReadonlyMap<number, number>;
}

export interface StreamTruth {
  readonly policy: CompletionPolicy;
  readonly offered: () => number;
  /** Whether the target has everything up to there, durably, or gave up on it. */
  readonly holds: (target: number, seq: number) => boolean;
}

/** Of one watch at one node. */
export class StreamWatermarkOracle {
  readonly #node: number;
  readonly #sink: ViolationSink;
  readonly #told = new Map<number, ToldWatermarks>();

  constructor(node: number, sink: ViolationSink) {
    this.#node = node;
    this.#sink = sink;
  }

  onTold(stream: number, told: ToldWatermarks, { policy, offered, holds }: StreamTruth): void {
    const before = this.#told.get(stream);
    this.#told.set(stream, told);
    const { accepted, replicated, completed, settled } = told;
    if (before !== undefined && hasFallen(before, told)) this.#report(stream, `fell: ${textOf(before)}, then ${textOf(told)}`);
    if (replicated > accepted || accepted > offered()) this.#report(stream, `are ahead of what was offered (${offered()}): ${textOf(told)}`);
    for (const [target, seq] of settled) {
      if (seq > replicated) this.#report(stream, `are out of order: ${textOf(told)}`);
      if (!holds(target, seq)) this.#sink.report('completed-ahead', `node ${this.#node} says target ${target} of stream ${stream} has settled ${seq}; it does not hold that`);
    }
    if (completed > completedSeq(policy, [...settled.values()])) this.#report(stream, `are completed beyond the policy: ${textOf(told)}`);
  }

  #report(stream: number, what: string): void {
    this.#sink.report('watermark-regressed', `node ${this.#node}, stream ${stream}: watermarks ${what}`);
  }
}

function hasFallen(before: ToldWatermarks, after: ToldWatermarks): boolean {
  for (const [target, seq] of before.settled) if ((after.settled.get(target) ?? seq) < seq) return true;
  return after.accepted < before.accepted || after.replicated < before.replicated || after.completed < before.completed;
}

const textOf = ({ accepted, replicated, completed, settled }: ToldWatermarks): string =>
  `${accepted}/${replicated}/${[...settled.values()].join(',')}/${completed}`;
