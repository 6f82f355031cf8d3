/**
 * A toy that stands for the core in the tests of the world: it keeps the kernel's contract and, in calm weather and bad,
 * the promises of a stream, by the simplest means (everything is flooded as JSON and repeated until it is settled). It
 * has no Raft: the source alone is the authority. `ToyBug`s break one promise each, for the oracles to catch.
 */
import { unreachable } from '../../core/base/assert.js';
import { utf8Decode, utf8Encode } from '../../core/base/bytes.js';
import { crc32c } from '../../core/base/crc32c.js';
import { type MeshId, type NodeId, type StreamId, idFromBytes } from '../../core/base/ids.js';
import { type Reject, reject } from '../../core/base/reject.js';
import { accept, refuse } from '../../core/base/result.js';
import {
  type LaneId,
  type Micros,
  type Ticket,
  journalSeq,
  laneId,
  micros,
  streamSeq,
  ticket,
} from '../../core/base/units.js';
import type { Command, PublishLevel, Reply } from '../../core/node/commands.js';
import type { DeliveredChunk, LedgerWrite, Outbox } from '../../core/node/effects.js';
import type { Input, OfferedChunk, RequestId } from '../../core/node/inputs.js';
import type { Birth, SimulatedNode } from '../world/simulated-node.js';
import { toyStatus } from './toy-status.js';
import {
  type ToyDescriptor,
  type ToyMessage,
  ToyStream,
  type WireMessage,
  fromWire,
  toWire,
  toyMessageId,
} from './toy-stream.js';

export type ToyBug =
  | 'accepts-before-durable'
  | 'settles-before-durable'
  | 'forgets-producers'
  | 'damages-content'
  | 'never-repeats'
  | 'throws'
  | 'halts';

/** What toys tell one another, and write into their journals. */
type ToyFact =
  | { readonly kind: 'hello'; readonly node: NodeId; readonly name: string }
  | { readonly kind: 'stream'; readonly descriptor: ToyDescriptor }
  | { readonly kind: 'data'; readonly stream: StreamId; readonly message: WireMessage }
  | { readonly kind: 'settled'; readonly stream: StreamId; readonly node: NodeId; readonly seq: number }
  | { readonly kind: 'joined' };

interface Session {
  readonly request: RequestId;
  readonly stream: ToyStream;
  readonly producer: string;
  told: string;
}

interface UnaryPublish {
  readonly request: RequestId;
  readonly stream: ToyStream;
  readonly seq: number;
  readonly level: PublishLevel;
  readonly isRepeat: boolean;
}

export class ToyNode implements SimulatedNode {
  readonly #birth: Birth;
  readonly #bug: ToyBug | null;
  readonly #self: NodeId;
  readonly #lanes = new Set<LaneId>();
  readonly #dialled = new Map<number, string>();
  readonly #laneUrl = new Map<LaneId, string>();
  readonly #redials: { readonly url: string; readonly at: number }[] = [];
  readonly #seen = new Set<string>();
  readonly #members = new Map<NodeId, string>();
  readonly #streams = new Map<StreamId, ToyStream>();
  readonly #sessions = new Map<RequestId, Session>();
  readonly #waitingSubscribes: { readonly request: RequestId; readonly command: Subscribe }[] = [];
  #unary: UnaryPublish[] = [];
  readonly #flushes = new Map<Ticket, (() => void)[]>();
  #unwritten: ToyFact[] = [];
  #unwrittenLedger: LedgerWrite[] = [];
  #onDurable: (() => void)[] = [];
  #outgoing: ToyFact[] = [];
  #isJoined = false;
  #tickets = 0;
  #records = 0;
  #floods = 0;
  #nextTick = 0;
  #out: Outbox = { push: () => undefined };

  constructor(birth: Birth, bug: ToyBug | null = null) {
    this.#birth = birth;
    this.#bug = bug;
    this.#self = birth.identity.nodeId;
    for (const { seq, bytes } of birth.recovered.records) {
      this.#records = seq;
      for (const fact of decode(bytes)) this.#recover(fact);
    }
    for (const { stream, seq } of birth.recovered.offsets) {
      const known = this.#streams.get(stream);
      if (known !== undefined) known.offset = seq;
    }
    for (const url of birth.dialUrls) this.#redials.push({ url, at: 0 });
  }

