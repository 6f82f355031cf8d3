/**
 * One end of flows for tests: a node that restarts, an owner that consumes at its own pace, and a checker that knows
 * the promise of flows and nothing of their code.
 */
import { assert } from '../../base/assert.js';
import { DeadlineHeap } from '../../base/deadlines.js';
import type { NodeId } from '../../base/ids.js';
import type { Micros } from '../../base/units.js';
import { type Header, MSG_TYPES } from '../../wire/header.js';
import type { FlowConfig } from '../config.js';
import type { FlowFact } from '../facts.js';
import { Flows } from '../flows.js';

export interface Frame {
  readonly to: NodeId;
  readonly header: Header;
  readonly payload: Uint8Array;
}

/** What one boot of a node said in one flow to one peer, and what came of it. */
export class Conversation {
  /** Number of the next message offered, from 0. */
  next = 0;
  takenBytes = 0;
  /** Messages below it were given up when the peer was lost. */
  lostBelow = 0;
  /** Number of the next message the peer may deliver, at the least. */
  deliveredBelow = 0;
  delivered = 0;
  deliveredBytes = 0;
}

export class FlowEndpoint {
  readonly id: NodeId;
  readonly replica: number;
  bootCounter = 0;
  deadlines!: DeadlineHeap;
  flows!: Flows;
  /** Of all boots of this node, by `${boot}>${peer}#${flowClass}`. */
  readonly said = new Map<string, Conversation>();
  /** Delivered here and not consumed: (peer, class) → bytes. */
  readonly held = new Map<string, { peer: NodeId; flowClass: number; bytes: number }>();
  readonly counts = new Map<string, number>();
  outgoing: Frame[] = [];
  writable = 0;
  peersLost = 0;
  #acksThisTurn = new Set<NodeId>();
  readonly #config: FlowConfig;
  readonly #find: (id: NodeId) => FlowEndpoint;

  constructor(options: { id: NodeId; replica: number; config: FlowConfig; find: (id: NodeId) => FlowEndpoint }) {
    this.id = options.id;
    this.replica = options.replica;
    this.#config = options.config;
    this.#find = options.find;
    this.restart();
  }

  /** Everything in memory is gone, what was consumed and what was not. */
  restart(): void {
    this.bootCounter++;
    this.held.clear();
    this.outgoing = [];
    this.deadlines = new DeadlineHeap();
    this.flows = new Flows({
      config: this.#config,
      deadlines: this.deadlines,
      emit: (fact) => this.#onFact(fact),
      boot: { replica: this.replica, bootCounter: this.bootCounter },
    });
  }

  conversation(peer: NodeId, flowClass: number): Conversation {
    const key = `${this.bootCounter}>${peer}#${flowClass}`;
    let conversation = this.said.get(key);
    if (conversation === undefined) this.said.set(key, (conversation = new Conversation()));
    return conversation;
  }

  /** Offers one message of `bytes`; it names itself, so that the checker recognises it. */
  offer(now: Micros, peer: NodeId, flowClass: number, bytes: number): boolean {
    const conversation = this.conversation(peer, flowClass);
    const message = encodeName(this.bootCounter, conversation.next, Math.max(bytes, NAME_BYTES));
    // Taken before it is sent: the other end of a direct wire may see it before `send` returns.
    conversation.next++;
    conversation.takenBytes += message.length;
    const cut = Math.min(5, message.length);
    if (this.flows.send(now, peer, flowClass, [message.subarray(0, cut), message.subarray(cut)])) return true;
    conversation.next--;
    conversation.takenBytes -= message.length;
    return false;
  }

  receive(now: Micros, from: NodeId, frame: Frame): void {
    this.flows.onFrame(now, from, frame.header, frame.payload);
  }

  /** Lets go of up to `bytes` of what is held of one flow. */
  consume(now: Micros, key: string, bytes: number): void {
    const held = this.held.get(key);
    if (held === undefined) return;
    const portion = Math.min(bytes, held.bytes);
    held.bytes -= portion;
    if (held.bytes === 0) this.held.delete(key);
    this.flows.onConsumed(now, held.peer, held.flowClass, portion);
  }

  turn(now: Micros): void {
    this.#acksThisTurn.clear();
    this.flows.onTurn(now);
  }

