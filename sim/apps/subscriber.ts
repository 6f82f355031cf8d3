/**
 * A simulated subscribing application. It handles messages in order, some in one transaction, and has a durable ledger
 * of what it has handled; it either stores the seq with the effect and presents it when it subscribes, or trusts the
 * node's offset. Its commit and its acknowledgement to the node are two moments, and either side may die between them.
 */
import { crc32c } from '../../core/base/crc32c.js';
import { Fifo } from '../../core/base/fifo.js';
import { streamSeq } from '../../core/base/units.js';
import type { Reply } from '../../core/node/commands.js';
import type { DeliveredChunk } from '../../core/node/effects.js';
import type { RequestId } from '../../core/node/inputs.js';
import { Draws } from '../base/draw.js';
import type { HandledMessage } from '../oracles/stream-ledgers.js';
import type { SubscriberPlan } from '../plan/plan.js';
import type { NodeProcess, Session, SessionEffect } from '../world/process.js';
import { digestChunks } from './content.js';
import { type Environment, TENANT, after, noteRefusal, retryDelayUs } from './environment.js';

/** What may be wrong with an application, for a time. */
export type SubscriberAilment = 'failing' | 'hanging' | 'losing-acks';

interface Subscription {
  readonly process: NodeProcess;
  readonly request: RequestId;
  attempt: number;
  /** No message up to here may be delivered in this subscription. */
  settledBefore: number;
  nextSeq: number;
  windowLeft: number;
}

interface Waiting extends HandledMessage {
  readonly bytes: number;
  readonly isDead: boolean;
}

export class Subscriber implements Session {
  readonly #environment: Environment;
  readonly #plan: SubscriberPlan;
  readonly #draws: Draws;
  #subscription: Subscription | null = null;
  #chunks: DeliveredChunk[] = [];
  #waiting = new Fifo<Waiting>();
  /** The transaction that runs now; null while idle. A crash of the application makes it void. */
  #transaction: readonly Waiting[] | null = null;
  /** What failed, and waits to be called void by the node. */
  #failed: readonly Waiting[] = [];
  /** Failures of the first message that is not handled. */
  #failures = { seq: 0, count: 0 };
  readonly #moods: Draws;
  #lastAckUs = 0;
  #isDown = false;
  readonly #ailments = new Set<SubscriberAilment>();
  /** What a hanging handler goes on with. */
  #stuck: (() => void) | null = null;
  /** Stretches the time that handling takes; 1 in health. */
  slowFactor = 1;

