/**
 * What simulated applications live in: the machines they stand beside, time, and the oracles that watch them. An
 * application survives the node it talks to, and talks to it again when it is back.
 */
import type { StreamId, TenantId } from '../../core/base/ids.js';
import type { Reject, RejectCode } from '../../core/base/reject.js';
import type { Draws } from '../base/draw.js';
import type { Completion } from '../oracles/completion.js';
import type { ConfigRegisters } from '../oracles/config-register.js';
import type { CriticalOracle } from '../oracles/critical.js';
import type { DeadLetterOracle } from '../oracles/dead-letters.js';
import type { Departures } from '../oracles/departures.js';
import type { Generations } from '../oracles/generations.js';
import type { PaceOracle } from '../oracles/paces.js';
import type { PublishLog } from '../oracles/publish-log.js';
import type { StreamLedgers } from '../oracles/stream-ledgers.js';
import type { UpdateLedgers } from '../oracles/update-ledgers.js';
import type { ViolationSink } from '../oracles/violations.js';
import type { Plan } from '../plan/plan.js';
import type { Timeline } from '../time/timeline.js';
import type { Machine } from '../world/machine.js';
import type { Trace } from '../world/trace.js';

export interface Environment {
  readonly plan: Plan;
  readonly timeline: Timeline;
  readonly trace: Trace;
  readonly machines: readonly Machine[];
  readonly log: PublishLog;
  readonly ledgers: StreamLedgers;
  readonly completion: Completion;
  readonly updates: UpdateLedgers;
  readonly configuration: ConfigRegisters;
  readonly critical: CriticalOracle;
  readonly deadLetters: DeadLetterOracle;
  readonly paces: PaceOracle;
  readonly violations: ViolationSink;
  readonly departures: Departures;
  readonly generations: Generations;
  readonly streamIds: StreamIds;
  /** A rare thing happened to an application. */
  readonly mark: (name: string) => void;
  /** Refusals that applications got, by code. */
  readonly refusals: Map<RejectCode, number>;
}

/** Both names of each stream: its place in the plan, and the id that the mesh gave it. */
export class StreamIds {
  readonly #idOf = new Map<number, StreamId>();
  readonly #streamOf = new Map<StreamId, number>();

  register(stream: number, id: StreamId): void {
    this.#idOf.set(stream, id);
    this.#streamOf.set(id, stream);
  }

  /** Null before the stream was opened. */
  id(stream: number): StreamId | null {
    return this.#idOf.get(stream) ?? null;
  }

  /** Null for a stream that is in no plan. */
  stream(id: StreamId): number | null {
    return this.#streamOf.get(id) ?? null;
  }

  get count(): number {
    return this.#idOf.size;
  }
}

/** Lets an application act after `delayUs`. */
export function after(environment: Environment, delayUs: number, act: () => void): void {
  const { timeline } = environment;
  timeline.schedule(timeline.nowUs + delayUs, { label: 'application', happen: act });
}

/** How long an application waits before it tries again. */
export function retryDelayUs(draws: Draws, retryAfterUs = 0): number {
  return retryAfterUs + draws.between(100_000, 400_000);
}

export function noteRefusal({ refusals, trace, timeline }: Environment, who: string, why: Reject): void {
  refusals.set(why.code, (refusals.get(why.code) ?? 0) + 1);
  if (trace.isFull) trace.onComment(timeline.nowUs, `${who} refused: ${why.code} ${why.subject}: ${why.detail}`);
}

/** The tenant that all simulated streams belong to. */
export const TENANT = '00000000000000000000000001' as TenantId;
export const JOIN_KEY = 'a key that only operators know';