  step(now: Micros, input: Input, outbox: Outbox): void {
    this.#out = outbox;
    switch (input.kind) {
      case 'turn':
        this.#onTurn(now);
        return;
      case 'lane-opened':
        this.#lanes.add(input.lane);
        if (input.dial !== null) this.#laneUrl.set(input.lane, this.#dialled.get(input.dial) ?? '');
        return;
      case 'lane-closed': {
        const url = this.#laneUrl.get(input.lane);
        this.#lanes.delete(input.lane);
        if (url !== undefined) this.#redials.push({ url, at: now + REDIAL_US });
        return;
      }
      case 'dial-failed':
        this.#redials.push({ url: this.#dialled.get(input.ticket) ?? '', at: now + REDIAL_US });
        return;
      case 'received':
        this.#onReceived(input.lane, input.bytes);
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
        this.#sessions.delete(input.request);
        for (const stream of this.#streams.values()) {
          if (stream.subscription?.request === input.request) stream.subscription = null;
        }
        return;
      case 'wake':
      case 'lane-drained':
      case 'persist-failed':
      case 'fetched':
      case 'wall-offset':
        return;
      default:
        unreachable(input);
    }
  }

  nextDeadline(): Micros {
    let at = this.#nextTick;
    for (const redial of this.#redials) at = Math.min(at, redial.at);
    return micros(at);
  }

  checkInvariants(): void {
    for (const stream of this.#streams.values()) {
      if (stream.completedSeq > stream.messages.length) throw new Error('completed more than there is');
    }
  }

  #onTurn(now: Micros): void {
    for (const due of this.#redials.filter(({ at }) => at <= now)) {
      this.#redials.splice(this.#redials.indexOf(due), 1);
      const dial = ticket(++this.#tickets);
      this.#dialled.set(dial, due.url);
      this.#out.push({ kind: 'dial', ticket: dial, url: due.url });
    }
    if (now >= this.#nextTick) {
      this.#nextTick = now + TICK_US;
      this.#repeat();
    }
    for (const stream of this.#streams.values()) this.#deliver(stream);
    this.#write();
    this.#answer();
    this.#transmit();
  }

  /** Everything that somebody may still need, again. */
  #repeat(): void {
    if (!this.#isJoined) return;
    this.#flood({ kind: 'hello', node: this.#self, name: this.#birth.identity.name });
    for (const stream of this.#streams.values()) {
      const { descriptor } = stream;
      if (descriptor.targets.includes(this.#self)) {
        this.#flood({ kind: 'settled', stream: descriptor.id, node: this.#self, seq: stream.offset });
      }
      if (descriptor.source !== this.#self) continue;
      this.#flood({ kind: 'stream', descriptor });
      const from = Math.min(...stream.settled.values());
      const isMoving = from > stream.repeatedFrom;
      stream.repeatedFrom = from;
      if (this.#bug === 'never-repeats' || isMoving) continue;
      for (const message of stream.messages.slice(from, Math.min(from + REPEATS_MAX, stream.durableSeq))) {
        this.#flood({ kind: 'data', stream: descriptor.id, message: toWire(message) });
      }
    }
  }

  #flood(fact: ToyFact): void {
    this.#outgoing.push(fact);
  }

  #transmit(): void {
    if (this.#outgoing.length === 0) return;
    const id = `${this.#self}/${this.#birth.rng.next32()}/${this.#floods++}`;
    this.#seen.add(id);
    const bytes = utf8Encode(JSON.stringify([id, this.#outgoing]));
    this.#outgoing = [];
    for (const lane of this.#lanes) this.#out.push({ kind: 'transmit', lane, parts: [bytes] });
  }

  #onReceived(from: LaneId, bytes: Uint8Array): void {
    const [id, facts] = JSON.parse(utf8Decode(bytes) ?? '') as [string, ToyFact[]];
    if (this.#seen.has(id)) return;
    this.#seen.add(id);
    for (const lane of this.#lanes) {
      if (lane !== laneId(from)) this.#out.push({ kind: 'transmit', lane, parts: [bytes] });
    }
    for (const fact of facts) this.#onFact(fact);
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
        const { producer } = command;
        stream.partial = [];
        this.#sessions.set(request, { request, stream, producer, told: '' });
        const lastProducerSeq = stream.lastOf(producer);
        const creditBytes = CREDIT_BYTES;
        this.#reply(request, { kind: 'publisher', stream: command.stream, lastProducerSeq, creditBytes });
        return;
      }
      case 'get-producer': {
        const lastProducerSeq = this.#streams.get(command.stream)?.lastOf(command.producer) ?? 0;
        this.#reply(request, { kind: 'producer', lastProducerSeq });
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
    const needed = policy.kind === 'all' ? targets.length : policy.count;
    const stream = new ToyStream({ id, name, source: this.#self, targets, needed });
    this.#streams.set(id, stream);
    this.#persist({ kind: 'stream', descriptor: stream.descriptor }, () => this.#reply(request, reply));
  }

  #onPublish(request: RequestId, messages: readonly OfferedChunk[]): void {
    const session = this.#sessions.get(request);
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
      this.#flood(fact);
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
    this.#unary.push({ request, stream, seq: at + 1, level, isRepeat });
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
      if (this.#bug === 'settles-before-durable') this.#flood(fact);
      this.#onDurable.push(() => {
        stream.offset = Math.max(seq, stream.offset);
        this.#flood(fact);
      });
    }
  }

  #deliver(stream: ToyStream): void {
    const waiting = this.#waitingSubscribes.findIndex(({ command }) => isOf(command, stream.descriptor));
    if (waiting >= 0) this.#beginSubscription(stream, waiting);
    const subscription = stream.subscription;
    if (subscription === null) return;
    const chunks: DeliveredChunk[] = [];
    while (subscription.windowLeft > 0 && subscription.nextSeq <= stream.durableSeq) {
      const message = stream.messages[subscription.nextSeq - 1];
      if (message === undefined) break;
      for (const [chunkSeq, chunk] of message.chunks.entries()) {
        const payload = Uint8Array.from(chunk.payload);
        if (this.#bug === 'damages-content' && message.seq === 5) payload[0] = (payload[0] ?? 0) ^ 1;
        chunks.push({
          seq: streamSeq(message.seq),
          chunkSeq,
          chunkCount: message.chunks.length,
          messageId: toyMessageId(stream.descriptor.id, message.seq),
          producer: message.producer,
          producerSeq: message.producerSeq,
          payload,
          checksum: crc32c(payload),
          headers: chunk.headers,
        });
      }
      subscription.windowLeft--;
      subscription.nextSeq++;
    }
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

  #answer(): void {
    for (const session of this.#sessions.values()) {
      const { stream, producer, request } = session;
      const accepted = stream.producerMark(producer, stream.durableSeq);
      const completed = stream.producerMark(producer, stream.completedSeq);
      const told = `${accepted}/${completed}`;
      if (told === session.told) continue;
      session.told = told;
      const watermarks = { accepted, replicated: completed, completed, creditBytes: CREDIT_BYTES };
      this.#out.push({ kind: 'watermarks', request, watermarks });
    }
    this.#unary = this.#unary.filter(({ request, stream, seq, level, isRepeat }) => {
      if ((level === 'accepted' ? stream.durableSeq : stream.completedSeq) < seq) return true;
      const id = stream.descriptor.id;
      this.#reply(request, { kind: 'published', stream: id, seq: streamSeq(seq), level, isRepeat });
      return false;
    });
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

function isOf(command: Subscribe, descriptor: ToyDescriptor): boolean {
  const { selector } = command;
  return selector.kind === 'id' ? selector.stream === descriptor.id : selector.name === descriptor.name;
}

const decode = (bytes: Uint8Array): ToyFact[] => JSON.parse(utf8Decode(bytes) ?? '') as ToyFact[];

const MESH = '0000000000000000000000MESH' as MeshId;
const TICK_US = 250_000;
const REDIAL_US = 400_000;
const REPEATS_MAX = 30;
const CREDIT_BYTES = 512 * 1024;
