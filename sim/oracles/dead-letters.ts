/**
 * Dead letters: a target gives up only on messages that its application has failed as often as the stream asks for, of
 * streams that keep dead letters; each message is settled there exactly once, as handled or as dead; a replay brings
 * what was published, once, of what died there.
 */
import type { PublishLog } from './publish-log.js';
import type { ViolationSink } from './violations.js';

/** A replay as the application has it when its effect is durable. */
export interface ReplayedMessage {
  readonly letterSeq: number;
  readonly producer: string;
  readonly producerSeq: number;
  readonly digest: number;
}

interface TargetDeaths {
  /** Seq → failures that the application has seen. */
  readonly failures: Map<number, number>;
  readonly dead: Set<number>;
  /** Seq → what came. */
  readonly replayed: Map<number, ReplayedMessage>;
}

export class DeadLetterOracle {
  readonly #streams: readonly { readonly failuresMax: number | null }[];
  readonly #log: PublishLog;
  readonly #sink: ViolationSink;
  readonly #deaths = new Map<string, TargetDeaths>();

  /** `failuresMax` null: the stream keeps no dead letters. */
  constructor(streams: readonly { readonly failuresMax: number | null }[], log: PublishLog, sink: ViolationSink) {
    this.#streams = streams;
    this.#log = log;
    this.#sink = sink;
  }

  /** The target's application was told that message `seq` failed. */
  onFailed(stream: number, target: number, seq: number): void {
    const { failures } = this.#of(stream, target);
    failures.set(seq, (failures.get(seq) ?? 0) + 1);
  }

  /** Whether the target may have given up on the message: it counts as settled there, whoever knows of it. */
  mayBeDead(stream: number, target: number, seq: number): boolean {
    const most = this.#streams[stream]?.failuresMax ?? null;
    return most !== null && (this.#of(stream, target).failures.get(seq) ?? 0) >= most;
  }

  /** The application was told, in the message's place, that it is dead. */
  onDead(stream: number, target: number, seq: number): void {
    const { dead, failures } = this.#of(stream, target);
    if (!this.mayBeDead(stream, target, seq)) {
      const why = `after ${failures.get(seq) ?? 0} failures of ${this.#streams[stream]?.failuresMax ?? 'a stream that blocks'}`;
      this.#sink.report('dead-letter-cause', `stream ${stream} target ${target}: seq ${seq} is dead ${why}`);
    }
    dead.add(seq);
  }

  /** The application has handled the message where it stands in its stream. */
  onHandled(stream: number, target: number, seq: number): void {
    if (!this.#of(stream, target).dead.has(seq)) return;
    this.#sink.report('dead-letter-settled-twice', `stream ${stream} target ${target}: seq ${seq} was dead, and is handled`);
  }

  onReplayed(stream: number, target: number, message: ReplayedMessage): void {
    const { letterSeq, producer, producerSeq, digest } = message;
    const { replayed } = this.#of(stream, target);
    const what = `stream ${stream} target ${target}: the replay of seq ${letterSeq}`;
    if (replayed.has(letterSeq)) this.#sink.report('dead-letter-settled-twice', `${what} comes again`);
    if (!this.mayBeDead(stream, target, letterSeq)) this.#sink.report('dead-letter-cause', `${what}, which did not die`);
    const publisher = this.#log.find(stream, producer);
    const original = publisher === null ? undefined : this.#log.log(publisher).message(producerSeq);
    if (original?.digest !== digest) this.#sink.report('dead-letter-content', `${what} is not what was published`);
    replayed.set(letterSeq, message);
  }

  /** What a replay brought of a message; null when it was not replayed. */
  replayOf(stream: number, target: number, seq: number): ReplayedMessage | null {
    return this.#of(stream, target).replayed.get(seq) ?? null;
  }

  /** How many of those that the applications know of were not replayed. */
  get outstanding(): number {
    let count = 0;
    for (const { dead, replayed } of this.#deaths.values()) for (const seq of dead) if (!replayed.has(seq)) count++;
    return count;
  }

  #of(stream: number, target: number): TargetDeaths {
    const key = `${stream}/${target}`;
    let deaths = this.#deaths.get(key);
    if (deaths === undefined) {
      deaths = { failures: new Map(), dead: new Set(), replayed: new Map() };
      this.#deaths.set(key, deaths);
    }
    return deaths;
  }
}
