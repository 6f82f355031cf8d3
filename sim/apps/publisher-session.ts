/**
 * A publisher that keeps a session open: it sends as the credit allows, learns from watermarks, and after any break
 * begins again after the last message that the node knows.
 */
import type { PublisherWatermarks } from '../../core/node/effects.js';
import type { OfferedChunk, RequestId } from '../../core/node/inputs.js';
import { WatermarkOracle } from '../oracles/watermarks.js';
import type { NodeProcess, Session, SessionEffect } from '../world/process.js';
import { chunkCountOf, makeChunk } from './content.js';
import { type Environment, TENANT, after, noteRefusal, retryDelayUs } from './environment.js';
import { type Publisher, type PublisherContext, nameOf, noteMessage, publisherContext } from './publisher.js';

interface Attachment {
  readonly process: NodeProcess;
  readonly request: RequestId;
  isAttached: boolean;
  creditBytes: number;
  /** Offered since the node's run number `unseenSince`, so not in any credit that it has told. */
  unseenBytes: number;
  unseenSince: number;
}

export class PublisherSession implements Publisher, Session {
  readonly #context: PublisherContext;
  readonly #oracle: WatermarkOracle;
  #attachment: Attachment | null = null;
  /** Since it was told. */
  #epoch: number | null = null;
  #nextSeq = 1;
  #nextChunk = 0;

  constructor(environment: Environment, publisher: number) {
    this.#context = publisherContext(environment, publisher);
    this.#oracle = new WatermarkOracle(this.#context.log, environment.violations);
    this.#attachLater();
  }

  produce(bytes: number): void {
    noteMessage(this.#context, bytes);
    this.#offer();
  }

  onEffect(effect: SessionEffect): void {
    const attachment = this.#attachment;
    if (attachment === null || effect.request !== attachment.request) return;
    if (effect.kind === 'watermarks') {
      this.#onWatermarks(attachment, effect.watermarks);
    } else if (effect.kind === 'reply' && effect.result.ok) {
      const reply = effect.result.value;
      if (reply.kind !== 'publisher') return;
      this.#oracle.onAttached(reply.lastProducerSeq);
      this.#epoch = reply.epoch;
      attachment.isAttached = true;
      attachment.creditBytes = reply.creditBytes;
      this.#nextSeq = reply.lastProducerSeq + 1;
      this.#nextChunk = 0;
      this.#offer();
    } else if (effect.kind === 'ended' || effect.kind === 'reply') {
      this.#attachment = null;
      // Whoever runs it starts it anew: another has opened its producer.
      if (!effect.result.ok && effect.result.reject.code === 'FENCED') this.#epoch = null;
      const retryAfterUs = effect.result.ok ? 0 : effect.result.reject.retryAfterUs;
      if (!effect.result.ok) noteRefusal(this.#context.environment, nameOf(this.#context), effect.result.reject);
      this.#attachLater(retryAfterUs);
    }
  }

  onDisconnected(): void {
    this.#attachment = null;
    this.#attachLater();
  }

  #onWatermarks(attachment: Attachment, marks: PublisherWatermarks): void {
    const { environment, log, publisher, stream, source } = this.#context;
    this.#oracle.onWatermarks(marks);
    log.acknowledge(marks.accepted);
    environment.completion.onPublisherCompleted(publisher, stream, marks.completed, source);
    this.#noteSeen(attachment);
    attachment.creditBytes = marks.creditBytes - attachment.unseenBytes;
    this.#offer();
  }

  /** Everything offered before the node's current run has been seen by it. */
  #noteSeen(attachment: Attachment): void {
    if (attachment.process.runCount === attachment.unseenSince) return;
    attachment.unseenSince = attachment.process.runCount;
    attachment.unseenBytes = 0;
  }

  #attachLater(retryAfterUs = 0): void {
    const { environment, draws } = this.#context;
    after(environment, retryDelayUs(draws, retryAfterUs), () => this.#attach());
  }

  #attach(): void {
    const { environment, source, stream, producer } = this.#context;
    const process = environment.machines[source]?.process ?? null;
    const id = environment.streamIds.id(stream);
    if (process === null || id === null) {
      this.#attachLater();
      return;
    }
    // It comes back in its own epoch: if another has opened the producer since, it is fenced.
    const mine = this.#epoch === null ? {} : { epoch: this.#epoch };
    const request = process.open(this, { kind: 'attach-publisher', tenant: TENANT, stream: id, producer, ...mine });
    this.#attachment = {
      process,
      request,
      isAttached: false,
      creditBytes: 0,
      unseenBytes: 0,
      unseenSince: process.runCount,
    };
  }

  /** Sends what has been produced and not sent, in batches, as far as the credit goes. */
  #offer(): void {
    const attachment = this.#attachment;
    if (attachment === null || !attachment.isAttached) return;
    const { log, publisher } = this.#context;
    this.#noteSeen(attachment);
    let batch: OfferedChunk[] = [];
    let batchBytes = 0;
    for (;;) {
      const message = log.message(this.#nextSeq);
      if (message === undefined) break;
      const chunk = makeChunk(publisher, this.#nextSeq, message.bytes, this.#nextChunk);
      const bytes = chunk.payload.length;
      if (bytes > attachment.creditBytes) break;
      if (batch.length === BATCH_MESSAGES_MAX || batchBytes + bytes > BATCH_BYTES_MAX) {
        attachment.process.tell({ kind: 'publish', request: attachment.request, messages: batch });
        batch = [];
        batchBytes = 0;
      }
      batch.push(chunk);
      batchBytes += bytes;
      attachment.creditBytes -= bytes;
      attachment.unseenBytes += bytes;
      if (++this.#nextChunk === chunkCountOf(message.bytes)) {
        this.#nextSeq++;
        this.#nextChunk = 0;
      }
    }
    if (batch.length > 0) {
      attachment.process.tell({ kind: 'publish', request: attachment.request, messages: batch });
    }
  }
}

const BATCH_MESSAGES_MAX = 64;
const BATCH_BYTES_MAX = 256 * 1024;
