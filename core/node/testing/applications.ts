/**
 * Applications for the stories of this folder: a publisher that goes on after any restart from what the node says it
 * has, and a subscriber that stores what it is given, as a handler with a database of its own does. Both live beside
 * the world: their nodes may die, they do not. They look at what has come whenever `tick` is called.
 */
import { compareBytes, utf8Decode, utf8Encode } from '../../base/bytes.js';
import { crc32c } from '../../base/crc32c.js';
import { type StreamId, type TenantId, idFromBytes } from '../../base/ids.js';
import { streamSeq } from '../../base/units.js';
import type { OfferedChunk } from '../inputs.js';
import type { RequestLog, SmallHost } from './small-world.js';

export const TENANT = idFromBytes<TenantId>(new Uint8Array(16).fill(7));

/** The payload of message n of a producer: its name, and as much filling as is wanted. */
export type PayloadOf = (producer: string, n: number) => Uint8Array;

export const smallPayload: PayloadOf = (producer, n) => utf8Encode(`${producer}/${n}`);

/** `bytes` of filling that says of each place in the message what stands there. */
export function largePayload(bytes: number): PayloadOf {
  const made = new Map<string, Uint8Array>();
  return (producer, n) => {
    const known = made.get(`${producer}/${n}`);
    if (known !== undefined) return known;
    const payload = new Uint8Array(bytes);
    for (let i = 0; i < bytes; i++) payload[i] = (i * 31 + n * 7 + (i >>> 8) + producer.length) & 255;
    made.set(`${producer}/${n}`, payload);
    return payload;
  };
}

export interface PublisherOptions {
  readonly tenant?: TenantId;
  readonly host: SmallHost;
  readonly stream: StreamId;
  readonly producer?: string;
  readonly count: number;
  readonly payloadOf?: PayloadOf;
  readonly chunkBytes?: number;
  /** Messages offered at one tick at most. */
  readonly burst?: number;
  /** And no sooner than this after the last ones. */
  readonly everyUs?: number;
}

export class Publisher {
  readonly #options: Required<PublisherOptions>;
  #session: RequestLog | null = null;
  #boot: unknown = null;
  #isAttached = false;
  #credit = 0;
  #told: RequestLog['watermarks'] = null;
  #next = 1;
  #nextChunk = 0;
  #notBefore = 0;
  #offeredAt = Number.NEGATIVE_INFINITY;
  refusals: string[] = [];
  accepted = 0;
  replicated = 0;
  completed = 0;

  constructor(options: PublisherOptions) {
    this.#options = { tenant: TENANT, producer: 'p', payloadOf: smallPayload, chunkBytes: 65_536, burst: 50, everyUs: 0, ...options };
  }

  get isDone(): boolean {
    return this.completed === this.#options.count;
  }

  get offered(): number {
    return this.#next - 1;
  }

