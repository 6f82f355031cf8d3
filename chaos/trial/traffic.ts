/**
 * One stream of the trial: its publisher, which remembers when it published what, and the applications of its targets,
 * each with a ledger of its own.
 */
import { randomFillSync } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { MeshClient } from '../../io/client/mesh-client.js';
import type { Publisher } from '../../io/client/publisher.js';
import { MessageDigest } from '../demo/message-digest.js';
import { Reception } from '../demo/reception.js';
import type { Pace } from './pace.js';
import { TICK_MS } from './pace.js';

export interface TrafficOptions {
  readonly name: string;
  readonly source: string;
  readonly tenantId: string;
  readonly streamId: string;
  readonly client: MeshClient;
  readonly targets: readonly { readonly name: string; readonly client: MeshClient }[];
  readonly messages: number;
  readonly bytes: number;
  readonly pace: Pace;
  readonly ledgerDirectory: string;
}

interface Waiting {
  readonly fromMs: number;
  readonly resolve: (ms: number) => void;
}

export class Traffic {
  readonly name: string;
  readonly source: string;
  readonly tenantId: string;
  readonly streamId: string;
  readonly receptions: readonly Reception[];
  readonly #options: TrafficOptions;
  readonly #publisher: Publisher;
  readonly #digest = new MessageDigest();
  /** By seq, in milliseconds of `performance.now`. */
  readonly #publishedAtMs: number[] = [0];
  #waiting: Waiting[] = [];

  constructor(options: TrafficOptions) {
    const { name, source, tenantId, streamId, client, targets, ledgerDirectory } = options;
    this.#options = options;
    this.name = name;
    this.source = source;
    this.tenantId = tenantId;
    this.streamId = streamId;
    this.#publisher = client.publisher({
      tenantId,
      streamId,
      producer: 'trial',
      level: 'completed',
      onWatermarks: ({ replicated }) => this.#onReplicated(replicated),
    });
    this.receptions = targets.map(
      (target) =>
        new Reception({
          name: target.name,
          client: target.client,
          tenantId,
          streamName: name,
          ledgerPath: join(ledgerDirectory, `${name}-${target.name}.ledger`),
          publishedAtMs: (seq) => this.#publishedAtMs[seq] ?? 0,
        }),
    );
  }

  get publishedCount(): number {
    return this.#publishedAtMs.length - 1;
  }

  /** Messages that are published and not in every ledger. */
  get unsettledCount(): number {
    return this.publishedCount - Math.min(...this.receptions.map(({ settledCount }) => settledCount));
  }

  /** Resolves, with the time it took, when a message that was published after `fromMs` is replicated. */
  replicatedAfter(fromMs: number): Promise<number> {
    return new Promise((resolve) => this.#waiting.push({ fromMs, resolve }));
  }

  /** Publishes everything at the pace and waits until all of it is completed. Gives the SHA-256 of what was sent. */
  async publish(): Promise<string> {
    await this.#publisher.open();
    const { messages, pace } = this.#options;
    while (this.publishedCount < messages) {
      const allowed = Math.min(messages, pace.tick());
      while (this.publishedCount < allowed) await this.#publishOne();
      await delay(TICK_MS);
    }
    await this.#publisher.flush('completed');
    await this.#publisher.close();
    return this.#digest.hex();
  }

  abandon(): void {
    this.#publisher.abandon();
    for (const reception of this.receptions) reception.abandon();
  }

  async #publishOne(): Promise<void> {
    const payload = randomFillSync(new Uint8Array(this.#options.bytes));
    const headers = Buffer.from(`${this.name}/${this.publishedCount + 1}`);
    const seq = await this.#publisher.publish(payload, headers);
    this.#digest.add(headers, payload);
    this.#publishedAtMs[seq] = performance.now();
  }

  #onReplicated(seq: number): void {
    const publishedAtMs = this.#publishedAtMs[seq] ?? 0;
    const now = performance.now();
    this.#waiting = this.#waiting.filter(({ fromMs, resolve }) => {
      if (publishedAtMs < fromMs) return true;
      resolve(now - fromMs);
      return false;
    });
  }
}
