/**
 * The application of one target: takes messages in order, makes them durable in its own ledger, then acknowledges. It
 * outlives its node: after a break it resumes behind the last message that its ledger holds.
 */
import type { MeshClient } from '../../io/client/mesh-client.js';
import type { Subscriber } from '../../io/client/subscriber.js';
import { Latencies } from '../processes/latencies.js';
import { TargetLedger } from './target-ledger.js';

export interface ReceptionOptions {
  readonly name: string;
  readonly client: MeshClient;
  readonly tenantId: string;
  readonly streamName: string;
  readonly ledgerPath: string;
  /** When a seq was published, in milliseconds of `performance.now`. */
  readonly publishedAtMs: (seq: number) => number;
}

export class Reception {
  readonly name: string;
  readonly ledgerPath: string;
  /** From publish to durable in the ledger, in milliseconds. */
  readonly latencies = new Latencies();
  readonly #options: ReceptionOptions;
  readonly #subscriber: Subscriber;
  #settledCount = 0;
  #reconnectCount = 0;

  constructor(options: ReceptionOptions) {
    this.#options = options;
    this.name = options.name;
    this.ledgerPath = options.ledgerPath;
    this.#subscriber = options.client.subscriber({
      tenantId: options.tenantId,
      streamName: options.streamName,
      resumeAfter: 0,
      onRetry: () => this.#reconnectCount++,
    });
  }

  /** Messages in the ledger: their highest seq, if none was left out. */
  get settledCount(): number {
    return this.#settledCount;
  }

  /** How often its node was away. */
  get reconnectCount(): number {
    return this.#reconnectCount;
  }

  /** Runs until `stop`. Rejects when the node refuses or breaks its promise, or the ledger cannot be written. */
  async run(): Promise<void> {
    const ledger = await TargetLedger.create(this.#options.ledgerPath);
    try {
      for await (const batch of this.#subscriber.batches()) {
        await ledger.append(batch);
        const now = performance.now();
        for (const { seq } of batch) this.latencies.add(now - this.#options.publishedAtMs(seq));
        const last = batch.at(-1);
        if (last === undefined) continue;
        this.#settledCount = last.seq;
        this.#subscriber.ack(last.seq);
      }
    } finally {
      await ledger.close();
    }
  }

  /** Ends `run` after the last acknowledgement. */
  stop(): Promise<void> {
    return this.#subscriber.close();
  }

  abandon(): void {
    this.#subscriber.abandon();
  }
}
