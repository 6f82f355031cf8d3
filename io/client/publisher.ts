/**
 * A publisher session that outlives its calls: it numbers messages, cuts large ones, batches, respects the node's
 * credit, keeps what is not accepted, and after a restart of the node goes on where that stands. The producer's numbers
 * make it exactly once.
 *
 * Bound: at most `keptBytesMax` (and one message) are in custody; `publish` waits for room.
 */
import type { ClientDuplexStream } from '@grpc/grpc-js';
import { EMPTY_BYTES } from '../../core/base/bytes.js';
import type { PublishLevel } from '../../core/node/commands.js';
import { PUBLISH_LEVELS } from '../grpc/enums.js';
import { HEADERS_BYTES_MAX, MESSAGE_BYTES_MAX } from '../grpc/fields.js';
import { v1 } from '../grpc/messages.js';
import { BATCH_BYTES_MAX } from '../grpc/publish-session.js';
import { Blake3 } from './blake3.js';
import { type RedialOptions, Redial } from './redial.js';
import { SendWindow } from './send-window.js';

export type PublishWire = ClientDuplexStream<v1.PublishRequest, v1.PublishResponse>;

export interface PublisherOptions extends RedialOptions {
  readonly tenantId: string;
  readonly streamId: string;
  /** Names this producer for ever; its newest session fences older ones. */
  readonly producer: string;
  /** What `flush` and `close` wait for. Default: replicated. */
  readonly level?: PublishLevel;
  /** Sends a BLAKE3 digest of each whole payload, which subscribers verify. Default: no. */
  readonly withDigests?: boolean;
  /** Default 16 MiB. */
  readonly keptBytesMax?: number;
  /** After each answer of the node. */
  readonly onWatermarks?: (watermarks: Watermarks) => void;
}

/** Highest producer seq of this producer at each level. */
export type Watermarks = Readonly<Record<PublishLevel, number>>;

interface Waiter {
  readonly isReady: () => boolean;
  readonly resolve: () => void;
  readonly fail: (error: Error) => void;
}

export class Publisher {
  readonly #options: PublisherOptions;
  readonly #dial: () => PublishWire;
  readonly #window = new SendWindow();
  readonly #keptBytesMax: number;
  readonly #redial: Redial;
  #call: PublishWire | null = null;
  #isOpened = false;
  #epoch: number | null = null;
  #wasOpened = false;
  #isClosed = false;
  #failure: Error | null = null;
  #lastSeq = 0;
  #watermarks: Watermarks = { accepted: 0, replicated: 0, completed: 0 };
  #creditLimitBytes = 0;
  #sentBytes = 0;
  #writesInFlight = 0;
  #isPumpScheduled = false;
  #waiters: Waiter[] = [];

  /** For `MeshClient.publisher`. */
  constructor(options: PublisherOptions, dial: () => PublishWire) {
    this.#options = options;
    this.#dial = dial;
    this.#keptBytesMax = options.keptBytesMax ?? DEFAULT_KEPT_BYTES;
    this.#redial = new Redial(options, () => this.#connect());
  }

  get watermarks(): Watermarks {
    return this.#watermarks;
  }

  /** The seq that was given last, or that the node knew last. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** Messages in custody: not yet accepted. */
  get keptCount(): number {
    return this.#window.keptCount;
  }