  tick(): void {
    const { tenant, host, stream, producer } = this.#options;
    if (host.node === null || host.world.now < this.#notBefore) return;
    if (this.#session === null || this.#boot !== host.node) {
      this.#boot = host.node;
      this.#isAttached = false;
      this.#told = null;
      this.#session = host.command({ kind: 'attach-publisher', tenant, stream, producer });
    }
    const { reply, reject, ended, watermarks } = this.#session;
    const why = reject ?? ended?.reject ?? null;
    if (why !== null || ended !== null) {
      if (why !== null) this.refusals.push(why.code);
      this.#session = null;
      this.#notBefore = host.world.now + (why === null ? 0 : RETRY_US);
      return;
    }
    if (reply?.kind === 'publisher' && !this.#isAttached) {
      this.#isAttached = true;
      this.#next = reply.lastProducerSeq + 1;
      this.#nextChunk = 0;
      this.#credit = reply.creditBytes;
    }
    if (watermarks !== null && watermarks !== this.#told) this.#follow(watermarks);
    if (this.#isAttached) this.#offer(this.#session);
  }

  #follow(watermarks: NonNullable<RequestLog['watermarks']>): void {
    this.#told = watermarks;
    this.#credit = watermarks.creditBytes;
    const { accepted, replicated, completed } = watermarks;
    if (completed > replicated || replicated > accepted) throw new Error(`watermarks ${accepted} ${replicated} ${completed}`);
    this.accepted = Math.max(this.accepted, accepted);
    this.replicated = Math.max(this.replicated, replicated);
    this.completed = Math.max(this.completed, completed);
  }

  #offer(session: RequestLog): void {
    const { host, producer, count, payloadOf, chunkBytes, burst, everyUs } = this.#options;
    if (host.world.now - this.#offeredAt < everyUs) return;
    const messages: OfferedChunk[] = [];
    while (messages.length < burst && this.#next <= count) {
      const whole = payloadOf(producer, this.#next);
      const chunkCount = Math.max(1, Math.ceil(whole.length / chunkBytes));
      const payload = whole.subarray(this.#nextChunk * chunkBytes, (this.#nextChunk + 1) * chunkBytes);
      if (payload.length > this.#credit) break;
      this.#credit -= payload.length;
      messages.push({ producerSeq: this.#next, chunkSeq: this.#nextChunk, chunkCount, payload, headers: new Uint8Array(0) });
      this.#nextChunk++;
      if (this.#nextChunk < chunkCount) continue;
      this.#next++;
      this.#nextChunk = 0;
    }
    if (messages.length === 0) return;
    this.#offeredAt = host.world.now;
    host.input({ kind: 'publish', request: host.requestOf(session), messages });
  }
}

export interface SubscriberOptions {
  readonly tenant?: TenantId;
  readonly host: SmallHost;
  readonly name: string;
  /** 'own': it presents what it has stored. 'node': it takes the node's offset and drops what it has already. */
  readonly offset?: 'own' | 'node';
  readonly windowMessages?: number;
  readonly windowBytes?: number;
  readonly payloadOf?: PayloadOf;
}

export class Subscriber {
  readonly #options: Required<SubscriberOptions>;
  #session: RequestLog | null = null;
  #boot: unknown = null;
  #seen = 0;
  #parts: Uint8Array[] = [];
  /** Durable: survives the node. By seq: producer and producerSeq. */
  readonly stored: string[] = [];
  readonly faults: string[] = [];
  readonly refusals: string[] = [];
  repeats = 0;
  isOver = false;
  isPaused = false;

  constructor(options: SubscriberOptions) {
    this.#options = { tenant: TENANT, offset: 'own', windowMessages: 100, windowBytes: 256 * 1024, payloadOf: smallPayload, ...options };
  }

  get lastSeq(): number {
    return this.stored.length;
  }

  tick(): void {
    const { tenant, host, name, offset, windowMessages, windowBytes } = this.#options;
    if (host.node === null || this.isOver || this.isPaused) return;
    if (this.#session === null || this.#boot !== host.node) {
      this.#boot = host.node;
      this.#seen = 0;
      this.#parts = [];
      const resumeAfter = offset === 'own' ? streamSeq(this.lastSeq) : null;
      this.#session = host.command({ kind: 'subscribe', tenant, selector: { kind: 'name', name }, resumeAfter, windowMessages, windowBytes });
    }
    const session = this.#session;
    this.#take(session);
    const why = session.reject ?? session.ended?.reject ?? null;
    if (why !== null) this.refusals.push(why.code);
    if (session.ended !== null && why === null) this.isOver = true;
    if (session.ended !== null || session.reject !== null) this.#session = null;
  }

  #take(session: RequestLog): void {
    const { host } = this.#options;
    const request = host.requestOf(session);
    const before = this.#seen;
    let messages = 0;
    let bytes = 0;
    let last = 0;
    let attempt = 0;
    for (; this.#seen < session.delivered.length; this.#seen++) {
      const { chunk, attempt: of } = session.delivered[this.#seen] as RequestLog['delivered'][number];
      attempt = of;
      bytes += chunk.payload.length;
      if (crc32c(chunk.payload) !== chunk.checksum) this.faults.push(`checksum of ${chunk.seq}`);
      if (chunk.chunkSeq !== this.#parts.length) this.faults.push(`chunk ${chunk.chunkSeq} of ${chunk.seq} after ${this.#parts.length}`);
      this.#parts.push(chunk.payload);
      if (this.#parts.length < chunk.chunkCount) continue;
      this.#store(chunk.seq, chunk.producer, chunk.producerSeq);
      this.#parts = [];
      messages++;
      last = chunk.seq;
    }
    if (this.#seen === before) return;
    if (last > 0) host.input({ kind: 'processed', request, attempt, seq: streamSeq(last) });
    host.input({ kind: 'window', request, messages, bytes });
  }

  #store(seq: number, producer: string, producerSeq: number): void {
    if (seq <= this.lastSeq) {
      this.repeats++;
      if (this.stored[seq - 1] !== `${producer}:${producerSeq}`) this.faults.push(`${seq} came again with another content`);
      return;
    }
    if (seq !== this.lastSeq + 1) this.faults.push(`${seq} after ${this.lastSeq}`);
    const expected = this.#options.payloadOf(producer, producerSeq);
    let length = 0;
    for (const part of this.#parts) length += part.length;
    if (length !== expected.length) this.faults.push(`${length} bytes of ${seq}`);
    let at = 0;
    for (const part of this.#parts) {
      if (compareBytes(part, expected.subarray(at, at + part.length)) !== 0) this.faults.push(`content of ${seq}`);
      at += part.length;
    }
    this.stored.push(`${producer}:${producerSeq}`);
  }
}

/** A refused publisher comes again after this time. */
const RETRY_US = 100_000;

/** What `count` messages of one producer leave in a subscriber's store. */
export const allOf = (producer: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${producer}:${i + 1}`);

/** Text of a small payload, for failures that a person reads. */
export const textOf = (payload: Uint8Array): string => utf8Decode(payload) ?? '?';
