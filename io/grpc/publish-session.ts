/**
 * One PublishClientDataStream call: batches in, watermarks out.
 *
 * Invariant: no more bytes enter the core than it gave credit for. What a client sends beyond that waits here, at most
 * one batch, while the call is paused: grpc-js then buffers 16 messages and HTTP/2's flow control stops the client.
 * (grpc-js counts messages, not bytes, so their size is bounded by the server's receive limit.)
 */
import type { ServerDuplexStream } from '@grpc/grpc-js';
import { Fifo } from '../../core/base/fifo.js';
import { type Reject, reject } from '../../core/base/reject.js';
import { type Result, accept, refuse } from '../../core/base/result.js';
import type { PublishLevel, Reply } from '../../core/node/commands.js';
import type { PublisherWatermarks } from '../../core/node/effects.js';
import type { OfferedChunk } from '../../core/node/inputs.js';
import type { NodeHost } from '../host/node-host.js';
import { CallEnding } from './call-ending.js';
import { attachCommand } from './commands.js';
import { PUBLISH_LEVELS } from './enums.js';
import { readChunk, readEnum, reading } from './fields.js';
import { v1 } from './messages.js';

export type PublishCall = ServerDuplexStream<v1.PublishRequest, v1.PublishResponse>;

export class PublishSession {
  readonly #call: PublishCall;
  readonly #host: NodeHost;
  /** Received and not yet offered to the core. */
  readonly #waiting = new Fifo<OfferedChunk>();
  #level: PublishLevel = 'replicated';
  readonly #ending: CallEnding;
  #isHalfClosed = false;
  /** What the core takes now, as far as known here: its last word less what was offered since. */
  #creditBytes = 0;
  #offeredBytes = 0;
  #lastOfferedSeq = 0;
  #hasOffered = false;
  #watermarks: PublisherWatermarks | null = null;
  #isWriting = false;
  #hasNews = false;
  #isPumpScheduled = false;

  constructor(call: PublishCall, host: NodeHost) {
    this.#call = call;
    this.#host = host;
    this.#ending = new CallEnding(call, host, () => this.#waiting.clear());
    call.on('data', (request: v1.PublishRequest) => this.#onRequest(request));
    call.on('end', () => this.#onHalfClose());
  }

  /** Ends the call from our side. */
  refuse(refusal: Reject): void {
    this.#ending.refuse(refusal);
  }

  #onRequest(request: v1.PublishRequest): void {
    if (this.#ending.isOver) return;
    if (this.#ending.request === null) return this.#open(request);
    if (!request.batch) return this.refuse(reject('INVALID_ARGUMENT', 'batch', 'only batches follow the opening request'));
    const chunks = readBatch(request.batch);
    if (!chunks.ok) return this.refuse(chunks.reject);
    for (const chunk of chunks.value) this.#waiting.push(chunk);
    this.#pump();
  }

  #open(request: v1.PublishRequest): void {
    if (!request.open) return this.refuse(reject('INVALID_ARGUMENT', 'open', 'the first request must open the session'));
    const open = request.open;
    const command = attachCommand(open);
    const level = reading(() => readEnum('open.level', PUBLISH_LEVELS, open.level, 'replicated'));
    if (!command.ok) return this.refuse(command.reject);
    if (!level.ok) return this.refuse(level.reject);
    this.#level = level.value;
    // Batches that follow at once wait until the core has answered.
    this.#call.pause();
    this.#ending.request = this.#host.request(command.value, {
      onReply: (result) => this.#onReply(result),
      onWatermarks: (watermarks) => this.#onWatermarks(watermarks),
      onEnded: (result) => this.#ending.onEnded(result),
    });
  }