  /** The node and the owner let go of everything about `peer`. */
  forget(peer: NodeId): void {
    this.flows.forget(peer);
    for (const [key, held] of this.held) if (held.peer === peer) this.held.delete(key);
    this.#giveUp(peer);
  }

  /** Everything taken since the peer was last lost has been delivered. */
  isDelivered(peer: NodeId, flowClass: number): boolean {
    const conversation = this.conversation(peer, flowClass);
    return Math.max(conversation.deliveredBelow, conversation.lostBelow) === conversation.next;
  }

  count(name: string): number {
    return this.counts.get(name) ?? 0;
  }

  #onFact(fact: FlowFact): void {
    switch (fact.kind) {
      case 'flow-send':
        if (fact.header.msgType === MSG_TYPES.FLOW_ACK) {
          assert(!this.#acksThisTurn.has(fact.peer), 'a peer gets one ack a turn');
          this.#acksThisTurn.add(fact.peer);
        }
        this.outgoing.push({ to: fact.peer, header: fact.header, payload: framed(fact.payload) });
        break;
      case 'flow-message':
        this.#onMessage(fact.peer, fact.peerReplica, fact.flowClass, fact.payload);
        break;
      case 'flow-peer-lost':
        this.peersLost++;
        this.#giveUp(fact.peer);
        break;
      case 'flow-writable':
        this.writable++;
        break;
      case 'notice':
        if (fact.notice.kind === 'count') {
          this.counts.set(fact.notice.name, this.count(fact.notice.name) + fact.notice.by);
        }
        break;
    }
  }

  #giveUp(peer: NodeId): void {
    for (let flowClass = 0; flowClass < this.#config.trafficClasses.length; flowClass++) {
      const conversation = this.conversation(peer, flowClass);
      conversation.lostBelow = conversation.next;
    }
  }

  #onMessage(peer: NodeId, peerReplica: number, flowClass: number, payload: Uint8Array): void {
    const name = decodeName(payload);
    const source = this.#find(peer);
    assert(peerReplica === source.replica, 'a message tells its replica');
    const conversation = source.said.get(`${name.boot}>${this.id}#${flowClass}`);
    assert(conversation !== undefined && name.number < conversation.next, 'what is delivered was sent');
    assert(name.number >= conversation.deliveredBelow, 'a message is delivered once and in order');
    if (name.number >= conversation.lostBelow) {
      const expected = Math.max(conversation.deliveredBelow, conversation.lostBelow);
      assert(name.number === expected, 'no message is left out within a pair of boots');
    }
    conversation.deliveredBelow = name.number + 1;
    conversation.delivered++;
    conversation.deliveredBytes += payload.length;
    const key = `${peer}#${flowClass}`;
    const held = this.held.get(key) ?? { peer, flowClass, bytes: 0 };
    held.bytes += payload.length;
    this.held.set(key, held);
    assert(held.bytes <= this.#config.creditWindowCost, 'what an owner holds is bounded by the window');
  }
}

/** The payload as one view in a larger received message, as a link hands it out. */
function framed(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const around = new Uint8Array(length + 24).fill(0xaa);
  let at = 12;
  for (const part of parts) {
    around.set(part, at);
    at += part.length;
  }
  return around.subarray(12, 12 + length);
}

function encodeName(boot: number, number: number, bytes: number): Uint8Array {
  const out = new Uint8Array(bytes);
  for (let i = NAME_BYTES; i < bytes; i++) out[i] = (number + i) & 255;
  for (let i = 0; i < 4; i++) {
    out[i] = (boot >>> (i * 8)) & 255;
    out[4 + i] = (number >>> (i * 8)) & 255;
  }
  return out;
}

function decodeName(bytes: Uint8Array): { boot: number; number: number } {
  assert(bytes.length >= NAME_BYTES, 'a message is whole');
  let boot = 0;
  let number = 0;
  for (let i = 3; i >= 0; i--) {
    boot = boot * 256 + (bytes[i] as number);
    number = number * 256 + (bytes[4 + i] as number);
  }
  for (let i = NAME_BYTES; i < bytes.length; i++) {
    assert(bytes[i] === ((number + i) & 255), 'a message is unchanged');
  }
  return { boot, number };
}

const NAME_BYTES = 8;
