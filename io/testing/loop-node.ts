/**
 * A node for tests of the host's edges: it steps like the core, keeps one stream per name in memory, and is source and
 * only target of each. What is published is delivered to the subscriber within its window; what that has processed is
 * completed. Credit is a fixed number of outstanding bytes.
 */
import { crc32c } from '../../core/base/crc32c.js';
import type { MessageId, NodeId, StreamId, Ulid } from '../../core/base/ids.js';
import { parseId } from '../../core/base/ids.js';
import { present } from '../../core/base/assert.js';
import { type RejectCode, reject } from '../../core/base/reject.js';
import { refuse, accept } from '../../core/base/result.js';
import { type Micros, type StreamSeq, NEVER, streamSeq } from '../../core/base/units.js';
import type { Command, NodeStatus, Reply } from '../../core/node/commands.js';
import type { DeliveredChunk, Outbox } from '../../core/node/effects.js';
import type { Input, OfferedChunk, RequestId } from '../../core/node/inputs.js';
import type { SteppedNode } from '../host/ports.js';

interface LoopStream {
  readonly id: StreamId;
  readonly name: string;
  readonly log: DeliveredChunk[];
  readonly producers: Map<string, number>;
  lastSeq: number;
  settled: number;
  outstandingBytes: number;
  publisher: { request: RequestId; producer: string } | null;
  subscriber: Subscriber | null;
}

interface Subscriber {
  readonly request: RequestId;
  attempt: number;
  next: number;
  bytes: number;
  messages: number;
}

export class LoopNode implements SteppedNode {
  readonly node = id<NodeId>(1);
  readonly streams: LoopStream[] = [];
  /** Largest number of bytes that were outstanding at once. */
  peakOutstandingBytes = 0;
  /** Kinds of the inputs, in order. */
  readonly seen: string[] = [];
  readonly #creditBytes: number;
  #attempts = 0;
  #meshName: string | null = null;
  #watchers: RequestId[] = [];
  #events = 0;

  constructor(creditBytes = 1024 * 1024) {
    this.#creditBytes = creditBytes;
  }

  nextDeadline(): Micros {
    return NEVER;
  }

  step(_now: Micros, input: Input, outbox: Outbox): void {
    this.seen.push(input.kind);
    switch (input.kind) {
      case 'command':
        return this.#command(input.request, input.command, outbox);
      case 'publish':
        return this.#publish(input.request, input.messages);
      case 'processed':
        return this.#processed(input.request, input.attempt, input.seq);
      case 'failed':
        return this.#failed(input.request, input.seq, input.reason, outbox);
      case 'window':
        return this.#window(input.request, input.messages, input.bytes);
      case 'cancel':
        return this.#cancel(input.request);
      case 'turn':
        return this.#turn(outbox);
      default:
        return undefined;
    }
  }

  /** As a process that was killed and started again: what was durable stays, who called is gone. */
  restart(): void {
    this.#watchers = [];
    for (const stream of this.streams) {
      stream.publisher = null;
      stream.subscriber = null;
    }
  }

  /** Ends the publisher session of a stream as the core does when a newer one came. */
  fencePublisher(stream: LoopStream, outbox: Outbox): void {
    const session = present(stream.publisher, 'a publisher is attached');
    stream.publisher = null;
    const result = refuse<null>(reject('FENCED', session.producer, 'a newer session of this producer is open'));
    outbox.push({ kind: 'ended', request: session.request, result });
  }

