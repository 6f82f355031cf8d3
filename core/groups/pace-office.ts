/** Pausing, resuming and throttling of a target, by its tenant's streams: each of them gets the pace in its own log. */
import type { MessageId, NodeId, StreamId, TenantId } from '../base/ids.js';
import { type Reject, reject } from '../base/reject.js';
import { accept, refuse } from '../base/result.js';
import { makeUlid } from '../base/ulid.js';
import type { Micros } from '../base/units.js';
import type { GroupContext } from './context.js';
import { type PaceLimits, RATE_MAX } from './dsg/pace.js';
import type { Stream } from './dsg/stream.js';
import type { StreamLookup } from './letter-office.js';

/** What is null stays as it is, in each stream. */
export interface PaceWish {
  readonly tenant: TenantId;
  readonly target: NodeId;
  /** One stream; null: all of the tenant's, of that priority if one is given, that this node is a member of. */
  readonly stream: StreamId | null;
  readonly priority: number | null;
  readonly isPaused: boolean | null;
  /** Of each stream; 0: as fast as the application takes it. */
  readonly messagesPerSecond: number | null;
  readonly bytesPerSecond: number | null;
}

export class PaceOffice {
  readonly #context: GroupContext;
  readonly #streams: StreamLookup;

  constructor(context: GroupContext, streams: StreamLookup) {
    this.#context = context;
    this.#streams = streams;
  }

  /**
   * Answers with the streams that have the pace, once it is in all of their logs. STREAM_UNKNOWN, NOT_TARGET when none
   * fits, INVALID_ARGUMENT; NO_QUORUM, TIMED_OUT or CONFIG_PENDING when not all of them could be changed.
   */
  set(now: Micros, request: number, wish: PaceWish): void {
    const why = this.#refusalOf(wish);
    if (why !== null) return this.#refuse(request, why);
    const streams = [...this.#streams.all()].filter((stream) => isMeant(stream, wish));
    if (streams.length === 0) {
      return this.#refuse(request, reject('NOT_TARGET', wish.target, 'it is a target of no stream here that fits; list the streams'));
    }
    let left = streams.length;
    let firstWhy: Reject | null = null;
    for (const stream of streams) {
      const ask = makeUlid<MessageId>(this.#context.wallMs(now), this.#context.entropy);
      const limits = merged(stream.log.state.paceOf(wish.target), wish);
      const change = { kind: 'pace', target: wish.target, ...limits, version: 0, ask } as const;
      stream.letters.desk.ask(now, change, this.#context.config.letterPatienceUs, (refusal) => {
        firstWhy ??= refusal;
        left--;
        if (left === 0) this.#answer(request, firstWhy, streams);
      });
    }
  }

  /** At the target the pace is durable with the turn that applied it: it is told no sooner. */
  #answer(request: number, why: Reject | null, streams: readonly Stream[]): void {
    if (why !== null) return this.#refuse(request, why);
    const result = accept({ kind: 'paced', streams: streams.map(({ stream }) => stream) } as const);
    this.#context.afterDurable(() => this.#context.emit({ kind: 'reply', request, result }));
  }

  #refusalOf({ tenant, stream, messagesPerSecond, bytesPerSecond }: PaceWish): Reject | null {
    for (const [field, rate] of [['messagesPerSecond', messagesPerSecond], ['bytesPerSecond', bytesPerSecond]] as const) {
      if (rate !== null && (!Number.isSafeInteger(rate) || rate < 0 || rate > RATE_MAX)) {
        return reject('INVALID_ARGUMENT', field, `it is from 0, which is no limit, to ${RATE_MAX}`);
      }
    }
    if (stream === null || this.#streams.ofTenant(tenant, stream) !== null) return null;
    return reject('STREAM_UNKNOWN', stream, 'this node is a member of no such stream of the tenant; list its streams');
  }

  #refuse(request: number, why: Reject): void {
    this.#context.emit({ kind: 'reply', request, result: refuse(why) });
  }
}

function isMeant({ descriptor, stream, log }: Stream, wish: PaceWish): boolean {
  return (
    descriptor.tenant === wish.tenant &&
    (wish.stream === null || stream === wish.stream) &&
    (wish.priority === null || descriptor.priority === wish.priority) &&
    log.state.targets.attached(wish.target) !== null &&
    !log.state.isClosed
  );
}

function merged({ isPaused, messagesPerSecond, bytesPerSecond }: PaceLimits, wish: PaceWish): PaceLimits {
  return {
    isPaused: wish.isPaused ?? isPaused,
    messagesPerSecond: wish.messagesPerSecond ?? messagesPerSecond,
    bytesPerSecond: wish.bytesPerSecond ?? bytesPerSecond,
  };
}