  /** Attaches. Gives the producer's last seq: what this application published before. Rejects with `CallFailed`. */
  async open(): Promise<number> {
    if (this.#call === null && !this.#redial.isPending) this.#connect();
    await this.#until(() => this.#wasOpened);
    return this.#lastSeq;
  }

  /**
   * Takes the message when there is room, and gives its seq. It is accepted once `watermarks.accepted` has come there.
   * `payload` is up to 64 MiB, `headers` up to 8 KiB, and both must not change until then. Rejects with what ended the session.
   */
  async publish(payload: Uint8Array, headers: Uint8Array = EMPTY_BYTES): Promise<number> {
    for (;;) {
      const seq = this.offer(payload, headers);
      if (seq !== null) return seq;
      await this.#until(() => this.#hasRoom());
    }
  }

  /** As `publish`, without waiting: null when there is no room now. Throws what ended the session. */
  offer(payload: Uint8Array, headers: Uint8Array = EMPTY_BYTES): number | null {
    if (this.#failure !== null) throw this.#failure;
    if (!this.#wasOpened || this.#isClosed) throw new Error('a publisher must be open to publish');
    if (payload.length > MESSAGE_BYTES_MAX) throw new RangeError(`a message is at most ${MESSAGE_BYTES_MAX} bytes`);
    if (headers.length > HEADERS_BYTES_MAX) throw new RangeError(`headers are at most ${HEADERS_BYTES_MAX} bytes`);
    if (!this.#hasRoom()) return null;
    const seq = ++this.#lastSeq;
    const blake3 = this.#options.withDigests === true ? new Blake3().update(payload).digest() : EMPTY_BYTES;
    this.#window.push(seq, payload, headers, blake3);
    this.#schedulePump();
    return seq;
  }

  /** Resolves when `offer` has room. */
  async room(): Promise<void> {
    await this.#until(() => this.#hasRoom());
  }

  /** Resolves when everything published so far has come to `level`. Rejects with what ended the session. */
  async flush(level: PublishLevel = this.#options.level ?? 'replicated'): Promise<void> {
    const seq = this.#lastSeq;
    await this.#until(() => this.#watermarks[level] >= seq);
  }

  /** Flushes and ends the session. */
  async close(): Promise<void> {
    if (this.#wasOpened && this.#failure === null) await this.flush();
    this.abandon();
  }

  /** Ends the session as it is. What waits for it is rejected. */
  abandon(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#redial.stop();
    const call = this.#call;
    this.#call = null;
    call?.on('error', ignoreCancelled);
    call?.cancel();
    this.#failWaiters(new Error('the publisher is closed'));
  }

  #connect(): void {
    const call = this.#dial();
    this.#call = call;
    this.#isOpened = false;
    this.#sentBytes = 0;
    this.#writesInFlight = 0;
    call.on('data', (response: v1.PublishResponse) => {
      if (this.#call === call) this.#onResponse(response);
    });
    call.on('error', (error) => this.#onBroken(call, error));
    call.on('end', () => this.#onBroken(call, null));
    const { tenantId, streamId, producer, level } = this.#options;
    const wireLevel = PUBLISH_LEVELS[level ?? 'replicated'];
    // Who comes back after a break goes on in its own epoch: whoever has opened the producer since fences it.
    const epoch = this.#epoch;
    call.write(new v1.PublishRequest({ open: { tenantId, streamId, producer, level: wireLevel, epoch } }));
  }

  #onResponse(response: v1.PublishResponse): void {
    if (response.opened) {
      const lastSeq = response.opened.lastProducerSeq ?? 0;
      this.#redial.onUp();
      this.#epoch = response.opened.epoch ?? null;
      this.#isOpened = true;
      this.#creditLimitBytes = response.opened.creditLimitBytes ?? 0;
      if (!this.#wasOpened) this.#lastSeq = lastSeq;
      this.#wasOpened = true;
      this.#window.rewind(lastSeq);
      this.#schedulePump();
    } else if (response.watermarks) {
      const { accepted, replicated, completed, creditLimitBytes } = response.watermarks;
      this.#watermarks = {
        accepted: Math.max(this.#watermarks.accepted, accepted ?? 0),
        replicated: Math.max(this.#watermarks.replicated, replicated ?? 0),
        completed: Math.max(this.#watermarks.completed, completed ?? 0),
      };
      this.#creditLimitBytes = creditLimitBytes ?? 0;
      this.#window.onAccepted(this.#watermarks.accepted);
      this.#options.onWatermarks?.(this.#watermarks);
      this.#schedulePump();
    }
    this.#wake();
  }

  #schedulePump(): void {
    if (this.#isPumpScheduled) return;
    this.#isPumpScheduled = true;
    setImmediate(() => {
      this.#isPumpScheduled = false;
      this.#pump();
    });
  }

  #pump(): void {
    const call = this.#call;
    if (call === null || !this.#isOpened) return;
    while (this.#writesInFlight < WRITES_IN_FLIGHT_MAX && this.#window.hasUnsent) {
      const credit = this.#creditLimitBytes - this.#sentBytes;
      if (credit <= 0) return;
      // A first entry that is larger than the credit left waits for more: the node would only hold it back.
      const batch = this.#window.takeBatch(Math.min(credit, BATCH_BYTES_MAX));
      if (batch === null) return;
      this.#sentBytes += batch.bytes;
      this.#writesInFlight++;
      call.write(new v1.PublishRequest({ batch }), () => {
        if (this.#call !== call) return;
        this.#writesInFlight--;
        this.#schedulePump();
      });
    }
  }

  #onBroken(call: PublishWire, error: unknown): void {
    if (this.#call !== call || this.#isClosed) return;
    this.#call = null;
    this.#isOpened = false;
    this.#failure = this.#redial.onDown(error);
    if (this.#failure !== null) this.#failWaiters(this.#failure);
  }

  #hasRoom(): boolean {
    return this.#window.keptBytes < this.#keptBytesMax && this.#window.keptCount < KEPT_COUNT_MAX;
  }

  #until(isReady: () => boolean): Promise<void> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    if (isReady()) return Promise.resolve();
    return new Promise((resolve, fail) => this.#waiters.push({ isReady, resolve, fail }));
  }

  #wake(): void {
    if (this.#waiters.length === 0) return;
    const ready = this.#waiters.filter((waiter) => waiter.isReady());
    if (ready.length === 0) return;
    this.#waiters = this.#waiters.filter((waiter) => !ready.includes(waiter));
    for (const waiter of ready) waiter.resolve();
  }

  #failWaiters(error: Error): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) waiter.fail(error);
  }
}

/** After our own cancel the call still reports CANCELLED. */
export function ignoreCancelled(): void {
  return undefined;
}

const DEFAULT_KEPT_BYTES = 16 * 1024 * 1024;
const KEPT_COUNT_MAX = 262_144;
const WRITES_IN_FLIGHT_MAX = 4;
