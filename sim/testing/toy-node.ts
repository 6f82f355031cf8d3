/**
 * A toy that stands for the core in the tests of the world: it keeps the kernel's contract and, in calm weather and bad,
 * the promises of a stream, by the simplest means (everything is flooded as JSON and repeated until it is settled). It
 * has no Raft: the source alone is the authority. `ToyBug`s break one promise each, for the oracles to catch.
 */
import { unreachable } from '../../core/base/assert.js';
import { utf8Decode, utf8Encode } from '../../core/base/bytes.js';
import { type MeshId, type NodeId, type StreamId, idFromBytes } from '../../core/base/ids.js';
import { type Reject, reject } from '../../core/base/reject.js';
import { accept, refuse } from '../../core/base/result.js';
import { type Micros, type Ticket, journalSeq, micros, streamSeq, ticket } from '../../core/base/units.js';
import type { Command, Reply } from '../../core/node/commands.js';
import type { LedgerWrite, Outbox } from '../../core/node/effects.js';
import type { Input, OfferedChunk, RequestId } from '../../core/node/inputs.js';
import type { Birth, SimulatedNode } from '../world/simulated-node.js';
import { type ToyFact, ToyOverlay } from './toy-overlay.js';
import { ToyPublishing } from './toy-publishing.js';
import { toyStatus } from './toy-status.js';
import { type ToyMessage, ToyStream, fromWire, isOf, takeChunks, toWire, toyMessageId } from './toy-stream.js';

export type ToyBug =
  | 'accepts-before-durable'
  | 'settles-before-durable'
  | 'forgets-producers'
  | 'damages-content'
  | 'never-repeats'
  | 'throws'
  | 'halts';

export class ToyNode implements SimulatedNode {
  readonly #birth: Birth;
  readonly #bug: ToyBug | null;
  readonly #self: NodeId;
  readonly #overlay: ToyOverlay;
  readonly #members = new Map<NodeId, string>();
  readonly #streams = new Map<StreamId, ToyStream>();
  readonly #publishing = new ToyPublishing();
  readonly #waitingSubscribes: { readonly request: RequestId; readonly command: Subscribe }[] = [];
  readonly #flushes = new Map<Ticket, (() => void)[]>();
  #unwritten: ToyFact[] = [];
  #unwrittenLedger: LedgerWrite[] = [];
  #onDurable: (() => void)[] = [];
  #isJoined = false;
  #tickets = 0;
  #records = 0;
  #nextTick = 0;
  #out: Outbox = { push: () => undefined };

  constructor(birth: Birth, bug: ToyBug | null = null) {
    this.#birth = birth;
    this.#bug = bug;
    this.#overlay = new ToyOverlay(birth);
    this.#self = birth.identity.nodeId;
    for (const { seq, bytes } of birth.recovered.records) {
      this.#records = seq;
      for (const fact of decode(bytes)) this.#recover(fact);
    }
    for (const { stream, seq } of birth.recovered.offsets) {
      const known = this.#streams.get(stream);
      if (known !== undefined) known.offset = seq;
    }
  }

