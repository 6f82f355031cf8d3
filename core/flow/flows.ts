/**
 * Ordered, flow-controlled messages between this node and every other, whatever lies between them: one flow for each
 * (peer, flow class), over one path at a time.
 *
 * Promise: within a pair of boots of the two ends, a message that `send` took is delivered at most once and in order,
 * and it is delivered if the pair lives and frames get through at last. What is held is bounded at both ends: the send
 * queue refuses, the receiver's credit stops the sender. When the peer is in another boot, unacknowledged messages are
 * gone and `flow-peer-lost` says so, before any message of that boot.
 *
 * In the header of a FLOW_DATA or FLOW_ACK frame: the boots of both ends (see core/flow/boot.ts for what is in the
 * counter); in FLOW_DATA also the flow class and `seq`, from 1. A message is the whole payload of one frame.
 *
 * Source: DESIGN's flows; TCP (RFC 9293, 2018, 5681, 6298) for sequence numbers, selective acks, congestion and timers;
 * QUIC (RFC 9000, section 4) for credit as an absolute limit, which survives loss and reordering of acks.
 * Cost a message, in batches of 64 a turn, timers and acks included (Node 20): 0.12 µs to send, 0.07 µs to receive,
 * 0.02 µs to acknowledge; one ack for 256 messages.
 * Leaves out: several paths at once (one flow each, header field pathId), fairness between users of a flow.
 */
import { assert } from '../base/assert.js';
import type { DeadlineHeap } from '../base/deadlines.js';
import type { NodeId } from '../base/ids.js';
import type { Micros } from '../base/units.js';
import { type Header, MSG_TYPES } from '../wire/header.js';
import { bootId } from './boot.js';
import { type FlowConfig, assertFlowConfig } from './config.js';
import type { FlowClass, FlowFact } from './facts.js';
import { PeerFlows } from './peer-flows.js';

export interface FlowsOptions {
  readonly config: FlowConfig;
  readonly deadlines: DeadlineHeap;
  readonly emit: (fact: FlowFact) => void;
  /** Of this node: replica from 1, boot counter from 1 and higher at each start. */
  readonly boot: { readonly replica: number; readonly bootCounter: number };
}

export class Flows {
  readonly #options: FlowsOptions;
  readonly #peers = new Map<NodeId, PeerFlows>();
  /** Peers that may have an ack to send in the coming turn. */
  #pending: PeerFlows[] = [];
  #spare: PeerFlows[] = [];
  /** How often a peer was forgotten: tells flows after it from flows before. */
  #session = 0;

  constructor(options: FlowsOptions) {
    assertFlowConfig(options.config);
    this.#options = options;
  }

  /**
   * Takes a message for `peer`; its parts are kept, not copied, until acknowledged. False: nothing was taken, the
   * queue is full (`flow-writable` follows) or there are too many peers. At most `messageBytesMax` bytes.
   */
  send(now: Micros, peer: NodeId, flowClass: FlowClass, message: readonly Uint8Array[]): boolean {
    const flows = this.#peers.get(peer) ?? this.#meet(peer);
    return flows !== null && flows.send(now, flowClass, message);
  }

  /** Bytes that `send` took and the peer has not acknowledged. */
  queuedBytes(peer: NodeId, flowClass: FlowClass): number {
    return this.#peers.get(peer)?.queuedBytes(flowClass) ?? 0;
  }

  /** Whether the peer has acknowledged everything sent to it. */
  isIdle(peer: NodeId): boolean {
    return this.#peers.get(peer)?.isIdle ?? true;
  }

  /** A FLOW_DATA or FLOW_ACK frame that `peer` is the source of. `payload` may be kept as a view. */
  onFrame(now: Micros, peer: NodeId, header: Header, payload: Uint8Array): void {
    assert(
      header.msgType === MSG_TYPES.FLOW_DATA || header.msgType === MSG_TYPES.FLOW_ACK,
      'flows get flow frames',
    );
    (this.#peers.get(peer) ?? this.#meet(peer))?.onFrame(now, header, payload);
  }

  /** The path to `peer` moved, or died and has a successor: what is outstanding goes again at once. */
  onPathChanged(now: Micros, peer: NodeId): void {
    const flows = this.#peers.get(peer);
    if (flows === undefined) return;
    this.#mark('flow.path-switched');
    flows.onPathChanged(now);
  }

  /** There is no route to `peer`: its flows keep what they hold and send nothing. */
  onUnreachable(_now: Micros, peer: NodeId): void {
    this.#peers.get(peer)?.onUnreachable();
  }

  /** There is a route to `peer`: after `onUnreachable` a new path, else a reason to ask again where credit lacks. */
  onReachable(now: Micros, peer: NodeId): void {
    this.#peers.get(peer)?.onReachable(now);
  }

  /**
   * The owner of a delivered message has let go of `bytes` of it: they become credit. Every delivered byte must be
   * reported once, those of earlier boots of the peer too, in any portions.
   */
  onConsumed(now: Micros, peer: NodeId, flowClass: FlowClass, bytes: number): void {
    this.#peers.get(peer)?.onConsumed(now, flowClass, bytes);
  }

  /** Sends the acks that are due, one frame for each peer. Call it once in every turn, after all inputs. */
  onTurn(now: Micros): void {
    if (this.#pending.length === 0) return;
    const pending = this.#pending;
    this.#pending = this.#spare;
    for (const flows of pending) {
      flows.isListed = false;
      if (flows.takeAck(now)) this.#list(flows);
    }
    pending.length = 0;
    this.#spare = pending;
  }

  /** Drops everything about `peer` without a fact. If it is met again, that is a new flow for both ends. */
  forget(peer: NodeId): void {
    const flows = this.#peers.get(peer);
    if (flows === undefined) return;
    flows.close();
    this.#peers.delete(peer);
    this.#pending = this.#pending.filter((other) => other !== flows);
    this.#session++;
  }

  /** Numbers about `peer` for diagnosis and for checkers; null when it was never met. */
  view(peer: NodeId): ReturnType<PeerFlows['view']> | null {
    return this.#peers.get(peer)?.view() ?? null;
  }

  checkInvariants(): void {
    assert(this.#peers.size <= this.#options.config.peersMax, 'peers are bounded');
    for (const flows of this.#peers.values()) {
      flows.checkInvariants();
      assert(flows.isListed === this.#pending.includes(flows), 'a peer knows whether it is listed');
    }
    for (const flows of this.#pending) {
      assert(this.#peers.get(flows.peer) === flows, 'only known peers are listed');
    }
  }

  #meet(peer: NodeId): PeerFlows | null {
    const { config, deadlines, emit, boot } = this.#options;
    if (this.#peers.size >= config.peersMax) {
      emit({ kind: 'notice', notice: { kind: 'count', name: 'flow.dropped-peers-full', by: 1 } });
      return null;
    }
    const flows = new PeerFlows({
      config,
      deadlines,
      emit,
      peer,
      boot: bootId(boot.replica, boot.bootCounter, this.#session),
      onAckPending: (pending) => this.#list(pending),
    });
    this.#peers.set(peer, flows);
    return flows;
  }

  #list(flows: PeerFlows): void {
    flows.isListed = true;
    this.#pending.push(flows);
  }

  #mark(name: string): void {
    this.#options.emit({ kind: 'notice', notice: { kind: 'mark', name } });
  }
}
