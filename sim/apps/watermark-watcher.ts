/** Watches what one node tells of the watermarks of its streams, and begins anew whenever the node is back. */
import type { StreamWatermarks } from '../../core/node/watermark-watch.js';
import { HOST } from '../../core/node/viewer.js';
import { StreamWatermarkOracle } from '../oracles/stream-watermarks.js';
import type { Session, SessionEffect } from '../world/process.js';
import { type Environment, after } from './environment.js';

export class WatermarkWatcher implements Session {
  readonly #environment: Environment;
  readonly #node: number;
  #oracle: StreamWatermarkOracle;

  constructor(environment: Environment, node: number) {
    this.#environment = environment;
    this.#node = node;
    this.#oracle = new StreamWatermarkOracle(node, environment.violations);
    this.#watch();
  }

  onEffect(effect: SessionEffect): void {
    if (effect.kind !== 'event' || effect.event.kind !== 'stream-watermarks') return;
    const stream = this.#environment.streamIds.stream(effect.event.stream);
    if (stream !== null) this.#onTold(stream, effect.event);
  }

  onDisconnected(): void {
    after(this.#environment, AGAIN_US, () => this.#watch());
  }

  #onTold(stream: number, { accepted, replicated, completed, settled }: StreamWatermarks): void {
    const { plan, machines, log, completion } = this.#environment;
    const numbers = new Map(machines.map(({ identity, node }) => [identity.nodeId, node]));
    const policy = plan.streams[stream]?.policy ?? { kind: 'all' };
    const told = { accepted, replicated, completed, settled: new Map(settled.map(({ node, seq }) => [numbers.get(node) ?? -1, seq])) };
    this.#oracle.onTold(stream, told, {
      policy,
      offered: () => log.offeredTo(stream),
      holds: (target, seq) => completion.holds(stream, target, seq),
    });
  }

  #watch(): void {
    const process = this.#environment.machines[this.#node]?.process ?? null;
    if (process === null) return this.onDisconnected();
    this.#oracle = new StreamWatermarkOracle(this.#node, this.#environment.violations);
    process.open(this, { kind: 'watch-events', kinds: ['stream-watermarks'], afterSequence: 0, viewer: HOST });
  }
}

const AGAIN_US = 500_000;
