/** Who reads a stream that comes and goes at one target: whenever it is one, from the node's own offset. */
import type { StreamId } from '../../core/base/ids.js';
import type { RequestId } from '../../core/node/inputs.js';
import { Draws } from '../base/draw.js';
import type { TransientOracle } from '../oracles/transients.js';
import type { NodeProcess, Session, SessionEffect } from '../world/process.js';
import { type Environment, TENANT, after, noteRefusal, retryDelayUs } from './environment.js';

export interface TransientReaderPlan {
  readonly stream: StreamId;
  readonly target: number;
  /** Keeps its draws apart. */
  readonly entity: number;
  readonly oracle: TransientOracle;
}

export class TransientReader implements Session {
  readonly #environment: Environment;
  readonly #plan: TransientReaderPlan;
  readonly #draws: Draws;
  #call: { readonly process: NodeProcess; readonly request: RequestId; attempt: number } | null = null;

  constructor(environment: Environment, plan: TransientReaderPlan) {
    this.#environment = environment;
    this.#plan = plan;
    this.#draws = new Draws(environment.plan.seed, 'application', plan.entity);
    this.#later();
  }

  onEffect(effect: SessionEffect): void {
    const call = this.#call;
    if (call === null || effect.request !== call.request) return;
    const { target, oracle } = this.#plan;
    if (effect.kind === 'reply' && effect.result.ok && effect.result.value.kind === 'subscription') {
      call.attempt = effect.result.value.attempt;
      oracle.onSubscribed(target, effect.result.value.resumeAfter);
    } else if (effect.kind === 'deliver') {
      for (const { seq, producerSeq, payload } of effect.chunks) {
        oracle.onHandled(target, seq, producerSeq);
        call.process.tell({ kind: 'window', request: call.request, messages: 1, bytes: payload.length });
      }
      const seq = effect.chunks.at(-1)?.seq;
      const { process, request } = call;
      const { attempt } = effect;
      if (seq !== undefined) after(this.#environment, this.#draws.between(100, 400_000), () => process.tell({ kind: 'processed', request, attempt, seq }));
    } else if (effect.kind === 'reply' || effect.kind === 'ended') {
      this.#call = null;
      if (effect.result.ok) return this.#later();
      const { code } = effect.result.reject;
      noteRefusal(this.#environment, `reader at n${target}`, effect.result.reject);
      if (code === 'OFFSET_OUT_OF_RANGE') oracle.onOutOfRange(target);
      if (code !== 'STREAM_DELETED') this.#later();
    }
  }

  onDisconnected(): void {
    this.#call = null;
    this.#later();
  }

  #later(): void {
    after(this.#environment, retryDelayUs(this.#draws), () => this.#subscribe());
  }

  #subscribe(): void {
    const { stream, target } = this.#plan;
    const process = this.#environment.machines[target]?.process ?? null;
    if (process === null) return this.#later();
    const selector = { kind: 'id', stream } as const;
    const request = process.open(this, { kind: 'subscribe', tenant: TENANT, selector, resumeAfter: null, windowMessages: 16, windowBytes: 128 * 1024 });
    this.#call = { process, request, attempt: 0 };
  }
}
