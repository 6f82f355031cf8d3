/**
 * The publishing application: reads the files, publishes each part once, remembers when, and hashes what it sent. It
 * keeps at most `AHEAD_BYTES` beyond what all targets have settled, so that the times measured are those of the mesh and
 * not of a queue in front of it.
 */
import type { MeshClient } from '../../io/client/mesh-client.js';
import type { Publisher } from '../../io/client/publisher.js';
import { MessageDigest } from './message-digest.js';
import { type Part, type Source, readPart } from './source-files.js';

export interface PublicationOptions {
  readonly client: MeshClient;
  readonly tenantId: string;
  readonly streamId: string;
  readonly source: Source;
}

export class Publication {
  readonly #options: PublicationOptions;
  readonly #publisher: Publisher;
  readonly #digest = new MessageDigest();
  /** By seq: when it was handed to the publisher, in milliseconds; and how many bytes had been by then. */
  readonly #publishedAtMs: number[] = [0];
  readonly #bytesThrough: number[] = [0];
  #onSettled: (() => void) | null = null;
  #reconnectCount = 0;

  constructor(options: PublicationOptions) {
    this.#options = options;
    const { client, tenantId, streamId } = options;
    this.#publisher = client.publisher({
      tenantId,
      streamId,
      producer: 'demo',
      level: 'completed',
      onWatermarks: () => this.#wake(),
      onRetry: () => this.#reconnectCount++,
    });
  }

  get publishedCount(): number {
    return this.#publishedAtMs.length - 1;
  }

  get publishedBytes(): number {
    return this.bytesThrough(this.publishedCount);
  }

  /** Messages that every target has settled, as the source's node says. */
  get completedCount(): number {
    return this.#publisher.watermarks.completed;
  }

  get reconnectCount(): number {
    return this.#reconnectCount;
  }

  /** Payload bytes of the messages up to `seq`. */
  bytesThrough(seq: number): number {
    return this.#bytesThrough[seq] ?? 0;
  }

  /** When `seq` was published, in milliseconds of `performance.now`. */
  publishedAtMs(seq: number): number {
    return this.#publishedAtMs[seq] ?? 0;
  }

  /** Publishes everything and waits until all of it is completed. Gives the SHA-256 of what was sent. */
  async run(): Promise<string> {
    const before = await this.#publisher.open();
    if (before !== 0) throw new Error(`a new stream already knows ${before} messages of this producer`);
    for (const part of this.#options.source.parts) {
      await this.#untilNear();
      const payload = readPart(this.#options.source.directory, part);
      const headers = headersOf(part);
      const seq = await this.#publisher.publish(payload, headers);
      this.#digest.add(headers, payload);
      this.#publishedAtMs[seq] = performance.now();
      this.#bytesThrough[seq] = this.bytesThrough(seq - 1) + payload.length;
    }
    await this.#publisher.flush('completed');
    await this.#publisher.close();
    return this.#digest.hex();
  }

  abandon(): void {
    this.#publisher.abandon();
    this.#wake();
  }

  async #untilNear(): Promise<void> {
    while (this.publishedBytes - this.bytesThrough(this.completedCount) > AHEAD_BYTES) {
      await new Promise<void>((resolve) => (this.#onSettled = resolve));
    }
  }

  #wake(): void {
    const onSettled = this.#onSettled;
    this.#onSettled = null;
    onSettled?.();
  }
}

function headersOf({ path, offset, round }: Part): Uint8Array {
  return Buffer.from(JSON.stringify({ path, offset, round }));
}

const AHEAD_BYTES = 4 * 1024 * 1024;
