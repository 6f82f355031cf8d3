/**
 * The publishing application of `stream-durable`, a process of its own: floods, paces or rests as it is told, and
 * measures from publish to completed. A paced message counts from the moment at which it was due, so that a publisher
 * that is held back does not hide it.
 */
import { MeshClient } from '../../../io/client/mesh-client.js';
import type { Publisher } from '../../../io/client/publisher.js';
import { Latencies } from '../../processes/latencies.js';
import { answerQuestions } from '../../processes/program.js';

export type PublisherQuestion =
  | { readonly kind: 'open'; readonly grpc: string; readonly tenantId: string; readonly streamId: string; readonly payloadBytes: number }
  /** As fast as the node takes them. */
  | { readonly kind: 'flood' }
  | { readonly kind: 'pace'; readonly perSecond: number }
  /** One batch of so many messages after the other, each when the one before is completed. */
  | { readonly kind: 'batches'; readonly messages: number }
  /** Stop, and wait until everything is completed. */
  | { readonly kind: 'rest' }
  /** What went by since the last reading. */
  | { readonly kind: 'read' };

export interface PublisherReading {
  /** Messages settled at both targets, ever. */
  readonly completed: number;
  /** Of this process, ever. */
  readonly cpuUs: number;
  /** Since the last reading. */
  readonly p50Us: number;
  readonly p99Us: number;
}

class Load {
  readonly #client: MeshClient;
  readonly #publisher: Publisher;
  readonly #payload: Uint8Array;
  /** By seq, in milliseconds; a ring, larger than what can be on its way. */
  readonly #publishedAtMs = new Float64Array(RING);
  #times = new Latencies();
  #completed = 0;
  #mode: 'flood' | 'pace' | 'batches' | 'rest' = 'rest';

  constructor(question: Extract<PublisherQuestion, { kind: 'open' }>) {
    const { grpc, tenantId, streamId, payloadBytes } = question;
    this.#payload = new Uint8Array(payloadBytes).fill(0x5a);
    this.#client = new MeshClient(grpc);
    this.#publisher = this.#client.publisher({
      tenantId,
      streamId,
      producer: 'bench',
      level: 'completed',
      keptBytesMax: KEPT_BYTES,
      onWatermarks: ({ completed }) => this.#onCompleted(completed),
    });
  }

  async open(): Promise<void> {
    await this.#publisher.open();
  }

  flood(): void {
    this.#mode = 'flood';
    void this.#flood();
  }

  pace(perSecond: number): void {
    this.#mode = 'pace';
    const fromMs = performance.now();
    let sent = 0;
    const timer = setInterval(() => {
      if (this.#mode !== 'pace') return clearInterval(timer);
      const due = Math.floor(((performance.now() - fromMs) * perSecond) / 1000);
      while (sent < due && this.#offer(fromMs + (sent * 1000) / perSecond)) sent++;
    }, 1);
  }

  batches(messages: number): void {
    this.#mode = 'batches';
    void this.#batches(messages);
  }

  async rest(): Promise<void> {
    this.#mode = 'rest';
    await this.#publisher.flush('completed');
  }

  read(): PublisherReading {
    const { user, system } = process.cpuUsage();
    const times = this.#times;
    this.#times = new Latencies();
    const [p50Us, p99Us] = [times.quantile(0.5) * 1000, times.quantile(0.99) * 1000];
    return { completed: this.#completed, cpuUs: user + system, p50Us, p99Us };
  }

  async #flood(): Promise<void> {
    while (this.#mode === 'flood') {
      for (let count = 0; count < BURST && this.#offer(performance.now()); count++);
      await this.#publisher.room();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async #batches(messages: number): Promise<void> {
    while (this.#mode === 'batches') {
      for (let count = 0; count < messages; ) {
        if (this.#offer(performance.now())) count++;
        else await this.#publisher.room();
      }
      await this.#publisher.flush('completed');
    }
  }

  #offer(atMs: number): boolean {
    const seq = this.#publisher.offer(this.#payload);
    if (seq !== null) this.#publishedAtMs[seq % RING] = atMs;
    return seq !== null;
  }

  #onCompleted(completed: number): void {
    const now = performance.now();
    for (let seq = this.#completed + 1; seq <= completed; seq++) this.#times.add(now - (this.#publishedAtMs[seq % RING] ?? now));
    this.#completed = completed;
  }
}

let load: Load | null = null;

answerQuestions<PublisherQuestion, PublisherReading | null>(async (question) => {
  if (question.kind === 'open') {
    load = new Load(question);
    await load.open();
  } else if (question.kind === 'flood') {
    load?.flood();
  } else if (question.kind === 'pace') {
    load?.pace(question.perSecond);
  } else if (question.kind === 'batches') {
    load?.batches(question.messages);
  } else if (question.kind === 'rest') {
    await load?.rest();
  } else {
    return load?.read() ?? null;
  }
  return null;
});

const RING = 1 << 20;
/** 4096 messages of 256 bytes that the node has not accepted yet. */
const KEPT_BYTES = 1024 * 1024;
const BURST = 1_024;