  constructor(environment: Environment, subscriber: number) {
    this.#environment = environment;
    this.#plan = environment.plan.subscribers[subscriber] as SubscriberPlan;
    this.#draws = new Draws(environment.plan.seed, 'application', SUBSCRIBER_ENTITY + subscriber);
    this.#moods = new Draws(environment.plan.seed, 'application', MOOD_ENTITY + subscriber);
    after(environment, this.#plan.startUs, () => this.#subscribe());
    if (this.#plan.poisonPerMillion > 0) this.#takeOver();
  }

  /** The application's process dies; what it has committed stays. */
  crash(): void {
    this.#isDown = true;
    this.#transaction = null;
    this.#hangUp();
  }

  /** From here on its handlers fail or hang, or its acknowledgements are lost; or they do not any more. */
  setAilment(ailment: SubscriberAilment, isIll: boolean): void {
    if (isIll) {
      this.#ailments.add(ailment);
      return;
    }
    this.#ailments.delete(ailment);
    const stuck = this.#stuck;
    this.#stuck = null;
    if (ailment === 'hanging') stuck?.();
    else this.#stuck = stuck;
  }

  restart(): void {
    if (!this.#isDown) return;
    this.#isDown = false;
    this.#subscribe();
  }

  onEffect(effect: SessionEffect): void {
    const subscription = this.#subscription;
    if (subscription === null || effect.request !== subscription.request) return;
    if (effect.kind === 'deliver') {
      this.#onDelivered(subscription, effect.attempt, effect.chunks);
    } else if (effect.kind === 'attempt-voided') {
      this.#onVoided(subscription, effect);
    } else if (effect.kind === 'ack-refused') {
      this.#environment.mark('ack-refused');
    } else if (effect.kind === 'reply' && effect.result.ok) {
      this.#onSubscribed(subscription, effect.result.value);
    } else if (effect.kind === 'reply' || effect.kind === 'ended') {
      this.#drop();
      if (!effect.result.ok) {
        const { stream, target } = this.#plan;
        noteRefusal(this.#environment, `subscriber of stream ${stream} at n${target}`, effect.result.reject);
      }
      this.#subscribeLater(effect.result.ok ? 0 : effect.result.reject.retryAfterUs);
    }
  }

  onDisconnected(): void {
    if (this.#subscription === null) return;
    this.#drop();
    this.#subscribeLater();
  }

  #hangUp(): void {
    this.#subscription?.process.cancel(this.#subscription.request);
    this.#drop();
  }

  /** Forgets what was delivered and not begun; a transaction that runs goes on to its commit. */
  #drop(): void {
    this.#subscription = null;
    this.#chunks = [];
    this.#waiting.clear();
    this.#failed = [];
  }

  #subscribeLater(retryAfterUs = 0): void {
    after(this.#environment, retryDelayUs(this.#draws, retryAfterUs), () => this.#subscribe());
  }

  #subscribe(): void {
    if (this.#isDown || this.#subscription !== null) return;
    const { stream, target, ledger, selector, windowMessages, windowBytes } = this.#plan;
    const process = this.#environment.machines[target]?.process ?? null;
    const id = this.#environment.streamIds.id(stream);
    if (process === null || this.#transaction !== null || (selector === 'id' && id === null)) {
      this.#subscribeLater();
      return;
    }
    const name = this.#environment.plan.streams[stream]?.name ?? '';
    const request = process.open(this, {
      kind: 'subscribe',
      tenant: TENANT,
      selector: selector === 'id' && id !== null ? { kind: 'id', stream: id } : { kind: 'name', name },
      resumeAfter: ledger === 'own' ? streamSeq(this.#handledSeq()) : null,
      windowMessages,
      windowBytes,
    });
    this.#subscription = {
      process,
      request,
      attempt: 0,
      settledBefore: this.#settledSeq(),
      nextSeq: 0,
      windowLeft: windowMessages,
    };
  }

  #onSubscribed(subscription: Subscription, reply: Reply): void {
    if (reply.kind !== 'subscription') return;
    subscription.attempt = reply.attempt;
    subscription.nextSeq = reply.resumeAfter + 1;
    subscription.settledBefore = this.#settledSeq();
    // What its node has given up on since is not delivered to one that leaves its place to the node.
    const { stream, target } = this.#plan;
    const { deadLetters, ledgers } = this.#environment;
    for (let seq = this.#handledSeq() + 1; seq <= reply.resumeAfter && deadLetters.mayBeDead(stream, target, seq); seq++) {
      deadLetters.onDead(stream, target, seq);
      ledgers.onDead(stream, target, { seq, producer: '', producerSeq: 0 });
    }
  }

  #onDelivered(subscription: Subscription, attempt: number, chunks: readonly DeliveredChunk[]): void {
    if (attempt !== subscription.attempt) {
      this.#environment.violations.report('delivery-order', `attempt ${attempt} came at n${this.#plan.target}, which nobody announced`);
    }
    this.#environment.paces.onDelivered(this.#plan.stream, this.#plan.target, chunks[0]?.seq ?? 0);
    for (const chunk of chunks) this.#onChunk(subscription, chunk);
    this.#begin();
  }

  /** A message failed: what is after it is void, and comes again. The window gets back what it had taken. */
  #onVoided(subscription: Subscription, { attempt, next, seq }: Extract<SessionEffect, { kind: 'attempt-voided' }>): void {
    const { deadLetters, ledgers, timeline } = this.#environment;
    const { process, request } = subscription;
    deadLetters.onFailed(this.#plan.stream, this.#plan.target, seq);
    this.#failures = { seq, count: this.#failures.seq === seq ? this.#failures.count + 1 : 1 };
    const held = [...this.#failed, ...(this.#transaction ?? [])];
    for (let message = this.#waiting.shift(); message !== undefined; message = this.#waiting.shift()) held.push(message);
    const failed = held.find((message) => message.seq === seq);
    // Of what is before the failed message only the news of deaths can be left: they are settled.
    for (const message of held) if (message.seq < seq) this.#note(message, subscription.settledBefore);
    if (failed !== undefined) ledgers.onSeen(this.#plan.stream, failed);
    const messages = held.length;
    let bytes = this.#chunks.reduce((sum, { payload }) => sum + payload.length, 0);
    for (const message of held) bytes += message.bytes;
    const last = this.#transaction?.at(-1)?.seq ?? 0;
    this.#transaction = null;
    this.#stuck = null;
    this.#failed = [];
    this.#chunks = [];
    subscription.attempt = next;
    subscription.nextSeq = seq;
    this.#lastAckUs = Math.max(timeline.nowUs + CALL_US, this.#lastAckUs);
    after(this.#environment, this.#lastAckUs - timeline.nowUs, () => {
      if (this.#subscription !== subscription) return;
      subscription.windowLeft += messages;
      process.tell({ kind: 'window', request, messages, bytes });
    });
    if (last > 0) this.#acknowledgeLate(subscription, attempt, last);
  }

  /** Its handler was rolled back; a part of it that does not know acknowledges all the same, and must not be heard. */
  #acknowledgeLate({ process, request }: Subscription, attempt: number, seq: number): void {
    const delayUs = this.#moods.pick([CALL_US, LATE_US, 3 * LATE_US]);
    after(this.#environment, delayUs, () => process.tell({ kind: 'processed', request, attempt, seq: streamSeq(seq) }));
  }

  /** Another instance of the application subscribes; this one rolls back what it is at, and learns that it is fenced. */
  #takeOver(): void {
    after(this.#environment, this.#moods.between(TAKE_OVER_US, 4 * TAKE_OVER_US), () => this.#takeOver());
    const subscription = this.#subscription;
    if (this.#isDown || subscription === null || subscription.nextSeq < 2) return;
    const { attempt, nextSeq } = subscription;
    this.#transaction = null;
    this.#stuck = null;
    this.#drop();
    this.#subscribe();
    this.#acknowledgeLate(subscription, attempt, nextSeq - 1);
  }

  #onChunk(subscription: Subscription, chunk: DeliveredChunk): void {
    const { stream, target } = this.#plan;
    const place = `stream ${stream} target ${target} seq ${chunk.seq} chunk ${chunk.chunkSeq}/${chunk.chunkCount}`;
    const { violations } = this.#environment;
    if (chunk.seq !== subscription.nextSeq || chunk.chunkSeq !== this.#chunks.length) {
      const expected = `${subscription.nextSeq} chunk ${this.#chunks.length}`;
      violations.report('delivery-order', `${place} came where seq ${expected} was expected`);
      subscription.nextSeq = chunk.seq;
      this.#chunks = [];
    }
    if (chunk.isDead !== true && crc32c(chunk.payload) !== chunk.checksum) violations.report('delivery-order', `${place} fails its checksum`);
    this.#chunks.push(chunk);
    if (this.#chunks.length < chunk.chunkCount) return;
    if (--subscription.windowLeft < 0) {
      violations.report('window-exceeded', `${place} came with the window of ${this.#plan.windowMessages} full`);
    }
    subscription.nextSeq++;
    const payloads = this.#chunks.map(({ payload }) => payload);
    const digest = digestChunks(payloads, this.#chunks[0]?.headers ?? new Uint8Array(0));
    let bytes = 0;
    for (const payload of payloads) bytes += payload.length;
    const { seq, producer, producerSeq } = chunk;
    this.#waiting.push({ seq, producer, producerSeq, digest, bytes, isDead: chunk.isDead === true });
    this.#chunks = [];
  }

  /** Begins the next transaction when none runs. */
  #begin(): void {
    if (this.#transaction !== null || this.#failed.length > 0 || this.#waiting.length === 0) return;
    const batch: Waiting[] = [];
    while (batch.length < this.#plan.batchMax) {
      const next = this.#waiting.shift();
      if (next === undefined) break;
      batch.push(next);
    }
    const subscription = this.#subscription;
    this.#transaction = batch;
    const handlingUs = Math.min(this.#plan.handlerUs * batch.length * this.slowFactor, HANDLING_US_MAX);
    after(this.#environment, this.#draws.between(CALL_US, 2 * CALL_US) + handlingUs, () => this.#end(batch, subscription));
  }

  /** The handler has come to its end, unless it hangs or fails there. */
  #end(batch: readonly Waiting[], subscription: Subscription | null): void {
    if (this.#transaction !== batch) return;
    const { mark } = this.#environment;
    if (this.#ailments.has('hanging')) {
      mark('handler-hung');
      this.#stuck = () => this.#end(batch, subscription);
    } else if (this.#ailments.has('failing')) {
      // Nothing was committed, and nothing after it may be: the application takes all of it again.
      mark('handler-failed');
      this.#transaction = null;
      this.#hangUp();
      this.#subscribeLater();
    } else {
      const poisoned = batch.findIndex((message) => this.#cannotTake(message));
      if (poisoned < 0) this.#commit(batch, subscription);
      else this.#failAt(batch, poisoned, subscription);
    }
  }

  /** What its handler cannot take: of a stream that keeps dead letters never, else until its operator has mended it. */
  #cannotTake({ seq, digest, isDead }: Waiting): boolean {
    const { stream, target, poisonPerMillion } = this.#plan;
    if (isDead || poisonPerMillion === 0) return false;
    const isPoison = (Math.imul(digest ^ (target + 1), 0x9e3779b1) >>> 0) % 1_000_000 < poisonPerMillion;
    const failure = this.#environment.plan.streams[stream]?.failure;
    const isMended = failure?.action !== 1 && this.#failures.seq === seq && this.#failures.count > (failure?.failuresMax ?? 0);
    return isPoison && !isMended;
  }

  /** Commits what is before the failing message, and tells the node of that one. */
  #failAt(batch: readonly Waiting[], at: number, subscription: Subscription | null): void {
    this.#environment.mark('handler-poisoned');
    const failing = batch[at]?.seq ?? 0;
    this.#transaction = null;
    if (subscription === null || subscription !== this.#subscription) return;
    if (at > 0) this.#commit(batch.slice(0, at), subscription, true);
    if (this.#subscription !== subscription) return;
    this.#failed = batch.slice(at);
    const { process, request, attempt } = subscription;
    this.#tellInOrder(subscription, () => process.tell({ kind: 'failed', request, attempt, seq: streamSeq(failing), reason: 'poison' }));
  }

  /** The calls between an application and its node are one ordered stream. */
  #tellInOrder(subscription: Subscription, tell: () => void): void {
    const { timeline } = this.#environment;
    this.#lastAckUs = Math.max(timeline.nowUs + this.#moods.between(CALL_US, 3 * CALL_US), this.#lastAckUs);
    after(this.#environment, this.#lastAckUs - timeline.nowUs, () => {
      if (this.#subscription === subscription) tell();
    });
  }

  #commit(batch: readonly Waiting[], subscription: Subscription | null, isFailing = false): void {
    const { trace, timeline } = this.#environment;
    this.#transaction = null;
    let bytes = 0;
    for (const message of batch) {
      this.#note(message, subscription?.settledBefore ?? 0);
      trace.onFact(timeline.nowUs, 'handled', message.digest);
      bytes += message.bytes;
    }
    if (this.#ailments.has('losing-acks') && this.#subscription !== null) {
      this.#environment.mark('ack-lost-after-commit');
      this.#hangUp();
      this.#subscribeLater();
      return;
    }
    const seq = batch.at(-1)?.seq ?? 0;
    if (subscription !== null && subscription === this.#subscription) {
      const { process, request, attempt } = subscription;
      // The calls between an application and its node are one ordered stream.
      const delayUs = this.#draws.between(CALL_US, 3 * CALL_US);
      this.#lastAckUs = Math.max(timeline.nowUs + delayUs, this.#lastAckUs);
      after(this.#environment, this.#lastAckUs - timeline.nowUs, () => {
        if (this.#subscription !== subscription) return;
        subscription.windowLeft += batch.length;
        process.tell({ kind: 'processed', request, attempt, seq: streamSeq(seq) });
        process.tell({ kind: 'window', request, messages: batch.length, bytes });
      });
      if (!isFailing) this.#begin();
    }
  }

  /** The effect is durable. */
  #note(message: Waiting, settledBefore: number): void {
    const { stream, target } = this.#plan;
    const { ledgers, deadLetters } = this.#environment;
    if (!message.isDead) {
      deadLetters.onHandled(stream, target, message.seq);
      ledgers.onHandled(stream, target, message, settledBefore);
      return;
    }
    deadLetters.onDead(stream, target, message.seq);
    const replay = deadLetters.replayOf(stream, target, message.seq);
    ledgers.onDead(stream, target, { seq: message.seq, producer: message.producer || (replay?.producer ?? ''), producerSeq: message.producerSeq || (replay?.producerSeq ?? 0) });
  }

  /** The end of the application's own ledger. */
  #handledSeq(): number {
    return this.#environment.ledgers.lastSeq(this.#plan.stream, this.#plan.target);
  }

  /** What the application may rely on not to handle again. */
  #settledSeq(): number {
    const { stream, target, ledger } = this.#plan;
    if (ledger === 'own') return this.#handledSeq();
    const machine = this.#environment.machines[target];
    const id = this.#environment.streamIds.id(stream);
    if (machine === undefined || id === null) return 0;
    return Math.max(this.#environment.completion.completedBySource(stream), machine.disk.offset(id, machine.identity.nodeId));
  }
}

const LATE_US = 150_000;
const TAKE_OVER_US = 6_000_000;
const MOOD_ENTITY = 5_000_000;
const SUBSCRIBER_ENTITY = 4_000_000;
/** The time between an application and the node beside it. */
const CALL_US = 100;
/** However slow a handler is, it comes to an end: faults may overlap, and all of them are over at the healing. */
const HANDLING_US_MAX = 1_500_000;
