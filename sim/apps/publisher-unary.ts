/**
 * A publisher that sends one message and waits for the answer. A message without an answer is sent again under the same
 * number: that is what makes it safe. Before the first message of a connection it asks where the producer stands.
 */
import type { PublishLevel, Reply } from '../../core/node/commands.js';
import type { RequestId } from '../../core/node/inputs.js';
import type { CriticalSpell } from '../oracles/critical.js';
import { WatermarkOracle } from '../oracles/watermarks.js';
import type { NodeProcess, Session, SessionEffect } from '../world/process.js';
import { chunkCountOf, makeChunk } from './content.js';
import { type Environment, TENANT, after, noteRefusal, retryDelayUs } from './environment.js';
import { type Publisher, type PublisherContext, nameOf, noteMessage, publisherContext } from './publisher.js';

export class PublisherUnary implements Publisher, Session {
  readonly #context: PublisherContext;
  readonly #level: PublishLevel;
  readonly #oracle: WatermarkOracle;
  #call: { readonly process: NodeProcess; readonly request: RequestId; readonly spell: CriticalSpell } | null = null;
  /** The life of the node that was asked where the producer stands. */
  #asked: NodeProcess | null = null;
  #isWaiting = false;
  #nextSeq = 1;
  #nextChunk = 0;

  constructor(environment: Environment, publisher: number, level: PublishLevel) {
    this.#context = publisherContext(environment, publisher);
    this.#level = level;
    this.#oracle = new WatermarkOracle(this.#context.log, environment.violations);
  }

  produce(bytes: number): void {
    noteMessage(this.#context, bytes);
    if (!this.#isWaiting) this.#send();
  }

  onEffect(effect: SessionEffect): void {
    if (effect.kind !== 'reply' || effect.request !== this.#call?.request) return;
    const { spell } = this.#call;
    this.#call = null;
    if (effect.result.ok) {
      const { environment, source } = this.#context;
      const mustWait = effect.result.value.kind === 'published' && this.#level !== 'accepted';
      if (mustWait) environment.critical.onGranted(source, spell, `a publish at level ${this.#level}`);
      this.#onReply(effect.result.value);
      return;
    }
    const { code, retryAfterUs } = effect.result.reject;
    noteRefusal(this.#context.environment, nameOf(this.#context), effect.result.reject);
    if (code === 'DUPLICATE') {
      this.#onPublished(0);
      return;
    }
    this.#nextChunk = 0;
    this.#retry(retryAfterUs);
  }

  onDisconnected(): void {
    this.#call = null;
    this.#nextChunk = 0;
    this.#retry();
  }

  #onReply(reply: Reply): void {
    if (reply.kind === 'producer') {
      this.#oracle.onAttached(reply.lastProducerSeq);
      this.#send();
      return;
    }
    if (reply.kind !== 'published') return;
    const message = this.#context.log.message(this.#nextSeq);
    if (message !== undefined && this.#nextChunk + 1 < chunkCountOf(message.bytes) && reply.seq === 0) {
      this.#nextChunk++;
      this.#send();
    } else this.#onPublished(reply.seq);
  }

  /** The message is acknowledged, at `seq` if the node still knew it. */
  #onPublished(seq: number): void {
    const { log, environment, publisher, stream, source } = this.#context;
    log.acknowledge(this.#nextSeq);
    if (seq > 0) {
      environment.ledgers.onPublished(publisher, this.#nextSeq, seq);
      if (this.#level === 'completed') environment.completion.onCompleted(stream, seq, source);
    }
    this.#nextSeq++;
    this.#nextChunk = 0;
    this.#send();
  }

  #send(): void {
    const { environment, source, stream, producer, log, publisher } = this.#context;
    const message = log.message(this.#nextSeq);
    this.#isWaiting = message !== undefined;
    if (message === undefined) return;
    const process = environment.machines[source]?.process ?? null;
    const id = environment.streamIds.id(stream);
    if (process === null || id === null) {
      this.#retry();
      return;
    }
    const address = { tenant: TENANT, stream: id, producer };
    if (this.#asked !== process) {
      this.#asked = process;
      this.#await(process, process.open(this, { kind: 'get-producer', ...address }));
      return;
    }
    const chunk = makeChunk(publisher, this.#nextSeq, message.bytes, this.#nextChunk);
    this.#await(process, process.open(this, { kind: 'publish-one', ...address, ...chunk, level: this.#level }));
  }

  #await(process: NodeProcess, request: RequestId): void {
    const { environment, source } = this.#context;
    const call = { process, request, spell: environment.critical.spellOf(source) };
    this.#call = call;
    after(environment, DEADLINE_US, () => {
      if (this.#call !== call) return;
      this.#call = null;
      this.#nextChunk = 0;
      process.cancel(request);
      this.#retry();
    });
  }

  #retry(retryAfterUs = 0): void {
    const { environment, draws } = this.#context;
    this.#isWaiting = true;
    after(environment, retryDelayUs(draws, retryAfterUs), () => this.#send());
  }
}

const DEADLINE_US = 15_000_000;