  #command(request: RequestId, command: Command, outbox: Outbox): void {
    const answer = (reply: Reply): void => outbox.push({ kind: 'reply', request, result: accept(reply) });
    const decline = (code: RejectCode, subject: string): void =>
      outbox.push({ kind: 'reply', request, result: refuse(reject(code, subject, `${subject} was refused: ${code}`)) });
    switch (command.kind) {
      case 'seed-mesh':
        if (this.#meshName !== null) return decline('ALREADY_IN_MESH', 'mesh_name');
        this.#meshName = command.meshName;
        for (const watcher of this.#watchers) {
          const event = { kind: 'mesh-state', sequence: ++this.#events, state: 'healthy' } as const;
          outbox.push({ kind: 'event', request: watcher, event });
        }
        return answer({ kind: 'status', status: this.#status() });
      case 'join-mesh':
        return decline('JOIN_KEY_WRONG', 'join_key');
      case 'evict-node':
      case 'leave-mesh':
        return answer({ kind: 'decided', revision: 7 });
      case 'start-mesh':
      case 'stop-mesh':
      case 'get-status':
        return answer({ kind: 'status', status: this.#status() });
      case 'watch-events':
        this.#watchers.push(request);
        return answer({ kind: 'watching', sequence: this.#events });
      case 'open-stream': {
        const stream = this.#byName(command.name) ?? this.#create(command.name);
        return answer({
          kind: 'stream',
          stream: stream.id,
          name: stream.name,
          targets: command.targets,
          lastSeq: streamSeq(stream.lastSeq),
        });
      }
      case 'close-stream':
        return answer({ kind: 'closed', lastSeq: streamSeq(this.#byId(command.stream)?.lastSeq ?? 0) });
      case 'get-producer':
        return answer({
          kind: 'producer',
          lastProducerSeq: this.#byId(command.stream)?.producers.get(command.producer) ?? 0,
          epoch: 0,
        });
      case 'publish-one': {
        const stream = this.#byId(command.stream);
        if (stream === undefined) return decline('STREAM_UNKNOWN', 'stream_id');
        const seq = this.#append(stream, command.producer, command);
        return answer({ kind: 'published', stream: stream.id, seq, level: command.level, isRepeat: false });
      }
      case 'attach-publisher': {
        const stream = this.#byId(command.stream);
        if (stream === undefined) return decline('STREAM_UNKNOWN', 'stream_id');
        if (stream.publisher !== null) this.fencePublisher(stream, outbox);
        stream.publisher = { request, producer: command.producer };
        const lastProducerSeq = stream.producers.get(command.producer) ?? 0;
        return answer({ kind: 'publisher', stream: stream.id, lastProducerSeq, epoch: 1, creditBytes: this.#credit(stream) });
      }
      case 'subscribe': {
        const { selector } = command;
        const stream = selector.kind === 'id' ? this.#byId(selector.stream) : this.#byName(selector.name);
        if (stream === undefined) return decline('STREAM_UNKNOWN', 'stream_id');
        const resumeAfter = command.resumeAfter ?? streamSeq(stream.settled);
        const attempt = ++this.#attempts;
        const first = stream.log.findIndex((chunk) => chunk.seq > resumeAfter);
        stream.subscriber = {
          request,
          attempt,
          next: first === -1 ? stream.log.length : first,
          bytes: command.windowBytes,
          messages: command.windowMessages,
        };
        return answer({ kind: 'subscription', stream: stream.id, source: this.node, resumeAfter, attempt });
      }
      default:
        return decline('INVALID_ARGUMENT', 'command');
    }
  }

  #create(name: string): LoopStream {
    const stream: LoopStream = {
      id: id<StreamId>(100 + this.streams.length),
      name,
      log: [],
      producers: new Map(),
      lastSeq: 0,
      settled: 0,
      outstandingBytes: 0,
      publisher: null,
      subscriber: null,
    };
    this.streams.push(stream);
    return stream;
  }

  #publish(request: RequestId, messages: readonly OfferedChunk[]): void {
    const stream = this.streams.find((each) => each.publisher?.request === request);
    if (stream === undefined || stream.publisher === null) return;
    for (const message of messages) this.#append(stream, stream.publisher.producer, message);
  }

  #append(stream: LoopStream, producer: string, chunk: OfferedChunk): StreamSeq {
    const isLast = chunk.chunkSeq === chunk.chunkCount - 1;
    const seq = streamSeq(stream.lastSeq + 1);
    stream.log.push({
      seq,
      chunkSeq: chunk.chunkSeq,
      chunkCount: chunk.chunkCount,
      messageId: id<MessageId>(1_000_000 + seq),
      producer,
      producerSeq: chunk.producerSeq,
      payload: chunk.payload.slice(),
      checksum: crc32c(chunk.payload),
      ...(chunk.digest !== undefined && { digest: chunk.digest }),
      headers: chunk.headers.slice(),
    });
    stream.outstandingBytes += chunk.payload.length + chunk.headers.length;
    this.peakOutstandingBytes = Math.max(this.peakOutstandingBytes, stream.outstandingBytes);
    if (!isLast) return streamSeq(0);
    stream.lastSeq = seq;
    stream.producers.set(producer, chunk.producerSeq);
    return seq;
  }

  #processed(request: RequestId, attempt: number, seq: StreamSeq): void {
    const stream = this.streams.find((each) => each.subscriber?.request === request);
    if (stream?.subscriber?.attempt !== attempt || seq <= stream.settled) return;
    for (const chunk of stream.log) {
      if (chunk.seq > stream.settled && chunk.seq <= seq) {
        stream.outstandingBytes -= chunk.payload.length + chunk.headers.length;
      }
    }
    stream.settled = seq;
  }

  /** What was delivered from `seq` on is void, and comes again at once. */
  #failed(request: RequestId, seq: StreamSeq, reason: string, outbox: Outbox): void {
    const stream = this.streams.find((each) => each.subscriber?.request === request);
    const subscriber = stream?.subscriber;
    if (stream === undefined || !subscriber) return;
    const { attempt } = subscriber;
    this.#processed(request, attempt, streamSeq(seq - 1));
    subscriber.attempt = ++this.#attempts;
    subscriber.next = stream.log.findIndex((chunk) => chunk.seq === seq);
    outbox.push({ kind: 'attempt-voided', request, attempt, next: subscriber.attempt, seq, failures: 1, reason, retryAfterUs: 0 });
  }

  #window(request: RequestId, messages: number, bytes: number): void {
    const subscriber = this.streams.find((each) => each.subscriber?.request === request)?.subscriber;
    if (!subscriber) return;
    subscriber.messages += messages;
    subscriber.bytes += bytes;
  }

  #cancel(request: RequestId): void {
    this.#watchers = this.#watchers.filter((watcher) => watcher !== request);
    for (const stream of this.streams) {
      if (stream.publisher?.request === request) stream.publisher = null;
      if (stream.subscriber?.request === request) stream.subscriber = null;
    }
  }

  #turn(outbox: Outbox): void {
    for (const stream of this.streams) {
      this.#deliver(stream, outbox);
      if (stream.publisher === null) continue;
      const last = stream.producers.get(stream.publisher.producer) ?? 0;
      const completed = stream.log.findLast((chunk) => chunk.seq <= stream.settled)?.producerSeq ?? 0;
      outbox.push({
        kind: 'watermarks',
        request: stream.publisher.request,
        watermarks: { accepted: last, replicated: last, completed, creditBytes: this.#credit(stream) },
      });
    }
  }

  #deliver(stream: LoopStream, outbox: Outbox): void {
    const { subscriber } = stream;
    if (subscriber === null) return;
    const chunks: DeliveredChunk[] = [];
    for (; subscriber.next < stream.log.length; subscriber.next++) {
      const chunk = present(stream.log[subscriber.next], 'the cursor is in the log');
      if (subscriber.messages <= 0 || subscriber.bytes < chunk.payload.length) break;
      subscriber.bytes -= chunk.payload.length;
      if (chunk.chunkSeq === chunk.chunkCount - 1) subscriber.messages--;
      chunks.push(chunk);
    }
    if (chunks.length === 0) return;
    outbox.push({ kind: 'deliver', request: subscriber.request, attempt: subscriber.attempt, chunks });
  }

  #credit(stream: LoopStream): number {
    return this.#creditBytes - stream.outstandingBytes;
  }

  #byId(stream: StreamId): LoopStream | undefined {
    return this.streams.find((each) => each.id === stream);
  }

  #byName(name: string): LoopStream | undefined {
    return this.streams.find((each) => each.name === name);
  }

  #status(): NodeStatus {
    return {
      node: { id: this.node, name: 'loop', replica: 1, bootCounter: 3 },
      mesh:
        this.#meshName === null
          ? null
          : {
              id: id(2),
              name: this.#meshName,
              description: '',
              joinPolicy: 'open',
              isStopped: false,
          standing: 'member',
              state: 'healthy',
              generationTag: 7,
              generation: 1,
              members: [],
            },
      links: [],
      groups: [],
      streams: [],
      tenants: [],
      updates: [],
      counters: { 'frames.dropped': 2 },
    };
  }
}

/** A recognisable identifier. */
export function id<T extends Ulid>(n: number): T {
  return present(parseId<T>(String(n).padStart(26, '0')), 'digits are base 32');
}
