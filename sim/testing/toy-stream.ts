/** One stream of the toy: at the source the order and who has settled what, at a target the inbox and the subscriber. */
import { toHex } from '../../core/base/bytes.js';
import { crc32c } from '../../core/base/crc32c.js';
import type { MessageId, NodeId, StreamId } from '../../core/base/ids.js';
import { streamSeq } from '../../core/base/units.js';
import type { Command } from '../../core/node/commands.js';
import type { DeliveredChunk } from '../../core/node/effects.js';
import type { RequestId } from '../../core/node/inputs.js';
import { digestText } from '../base/digest.js';

type Selector = Extract<Command, { kind: 'subscribe' }>['selector'];

export interface ToyChunk {
  readonly payload: Uint8Array;
  readonly headers: Uint8Array;
}

export interface ToyMessage {
  readonly seq: number;
  readonly producer: string;
  readonly producerSeq: number;
  readonly chunks: readonly ToyChunk[];
}

export interface ToyDescriptor {
  readonly id: StreamId;
  readonly name: string;
  readonly source: NodeId;
  readonly targets: readonly NodeId[];
  /** How many targets complete a message. */
  readonly needed: number;
}

export interface ToySubscription {
  readonly request: RequestId;
  windowLeft: number;
  nextSeq: number;
}

/** What a toy node knows of a stream, in either role. */
export class ToyStream {
  readonly descriptor: ToyDescriptor;
  /** All messages, by seq - 1. */
  readonly messages: ToyMessage[] = [];
  readonly producers = new Map<string, number>();
  readonly settled = new Map<NodeId, number>();
  /** Source: durable up to here. Target: durable in its inbox up to here. */
  durableSeq = 0;
  completedSeq = 0;
  /** Source: where the last repetition stood. */
  repeatedFrom = -1;
  /** Target: what its application has processed, durably. */
  offset = 0;
  subscription: ToySubscription | null = null;
  partial: ToyChunk[] = [];

  constructor(descriptor: ToyDescriptor) {
    this.descriptor = descriptor;
    for (const target of descriptor.targets) this.settled.set(target, 0);
  }

  /** Adds a message that is the next one. */
  add(message: ToyMessage): void {
    this.messages.push(message);
    this.producers.set(message.producer, Math.max(message.producerSeq, this.lastOf(message.producer)));
  }

  lastOf(producer: string): number {
    return this.producers.get(producer) ?? 0;
  }

  /** The highest producerSeq among the first `seq` messages. */
  producerMark(producer: string, seq: number): number {
    for (let i = seq - 1; i >= 0; i--) {
      const message = this.messages[i];
      if (message?.producer === producer) return message.producerSeq;
    }
    return 0;
  }

  onSettled(target: NodeId, seq: number): void {
    this.settled.set(target, Math.max(seq, this.settled.get(target) ?? 0));
    const descending = [...this.settled.values()].sort((a, b) => b - a);
    this.completedSeq = Math.max(this.completedSeq, descending[this.descriptor.needed - 1] ?? 0);
  }
}

export interface WireMessage {
  readonly seq: number;
  readonly producer: string;
  readonly producerSeq: number;
  readonly chunks: readonly (readonly [payload: string, headers: string])[];
}

export const toWire = ({ seq, producer, producerSeq, chunks }: ToyMessage): WireMessage => ({
  seq,
  producer,
  producerSeq,
  chunks: chunks.map(({ payload, headers }) => [toHex(payload), toHex(headers)]),
});

export const fromWire = ({ seq, producer, producerSeq, chunks }: WireMessage): ToyMessage => ({
  seq,
  producer,
  producerSeq,
  chunks: chunks.map(([payload, headers]) => ({ payload: fromHex(payload), headers: fromHex(headers) })),
});

/** Any name for a message that is the same everywhere. */
export function toyMessageId(stream: StreamId, seq: number): MessageId {
  return digestText(`${stream}/${seq}`).toString().padStart(26, '0') as MessageId;
}

export function isOf(selector: Selector, descriptor: ToyDescriptor): boolean {
  return selector.kind === 'id' ? selector.stream === descriptor.id : selector.name === descriptor.name;
}

/** The chunks that the window lets through now, the fifth message damaged if wanted. */
export function takeChunks(stream: ToyStream, subscription: ToySubscription, isDamaged: boolean): DeliveredChunk[] {
  const chunks: DeliveredChunk[] = [];
  while (subscription.windowLeft > 0 && subscription.nextSeq <= stream.durableSeq) {
    const message = stream.messages[subscription.nextSeq - 1];
    if (message === undefined) break;
    for (const [chunkSeq, chunk] of message.chunks.entries()) {
      const payload = Uint8Array.from(chunk.payload);
      if (isDamaged && message.seq === 5) payload[0] = (payload[0] ?? 0) ^ 1;
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
  return chunks;
}

function fromHex(text: string): Uint8Array {
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(i * 2, i * 2 + 2), 16));
}
