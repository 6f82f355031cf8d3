/**
 * One call that an operator repeats until it is accepted: through crashes of the node, refusals and silence. Every call
 * made so must be idempotent.
 */
import type { Reject } from '../../core/base/reject.js';
import type { Command, Reply } from '../../core/node/commands.js';
import type { RequestId } from '../../core/node/inputs.js';
import { Draws } from '../base/draw.js';
import type { NodeProcess, Session, SessionEffect } from '../world/process.js';
import { type Environment, after, noteRefusal, retryDelayUs } from './environment.js';

export interface CallPlan {
  readonly node: number;
  /** Keeps the draws of different calls apart. */
  readonly entity: number;
  /** The command; null when it cannot be made yet. */
  readonly command: () => Command | null;
  readonly onAccepted: (reply: Reply) => void;
  /** Whether a refusal means that the call had been accepted before. */
  readonly isAcceptance: (reject: Reject) => boolean;
}

export class PersistentCall implements Session {
  readonly #environment: Environment;
  readonly #plan: CallPlan;
  readonly #draws: Draws;
  #open: { readonly process: NodeProcess; readonly request: RequestId } | null = null;
  #isDone = false;

  constructor(environment: Environment, plan: CallPlan, startUs: number) {
    this.#environment = environment;
    this.#plan = plan;
    this.#draws = new Draws(environment.plan.seed, 'application', plan.entity);
    after(environment, startUs, () => this.#attempt());
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  onEffect(effect: SessionEffect): void {
    if (effect.kind !== 'reply' || this.#open === null) return;
    this.#open = null;
    const { result } = effect;
    if (result.ok) {
      this.#isDone = true;
      this.#plan.onAccepted(result.value);
      return;
    }
    noteRefusal(this.#environment, `operator of n${this.#plan.node}`, result.reject);
    if (this.#plan.isAcceptance(result.reject)) this.#isDone = true;
    else this.#retry(result.reject.retryAfterUs);
  }

  onDisconnected(): void {
    if (this.#open === null) return;
    this.#open = null;
    this.#retry();
  }

  #attempt(): void {
    const process = this.#environment.machines[this.#plan.node]?.process ?? null;
    const command = process === null ? null : this.#plan.command();
    if (process === null || command === null) {
      this.#retry();
      return;
    }
    const open = { process, request: process.open(this, command) };
    this.#open = open;
    after(this.#environment, DEADLINE_US, () => {
      if (this.#open !== open) return;
      this.#open = null;
      process.cancel(open.request);
      this.#retry();
    });
  }

  #retry(retryAfterUs = 0): void {
    after(this.#environment, retryDelayUs(this.#draws, retryAfterUs), () => this.#attempt());
  }
}

/** A person's patience with one call. */
const DEADLINE_US = 10_000_000;
