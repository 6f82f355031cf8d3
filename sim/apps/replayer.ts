/**
 * Who looks after the dead letters of one target: an operator asks for replays again and again, and an application
 * subscribes to them, stores each number with its effect, and presents it when it comes back. It fails some replays.
 */
import { streamSeq } from '../../core/base/units.js';
import type { DeliveredChunk } from '../../core/node/effects.js';
import type { RequestId } from '../../core/node/inputs.js';
import { Draws } from '../base/draw.js';
import type { SubscriberPlan } from '../plan/plan.js';
import type { NodeProcess, Session, SessionEffect } from '../world/process.js';
import { digestChunks } from './content.js';
import { type Environment, TENANT, after, noteRefusal, retryDelayUs } from './environment.js';

interface Subscription {
  readonly process: NodeProcess;
  readonly request: RequestId;
  attempt: number;
}

export class Replayer implements Session {
  readonly #environment: Environment;
  readonly #plan: SubscriberPlan;
  readonly #draws: Draws;
  #subscription: Subscription | null = null;
  #chunks: DeliveredChunk[] = [];
  /** Durable, with the effects. */
  #lastReplay = 0;

  constructor(environment: Environment, subscriber: number) {
    this.#environment = environment;
    this.#plan = environment.plan.subscribers[subscriber] as SubscriberPlan;
    this.#draws = new Draws(environment.plan.seed, 'application', REPLAYER_ENTITY + subscriber);
    after(environment, this.#plan.startUs, () => this.#subscribe());
    this.#operate();
  }

  onEffect(effect: SessionEffect): void {
    const subscription = this.#subscription;
    if (subscription === null || effect.request !== subscription.request) return;
    if (effect.kind === 'deliver') {
      for (const chunk of effect.chunks) this.#onChunk(subscription, chunk);
    } else if (effect.kind === 'attempt-voided') {
      subscription.attempt = effect.next;
      this.#chunks = [];
    } else if (effect.kind === 'reply' && effect.result.ok && effect.result.value.kind === 'subscription') {
      subscription.attempt = effect.result.value.attempt;
    } else if (effect.kind === 'reply' || effect.kind === 'ended') {
      if (!effect.result.ok) noteRefusal(this.#environment, `replayer at n${this.#plan.target}`, effect.result.reject);
      this.onDisconnected();
    }
  }

  onDisconnected(): void {
    if (this.#subscription === null) return;
    this.#subscription = null;
    this.#chunks = [];
    this.#subscribeLater();
  }

  #subscribeLater(): void {
    after(this.#environment, retryDelayUs(this.#draws), () => this.#subscribe());
  }

  #subscribe(): void {
    const { stream, target } = this.#plan;
    const process = this.#environment.machines[target]?.process ?? null;
    const id = this.#environment.streamIds.id(stream);
    if (process === null || id === null) return this.#subscribeLater();
    const request = process.open(this, {
      kind: 'subscribe',
      tenant: TENANT,
      selector: { kind: 'id', stream: id },
      resumeAfter: streamSeq(this.#lastReplay),
      windowMessages: 4,
      windowBytes: 128 * 1024,
      isOfLetters: true,
    });
    this.#subscription = { process, request, attempt: 0 };
  }

  #onChunk(subscription: Subscription, chunk: DeliveredChunk): void {
    const { process, request, attempt } = subscription;
    this.#chunks.push(chunk);
    const isLast = this.#chunks.length === chunk.chunkCount;
    after(this.#environment, CALL_US, () => {
      if (this.#subscription === subscription) process.tell({ kind: 'window', request, messages: isLast ? 1 : 0, bytes: chunk.payload.length });
    });
    if (!isLast) return;
    const chunks = this.#chunks;
    this.#chunks = [];
    const isFailed = this.#draws.chance(FAILING_PER_MILLE);
    after(this.#environment, this.#draws.between(CALL_US, 20 * CALL_US), () => {
      if (this.#subscription !== subscription || subscription.attempt !== attempt) return;
      if (isFailed) process.tell({ kind: 'failed', request, attempt, seq: chunk.seq, reason: 'not yet' });
      else this.#commit(subscription, chunk, chunks);
    });
  }

  #commit({ process, request, attempt }: Subscription, { seq, letterSeq, producer, producerSeq }: DeliveredChunk, chunks: readonly DeliveredChunk[]): void {
    const { stream, target } = this.#plan;
    const { deadLetters, violations } = this.#environment;
    if (seq <= this.#lastReplay) {
      violations.report('dead-letter-settled-twice', `stream ${stream} target ${target}: replay ${seq} comes after ${this.#lastReplay}`);
    }
    const digest = digestChunks(chunks.map(({ payload }) => payload), chunks[0]?.headers ?? new Uint8Array(0));
    deadLetters.onReplayed(stream, target, { letterSeq: letterSeq ?? 0, producer, producerSeq, digest });
    this.#lastReplay = seq;
    after(this.#environment, CALL_US, () => process.tell({ kind: 'processed', request, attempt, seq }));
  }

  /** Asks for the replay of all that is dead at this target, wherever the operator can get in. */
  #operate(): void {
    const { machines, plan, streamIds } = this.#environment;
    const { stream, target } = this.#plan;
    const members = [plan.streams[stream]?.source ?? target, target];
    const machine = machines[this.#draws.pick(members)];
    const id = streamIds.id(stream);
    const node = machines[target]?.identity.nodeId;
    const process = machine?.process ?? null;
    if (process !== null && id !== null && node !== undefined) {
      const session: Session = {
        onEffect: (effect) => {
          if (effect.kind !== 'reply' || !effect.result.ok || effect.result.value.kind !== 'dead-letters') return;
          for (const letter of effect.result.value.letters) {
            if (letter.target !== node || letter.replay !== 0) continue;
            process.open(NOBODY, { kind: 'replay-dead-letter', tenant: TENANT, stream: id, target: node, seq: letter.seq });
          }
        },
        onDisconnected: () => undefined,
      };
      process.open(session, { kind: 'list-dead-letters', tenant: TENANT, stream: id });
    }
    after(this.#environment, OPERATE_EVERY_US, () => this.#operate());
  }
}

/** The operator looks again later. */
const NOBODY: Session = { onEffect: () => undefined, onDisconnected: () => undefined };
const REPLAYER_ENTITY = 6_000_000;
const CALL_US = 100;
const FAILING_PER_MILLE = 200;
const OPERATE_EVERY_US = 3_000_000;