  #onReply(result: Result<Reply>): void {
    if (!result.ok) return this.refuse(result.reject);
    if (result.value.kind !== 'publisher' || this.#ending.isOver) return;
    this.#creditBytes = result.value.creditBytes;
    this.#lastOfferedSeq = result.value.lastProducerSeq;
    this.#call.write(
      new v1.PublishResponse({
        opened: {
          streamId: result.value.stream,
          lastProducerSeq: result.value.lastProducerSeq,
          creditLimitBytes: result.value.creditBytes,
          epoch: result.value.epoch,
        },
      }),
    );
    this.#schedulePump();
  }

  #onWatermarks(watermarks: PublisherWatermarks): void {
    if (this.#ending.isOver) return;
    this.#watermarks = watermarks;
    this.#creditBytes = watermarks.creditBytes;
    this.#hasNews = true;
    this.#tell();
    if (this.#waiting.length > 0) this.#schedulePump();
    this.#endIfDone();
  }

  /** The newest watermarks, one write at a time: a client that does not read holds one message here. */
  #tell(): void {
    if (this.#isWriting || !this.#hasNews || this.#watermarks === null || this.#ending.isOver) return;
    this.#hasNews = false;
    this.#isWriting = true;
    const { accepted, replicated, completed } = this.#watermarks;
    const creditLimitBytes = this.#offeredBytes + Math.max(0, this.#creditBytes);
    const answer = new v1.PublishResponse({ watermarks: { accepted, replicated, completed, creditLimitBytes } });
    this.#call.write(answer, () => {
      this.#isWriting = false;
      this.#tell();
      this.#endIfDone();
    });
  }

  /** Later in this round of the event loop: never while effects are carried out, so that the credit known here is exact. */
  #schedulePump(): void {
    if (this.#isPumpScheduled) return;
    this.#isPumpScheduled = true;
    setImmediate(() => {
      this.#isPumpScheduled = false;
      this.#pump();
    });
  }

  #pump(): void {
    if (this.#ending.isOver || this.#ending.request === null) return;
    const refusal = this.#waiting.length > 0 ? this.#host.refusalOfNewWork : null;
    if (refusal !== null) return this.refuse(refusal);
    const messages: OfferedChunk[] = [];
    for (let next = this.#waiting.peek(); next !== undefined; next = this.#waiting.peek()) {
      const bytes = next.payload.length + next.headers.length;
      if (bytes > this.#creditBytes) break;
      this.#creditBytes -= bytes;
      this.#offeredBytes += bytes;
      this.#lastOfferedSeq = next.producerSeq;
      this.#hasOffered = true;
      messages.push(next);
      this.#waiting.shift();
    }
    if (messages.length > 0) this.#host.submit({ kind: 'publish', request: this.#ending.request, messages });
    if (this.#waiting.length > 0) this.#call.pause();
    else this.#call.resume();
  }

  #onHalfClose(): void {
    this.#isHalfClosed = true;
    if (this.#ending.request === null) this.#call.end();
    else this.#endIfDone();
  }

  #endIfDone(): void {
    if (!this.#isHalfClosed || this.#ending.isOver || this.#waiting.length > 0 || this.#isWriting) return;
    const reached = this.#watermarks === null ? 0 : this.#watermarks[this.#level];
    if (this.#hasOffered && reached < this.#lastOfferedSeq) return;
    this.#ending.complete();
  }
}

function readBatch(batch: v1.PublishBatch.$Properties): Result<readonly OfferedChunk[]> {
  const chunks = reading(() => (batch.entries ?? []).map(readChunk));
  if (!chunks.ok) return chunks;
  let bytes = 0;
  for (const chunk of chunks.value) bytes += chunk.payload.length + chunk.headers.length;
  if (bytes <= BATCH_BYTES_MAX) return accept(chunks.value);
  const detail = `a batch carries at most ${BATCH_BYTES_MAX} bytes of payload and headers, got ${bytes}`;
  return refuse(reject('PAYLOAD_TOO_LARGE', 'batch', detail));
}

/** What a batch may carry in either direction. */
export const BATCH_BYTES_MAX = 256 * 1024;
