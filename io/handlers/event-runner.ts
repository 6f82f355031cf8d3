/** Gives the node's events to the handlers of topology and of consensus roles, in order, one at a time. */
import type { Logger } from 'pino';
import type { NodeId } from '../../core/base/ids.js';
import type { MeshEvent } from '../../core/node/commands.js';
import { HOST } from '../../core/node/viewer.js';
import type { NodeHost } from '../host/node-host.js';
import type { Handlers } from './handlers.js';

export interface EventRunnerOptions {
  readonly host: NodeHost;
  readonly log: Logger;
  readonly self: NodeId;
  readonly handlers: Handlers;
}

export class EventRunner {
  readonly #options: EventRunnerOptions;
  readonly #led = new Set<string>();
  readonly #waiting: MeshEvent[] = [];
  #isHandling = false;
  #request: number | null = null;

  constructor(options: EventRunnerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#request = this.#options.host.request({ kind: 'watch-events', kinds: [], afterSequence: 0, viewer: HOST }, {
      onReply: (result) => {
        if (!result.ok) this.#options.log.error({ event: 'event-handler-refused', code: result.reject.code }, result.reject.detail);
      },
      onEvent: (event) => this.#onEvent(event),
    });
  }

  stop(): void {
    if (this.#request !== null) this.#options.host.cancel(this.#request);
    this.#request = null;
    this.#waiting.length = 0;
  }

  #onEvent(event: MeshEvent): void {
    if (this.#waiting.length >= WAITING_MAX) {
      this.#waiting.shift();
      this.#options.log.warn({ event: 'event-handler-slow' }, 'an event handler does not keep up; the oldest event was left away');
    }
    this.#waiting.push(event);
    if (!this.#isHandling) void this.#handleAll();
  }

  async #handleAll(): Promise<void> {
    this.#isHandling = true;
    for (let event = this.#waiting.shift(); event !== undefined; event = this.#waiting.shift()) {
      try {
        await this.#handle(event);
      } catch (error) {
        // Whatever a handler throws: an event is told once, and the next one is told all the same.
        this.#options.log.error({ event: 'event-handler-failed', kind: event.kind }, error instanceof Error ? error.message : String(error));
      }
    }
    this.#isHandling = false;
  }

  async #handle(event: MeshEvent): Promise<void> {
    const { self, handlers } = this.#options;
    if (TOPOLOGY_KINDS.has(event.kind)) await handlers.onTopologyChange?.(event);
    if (event.kind !== 'leader-changed') return;
    const { group, leader, term } = event;
    const isLeader = leader === self;
    if (isLeader === this.#led.has(group)) return;
    if (isLeader) this.#led.add(group);
    else this.#led.delete(group);
    await handlers.onConsensusRoleChange?.({ group, isLeader, leader, term });
  }
}

const TOPOLOGY_KINDS: ReadonlySet<MeshEvent['kind']> = new Set([
  'link-up',
  'link-down',
  'topology-changed',
  'member-joined',
  'member-liveness',
  'mesh-state',
]);
const WAITING_MAX = 4096;