  step(now: Micros, input: Input, outbox: Outbox): void {
    this.#out = outbox;
    switch (input.kind) {
      case 'turn':
        this.#onTurn(now);
        return;
      case 'lane-opened':
        this.#overlay.onOpened(input.lane, input.dial);
        return;
      case 'lane-closed':
        this.#overlay.onClosed(now, input.lane);
        return;
      case 'dial-failed':
        this.#overlay.onDialFailed(now, input.ticket);
        return;
      case 'received':
        for (const fact of this.#overlay.receive(input.lane, input.bytes, outbox)) this.#onFact(fact);
        return;
      case 'persisted': {
        const acts = this.#flushes.get(input.ticket) ?? [];
        this.#flushes.delete(input.ticket);
        for (const act of acts) act();
        return;
      }
      case 'command':
        this.#onCommand(input.request, input.command);
        return;
      case 'publish':
        this.#onPublish(input.request, input.messages);
        return;
      case 'processed':
        this.#onProcessed(input.request, input.seq);
        return;
      case 'window':
        for (const { subscription } of this.#streams.values()) {
          if (subscription?.request === input.request) subscription.windowLeft += input.messages;
        }
        return;
      case 'cancel':
        this.#publishing.cancel(input.request);
        for (const stream of this.#streams.values()) {
          if (stream.subscription?.request === input.request) stream.subscription = null;
        }
        return;
      case 'persist-failed':
        if (input.code === 'failed') outbox.push({ kind: 'halt', code: 'DISK', detail: 'a flush failed' });
        return;
      case 'wake':
      case 'failed':
      case 'lane-drained':
      case 'fetched':
      case 'wall-offset':
      case 'updates-processed':
        return;
      default:
        unreachable(input);
    }
  }

  nextDeadline(): Micros {
    return micros(this.#overlay.nextDue(this.#nextTick));
  }

  checkInvariants(): void {
    for (const stream of this.#streams.values()) {
      if (stream.completedSeq > stream.messages.length) throw new Error('completed more than there is');
    }
  }

  #onTurn(now: Micros): void {
    if (now >= this.#nextTick) {
      this.#nextTick = now + TICK_US;
      this.#repeat();
    }
    for (const stream of this.#streams.values()) this.#deliver(stream);
    this.#write();
    this.#publishing.answer(this.#out);
    this.#overlay.onTurn(now, this.#out);
  }

  /** Everything that somebody may still need, again. */
  #repeat(): void {
    if (!this.#isJoined) return;
    this.#overlay.flood({ kind: 'hello', node: this.#self, name: this.#birth.identity.name });
    for (const stream of this.#streams.values()) {
      const { descriptor } = stream;
      if (descriptor.targets.includes(this.#self)) {
        this.#overlay.flood({ kind: 'settled', stream: descriptor.id, node: this.#self, seq: stream.offset });
      }
      if (descriptor.source !== this.#self) continue;
      this.#overlay.flood({ kind: 'stream', descriptor });
      const from = Math.min(...stream.settled.values());
      const isMoving = from > stream.repeatedFrom;
      stream.repeatedFrom = from;
      if (this.#bug === 'never-repeats' || isMoving) continue;
      for (const message of stream.messages.slice(from, Math.min(from + REPEATS_MAX, stream.durableSeq))) {
        this.#overlay.flood({ kind: 'data', stream: descriptor.id, message: toWire(message) });
      }
    }
  }

  #onFact(fact: ToyFact): void {
    switch (fact.kind) {
      case 'hello':
        this.#members.set(fact.node, fact.name);
        return;
      case 'stream':
        if (fact.descriptor.targets.includes(this.#self) && !this.#streams.has(fact.descriptor.id)) {
          this.#streams.set(fact.descriptor.id, new ToyStream(fact.descriptor));
          this.#persist(fact);
        }
        return;
      case 'data': {
        const stream = this.#streams.get(fact.stream);
        if (stream === undefined || !stream.descriptor.targets.includes(this.#self)) return;
        if (fact.message.seq !== stream.messages.length + 1) return;
        stream.add(fromWire(fact.message));
        this.#persist(fact, () => void (stream.durableSeq = fact.message.seq));
        return;
      }
      case 'settled': {
        const stream = this.#streams.get(fact.stream);
        if (stream === undefined || stream.descriptor.source !== this.#self) return;
        const before = stream.completedSeq;
        stream.onSettled(fact.node, fact.seq);
        if (stream.completedSeq > before) {
          const seq = streamSeq(stream.completedSeq);
          this.#out.push({ kind: 'notice', notice: { kind: 'stream-completed', stream: fact.stream, seq } });
        }
        return;
      }
      case 'joined':
        return;
      default:
        unreachable(fact);
    }
  }

  #recover(fact: ToyFact): void {
    if (fact.kind === 'joined') {
      this.#isJoined = true;
      this.#members.set(this.#self, this.#birth.identity.name);
    }
    if (fact.kind === 'stream') this.#streams.set(fact.descriptor.id, new ToyStream(fact.descriptor));
    if (fact.kind !== 'data') return;
    const stream = this.#streams.get(fact.stream);
    stream?.add(fromWire(fact.message));
    if (stream !== undefined) stream.durableSeq = fact.message.seq;
    if (this.#bug === 'forgets-producers') stream?.producers.clear();
  }

  #onCommand(request: RequestId, command: Command): void {
    if (this.#bug === 'throws' && command.kind === 'open-stream') throw new Error('planted');
    if (this.#bug === 'halts' && command.kind === 'open-stream') {
      this.#out.push({ kind: 'halt', code: 'PLANTED', detail: 'planted' });
    }
    switch (command.kind) {
      case 'seed-mesh':
      case 'join-mesh':
        this.#isJoined = true;
        this.#members.set(this.#self, this.#birth.identity.name);
        this.#persist({ kind: 'joined' }, () => this.#reply(request, this.#status()));
        return;
      case 'get-status':
        this.#reply(request, this.#status());
        return;
      case 'open-stream':
        this.#openStream(request, command);
        return;
      case 'subscribe':
        this.#waitingSubscribes.push({ request, command });
        return;
      case 'attach-publisher': {
        const stream = this.#streams.get(command.stream);
        if (stream === undefined) {
          this.#refuse(request, reject('STREAM_UNKNOWN', 'stream', 'open it first'));
          return;
        }
        const creditBytes = this.#publishing.attach(request, stream, command.producer);
        const lastProducerSeq = stream.lastOf(command.producer);
        this.#reply(request, { kind: 'publisher', stream: command.stream, lastProducerSeq, epoch: 0, creditBytes });
        return;
      }
      case 'get-producer': {
        const lastProducerSeq = this.#streams.get(command.stream)?.lastOf(command.producer) ?? 0;
        this.#reply(request, { kind: 'producer', lastProducerSeq, epoch: 0 });
        return;
      }
      case 'publish-one':
        this.#publishOne(request, command);
        return;
      default:
        this.#refuse(request, reject('INVALID_ARGUMENT', command.kind, 'a toy does not know this'));
    }
  }

  #openStream(request: RequestId, command: Extract<Command, { kind: 'open-stream' }>): void {
    const { name, targets, policy } = command;
    const known = [...this.#streams.values()].find(
      ({ descriptor }) => descriptor.source === this.#self && descriptor.name === name,
    );
    const id = known?.descriptor.id ?? idFromBytes<StreamId>(this.#birth.entropy.bytes(16));
    const reply: Reply = { kind: 'stream', stream: id, name, targets, lastSeq: streamSeq(0) };
    if (known !== undefined) {
      this.#reply(request, reply);
      return;
    }
    const needed = policy.kind === 'quorum' ? policy.count : targets.length;
    const stream = new ToyStream({ id, name, source: this.#self, targets, needed });
    this.#streams.set(id, stream);
    this.#persist({ kind: 'stream', descriptor: stream.descriptor }, () => this.#reply(request, reply));
  }

  #onPublish(request: RequestId, messages: readonly OfferedChunk[]): void {
    const session = this.#publishing.session(request);
    if (session !== undefined) for (const chunk of messages) this.#offer(session.stream, session.producer, chunk);
  }

  /** Takes one chunk; true when it completes a message. */
  #offer(stream: ToyStream, producer: string, chunk: OfferedChunk): boolean {
    if (chunk.chunkSeq === 0) stream.partial = [];
    stream.partial.push(chunk);
    if (chunk.chunkSeq + 1 < chunk.chunkCount) return false;
    const chunks = stream.partial;
    stream.partial = [];
    if (chunk.producerSeq <= stream.lastOf(producer)) return true;
    const seq = stream.messages.length + 1;
    const message: ToyMessage = { seq, producer, producerSeq: chunk.producerSeq, chunks };
    stream.add(message);
    const fact: ToyFact = { kind: 'data', stream: stream.descriptor.id, message: toWire(message) };
    if (this.#bug === 'accepts-before-durable') stream.durableSeq = seq;
    this.#persist(fact, () => {
      stream.durableSeq = Math.max(seq, stream.durableSeq);
      this.#overlay.flood(fact);
    });
    return true;
  }

  #publishOne(request: RequestId, command: Extract<Command, { kind: 'publish-one' }>): void {
    const stream = this.#streams.get(command.stream);
    if (stream === undefined) {
      this.#refuse(request, reject('STREAM_UNKNOWN', 'stream', 'open it first'));
      return;
    }
    const { producer, producerSeq, level } = command;
    const isRepeat = producerSeq <= stream.lastOf(producer);
    if (!this.#offer(stream, producer, command)) {
      const published: Reply = { kind: 'published', stream: command.stream, seq: streamSeq(0), level, isRepeat };
      this.#reply(request, published);
      return;
    }
    const at = stream.messages.findIndex(
      (message) => message.producer === producer && message.producerSeq === producerSeq,
    );
    this.#publishing.awaitLevel({ request, stream, seq: at + 1, level, isRepeat });
  }

  #onProcessed(request: RequestId, seq: number): void {
    for (const stream of this.#streams.values()) {
      if (stream.subscription?.request !== request) continue;
      const { id } = stream.descriptor;
      const fact: ToyFact = { kind: 'settled', stream: id, node: this.#self, seq };
      this.#unwrittenLedger.push({
        kind: 'stream-offset',
        stream: id,
        node: this.#self,
        seq: streamSeq(seq),
        messageId: toyMessageId(id, seq),
      });
      if (this.#bug === 'settles-before-durable') this.#overlay.flood(fact);
      this.#onDurable.push(() => {
        stream.offset = Math.max(seq, stream.offset);
        this.#overlay.flood(fact);
      });
    }
  }

  #deliver(stream: ToyStream): void {
    const waiting = this.#waitingSubscribes.findIndex(({ command }) => isOf(command.selector, stream.descriptor));
    if (waiting >= 0) this.#beginSubscription(stream, waiting);
    const subscription = stream.subscription;
    if (subscription === null) return;
    const chunks = takeChunks(stream, subscription, this.#bug === 'damages-content');
    if (chunks.length > 0) this.#out.push({ kind: 'deliver', request: subscription.request, attempt: 1, chunks });
  }

  #beginSubscription(stream: ToyStream, waiting: number): void {
    const [{ request, command }] = this.#waitingSubscribes.splice(waiting, 1) as [
      { request: RequestId; command: Subscribe },
    ];
    const resumeAfter = streamSeq(command.resumeAfter ?? stream.offset);
    stream.subscription = { request, windowLeft: command.windowMessages, nextSeq: resumeAfter + 1 };
    const { id, source } = stream.descriptor;
    this.#reply(request, { kind: 'subscription', stream: id, source, resumeAfter, attempt: 1 });
  }

  #persist(fact: ToyFact, onDurable: () => void = () => undefined): void {
    this.#unwritten.push(fact);
    this.#onDurable.push(onDurable);
  }

