/** An operator's eye on every node: follows the state of the mesh as the node tells it, through all of its lives. */
import { HOST } from '../../core/node/viewer.js';
import type { NodeProcess, Session, SessionEffect } from '../world/process.js';
import { type Environment, after } from './environment.js';

export class StateWatcher implements Session {
  readonly #environment: Environment;
  readonly #node: number;
  #process: NodeProcess | null = null;

  constructor(environment: Environment, node: number) {
    this.#environment = environment;
    this.#node = node;
    this.#look();
  }

  onEffect(effect: SessionEffect): void {
    if (effect.kind !== 'event') return;
    const { critical, mark, machines } = this.#environment;
    // Who is out of the mesh knows nothing of its state, and a new member nothing yet.
    const isOut = effect.event.kind === 'member-departed' && effect.event.node === machines[this.#node]?.identity.nodeId;
    if (isOut) critical.onState(this.#node, null);
    if (effect.event.kind !== 'mesh-state') return;
    const before = critical.spellCount;
    critical.onState(this.#node, effect.event.state);
    if (critical.spellCount > before) mark('mesh-critical');
  }

  onDisconnected(): void {
    this.#process = null;
    this.#environment.critical.onState(this.#node, null);
  }

  #look(): void {
    const process = this.#environment.machines[this.#node]?.process ?? null;
    if (process !== null && process !== this.#process) {
      this.#process = process;
      process.open(this, { kind: 'watch-events', kinds: ['mesh-state', 'member-departed'], afterSequence: 0, viewer: HOST });
    }
    after(this.#environment, EVERY_US, () => this.#look());
  }
}

const EVERY_US = 200_000;
