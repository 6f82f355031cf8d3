/** An operator's monitor beside every node: asks for the status from time to time and compares it with the last one. */
import { StatusHistory } from '../oracles/status-history.js';
import type { NodeProcess, Session, SessionEffect } from '../world/process.js';
import { type Environment, after } from './environment.js';

export class StatusWatcher implements Session {
  readonly #environment: Environment;
  readonly #node: number;
  readonly #everyUs: number;
  /** The life that is watched now. */
  #process: NodeProcess | null = null;
  #history: StatusHistory;

  constructor(environment: Environment, node: number) {
    this.#environment = environment;
    this.#node = node;
    this.#everyUs = EVERY_US * Math.max(1, Math.floor(environment.plan.nodes.length / NODES_AT_FULL_RATE));
    this.#history = this.#begin(environment);
    after(environment, this.#everyUs + node * STAGGER_US, () => this.#ask());
  }

  onEffect(effect: SessionEffect): void {
    if (effect.kind !== 'reply' || !effect.result.ok || effect.result.value.kind !== 'status') return;
    this.#history.onStatus(effect.result.value.status);
    this.#environment.departures.onStatus(this.#node, effect.result.value.status);
    this.#environment.generations.onStatus(this.#node, effect.result.value.status);
  }

  onDisconnected(): void {
    this.#process = null;
  }

  #begin({ violations, streamIds }: Environment): StatusHistory {
    return new StatusHistory(this.#node, violations, (stream) => streamIds.stream(stream) === null);
  }

  #ask(): void {
    const process = this.#environment.machines[this.#node]?.process ?? null;
    if (process !== this.#process) {
      this.#process = process;
      this.#history = this.#begin(this.#environment);
    }
    process?.open(this, { kind: 'get-status' });
    after(this.#environment, this.#everyUs, () => this.#ask());
  }
}

const EVERY_US = 700_000;
const STAGGER_US = 11_000;
const NODES_AT_FULL_RATE = 8;