  #write(): void {
    if (this.#unwritten.length === 0 && this.#unwrittenLedger.length === 0) return;
    const flush = ticket(++this.#tickets);
    this.#flushes.set(flush, this.#onDurable);
    const parts = [utf8Encode(JSON.stringify(this.#unwritten))];
    const batch = { records: [{ seq: journalSeq(++this.#records), parts }], drops: [], ledger: this.#unwrittenLedger };
    this.#out.push({ kind: 'persist', ticket: flush, batch });
    this.#unwritten = [];
    this.#unwrittenLedger = [];
    this.#onDurable = [];
  }

  #status(): Reply {
    return toyStatus(MESH, this.#birth.identity, this.#members, this.#streams.values());
  }

  #reply(request: RequestId, reply: Reply): void {
    this.#out.push({ kind: 'reply', request, result: accept(reply) });
  }

  #refuse(request: RequestId, why: Reject): void {
    this.#out.push({ kind: 'reply', request, result: refuse(why) });
  }
}

type Subscribe = Extract<Command, { kind: 'subscribe' }>;

const decode = (bytes: Uint8Array): ToyFact[] => JSON.parse(utf8Decode(bytes) ?? '') as ToyFact[];
const MESH = '0000000000000000000000MESH' as MeshId;
const TICK_US = 250_000;
const REPEATS_MAX = 30;
